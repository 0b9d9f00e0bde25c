"""The stalls of one session: when, and for how long, its output could not be read.

Layer: session, lifecycle. Any thread; stalls are reported on the I/O thread.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stall_detector import STALL
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle

__all__ = ["RECENT", "Stall", "Stalls"]

RECENT: Final = 16
"""How many stalls are kept one by one."""


@dataclass(frozen=True, slots=True)
class Stall:
    """A time in which no output was read, because other code kept the GIL.

    Attributes:
        at: when it began, in seconds since the epoch.
        seconds: its minimum length; it may have been up to a quarter of a second longer.
    """

    at: float
    seconds: float


class Stalls:
    """Collects the stalls between :meth:`begin` and :meth:`end`.

    Args:
        lifecycle: is notified after each stall, on the I/O thread.

    Attributes:
        count: how many stalls there were.
        seconds: their total length.
    """

    __slots__ = ("_lifecycle", "_lock", "_loop", "_recent", "_since", "_until", "count", "seconds")

    def __init__(self, lifecycle: Lifecycle) -> None:
        self.count = 0
        self.seconds = 0.0
        self._lifecycle = lifecycle
        self._lock = lifecycle.lock
        self._recent: tuple[Stall, ...] = ()
        self._since = 0.0
        self._until: float | None = None
        self._loop: Loop | None = None

    @property
    def recent(self) -> tuple[Stall, ...]:
        """The last stalls, oldest first."""
        with self._lock:
            return self._recent

    def begin(self) -> None:
        """Start collecting: the session is attached."""
        with self._lock:
            self._since, self._until = time.monotonic(), None
            self._loop = runtime().loop
            self._loop.add_stall_listener(self)

    def end(self) -> None:
        """Stop collecting. A stall that began before this may still be reported."""
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is not None:
                self._until = time.monotonic()
        if loop is not None:
            loop.discard_stall_listener(self)

    def receive_stall(self, begin: float, end: float) -> None:
        """Take a stall, as far as it was between :meth:`begin` and :meth:`end`. I/O thread."""
        with self._lock:
            begin = max(begin, self._since)
            if self._until is not None:
                end = min(end, self._until)
            if end - begin < STALL:
                return
            at = time.time() - (time.monotonic() - begin)
            self._recent = (*self._recent, Stall(at, end - begin))[-RECENT:]
            self.count += 1
            self.seconds += end - begin
        self._lifecycle.notify()
