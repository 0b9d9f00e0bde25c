"""How much all sessions of a kernel may send together.

Layer: widgets; no Jupyter, no thread, no clock: times come in as arguments (monotonic seconds).
All calls come from one thread, the publisher.

A server drops *everything* from a kernel that sends it more than 1,000 messages a second
(``ServerApp.iopub_msg_rate_limit``), and keeps what no page accepts in memory. Each session has a
rate and a window of its own, but twenty sessions together would still be too much.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CEILING", "RATE", "TOTAL", "RateLimiter"]

RATE: Final = 200
"""Messages per second of all sessions: a fifth of the limit. The rest is for the user's cells."""

BURST: Final = 20
"""Messages that may be sent immediately after a pause, so that many sessions can print a little."""

TOTAL: Final = 8 * 1024 * 1024
"""Unacknowledged bytes of all pages of all sessions, in a steady flow."""

CEILING: Final = 16 * 1024 * 1024
"""The same while a cell runs, when acknowledgements have to wait."""


class RateLimiter:
    """Limits the messages and the unacknowledged bytes of all sessions.

    Attributes:
        in_flight: bytes that are sent and not acknowledged.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._next = 0.0

    def slot(self, now: float) -> float:
        """Reserve one message. Return when it may be sent: ``now`` or later."""
        self._next = max(self._next, now - BURST / RATE) + 1 / RATE
        return max(now, self._next)

    @property
    def room(self) -> int:
        """How many more bytes may be sent; none if it is negative."""
        return TOTAL - self.in_flight

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent, not even slowly."""
        return self.in_flight >= CEILING
