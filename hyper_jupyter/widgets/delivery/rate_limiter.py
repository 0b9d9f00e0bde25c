"""What all sessions of a kernel may send together.

Layer: widgets; no Jupyter, no thread, no clock: times come in as arguments (monotonic seconds).
All calls come from one thread, the publisher.

A server drops *everything* of a kernel that sends it more than 1,000 messages a second
(``ServerApp.iopub_msg_rate_limit``), and keeps in memory what no page takes. Each session keeps to
a rate and a window of its own; twenty of them would still be too much.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CEILING", "RATE", "TOTAL", "RateLimiter"]

RATE: Final = 200
"""Messages per second of all sessions: a fifth of the limit, the rest is the user's."""

BURST: Final = 20
"""Messages that may go at once after a pause, for as many sessions that print now and then."""

TOTAL: Final = 8 * 1024 * 1024
"""Unacknowledged bytes of all pages of all sessions, in a steady flow."""

CEILING: Final = 16 * 1024 * 1024
"""The same while a cell runs, where acknowledgements have to wait."""


class RateLimiter:
    """Shared by the deliveries of all sessions.

    Attributes:
        in_flight: bytes that are sent and not acknowledged.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._next = 0.0

    def slot(self, now: float) -> float:
        """Reserve the sending of one message; returns when it may go, ``now`` or later."""
        self._next = max(self._next, now - BURST / RATE) + 1 / RATE
        return max(now, self._next)

    @property
    def room(self) -> int:
        """Bytes that may still be sent; none where it is negative."""
        return TOTAL - self.in_flight

    @property
    def full(self) -> bool:
        """Whether nothing more may be sent, not even slowly."""
        return self.in_flight >= CEILING
