"""Starting the embedded engine: one process per kernel, with a lifeline.

Layer: client. Any thread; a lock serialises starting. The engine is started by module name and
used over its socket; nothing of it is imported.

The lifeline is a pipe whose write end only this process holds. When the kernel ends, even by
SIGKILL, the engine reads the end of the pipe and ends together with its containers. A fork of the
kernel would hold the write end too, so the engine also watches the kernel's process id.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.failure import EXHAUSTED, EXHAUSTED_HINT
from hyper_jupyter.exceptions import ConnectionFailed, ConnectionLost
from hyper_jupyter.ownership import exchangeable

__all__ = ["ENDED", "EmbeddedEngine", "embedded_engine"]

logger = logging.getLogger(__name__)

_STOP_SECONDS = 5.0

_DYING = 1.0
"""Seconds in which a process whose sockets have ended ends too."""

ENDED = "the embedded engine has ended"

_ENDED_WITH_KERNEL = "the kernel has ended, and the embedded engine and its containers with it"

_ENDED_HINT = (
    "Its containers ended with it. The next call starts a new engine: run the cells again."
)

_RESTARTED = (
    "the embedded engine had ended: a new one was started, and the containers from before are gone"
)

_RUN = """
import importlib.util, runpy, sys
spec = importlib.util.spec_from_file_location("hyper_jupyter", sys.argv.pop(1))
sys.modules["hyper_jupyter"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
sys.path.append(sys.argv.pop(1))
runpy.run_module("hyper_jupyter.engine", run_name="__main__", alter_sys=True)
"""
"""Runs the engine of this very package, which perhaps only ``sys.path`` has, and that a new process
does not inherit. Its folder goes last: it may be full of other modules, with any names.
"""


class EmbeddedEngine:
    """A running engine process.

    Attributes:
        socket_path: where it listens.
        process: its process.
    """

    def __init__(self, deadline: Deadline) -> None:
        if os.name != "posix":
            raise ConnectionFailed("the embedded engine needs a POSIX system")
        self._owner = os.getpid()
        self._lifeline = -1
        self._folder: Path | None = None
        runtime_folder = _runtime_folder()
        reader = -1
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="hyper-jupyter-", dir=runtime_folder))
            self.socket_path = str(self._folder / "engine.sock")
            reader, self._lifeline = os.pipe()
            # The engine writes to it while it lives. It is read here if the engine does not start.
            errors = tempfile.TemporaryFile()  # noqa: SIM115
            try:
                self.process = self._start(reader, errors)
            except BaseException:
                errors.close()
                raise
        except OSError as error:
            self._discard_files()
            raise ConnectionFailed(
                f"the embedded engine could not be started: {error}",
                hint=_start_hint(error, runtime_folder),
            ) from error
        finally:
            if reader >= 0:
                os.close(reader)
        try:
            self._await_ready(deadline, errors)
        except BaseException:
            self.stop()
            raise
        finally:
            errors.close()

    def _start(self, lifeline: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        options = ["--socket", self.socket_path, "--lifeline", str(lifeline)]
        return subprocess.Popen(
            # -P: no file of the current folder, the notebook's, may take the place of a module.
            [sys.executable, "-P", "-c", _RUN, *_package(), *options, "--parent", str(self._owner)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=(lifeline,),
            # A Ctrl-C at a terminal is for the user's program, not for the engine.
            start_new_session=True,
            env=_environment(),
        )

    def is_alive(self) -> bool:
        """Whether it runs and belongs to this process, not to one that forked this process."""
        return self._owner == os.getpid() and self.process.poll() is None

    def has_ended(self, within: float = 0.0) -> bool:
        """Whether it has ended; in a fork of its owner that is not known, and ``False``.

        Args:
            within: seconds to wait for that. Its sockets end a moment before the process does.
        """
        if self._owner != os.getpid():
            return False
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True

    def check(self, within: float = 0.0) -> None:
        """Raise ConnectionLost if it has ended; wait ``within`` seconds for that."""
        if self.has_ended(within):
            lost = ConnectionLost(ENDED, hint=_ENDED_HINT)
            if _kernel_ends:
                lost = ConnectionLost(_ENDED_WITH_KERNEL)
            lost.engine_ended, lost.kernel_ended = True, _kernel_ends
            raise lost

    def explain(self, failure: ConnectionFailed) -> ConnectionFailed:
        """Return an error that says what is wrong with this engine, if anything is.

        Args:
            failure: of a call, or of a connection that could not be made. Blocks for up to a
                second.
        """
        if failure.unanswered:
            failure.hint = self.silence()
        elif self.has_ended(_DYING):
            failure = ConnectionFailed(ENDED, hint=_ENDED_HINT)
            failure.absent = True
        return failure

    def silence(self) -> str:
        """Say in one line that it does not answer, and what can be done."""
        pid = self.process.pid
        if _is_stopped(pid):
            what, how = "is stopped", f"kill -CONT {pid} lets it go on"
        else:
            what, how = "does not answer", "it may be busy"
        return (
            f"The embedded engine (process {pid}) {what}: {how}, kill -KILL {pid} ends it with "
            "its containers."
        )

    def stop(self) -> None:
        """End it with its containers, and wait until it is gone.

        In a fork of its owner it keeps running; only what the fork has open is closed.
        """
        if self._owner == os.getpid() and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._discard_files()

    def _await_ready(self, deadline: Deadline, errors: IO[bytes]) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        line, late = b"", False
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(deadline.remaining()):
                    late = True
                    break
                piece = os.read(stdout.fileno(), 64)
                if not piece:
                    break
                line += piece
        if line.strip() == b"ready":
            return
        self.process.kill()
        self.process.wait()
        errors.seek(0)
        last = errors.read()[-500:].decode("utf-8", "replace").strip().splitlines()
        reason = f": {last[-1]}" if last else " in time" if late else ", and gave no reason"
        raise ConnectionFailed(f"the embedded engine did not start{reason}")

    def _discard_files(self) -> None:
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if self._owner == os.getpid() and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


_lock = threading.Lock()
_kernel_ends = False
_running: EmbeddedEngine | None = None


def embedded_engine(deadline: Deadline) -> EmbeddedEngine:
    """Return the kernel's engine; start it if none runs.

    Raises:
        ConnectionFailed: it does not start by ``deadline``.
    """
    global _running
    with _lock:
        died = False
        if _running is not None and not _running.is_alive():
            died = _running.has_ended()  # otherwise it belongs to the process that forked this one
            _running.stop()
            _running = None
        if _running is None:
            _running = EmbeddedEngine(deadline)
        if died:
            logger.warning("%s", _RESTARTED)
        return _running


def stop_embedded_engine() -> None:
    """End the kernel's engine if one runs."""
    global _running
    with _lock:
        if _running is not None:
            _running.stop()
            _running = None


def _end_with_kernel() -> None:
    """End it because this process ends; pages may still hear of it."""
    global _kernel_ends
    _kernel_ends = True
    stop_embedded_engine()


atexit.register(_end_with_kernel)


def _start_hint(error: OSError, folder: Path) -> str:
    """Return what can be done about an engine that could not be started."""
    if error.errno in EXHAUSTED:
        return EXHAUSTED_HINT
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk of {folder} is full: free some space there."
    return ""


def _is_stopped(pid: int) -> bool:
    """Whether a process was stopped, by SIGSTOP or a debugger; ``False`` where nobody says."""
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    return text.rpartition(b")")[2].split()[:1] in ([b"T"], [b"t"])


def _runtime_folder() -> Path:
    """Return where the engine's folder is made: where no other user can exchange it.

    Raises:
        ConnectionFailed: there is no such place.
    """
    faults = []
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), tempfile.gettempdir(), "/tmp"):  # noqa: S108
        if not folder or not os.access(folder, os.W_OK | os.X_OK):
            continue
        path = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would skip links unchecked
        try:
            fault = exchangeable(path, shared=True)
        except OSError as error:
            fault = f"{path}: {error.strerror}"
        if fault is None:
            return path
        faults.append(fault)
    reason = faults[0] if faults else "no temporary folder can be written to"
    raise ConnectionFailed(
        f"no folder is safe for the embedded engine's socket: {reason}",
        hint="Set TMPDIR to a folder that only you may write to, also in the folders above it.",
    )


def _package() -> tuple[str, str]:
    """Return where this very package is, and the folder that has it: arguments of :data:`_RUN`."""
    package = Path(__file__).resolve().parents[2]
    return str(package / "__init__.py"), str(package.parent)


def _environment() -> dict[str, str]:
    """Return our environment, with only the whole paths of ``PYTHONPATH``.

    The others are in the current folder, and an empty one (a colon too many) is that folder.
    """
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    whole = os.pathsep.join(path for path in paths if os.path.isabs(path))  # noqa: PTH117
    return {**os.environ, "PYTHONPATH": whole}
