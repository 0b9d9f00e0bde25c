"""Which bytes are sent to which page, and when.

Layer: widgets; no Jupyter, no thread, no clock: times come in as arguments (monotonic
seconds). All calls come from one thread, the publisher.

Strategy: the journal keeps the bytes, so a page is only a cursor per stream. The number of bytes
that are sent and not yet acknowledged is bounded. A page that falls far behind jumps to the newest
output and learns how much was skipped. Both bounds are times, at the speed at which the page was
seen to draw: about a second after the end of a flood it shows the last line, however long the lines
are. The message rate is limited for each session, and for all sessions together: the first message
is sent immediately, then one per ``INTERVAL``.

A server may drop any message. Every output carries the number of the output before it and the
revision of the status. From these a page notices a lost output, and says hello again with what it
has, or a lost status. A page repeats requests whose answer was lost. To detect the loss of the very
last message too, a page that stays silent with something outstanding is probed with empty outputs,
at growing intervals, and after ``PROBES`` of them left alone. Its next acknowledgement or hello
brings it back.

Marks travel in outputs: each has those that are newer than what its page was sent. So a page knows
a mark before it draws what comes after it, and a lost one is noticed as a lost output is.

Acknowledgements are messages to the kernel and may wait for the running cell. So if none arrive
*while a cell runs*, output is still sent slowly, up to a hard cap; and if not even a hello arrived,
it is sent to every page. If none arrive from an idle kernel, the page is gone.

A *greeting* is the beginning of a session's output, if it is short, for every page that has not
said hello. It comes with the session's view, which therefore shows the first line without waiting
for a hello and its answer. A page whose hello was on its way by then gets the bytes once more, and
drops them.
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
from hyper_jupyter.widgets.page.messages import KernelMessage, LinkOffer, Mark, Output, PerStream
from hyper_jupyter.widgets.source import Journal

__all__ = ["BEHIND", "CHUNK", "INTERVAL", "RELOAD", "TAIL", "WINDOW", "OutputSender"]

CHUNK: Final = 128 * 1024
"""Most bytes in one message."""

WINDOW: Final = 0.25
"""Seconds of a page's drawing that may be unacknowledged: 128 KiB to 2 MiB."""

SHARE: Final = 64 * 1024
"""Bytes that each page may have unacknowledged, however many all sessions have together."""

INTERVAL: Final = 0.025
"""Seconds between two messages of one session: 40 a second, far below Jupyter's limit."""

SLOW_CHUNK: Final = 24 * 1024
SLOW_INTERVAL: Final = 0.1
"""Sent to a page whose window is full while a cell runs: 240 KiB/s in ten messages a second."""

CAP: Final = 4 * 1024 * 1024
"""Most unacknowledged bytes even then: the server keeps them for a page that is away."""

BEHIND: Final = 0.5
"""A page that has this many seconds left to draw, besides what it was sent, jumps ahead."""

TAIL: Final = 0.25
"""It jumps to this many seconds of drawing before the end: 128 KiB to 2 MiB."""

RELOAD: Final = 1024 * 1024
"""Most bytes per stream from before its first hello that a page gets, and as many of what it has
missed if that is more than it would draw live."""

LINE: Final = 8 * 1024
"""How many bytes are searched for the start of a line."""

ANSWER_WITHIN: Final = 0.02
"""Seconds that an answer waits for an output to travel with, usually the echo of a key."""

GREETING: Final = 16 * 1024
"""Most bytes that are sent before any page has said hello."""

GREET_AFTER: Final = 0.5
"""Seconds after the start of a cell until output is sent to pages that have not said hello."""

PROBE_AFTER: Final = 3.0
PROBE_AFTER_CELL: Final = 0.5
"""Seconds until a silent page is probed first, and until it is probed after a cell's end."""

PROBES: Final = 8
"""How often a silent page is probed."""

PAGES: Final = 16
"""Most pages of one session."""

MARKS: Final = 100
"""Most marks in one message: the newest ones."""

STREAMS: Final = (StreamType.STDOUT, StreamType.STDERR)

Send = Callable[[KernelMessage, list[bytes]], None]


