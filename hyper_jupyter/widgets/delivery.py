"""Which bytes go to which page, and when.

Layer: widgets; no Jupyter, no thread, no clock: times come in as arguments (monotonic
seconds). All calls come from one thread, the publisher.

Strategy: the journal keeps the bytes, so a page is only a cursor per stream. What is sent
and not yet acknowledged is bounded (``WINDOW``); a page that falls far behind jumps to the
newest output and is told how much it skipped. Messages are paced for the whole session:
the first goes at once, then one per ``INTERVAL``. A page that stays silent with output
outstanding is probed with empty outputs, ever more rarely, then left alone; its next
acknowledgement or hello brings it back. A lost message shows on the page as a gap that
nobody announced, and the page says hello again with what it has.

Acknowledgements are messages to the kernel and may wait behind a running cell. So where none
come *while a cell runs*, output goes on slowly, up to a hard cap; where none come from an idle
kernel, the page is gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.widgets.messages import KernelMessage, Output, PerStream
from hyper_jupyter.widgets.source import Journal

__all__ = ["BEHIND", "CHUNK", "INTERVAL", "RELOAD", "TAIL", "WINDOW", "Delivery"]

CHUNK: Final = 128 * 1024
"""Bytes in one message at most."""

WINDOW: Final = 1024 * 1024
"""Bytes that may be unacknowledged per page."""

INTERVAL: Final = 0.025
"""Seconds between two messages of one session: 40 a second, far below Jupyter's limit."""

SLOW_CHUNK: Final = 24 * 1024
SLOW_INTERVAL: Final = 0.1
"""What goes to a page whose window is full while a cell runs: 240 KiB/s, ten messages a second."""

CAP: Final = 4 * 1024 * 1024
"""Bytes that may be unacknowledged even so: the server keeps them for a page that is away."""

BEHIND: Final = 4 * 1024 * 1024
"""A page further behind than this jumps."""

TAIL: Final = 512 * 1024
"""Where it jumps to: so many bytes before the end."""

RELOAD: Final = 1024 * 1024
"""Bytes per stream that a page gets which has nothing yet."""

PROBE_AFTER: Final = 3.0
PROBES: Final = 8
PAGES: Final = 16
STREAMS: Final = (StreamType.STDOUT, StreamType.STDERR)

Send = Callable[[KernelMessage, list[bytes]], None]


class _Page:
    """A page's cursors and what it has not acknowledged."""

    def __init__(self, page: str) -> None:
        self.id = page
        self.turn = 0
        self.cursors: dict[StreamType, int] = {}
        self.skipped: dict[StreamType, int] = {}
        self.unacked: deque[tuple[int, int]] = deque()  # (seq, bytes), oldest first
        self.in_flight = 0
        self.slow_at = 0.0
        self.probes = 0
        self.probe_at: float | None = None

    def restart(self, cursors: dict[StreamType, int]) -> None:
        self.cursors = cursors
        self.skipped = dict.fromkeys(STREAMS, 0)
        self.unacked.clear()
        self.in_flight = 0
        self.probes = 0
        self.probe_at = None


