"""Measures how long the I/O thread was kept from running.

Layer: session. The I/O thread only, but for :meth:`Gauge.wake`.

Strategy: each turn of the loop is a lap. What a lap took by the clock, less the processor time that
the thread used in it, less what it was allowed to wait for sockets, is time in which the thread
could have run and did not. Nearly always it wanted the GIL back: from ``select``, which has a
deadline while somebody is attached, or from a read. Our own long callbacks use the processor and
so do not count; the one thing that may block them, the journal's disk, is discounted.

What it cannot tell apart: a machine so busy that the thread gets no processor for half a second
(improbable), a process that is stopped (SIGSTOP, a debugger, a frozen cgroup, a paused virtual
machine). All of them keep the container's output waiting just so. The suspend of a machine does
not count: Linux' monotonic clock stands still meanwhile, and so does, as documented and not tested
here, the one that CPython reads on macOS; on Windows it goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["HEARTBEAT", "STALL", "Gauge"]

HEARTBEAT: Final = 0.25
"""Seconds that the loop waits at most while somebody wants to know of stalls. A stall is told as at
most so much shorter than it was: where a socket became ready, nobody knows when."""

STALL: Final = 0.5
"""Seconds from which on it is a stall. Threads that take turns keep one another waiting for 5 ms
(``sys.getswitchinterval``), and a busy machine's scheduler for some tens of them; half a second is
well above both, and about what a person begins to notice."""


class Gauge:
    """The I/O thread's laps.

    Args:
        clock: seconds, monotonic.
        processor: seconds of processor time that the calling thread has used.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        processor: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._processor = processor
        self._began: float | None = None
        self._used = 0.0
        self._discounted = 0.0
        self._woken = 0.0

    def wake(self) -> None:
        """The thread need not wait any longer. Any thread."""
        self._woken = self._clock()

    def reset(self) -> None:
        """The thread is a new one: its next lap is the first."""
        self._began = None

    def discount(self, seconds: float) -> None:
        """Do not count what the running callback spent with the disk."""
        self._discounted += seconds

    def lap(self, allowed: float | None) -> tuple[float, float] | None:
        """A lap is done, and the next one begins.

        Args:
            allowed: seconds for which the thread would have waited by itself; ``None`` is for
                ever.

        Returns:
            ``(begin, end)`` of a stall, by the clock; ``None`` where there was none.
        """
        now, used = self._clock(), self._processor()
        began, self._began = self._began, now
        busy, self._used = used - self._used, used
        discounted, self._discounted = self._discounted, 0.0
        if began is None:
            return None
        if began <= self._woken <= now and (allowed is None or self._woken < began + allowed):
            allowed = self._woken - began
        if allowed is None:
            return None
        lost = now - began - busy - allowed - discounted
        return (now - lost, now) if lost >= STALL else None
