"""Measures how long other code kept the I/O thread from running, by keeping the GIL.

Layer: session, io. I/O thread only, except :meth:`StallDetector.wake` (any thread).

Strategy: each turn of the loop is a lap. Take the lap's time by the clock. Subtract the processor
time that the thread used in it, and the time that it was allowed to wait for sockets (``select``
has a timeout while a session is attached). The rest is time in which the thread could have run and
did not. Our own callbacks do not count, however long they compute. A thread that waits for the GIL
wakes up once per switch interval to ask for it. No other wait does that, and Linux counts the
wake-ups. So a slow disk, a lock, a machine too busy to give the thread a processor, and a stopped
process (SIGSTOP, a debugger) are not taken for code that keeps the GIL.

If the system does not count wake-ups (any system except Linux, some sandboxes), all of these look
alike. But a delay of half a second is improbable even on a busy machine, and the output waits in
either case. The time in which a machine is suspended does not count: Linux' monotonic clock stands
still then. So does the clock that CPython reads on macOS, according to its documentation (not
tested here). On Windows the clock goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

__all__ = ["HEARTBEAT", "STALL", "StallDetector"]

HEARTBEAT: Final = 0.25
"""Seconds that the loop waits at most while stalls are measured. A stall is reported as up to this
much shorter than it was, because the moment at which a socket became ready is not known."""

STALL: Final = 0.5
"""A delay of this many seconds or more is a stall. Threads that take turns make one another wait
for one switch interval (5 ms) or a few. Half a second is well above that, and about what a user
notices."""

_SHARE: Final = 0.25
"""The share of the wake-ups expected during a wait for the GIL that must have been counted. The
thread may come late to some of them. Other waits have far fewer (on a throttled disk, a tenth)."""

if sys.platform == "linux":
    import resource

    def _usage() -> tuple[float, int]:
        used = resource.getrusage(resource.RUSAGE_THREAD)
        return used.ru_utime + used.ru_stime, used.ru_nvcsw

else:

    def _usage() -> tuple[float, int]:
        return time.thread_time(), 0


class StallDetector:
    """Measures the I/O thread's laps.

    Args:
        clock: returns seconds, monotonic.
        usage: returns the calling thread's seconds of processor time, and how often it has waited
            (0 if the system does not count that).
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
        """Note that the thread is being woken: from now on it need not wait. Any thread."""
        self._woken = self._clock()

    def reset(self) -> None:
        """Begin anew with a new thread: its next lap is the first."""
        self._began = None

    def lap(self, allowed: float | None) -> tuple[float, float] | None:
        """End a lap and begin the next one.

        Args:
            allowed: seconds for which the thread would have waited by itself; ``None`` is for
                ever.

        Returns:
            ``(begin, end)`` of a stall, by the clock; ``None`` if there was none.
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
