"""The end of a process that a connection has brought with it.

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
"""Runs a function, which does not block, in so many seconds."""

GRACE: Final = 0.5
"""Seconds that a process has to end by itself: it ends at once but for a hung machine."""

_FIRST_PAUSE: Final = 0.01
_MAX_PAUSE: Final = 0.2
"""Seconds between two looks at most."""


class _Termination:
    """A process on its way out."""

    def __init__(self, process: subprocess.Popen[bytes], schedule: Schedule | None) -> None:
        self._process = process
        self._schedule = schedule
        self._kill_at = time.monotonic() + GRACE
        self._pause = _FIRST_PAUSE

    def begin(self) -> None:
        # It need not be asked kindly: it is no master of other connections (see ssh.command). But
        # asked, for it may have processes of its own to end, such as a ProxyCommand.
        self._process.terminate()
        if self._is_over():
            return
        _terminating.add(self)
        try:
            if self._schedule is not None:
                self._schedule(self._pause, self.check)
                return
        except RuntimeError:
            pass  # no thread can be started any more: the interpreter ends
        self.wait()

    def check(self) -> None:
        """Whether it is gone; else look again. Never blocks."""
        if self._is_over():
            return
        if time.monotonic() >= self._kill_at:
            self._process.kill()
        self._pause = min(2 * self._pause, _MAX_PAUSE)
        assert self._schedule is not None
        self._schedule(self._pause, self.check)

    def wait(self) -> None:
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
    """End a process, and see to it that nothing is left of it.

    Args:
        process: of ours; in a fork, where it is the parent's child, nothing happens to it.
        schedule: ``None`` has the caller wait.
    """
    _Termination(process, schedule).begin()


def await_children() -> None:
    """Wait until those that are ending are gone, half a second at most: for who ends the clock."""
    for ending in list(_terminating):
        ending.wait()


atexit.register(await_children)
