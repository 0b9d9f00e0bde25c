"""asciinema's command line reads our casts."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Output
from hyper_jupyter.recording.saving import save
from tests.recording.played import PLAYED


@pytest.mark.skipif(
    importlib.util.find_spec("asciinema") is None, reason="the package asciinema is not installed"
)
@pytest.mark.parametrize("name", PLAYED)
def test_it_prints_both_streams_of_version_2(tmp_path: Path, name: str) -> None:
    path = tmp_path / "demo.cast"
    save(PLAYED[name], path, version=2)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "asciinema", "cat", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        start_new_session=True,  # without a terminal that it would change
        env={"HOME": str(tmp_path), "LANG": "C.UTF-8", "PYTHONUTF8": "1"},
    )
    output = [event.data for event in load(path).events() if isinstance(event, Output)]
    text = b"".join(output).decode("utf-8", "replace")
    if not PLAYED[name].header.tty:
        text = text.replace("\n", "\r\n")
    assert done.stdout.decode() == text
