"""Which bytes go to which page, and when.

Layer: widgets; no Jupyter, no thread, no clock: times come in as arguments (monotonic
seconds). All calls come from one thread, the publisher.

Strategy: the journal keeps the bytes, so a page is only a cursor per stream. What is sent
and not yet acknowledged is bounded; a page that falls far behind jumps to the newest output and is
told how much it skipped. Both bounds are times, at the speed at which the page was seen to draw:
behind a flood's end it shows the last line in about a second, whatever the lines are. Messages are
paced for the whole session, and for all sessions together: the first goes at once, then one per
``INTERVAL``.

A server may drop any message. A lost output shows on the page by the number of the one before,
which every output carries, and the page says hello again with what it has; a lost status by the
revision that every output carries; lost answers because the page asks again. So that the last
message of all is missed too, a page that stays silent with something outstanding is probed with
empty outputs, ever more rarely, then left alone; its next acknowledgement or hello brings it back.

Acknowledgements are messages to the kernel and may wait behind a running cell. So where none
come *while a cell runs*, output goes on slowly, up to a hard cap, and where not even a hello came
it goes to whichever page is there; where none come from an idle kernel, the page is gone.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.widgets.delivery.page_state import EVERYONE, PageState
from hyper_jupyter.widgets.delivery.rate_limiter import RateLimiter
from hyper_jupyter.widgets.page.messages import KernelMessage, LinkOffer, Output, PerStream
from hyper_jupyter.widgets.source import Journal

__all__ = ["BEHIND", "CHUNK", "INTERVAL", "RELOAD", "TAIL", "WINDOW", "OutputSender"]

CHUNK: Final = 128 * 1024
"""Bytes in one message at most."""

WINDOW: Final = 0.25
"""Seconds of a page's drawing that may be unacknowledged: 128 KiB to 2 MiB."""

SHARE: Final = 64 * 1024
"""Bytes that a page may have unacknowledged however much all sessions have."""

INTERVAL: Final = 0.025
"""Seconds between two messages of one session: 40 a second, far below Jupyter's limit."""

SLOW_CHUNK: Final = 24 * 1024
SLOW_INTERVAL: Final = 0.1
"""What goes to a page whose window is full while a cell runs: 240 KiB/s, ten messages a second."""

CAP: Final = 4 * 1024 * 1024
"""Bytes that may be unacknowledged even so: the server keeps them for a page that is away."""

BEHIND: Final = 0.5
"""Seconds of its drawing that a page may be behind, besides what it has; then it jumps."""

TAIL: Final = 0.25
"""Seconds of its drawing before the end, where it jumps to: 128 KiB to 2 MiB."""

RELOAD: Final = 1024 * 1024
"""Bytes per stream that a page gets which has nothing yet."""

LINE: Final = 8 * 1024
"""Bytes within which the start of a line is looked for."""

ANSWER_WITHIN: Final = 0.02
"""Seconds that an answer waits for an output to travel with: a key's echo, as a rule."""

GREET_AFTER: Final = 0.5
"""Seconds of a running cell after which a page that has not said hello is thought to be there."""

PROBE_AFTER: Final = 3.0
PROBE_AFTER_CELL: Final = 0.5
PROBES: Final = 8
PAGES: Final = 16
STREAMS: Final = (StreamType.STDOUT, StreamType.STDERR)

Send = Callable[[KernelMessage, list[bytes]], None]


