"""Files that lie beside a notebook are not run because ``local:`` is used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.kernels import PREAMBLE, ROOT, Kernel

not_imported = pytest.mark.claim(
    "`local:` does not import files beside a notebook, whatever they are called: every Python "
    "that we start has `-P`."
)

SPOILED: Final = ("argparse", "asyncio", "errno", "h11", "json", "logging", "runpy", "websockets")
"""Modules that the engine uses, in its own code or in the interpreter's."""

CONNECT: Final = PREAMBLE + "report(connect(), seen=sorted(os.listdir(sys.argv[1])))\n"


@pytest.fixture
def notebooks(folder: Path) -> Path:
    """A folder whose modules leave a mark when they are imported."""
    notebooks = folder / "notebooks"
    (folder / "marks").mkdir()
    notebooks.mkdir()
    for name in SPOILED:
        mark = f"open({str(folder / 'marks' / name)!r}, 'w').close()\n"
        (notebooks / f"{name}.py").write_text(mark)
    return notebooks


@not_imported
@pytest.mark.parametrize("inherited", ["", os.pathsep, ".", f"{os.pathsep}/missing"])
def test_modules_in_the_notebook_s_folder_are_not_imported(
    notebooks: Path, folder: Path, inherited: str
) -> None:
    # The kernel itself, which is not ours, is started without that folder on its path.
    script = f"import sys; sys.path[:] = [*{[str(ROOT)]!r}, *filter(None, sys.path)]\n" + CONNECT
    script = script.replace(
        "def connect():", "os.environ['PYTHONPATH'] = sys.argv[2]\ndef connect():"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, folder / "marks", inherited],
        cwd=notebooks, capture_output=True, text=True, timeout=40, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert '"seen": []' in done.stdout


@not_imported
def test_modules_beside_the_package_do_not_replace_the_standard_ones(folder: Path) -> None:
    # As in site-packages, where a backport of a standard module may lie.
    site = folder / "site"
    shutil.copytree(
        ROOT / "hyper_jupyter", site / "hyper_jupyter", ignore=shutil.ignore_patterns("static")
    )
    for name in SPOILED[:4]:
        (site / f"{name}.py").write_text("raise SystemExit(9)\n")
    own = site / "hyper_jupyter" / "client" / "transport" / "embedded.py"
    assert own.exists()
    script = PREAMBLE + f"embedded.__file__ = {str(own)!r}\nclient = connect()\n" + COMMAND_LINE
    with Kernel(script, folder) as kernel:
        assert str(site / "hyper_jupyter" / "__init__.py") in kernel.line()["command"]
        assert kernel.end() == 0


COMMAND_LINE: Final = """
report(client, command=open(f"/proc/{embedded._running.process.pid}/cmdline").read().split("\\0"))
"""
