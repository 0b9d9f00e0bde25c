"""Ending the process that belongs to a connection.

Layer: client. Any thread; no thread of its own. With a clock lent by the layer above (a
:data:`Schedule`) nothing here waits: the process is asked to end, and checked again until it is
gone. Without a clock the caller waits, half a second at most.
"""

from __future__ import annotations

import atexit
import subprocess
import time
from collections.abc import Callable
from typing import Any, Final

__all__ = ["GRACE", "Schedule", "await_children", "terminate_child"]

Schedule = Callable[[float, Callable[[], object]], Any]
"""Runs a function after a number of seconds. The function must not block."""

GRACE: Final = 0.5
"""Seconds that a process has to end by itself. It ends immediately unless the machine hangs."""

_FIRST_PAUSE: Final = 0.01
_MAX_PAUSE: Final = 0.2
"""Seconds between two checks at most."""


class _Termination:
    """A process that was asked to end."""

    def __init__(self, process: subprocess.Popen[bytes], schedule: Schedule | None) -> None:
        self._process = process
        self._schedule = schedule
        self._kill_at = time.monotonic() + GRACE
        self._pause = _FIRST_PAUSE

    def begin(self) -> None:
        # SIGTERM is enough: this ssh is never a ControlMaster (see ssh.command). It may have
        # children (ProxyCommand), so not SIGKILL first.
        self._process.terminate()
        if self._is_over():
            return
        _terminating.add(self)
        try:
            if self._schedule is not None:
                self._schedule(self._pause, self.check)
                return
        except RuntimeError:
            pass  # the interpreter is ending: no thread can be started any more
        self.wait()

    def check(self) -> None:
        """Check whether it has ended; if not, kill it when it is time, and check again later."""
        if self._is_over():
            return
        if time.monotonic() >= self._kill_at:
            self._process.kill()
        self._pause = min(2 * self._pause, _MAX_PAUSE)
        assert self._schedule is not None
        self._schedule(self._pause, self.check)

    def wait(self) -> None:
        """Block until it has ended; kill it when it is time."""
        try:
            self._process.wait(max(0.0, self._kill_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _terminating.discard(self)

    def _is_over(self) -> bool:
        over = self._process.poll() is not None
        if over:
            _terminating.discard(self)
        return over


_terminating: set[_Termination] = set()


def terminate_child(process: subprocess.Popen[bytes], schedule: Schedule | None) -> None:
    """End a child process and reap it.

    Args:
        process: a child of this process. In a fork nothing happens to it: it is the parent's child.
        schedule: the clock that checks on it later; without one this waits.
    """
    _Termination(process, schedule).begin()


def await_children() -> None:
    """Wait until all ending processes are gone, half a second at most.

    For the layer above, before its clock ends.
    """
    for termination in list(_terminating):
        termination.wait()


atexit.register(await_children)
