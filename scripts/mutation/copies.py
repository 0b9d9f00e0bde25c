"""Throw-away copies of the tree, and running tests in them.

Any thread; a copy is used by one thread at a time. Everything is in one temporary folder: the
copies, what the tests write, and the plugin that proves which package they imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from scripts.mutation import supervisor, witness
from scripts.mutation.points import Mutant
from scripts.mutation.project import Project

__all__ = ["Copies", "Copy", "Result", "Stopped"]

_LEFT_OUT: Final = (
    *(".git", ".venv", ".stamps", "node_modules", "dist", "build", "__pycache__"),
    *(".*_cache", ".hypothesis", ".coverage*", "test-results"),
)
_UNSET: Final = (
    *("HYPER_JUPYTER_TEST_", "XDG_RUNTIME_DIR"),
    *("PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_"),
)
"""How the names of variables begin that the tests do not get: which engines to use and require, a
folder outside of the copies, and what a pytest around this one has set."""

_NOTHING_COLLECTED: Final = 5


class Stopped(Exception):
    """The run was stopped."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run of tests said.

    Attributes:
        status: pytest's exit status, or one of the supervisor's or the plugin's.
        seconds: how long it took.
        output: what it printed.
    """

    status: int
    seconds: float
    output: str

    @property
    def passed(self) -> bool:
        """Whether no test failed; there may have been none."""
        return self.status in (0, _NOTHING_COLLECTED)

    @property
    def foreign(self) -> bool:
        """Whether the tests imported another package than the copy."""
        return self.status == witness.FOREIGN

    @property
    def late(self) -> bool:
        """Whether the time limit ended it."""
        return self.status == supervisor.LATE

    def first_failure(self) -> str:
        """Return the test that failed first, as pytest's summary names it; else an empty text."""
        for line in self.output.splitlines():
            if line.startswith(("FAILED ", "ERROR ")):
                return line.split(" - ")[0].split(" ", 1)[1]
        return ""


class Copies:
    """The temporary folder and the processes that run in it.

    Args:
        project: the tree; it is read when a copy is made.

    Attributes:
        folder: holds everything; it is removed at the end of the ``with`` block.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        # A short path: sockets of the tests are in it, and their paths are limited to 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="mut-")).resolve()
        self.folder.chmod(0o755)  # some tests act as another user, who reads the copy too
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._made = 0
        (self.folder / "plugin").mkdir()
        shutil.copy(witness.__file__, self.folder / "plugin" / "mutants_witness.py")
        # The list of real engines for the tests: without one they would look for the usual ones.
        (self.folder / "engines.json").write_text("[]")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self) -> None:
        """End all runs and their processes; later runs raise Stopped."""
        with self._lock:
            self._stopped = True
            running = list(self._running)
        for process in running:
            assert process.stdin is not None
            process.stdin.close()
        for process in running:
            process.wait()

    def make(self) -> Copy:
        """Return one more copy of the tree."""
        with self._lock:
            name = str(self._made)
            self._made += 1
        root = self.folder / f"c{name}"
        shutil.copytree(
            self._project.root, root, ignore=shutil.ignore_patterns(*_LEFT_OUT), symlinks=True
        )
        return Copy(self, self._project.package, root, self.folder / name)

    def start(
        self, command: Sequence[str], seconds: float, cwd: Path, env: dict[str, str]
    ) -> tuple[int, str]:
        """Run a command below a supervisor; return its status and output.

        Raises:
            Stopped: by :meth:`stop`, before or during the run.
        """
        with tempfile.TemporaryFile(dir=self.folder) as output:
            with self._lock:
                if self._stopped:
                    raise Stopped
                process = subprocess.Popen(
                    [sys.executable, "-I", supervisor.__file__, str(seconds), *command],
                    stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
                    cwd=cwd, env=env, start_new_session=True,
                )  # fmt: skip
                self._running.add(process)
            try:
                status = process.wait()
            finally:
                with self._lock:
                    self._running.discard(process)
                    stopped = self._stopped
                assert process.stdin is not None
                process.stdin.close()
            if stopped:
                raise Stopped
            output.seek(0)
            return status, output.read().decode(errors="replace")


class Copy:
    """One copy of the tree.

    Args:
        copies: what it belongs to.
        package: the name of the package in it.
        root: its folder.
        temporary: the folder for what its tests write.
    """

    def __init__(self, copies: Copies, package: str, root: Path, temporary: Path) -> None:
        self._copies = copies
        self._package = package
        self._root = root
        self._temporary = temporary
        self._time = int(time.time())

    def write(self, path: str, source: bytes) -> None:
        """Replace a file of the copy.

        Compiled code is looked up by the time in whole seconds and the size, and many a change
        keeps the size: each write gets a second of its own.
        """
        self._time += 1
        (self._root / path).write_bytes(source)
        os.utime(self._root / path, (self._time, self._time))

    def run_mutant(
        self, mutant: Mutant, tests: str, without: Sequence[str], seconds: float
    ) -> Result:
        """Run tests with a change, and take it back."""
        source = (self._root / mutant.path).read_bytes()
        self.write(mutant.path, mutant.applied(source))
        try:
            return self.run(tests, without, seconds)
        finally:
            self.write(mutant.path, source)

    def run(self, tests: str, without: Sequence[str], seconds: float) -> Result:
        """Run tests until the first one fails.

        Args:
            tests: a file or folder.
            without: files or folders in it that are left out.
            seconds: the time limit.
        """
        shutil.rmtree(self._temporary, ignore_errors=True)
        self._temporary.mkdir()
        command = [
            sys.executable, "-P", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
            "-p", "mutants_witness", f"--basetemp={self._temporary / 'p'}",
            *(f"--ignore={path}" for path in without), tests,
        ]  # fmt: skip
        began = time.monotonic()
        status, output = self._copies.start(command, seconds, self._root, self._environment())
        return Result(status, time.monotonic() - began, output)

    def _environment(self) -> dict[str, str]:
        """Return ours without real engines, with the copy in front of what is installed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_UNSET)}
        return kept | {
            "HYPER_JUPYTER_TEST_ENGINES": str(self._root.parent / "engines.json"),
            "MUTANTS_COPY": str(self._root),
            "MUTANTS_PACKAGE": self._package,
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join([str(self._root), str(self._root.parent / "plugin")]),
            "TMPDIR": str(self._temporary),
        }