class OutputSender:
    """Sends a journal to any number of pages.

    Args:
        journal: what to send.
        send: takes a message and its binary buffers.
        limiter: shared with the senders of the other sessions.
        marks: returns the newest marks, at most so many, whose number is greater than a number.
        greeting: most bytes that are sent before a page has said hello. None of a terminal's: a
            page must not answer a program's questions that another page answers too.
    """

    def __init__(
        self,
        journal: Journal,
        send: Send,
        limiter: RateLimiter | None = None,
        marks: Callable[[int, int], list[Mark]] = lambda _after, _count: [],
        greeting: int = 0,
    ) -> None:
        self._journal = journal
        self._send = send
        self._marks = marks
        self._greeting = greeting
        self._marked = 0  # the number of the newest mark that pages were to be sent
        self._limiter = limiter or RateLimiter()
        self._pages: dict[str, PageState] = {}
        self._order: deque[tuple[str, StreamType]] = deque()  # whose turn is next
        self._next_at = 0.0
        self._slot: float | None = None  # when the next message may be sent, once reserved
        self._seq = 0  # one count for all pages, so that a restarted page cannot confuse them
        self._shown = dict.fromkeys(STREAMS, 0)  # the furthest offset that any page was sent
        self._revision = 0
        self._busy_since: float | None = None

    # -- news from the pages and the session --------------------------------------------

    def hello(
        self,
        page: str,
        have: PerStream,
        turn: int,
        history: Sequence[str] = (),
        link: LinkOffer | None = None,
        marks: int = 0,
    ) -> None:
        """Start sending to a page that has just said what it has, and welcome it.

        Args:
            page: the page's id.
            have: how many bytes of each stream the page has.
            turn: counts the hellos of a page; an older one than the last does nothing.
            history: the lines that were typed so far, which the page offers again.
            link: the offer of a link to the kernel's process.
            marks: the number of the newest mark that the page has.
        """
        if not self.is_news(page, turn):
            return
        self._discard(EVERYONE)
        known = self._pages.pop(page, None)
        entry = known or PageState(page, self._limiter)
        entry.turn = turn
        entry.marks = marks
        if self._marks(marks, 1):
            entry.schedule_flush(float("-inf"))  # also if there is no output for it
        self._pages[page] = entry  # the newest last
        while len(self._pages) > PAGES:
            self._discard(next(iter(self._pages)))
        cursors = {s: max(0, int(have.get(str(int(s)), 0))) for s in STREAMS}
        self._start(entry, cursors, fresh=known is None)
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
        """Return whether a page's hello is newer than its last one."""
        known = self._pages.get(page)
        return known is None or turn > known.turn

    def ack(self, page: str, seq: int, now: float) -> bool:
        """Note that a page has shown everything up to ``seq``. Unknown pages are ignored.

        Returns:
            Whether there is more for the page, for which it may have room now.
        """
        entry = self._pages.get(page)
        if entry is None:
            return False
        self._pages[page] = self._pages.pop(page)  # the page heard from last is discarded last
        entry.acknowledge(seq, now)
        return any(entry.cursors[stream] < self._journal.end(stream) for stream in STREAMS)

    def answer(self, page: str, n: int, error: str | None, now: float) -> None:
        """Send the answer to a page's request. A page that has not said hello will ask again."""
        entry = self._pages.get(page)
        if entry is not None:
            entry.replies.append((n, error))
            entry.schedule_flush(now + ANSWER_WITHIN)

    def revise(self, revision: int, now: float) -> None:
        """Note that the status was published: every page must learn its revision."""
        self._revision = revision
        for entry in self._pages.values():
            if entry.most is None:  # the others are told when they say hello
                entry.schedule_flush(now)

    def close(self) -> None:
        """Discard all pages."""
        for page in list(self._pages):
            self._discard(page)

    # -- sending ------------------------------------------------------------------------

    def pump(self, now: float, *, busy: bool = False) -> float | None:
        """Send what is due.

        Args:
            now: monotonic seconds.
            busy: whether a cell runs, so that acknowledgements may have to wait.

        Returns:
            In how many seconds to call it again; ``None`` if that is after the next change.
        """
        self._note_cell(now, busy=busy)
        self._greet_briefly()
        self._note_marks(now)
        while (turn := self._next_turn(now)) is not None:
            if now < self._next_at:
                return self._next_at - now
            if self._slot is None:
                self._slot = self._limiter.slot(now)
            if now < self._slot:
                return self._slot - now
            # In a steady flow a late call must not lower the rate. After a pause: no burst.
            steady = now - self._next_at < INTERVAL
            self._next_at = (self._next_at if steady else now) + INTERVAL
            self._slot = None
            self._send_turn(turn)
        flushes = [
            entry.flush_at - now for entry in self._pages.values() if entry.flush_at is not None
        ]
        waits = [*flushes, self._probe(now)]
        if busy:
            waits += [self._greet(now), self._send_slowly(now)]
        return min((wait for wait in waits if wait is not None), default=None)

    @property
    def behind(self) -> bool:
        """Whether some page has room for output that only the rate limit holds back."""
        return any(
            self._pages[page].cursors[stream] < self._journal.end(stream)
            and self._room(self._pages[page]) > 0
            for page, stream in self._order
        )

    def flush(self) -> None:
        """Send everything that the windows allow, ignoring the rate: the session is ending."""
        while (turn := self._next_turn(float("inf"))) is not None:
            self._send_turn(turn)

    def _note_marks(self, now: float) -> None:
        """Have every page that said hello sent a new mark, even if no output comes after it."""
        for mark in self._marks(self._marked, 1):
            self._marked = mark["number"]
            for entry in self._pages.values():
                if entry.most is None and entry.marks < self._marked:
                    entry.schedule_flush(now)

    def _note_cell(self, now: float, *, busy: bool) -> None:
        if busy:
            if self._busy_since is None:
                self._busy_since = now
            return
        if self._busy_since is not None:
            # Acknowledgements flow again. A page that sends none may have missed our messages: the
            # cell's own output may have made the server drop them. Probe it soon, even if it has
            # been silent for long.
            for entry in self._silent(PROBES + 1):
                entry.probes = 0
                entry.probe_at = now + PROBE_AFTER_CELL
        self._busy_since = None

    def _greet_briefly(self) -> None:
        """Send the beginning of the output to every page, before any has said hello."""
        size = sum(self._journal.end(stream) for stream in STREAMS)
        if not self._pages and 0 < size <= self._greeting:
            everyone = self._add_everyone()
            everyone.most = self._greeting
            everyone.stop_counting()  # there may be no page at all

    def _greet(self, now: float) -> float | None:
        """Send to every page, because no page's hello could arrive while the cell runs."""
        assert self._busy_since is not None
        everyone = self._pages.get(EVERYONE)
        if everyone is None and self._pages:
            return None
        if everyone is not None and everyone.most is None:
            return None
        wait = self._busy_since + GREET_AFTER - now
        if wait > 0:
            return wait
        if everyone is None:
            everyone = self._add_everyone()
        everyone.most = None
        everyone.count_again()
        return 0.0

    def _add_everyone(self) -> PageState:
        entry = self._pages[EVERYONE] = PageState(EVERYONE, self._limiter)
        entry.probes = PROBES  # nobody acknowledges what is sent to everyone
        self._start(entry, dict.fromkeys(STREAMS, 0), fresh=True)
        return entry

    def _start(self, entry: PageState, cursors: dict[StreamType, int], *, fresh: bool) -> None:
        entry.restart(cursors, {stream: self._journal.end(stream) for stream in STREAMS})
        self._order = deque((name, stream) for name in self._pages for stream in STREAMS)
        for stream, cursor in cursors.items():
            known = not fresh and cursor > 0  # at 0 it may have been greeted, and no more
            most = max(RELOAD, int(entry.speed * BEHIND)) if known else RELOAD
            if self._journal.end(stream) - cursor > most:
                entry.skip_to(stream, self._line_start(stream, self._journal.end(stream) - RELOAD))

    def _discard(self, page: str) -> None:
        entry = self._pages.pop(page, None)
        if entry is not None:
            entry.discard_unacked()
            self._order = deque(turn for turn in self._order if turn[0] != page)

    def _room(self, entry: PageState) -> int:
        if entry.most is not None:
            return entry.most - entry.in_flight
        window = int(entry.speed * WINDOW)
        return min(window, max(self._limiter.room + entry.in_flight, SHARE)) - entry.in_flight

    def _send_slowly(self, now: float) -> float | None:
        """Send a little to pages whose window is full. Return in how many seconds to go on."""
        waits: list[float] = []
        for page, stream in list(self._order):
            entry = self._pages[page]
            if entry.in_flight >= CAP or entry.most is not None or self._limiter.full:
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
        """Return the next page and stream: output first, then scheduled flushes."""
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
        # Another thread may discard the oldest bytes at any moment.
        offset, data, runs = self._journal.read_runs(stream, offset, min(size, room))
        entry.skip_to(stream, offset)
        self._output(entry, stream, data, runs, replay=offset < shown)

    def _line_start(self, stream: StreamType, offset: int) -> int:
        """Return the start of the next line if it is near, so that no escape sequence is cut."""
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
            "marks": self._marks(entry.marks, MARKS),  # after the bytes: they may follow a mark
        }
        for mark in message["marks"]:
            entry.marks = mark["number"]
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

    # -- silent pages -------------------------------------------------------------------

    def _probe(self, now: float) -> float | None:
        """Probe silent pages. Return in how many seconds to look again."""
        delays = [self._probe_page(entry, now) for entry in self._silent(PROBES)]
        return min(delays, default=None)

    def _silent(self, probes: int) -> Iterator[PageState]:
        """Yield pages with something outstanding that were probed less often than ``probes``."""
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
                # Means "you should have everything up to here", and asks for an acknowledgement.
                self._output(entry, stream, b"", array("d"), replay=True)
        return entry.probe_at - now