class Delivery:
    """Sends a journal to any number of pages.

    Args:
        journal: what to send.
        send: takes a message and its binary buffers.
    """

    def __init__(self, journal: Journal, send: Send) -> None:
        self._journal = journal
        self._send = send
        self._pages: dict[str, _Page] = {}
        self._order: deque[tuple[str, StreamType]] = deque()  # whose turn is next
        self._next_at = 0.0
        self._seq = 0  # one count for all pages, so that a restarted page cannot confuse them
        self._shown = dict.fromkeys(STREAMS, 0)  # furthest offset that any page was sent

    def hello(self, page: str, have: PerStream, turn: int) -> None:
        """A page is there and has so many bytes of each stream; start it from there.

        Args:
            page: the page's id.
            have: bytes of each stream that it has.
            turn: counts the hellos of a page; one that was overtaken does nothing.
        """
        known = self._pages.get(page)
        if known is not None and turn <= known.turn:
            return
        entry = self._pages.pop(page, None) or _Page(page)
        entry.turn = turn
        self._pages[page] = entry  # the newest last
        while len(self._pages) > PAGES:
            del self._pages[next(iter(self._pages))]
        entry.restart({stream: max(0, int(have.get(str(int(stream)), 0))) for stream in STREAMS})
        self._order = deque((name, stream) for name in self._pages for stream in STREAMS)
        for stream, cursor in entry.cursors.items():
            if not cursor:
                self._skip_to(entry, stream, self._journal.end(stream) - RELOAD)
        ends = {str(int(stream)): self._journal.end(stream) for stream in STREAMS}
        self._send({"type": "welcome", "page": page, "ends": ends}, [])

    def ack(self, page: str, seq: int) -> None:
        """A page has shown everything up to ``seq``. Unknown pages and numbers do nothing."""
        entry = self._pages.get(page)
        if entry is None:
            return
        while entry.unacked and entry.unacked[0][0] <= seq:
            entry.in_flight -= entry.unacked.popleft()[1]
        entry.probes = 0
        entry.probe_at = None

    def pump(self, now: float, *, busy: bool = False) -> float | None:
        """Send what is due.

        Args:
            now: monotonic seconds.
            busy: whether a cell runs, which acknowledgements may have to wait for.

        Returns:
            Seconds until it wants to be called again, or ``None``: after the next change.
        """
        while (turn := self._next_turn()) is not None:
            if now < self._next_at:
                return self._next_at - now
            # In a steady flow a late call does not lower the rate; after a pause no burst.
            steady = now - self._next_at < INTERVAL
            self._next_at = (self._next_at if steady else now) + INTERVAL
            self._send_turn(turn)
        waits = [self._probe(now), self._send_slowly(now) if busy else None]
        return min((wait for wait in waits if wait is not None), default=None)

    def flush(self) -> None:
        """Send what the windows allow, at once: the last words before the end."""
        while (turn := self._next_turn()) is not None:
            self._send_turn(turn)

    def _send_slowly(self, now: float) -> float | None:
        """Send a little to pages whose window is full; returns when to go on."""
        waits: list[float] = []
        for page, stream in list(self._order):
            entry = self._pages[page]
            if entry.in_flight >= CAP or entry.cursors[stream] >= self._journal.end(stream):
                continue
            if now >= entry.slow_at:
                entry.slow_at = now + SLOW_INTERVAL
                self._order.remove((page, stream))
                self._order.append((page, stream))
                self._send_chunk(entry, stream, SLOW_CHUNK)
            waits.append(entry.slow_at - now)
        return min(waits, default=None)

    def _next_turn(self) -> tuple[str, StreamType] | None:
        for page, stream in self._order:
            entry = self._pages.get(page)
            if entry is None or entry.in_flight >= WINDOW:
                continue
            if entry.cursors[stream] < self._journal.end(stream):
                return page, stream
        return None

    def _send_turn(self, turn: tuple[str, StreamType]) -> None:
        self._order.remove(turn)
        self._order.append(turn)
        page, stream = turn
        entry = self._pages[page]
        self._send_chunk(entry, stream, WINDOW - entry.in_flight)

    def _send_chunk(self, entry: _Page, stream: StreamType, room: int) -> None:
        end = self._journal.end(stream)
        if end - entry.cursors[stream] > BEHIND:
            self._skip_to(entry, stream, end - TAIL)
        self._skip_to(entry, stream, self._journal.start(stream))
        offset = entry.cursors[stream]
        shown = self._shown[stream]
        size = CHUNK if offset >= shown else min(CHUNK, shown - offset)
        data = self._journal.read(stream, offset, min(size, room))
        self._output(entry, stream, data, replay=offset < shown)

    def _output(self, entry: _Page, stream: StreamType, data: bytes, *, replay: bool) -> None:
        offset = entry.cursors[stream]
        skipped = entry.skipped[stream]
        self._seq += 1
        message: Output = {
            "type": "output",
            "page": entry.id,
            "stream": int(stream),
            "offset": offset,
            "end": self._journal.end(stream),
            "seq": self._seq,
            "skipped": skipped,
            "lost": max(0, min(skipped, self._journal.start(stream) - (offset - skipped))),
            "replay": replay,
        }
        entry.skipped[stream] = 0
        entry.cursors[stream] = offset + len(data)
        entry.unacked.append((self._seq, len(data)))
        entry.in_flight += len(data)
        self._shown[stream] = max(self._shown[stream], offset + len(data))
        self._send(message, [data])

    def _skip_to(self, entry: _Page, stream: StreamType, offset: int) -> None:
        cursor = entry.cursors[stream]
        if offset > cursor:
            entry.skipped[stream] += offset - cursor
            entry.cursors[stream] = offset

    def _probe(self, now: float) -> float | None:
        """Ask silent pages for a sign of life; returns when to look again."""
        delays = [self._probe_page(entry, now) for entry in self._silent()]
        return min(delays, default=None)

    def _silent(self) -> Iterator[_Page]:
        for entry in self._pages.values():
            if entry.unacked and entry.probes < PROBES:
                yield entry

    def _probe_page(self, entry: _Page, now: float) -> float:
        if entry.probe_at is None:
            entry.probe_at = now + PROBE_AFTER
        elif now >= entry.probe_at:
            entry.probes += 1
            entry.probe_at = now + PROBE_AFTER * 2**entry.probes
            for stream in STREAMS:
                # Says "you should have everything up to here", and wants an ack.
                self._output(entry, stream, b"", replay=True)
        return entry.probe_at - now
