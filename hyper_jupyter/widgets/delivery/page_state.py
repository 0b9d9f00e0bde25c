"""The state of one page: its cursors, what it has not acknowledged, what it must still be sent.

Layer: widgets; no Jupyter, no thread, no clock. Publisher only.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.widgets.delivery.rate_limiter import RateLimiter

__all__ = ["EVERYONE", "FASTEST", "SLOWEST", "SPEED", "PageState"]

SPEED: Final = 2 * 1024 * 1024
"""Bytes per second that a page is assumed to draw until it has been measured."""

SLOWEST: Final = 512 * 1024
FASTEST: Final = 8 * 1024 * 1024
"""Limits of a measured speed. Below them, the page is away or a cell holds its messages back."""

SAMPLE: Final = 64 * 1024
"""Smallest number of drawn bytes that the speed is measured from."""

EVERYONE: Final = ""
"""Not a page's id: the address of all pages that have not been answered yet."""


class PageState:
    """One model of the session in one browser tab.

    Args:
        page: its id.
        limiter: also counts this page's unacknowledged bytes.

    Attributes:
        turn: the number of its last hello.
        cursors: offset of the next byte to send, per stream.
        joined: where each stream ended at its last hello. What came before is sent in any case.
        skipped: bytes left out directly before the cursor, which it has not been informed about.
        last: ``seq`` of the last message since its last hello; 0 if there was none.
        in_flight: bytes that are sent and not acknowledged.
        speed: bytes per second that it draws, measured while it had enough to draw.
        marks: the number of the newest mark that it was sent.
        replies: answers to its requests, ``(n, error)``, that are still to be sent.
        flush_at: when to send a message even if there is no output for it.
        slow_at: when to send the next small piece while its window is full.
        probes: how often it was probed since it last sent anything.
        probe_at: when to probe it again; ``None`` if nothing is known to be outstanding.
        most: bytes that it may be sent in all; ``None`` if its speed decides that.
    """

    def __init__(self, page: str, limiter: RateLimiter) -> None:
        self.id = page
        self.turn = 0
        self.cursors = dict.fromkeys((StreamType.STDOUT, StreamType.STDERR), 0)
        self.joined = dict(self.cursors)
        self.skipped = dict(self.cursors)
        self.last = 0
        self.in_flight = 0
        self.speed = float(SPEED)
        self.marks = 0
        self.replies: list[tuple[int, str | None]] = []
        self.flush_at: float | None = None
        self.slow_at = 0.0
        self.probes = 0
        self.probe_at: float | None = None
        self.most: int | None = None
        self._limiter = limiter
        self._uncounted = False
        self._drawing_since: float | None = None  # it has had something to draw since then
        self._drawn = 0  # bytes since then
        self._unacked: deque[tuple[int, int]] = deque()  # (seq, bytes), oldest first

    @property
    def outstanding(self) -> bool:
        """Whether something is unacknowledged."""
        return bool(self._unacked)

    def restart(self, cursors: dict[StreamType, int], ends: dict[StreamType, int]) -> None:
        """Send from these offsets on, with nothing outstanding; ``ends`` is where streams end."""
        self.discard_unacked()
        self.cursors = cursors
        self.joined = ends
        self.last = 0
        self.skipped = dict.fromkeys(cursors, 0)

    def sent(self, seq: int, size: int) -> None:
        """Note that a message was sent."""
        self.last = seq
        self._unacked.append((seq, size))
        self._count(size)

    def acknowledge(self, seq: int, now: float) -> None:
        """Note that everything up to ``seq`` has been shown."""
        self.count_again()
        before = self.in_flight
        while self._unacked and self._unacked[0][0] <= seq:
            self._count(-self._unacked.popleft()[1])
        self.probes = 0
        self.probe_at = None
        self._measure(before - self.in_flight, now)

    def _measure(self, drawn: int, now: float) -> None:
        """Measure the speed from an acknowledgement, if the page was busy since the last one."""
        since = self._drawing_since
        self._drawn += drawn
        if since is not None and self._drawn < SAMPLE and self.in_flight:
            return  # too little to measure yet, and it goes on drawing
        if since is not None and self._drawn >= SAMPLE and now > since:
            seen = min(max(self._drawn / (now - since), SLOWEST), FASTEST)
            # A page that has nothing left was at least this fast: it may have waited for more.
            if self.in_flight or seen > self.speed:
                self.speed = (self.speed + seen) / 2
        self._drawing_since = now if self.in_flight else None
        self._drawn = 0

    def discard_unacked(self) -> None:
        """Take everything that was sent as acknowledged."""
        self._unacked.clear()
        self._count(-self.in_flight)
        self._uncounted = False
        self._drawing_since = None
        self.probes = 0
        self.probe_at = None

    def skip_to(self, stream: StreamType, offset: int) -> None:
        """Leave out what lies before an offset."""
        cursor = self.cursors[stream]
        if offset > cursor:
            self.skipped[stream] += offset - cursor
            self.cursors[stream] = offset

    def schedule_flush(self, at: float) -> None:
        """Send a message to this page at ``at`` or before, even an empty one."""
        self.flush_at = at if self.flush_at is None else min(at, self.flush_at)

    def stop_counting(self) -> None:
        """Leave the shared limit to other pages until this one, long silent, sends something."""
        if not self._uncounted:
            self._uncounted = True
            self._limiter.in_flight -= self.in_flight

    def count_again(self) -> None:
        """Take a part of the shared limit again."""
        if self._uncounted:
            self._uncounted = False
            self._limiter.in_flight += self.in_flight

    def _count(self, size: int) -> None:
        self.in_flight += size
        if not self._uncounted:
            self._limiter.in_flight += size
