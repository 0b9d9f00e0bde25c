"""``make demo`` starts JupyterLab as the user who calls it, with notebooks that are theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on the PATH")


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
    assert line == [".venv/bin/jupyter", "lab", *options, "demo/01-quickstart.ipynb"]


def test_the_notebook_is_a_copy_that_git_ignores_and_nobody_s_work_is_lost(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    shipped = tmp_path / "notebooks" / "01-quickstart.ipynb"
    copy = tmp_path / "demo" / shipped.name

    def make() -> None:
        target = str(copy.relative_to(tmp_path))
        subprocess.run(["make", target], cwd=tmp_path, check=True, stderr=subprocess.DEVNULL)

    make()
    assert copy.read_text("utf-8") == shipped.read_text("utf-8")
    copy.write_text("mine", "utf-8")
    os.utime(shipped, (1.0, 1.0))
    make()
    assert copy.read_text("utf-8") == "mine"
    os.utime(copy, (0.0, 0.0))  # a newer one is shipped
    make()
    assert copy.read_text("utf-8") == shipped.read_text("utf-8")
    assert (copy.parent / "01-quickstart-before.ipynb").read_text("utf-8") == "mine"
    assert "/demo/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
