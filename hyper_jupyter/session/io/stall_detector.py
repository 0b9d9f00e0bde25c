"""Measures how long other code kept the I/O thread from running, by keeping the GIL.

Layer: session. The I/O thread only, but for :meth:`StallDetector.wake`.

Strategy: each turn of the loop is a lap. What a lap took by the clock, less the processor time that
the thread used in it, less what it was allowed to wait for sockets (``select`` has a deadline while
somebody is attached), is time in which the thread could have run and did not: our own callbacks,
however long they compute, do not count. A thread that waits for the GIL wakes up each switch
interval to ask for it, which no other wait does; Linux counts that. So neither a slow disk or a
lock, nor a machine so busy that the thread gets no processor, nor a process that is stopped
(SIGSTOP, a debugger) is taken for code that keeps the GIL.

Where the system does not count (anything but Linux, some sandboxes) all of those look alike; a
delay of half a second is improbable even on a busy machine, and the output waits just so. The
suspend of a machine does not count: Linux' monotonic clock stands still meanwhile, and so does, as
documented and not tested here, the one that CPython reads on macOS; on Windows it goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

__all__ = ["HEARTBEAT", "STALL", "StallDetector"]

HEARTBEAT: Final = 0.25
"""Seconds that the loop waits at most while somebody wants to know of stalls. A stall is told as at
most so much shorter than it was: where a socket became ready, nobody knows when."""

STALL: Final = 0.5
"""Seconds from which on it is a stall. Threads that take turns keep one another waiting for one
switch interval (5 ms) or some; half a second is well above that, and about what one notices."""

_SHARE: Final = 0.25
"""Of the wake-ups that a thread has while it waits for the GIL, so many must have been: it may come
late to some, but other waits have no such number (a throttled disk's are ten times rarer)."""

if sys.platform == "linux":
    import resource

    def _usage() -> tuple[float, int]:
        used = resource.getrusage(resource.RUSAGE_THREAD)
        return used.ru_utime + used.ru_stime, used.ru_nvcsw

else:

    def _usage() -> tuple[float, int]:
        return time.thread_time(), 0


class StallDetector:
    """The I/O thread's laps.

    Args:
        clock: seconds, monotonic.
        usage: of the calling thread: seconds of processor time, and how often it has waited (0
            where the system does not count).
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        usage: Callable[[], tuple[float, int]] = _usage,
    ) -> None:
        self._clock = clock
        self._usage = usage
        self._began: float | None = None
        self._used = 0.0
        self._waits = 0
        self._woken = 0.0

    def wake(self) -> None:
        """The thread need not wait any longer. Any thread."""
        self._woken = self._clock()

    def reset(self) -> None:
        """The thread is a new one: its next lap is the first."""
        self._began = None

    def lap(self, allowed: float | None) -> tuple[float, float] | None:
        """A lap is done, and the next one begins.

        Args:
            allowed: seconds for which the thread would have waited by itself; ``None`` is for
                ever.

        Returns:
            ``(begin, end)`` of a stall, by the clock; ``None`` where there was none.
        """
        now = self._clock()
        used, waits = self._usage()
        began, self._began = self._began, now
        busy, self._used = used - self._used, used
        waited, self._waits = waits - self._waits, waits
        if began is None:
            return None
        if began <= self._woken <= now and (allowed is None or self._woken < began + allowed):
            allowed = self._woken - began
        if allowed is None:
            return None
        lost = now - began - busy - allowed
        if lost < STALL or (waits and waited < _SHARE * lost / sys.getswitchinterval()):
            return None
        return now - lost, now
