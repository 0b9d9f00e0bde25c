"""Starting the embedded engine: one process per kernel, with a lifeline.

Layer: client. Any thread; a lock serialises starting. The engine is started by module name and
used over its socket; nothing of it is imported.

The lifeline is a pipe whose write end only this process holds. When the kernel ends, even by
SIGKILL, the engine reads the end of the pipe and ends together with its containers. A fork of the
kernel would hold the write end too, so the engine also watches the kernel's process id.
"""

from __future__ import annotations

import atexit
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
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["EmbeddedEngine", "embedded_engine"]

_STOP_SECONDS = 5.0


class EmbeddedEngine:
    """A running engine process.

    Attributes:
        socket_path: where it listens.
        process: its process.
    """

    def __init__(self, deadline: Deadline) -> None:
        if os.name != "posix":
            raise ConnectionFailed("the embedded engine needs a POSIX system")
        self._folder = Path(tempfile.mkdtemp(prefix="hyper-jupyter-", dir=_runtime_folder()))
        self.socket_path = str(self._folder / "engine.sock")
        self._owner = os.getpid()
        reader, self._lifeline = os.pipe()
        # The engine writes to it as long as it lives. It is read here if the engine does not start.
        errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "hyper_jupyter.engine",
                    "--socket",
                    self.socket_path,
                    "--lifeline",
                    str(reader),
                    "--parent",
                    str(os.getpid()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                pass_fds=(reader,),
                # A Ctrl-C at a terminal is for the user's program, not for the engine.
                start_new_session=True,
                env=_engine_environment(),
            )
        except OSError as error:
            errors.close()
            self._discard_files()
            raise ConnectionFailed(f"the embedded engine could not be started: {error}") from error
        finally:
            os.close(reader)
        try:
            self._await_ready(deadline, errors)
        except BaseException:
            self.stop()
            raise
        finally:
            errors.close()

    def is_alive(self) -> bool:
        """Whether it runs and belongs to this process, not to one that forked this process."""
        return self._owner == os.getpid() and self.process.poll() is None

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
        if self._owner == os.getpid():
            shutil.rmtree(self._folder, ignore_errors=True)


_lock = threading.Lock()
_running: EmbeddedEngine | None = None


def embedded_engine(deadline: Deadline) -> EmbeddedEngine:
    """Return the kernel's engine; start it if none runs.

    Raises:
        ConnectionFailed: it does not start by ``deadline``.
    """
    global _running
    with _lock:
        if _running is not None and not _running.is_alive():
            _running.stop()  # it died, or belongs to the process that forked this one
            _running = None
        if _running is None:
            _running = EmbeddedEngine(deadline)
        return _running


def stop_embedded_engine() -> None:
    """End the kernel's engine if one runs."""
    global _running
    with _lock:
        if _running is not None:
            _running.stop()
            _running = None


atexit.register(stop_embedded_engine)


def _runtime_folder() -> str | None:
    """Return this user's private folder for sockets; ``None`` if the system has none."""
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    return folder if folder and os.access(folder, os.W_OK | os.X_OK) else None


def _engine_environment() -> dict[str, str]:
    """Return our environment with the path of this very package.

    Only ``sys.path`` may have that path, which a new process does not inherit.
    """
    root = str(Path(__file__).resolve().parents[3])
    inherited = os.environ.get("PYTHONPATH", "")
    paths = [root, *(path for path in inherited.split(os.pathsep) if path and path != root)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
