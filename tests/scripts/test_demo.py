"""``make demo`` starts JupyterLab as the user who calls it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")
@pytest.mark.parametrize(
    ("user", "options"), [("0", ["--allow-root", "--port", "8890"]), ("1000", ["--port", "8890"])]
)
def test_root_is_allowed_where_the_user_is_root(
    tmp_path: Path, user: str, options: list[str]
) -> None:
    as_user = tmp_path / "id"
    as_user.write_text(f"#!/bin/sh\necho {user}\n")
    as_user.chmod(0o755)
    printed = subprocess.run(
        ["make", "--dry-run", "demo", "ARGS=--port 8890"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = (line.split() for line in printed.splitlines() if "jupyter lab" in line)
    assert line == [".venv/bin/jupyter", "lab", *options, "notebooks/01-quickstart.ipynb"]