class OutputSender:
    """Sends a journal to any number of pages.

    Args:
        journal: what to send.
        send: takes a message and its binary buffers.
        limiter: shared with the deliveries of the other sessions.
    """

    def __init__(self, journal: Journal, send: Send, limiter: RateLimiter | None = None) -> None:
        self._journal = journal
        self._send = send
        self._limiter = limiter or RateLimiter()
        self._pages: dict[str, PageState] = {}
        self._order: deque[tuple[str, StreamType]] = deque()  # whose turn is next
        self._next_at = 0.0
        self._slot: float | None = None  # when the next message may go, once that is reserved
        self._seq = 0  # one count for all pages, so that a restarted page cannot confuse them
        self._shown = dict.fromkeys(STREAMS, 0)  # furthest offset that any page was sent
        self._revision = 0
        self._busy_since: float | None = None

    # -- what happened ------------------------------------------------------------------

    def hello(
        self,
        page: str,
        have: PerStream,
        turn: int,
        history: Sequence[str] = (),
        link: LinkOffer | None = None,
    ) -> None:
        """A page is there and has so many bytes of each stream; start it from there.

        Args:
            page: the page's id.
            have: bytes of each stream that it has.
            turn: counts the hellos of a page; one that was overtaken does nothing.
            history: the lines that were typed so far, for the page to offer again.
            link: what to offer the page besides.
        """
        if not self.is_news(page, turn):
            return
        self._discard(EVERYONE)
        entry = self._pages.pop(page, None) or PageState(page, self._limiter)
        entry.turn = turn
        self._pages[page] = entry  # the newest last
        while len(self._pages) > PAGES:
            self._discard(next(iter(self._pages)))
        self._start(entry, {s: max(0, int(have.get(str(int(s)), 0))) for s in STREAMS})
        ends = {str(int(stream)): self._journal.end(stream) for stream in STREAMS}
        self._send(
            {
                "type": "welcome",
                "page": page,
                "ends": ends,
                "revision": self._revision,
                "history": list(history),
                "link": link,
            },
            [],
        )

    def is_news(self, page: str, turn: int) -> bool:
        """Whether a hello was not overtaken by a later one of its page."""
        known = self._pages.get(page)
        return known is None or turn > known.turn

    def ack(self, page: str, seq: int, now: float) -> bool:
        """A page has shown everything up to ``seq``. Unknown pages and numbers do nothing.

        Returns:
            Whether there is more for the page, for which it may have room now.
        """
        entry = self._pages.get(page)
        if entry is None:
            return False
        self._pages[page] = self._pages.pop(page)  # the last that was heard of, last to be dropped
        entry.acknowledge(seq, now)
        return any(entry.cursors[stream] < self._journal.end(stream) for stream in STREAMS)

    def answer(self, page: str, n: int, error: str | None, now: float) -> None:
        """A page's request was applied; a page that has not said hello will ask again."""
        entry = self._pages.get(page)
        if entry is not None:
            entry.replies.append((n, error))
            entry.schedule_flush(now + ANSWER_WITHIN)

    def revise(self, revision: int, now: float) -> None:
        """The status was published; every page must come to have this revision of it."""
        self._revision = revision
        for entry in self._pages.values():
            entry.schedule_flush(now)

    def close(self) -> None:
        """Forget the pages."""
        for page in list(self._pages):
            self._discard(page)

    # -- sending ------------------------------------------------------------------------

    def pump(self, now: float, *, busy: bool = False) -> float | None:
        """Send what is due.

        Args:
            now: monotonic seconds.
            busy: whether a cell runs, which acknowledgements may have to wait for.

        Returns:
            Seconds until it wants to be called again, or ``None``: after the next change.
        """
        self._note_cell(now, busy=busy)
        while (turn := self._next_turn(now)) is not None:
            if now < self._next_at:
                return self._next_at - now
            if self._slot is None:
                self._slot = self._limiter.slot(now)
            if now < self._slot:
                return self._slot - now
            # In a steady flow a late call does not lower the rate; after a pause no burst.
            steady = now - self._next_at < INTERVAL
            self._next_at = (self._next_at if steady else now) + INTERVAL
            self._slot = None
            self._send_turn(turn)
        words = [
            entry.flush_at - now for entry in self._pages.values() if entry.flush_at is not None
        ]
        waits = [*words, self._probe(now)]
        if busy:
            waits += [self._greet(now), self._send_slowly(now)]
        return min((wait for wait in waits if wait is not None), default=None)

    @property
    def behind(self) -> bool:
        """Whether a page could take output at once, were it not for the pace."""
        return any(
            self._pages[page].cursors[stream] < self._journal.end(stream)
            and self._room(self._pages[page]) > 0
            for page, stream in self._order
        )

    def flush(self) -> None:
        """Send what the windows allow, at once: the last words before the end."""
        while (turn := self._next_turn(float("inf"))) is not None:
            self._send_turn(turn)

    def _note_cell(self, now: float, *, busy: bool) -> None:
        if busy:
            if self._busy_since is None:
                self._busy_since = now
            return
        if self._busy_since is not None:
            # Acknowledgements flow again. Where none come, the cell's own output may have made
            # the server drop ours: soon to be found out, however long the silence was.
            for entry in self._silent(PROBES + 1):
                entry.probes = 0
                entry.probe_at = now + PROBE_AFTER_CELL
        self._busy_since = None

    def _greet(self, now: float) -> float | None:
        """Send to whoever is there, where every hello waits behind the cell."""
        assert self._busy_since is not None
        if self._pages:
            return None
        wait = self._busy_since + GREET_AFTER - now
        if wait > 0:
            return wait
        entry = self._pages[EVERYONE] = PageState(EVERYONE, self._limiter)
        entry.probes = PROBES  # nobody answers for everyone
        self._start(entry, dict.fromkeys(STREAMS, 0))
        return 0.0

    def _start(self, entry: PageState, cursors: dict[StreamType, int]) -> None:
        entry.restart(cursors, {stream: self._journal.end(stream) for stream in STREAMS})
        self._order = deque((name, stream) for name in self._pages for stream in STREAMS)
        for stream, cursor in cursors.items():
            if not cursor:
                entry.skip_to(stream, self._line_start(stream, self._journal.end(stream) - RELOAD))

    def _discard(self, page: str) -> None:
        entry = self._pages.pop(page, None)
        if entry is not None:
            entry.discard_unacked()
            self._order = deque(turn for turn in self._order if turn[0] != page)

    def _room(self, entry: PageState) -> int:
        window = int(entry.speed * WINDOW)
        return min(window, max(self._limiter.room + entry.in_flight, SHARE)) - entry.in_flight

    def _send_slowly(self, now: float) -> float | None:
        """Send a little to pages whose window is full; returns when to go on."""
        waits: list[float] = []
        for page, stream in list(self._order):
            entry = self._pages[page]
            if entry.in_flight >= CAP or self._limiter.full:
                continue
            if entry.cursors[stream] >= self._journal.end(stream):
                continue
            if now >= entry.slow_at:
                entry.slow_at = now + SLOW_INTERVAL
                self._limiter.slot(now)
                self._order.remove((page, stream))
                self._order.append((page, stream))
                self._send_chunk(entry, stream, SLOW_CHUNK)
            waits.append(entry.slow_at - now)
        return min(waits, default=None)

    def _next_turn(self, now: float) -> tuple[str, StreamType] | None:
        """Who is next: output first, then pages that are owed a word."""
        for page, stream in self._order:
            entry = self._pages[page]
            if entry.cursors[stream] < self._journal.end(stream) and self._room(entry) > 0:
                return page, stream
        for entry in self._pages.values():
            if entry.flush_at is not None and entry.flush_at <= now:
                return entry.id, StreamType.STDOUT
        return None

    def _send_turn(self, turn: tuple[str, StreamType]) -> None:
        self._order.remove(turn)
        self._order.append(turn)
        page, stream = turn
        entry = self._pages[page]
        self._send_chunk(entry, stream, max(0, self._room(entry)))

    def _send_chunk(self, entry: PageState, stream: StreamType, room: int) -> None:
        end = self._journal.end(stream)
        if end - max(entry.cursors[stream], entry.joined[stream]) > entry.speed * BEHIND:
            entry.skip_to(stream, self._line_start(stream, end - int(entry.speed * TAIL)))
        offset = entry.cursors[stream]
        shown = self._shown[stream]
        size = CHUNK if offset >= shown else min(CHUNK, shown - offset)
        # The oldest bytes may be dropped at any moment, by another thread.
        offset, data, runs = self._journal.read_runs(stream, offset, min(size, room))
        entry.skip_to(stream, offset)
        self._output(entry, stream, data, runs, replay=offset < shown)

    def _line_start(self, stream: StreamType, offset: int) -> int:
        """The next line's start, if it is near: a jump into an escape sequence shows its rest."""
        if offset <= 0:
            return offset
        begin, data = self._journal.read_at(stream, offset - 1, LINE)
        return begin + data.find(b"\n") + 1 if b"\n" in data else offset

    def _output(
        self, entry: PageState, stream: StreamType, data: bytes, runs: array[float], *, replay: bool
    ) -> None:
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
            "before": 0 if entry.id == EVERYONE else entry.last,
            "skipped": skipped,
            "lost": max(0, min(skipped, self._journal.start(stream) - (offset - skipped))),
            "through": {},
            "replay": replay,
            "revision": self._revision,
            "replies": entry.replies,
        }
        entry.replies = []
        entry.flush_at = None
        entry.skipped[stream] = 0
        entry.cursors[stream] = offset + len(data)
        entry.sent(self._seq, len(data))
        self._shown[stream] = max(self._shown[stream], offset + len(data))
        message["through"] = {
            str(int(s)): self._journal.position(s, entry.cursors[s]) for s in STREAMS
        }
        if sys.byteorder == "big":
            runs.byteswap()
        self._send(message, [data, runs.tobytes()])

    # -- silence ------------------------------------------------------------------------

    def _probe(self, now: float) -> float | None:
        """Ask silent pages for a sign of life; returns when to look again."""
        delays = [self._probe_page(entry, now) for entry in self._silent(PROBES)]
        return min(delays, default=None)

    def _silent(self, probes: int) -> Iterator[PageState]:
        """Pages with something outstanding that were probed less often than this."""
        for entry in self._pages.values():
            if entry.outstanding and entry.probes < probes and entry.id != EVERYONE:
                yield entry

    def _probe_page(self, entry: PageState, now: float) -> float:
        if entry.probe_at is None:
            entry.probe_at = now + PROBE_AFTER
        elif now >= entry.probe_at:
            entry.probes += 1
            entry.probe_at = now + PROBE_AFTER * 2**entry.probes
            if entry.probes == PROBES:
                entry.stop_counting()
            for stream in STREAMS:
                # Says "you should have everything up to here", and wants an ack.
                self._output(entry, stream, b"", array("d"), replay=True)
        return entry.probe_at - now
