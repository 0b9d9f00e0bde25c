"""Engines that require signatures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.engine.behaviour.signatures.signed_engine import PAIR, WEB, SignedEngine, signed_engine
from tests.recorded import TIME

ROOT: Final = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def guarded() -> Iterator[SignedEngine]:
    """Requires signatures of AKFAKE, by the real clock."""
    with signed_engine() as engine:
        yield engine


@pytest.fixture
def recorded_engine() -> Iterator[SignedEngine]:
    """Requires signatures of AKFAKE, with the clock of the recording, and runs its container."""
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = str(Path(folder) / "s")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.engine.dated_engine", path, PAIR, TIME],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        with process.stdout as stdout:
            assert stdout.readline() == b"ready\n"
        engine = SignedEngine(path, process)
        engine.prefix, engine.date = "/v1.23", TIME
        try:
            engine.run("sh", "-c", WEB, name="web", stdin=True)
            yield engine
        finally:
            engine.hang_up()
            assert engine.stop() == 0
