r"""Cuts a journal into lines, in bulk: what records and data frames are made of.

Layer: session, store. A reader belongs to one thread at a time. Nothing here blocks.

Strategy: a line belongs to the place where it *ends*. A program may leave a line unfinished for
ever (a prompt), and other lines must not wait for it. So the order is that of the lines' ends,
and a line's time is when its end arrived. Lines stay bytes: those of one batch are one ``bytes``
object, in order, each with ``\n`` at its end. What the lines of one run have in common (stream,
time) is stored once, as a :class:`Span`. A line may never end, and is not kept for that: after
:data:`LONGEST` bytes it comes in pieces.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count, repeat
from operator import itemgetter, sub
from typing import Final, NamedTuple

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.streams import BOTH
from hyper_jupyter.session.store.journal import Journal, JournalPart, StreamStart

__all__ = ["LONGEST", "LineBatch", "LineReader", "Span", "Spans", "dropped_text", "in_pieces"]

BATCH: Final = 4 * 1024 * 1024
"""Bytes of one batch, about."""

LONGEST: Final = 1024 * 1024
"""Bytes of a line, at most; a longer one comes in pieces."""

_WORTH: Final = 8
"""Runs from which on it is faster to take them all together."""

_STREAMS: Final = {int(stream): stream for stream in StreamType}
_OPEN_ENDS: Final = bytes(byte != 10 for byte in range(256))
"""Translates a newline to 0 and every other byte to 1."""


class Span(NamedTuple):
    """Neighbouring lines of a batch that have stream and time in common.

    Attributes:
        stream: the stream.
        time: when the lines' ends arrived, in seconds since the epoch.
        lines: how many.
        number: of the first line, counted from 1 in its stream; 0 stands for dropped bytes.
        complete: whether they are whole. A span of lines that are not has one line; it may be a
            piece of a long one, whose number all its pieces have.
    """

    stream: StreamType
    time: float
    lines: int
    number: int
    complete: bool


class Spans:
    """The spans of a batch, in columns: there may be one for each line.

    Attributes:
        kinds: their streams, as numbers.
        times: their times.
        lines: how many lines each has.
        numbers: of their first lines.
        complete: 1 for whole lines, else 0.
    """

    __slots__ = ("complete", "kinds", "lines", "numbers", "times")

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.times = array("d")
        self.lines = array("q")
        self.numbers = array("q")
        self.complete = bytearray()

    def __len__(self) -> int:
        """Return the number of spans."""
        return len(self.kinds)

    def __iter__(self) -> Iterator[Span]:
        """Yield the spans."""
        streams = map(_STREAMS.__getitem__, self.kinds)
        whole = map(bool, self.complete)
        yield from map(Span, streams, self.times, self.lines, self.numbers, whole)

    def add(
        self, stream: StreamType, time: float, lines: int, number: int, *, complete: bool
    ) -> None:
        """Add a span."""
        self.kinds.append(stream)
        self.times.append(time)
        self.lines.append(lines)
        self.numbers.append(number)
        self.complete.append(complete)


@dataclass(frozen=True, slots=True)
class LineBatch:
    r"""Some lines.

    Attributes:
        data: their bytes, each line with ``\n`` at its end, and without the ``\r`` before it.
        spans: what they are.
    """

    data: bytes
    spans: Spans

    def texts(self) -> list[str]:
        """Return the lines, decoded as UTF-8; each invalid byte sequence becomes U+FFFD."""
        # No byte of a character is a newline, so all lines can be decoded together.
        texts = self.data.decode("utf-8", "replace").split("\n")
        texts.pop()
        return texts


class _Open:
    """The line of a stream that has not ended.

    Attributes:
        pieces: its bytes.
        size: how many bytes these are.
        time: when the last of them arrived.
        number: its number.
        cut: whether its beginning is missing, or may be.
        offset: the offset of the stream after these bytes.
    """

    __slots__ = ("cut", "number", "offset", "pieces", "size", "time")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.time = 0.0
        self.number = 1
        self.cut = False
        self.offset = 0

    def keep(self, data: bytes) -> None:
        """Append bytes."""
        if data:
            self.pieces.append(data)
            self.size += len(data)


class LineReader:
    """Reads lines of a journal, from its beginning on.

    Args:
        journal: the journal.
        streams: the streams whose lines to return.
        since: seconds since the epoch; lines with an earlier time are left out.
        until: seconds since the epoch; lines with this time or a later one are left out.
    """

    def __init__(
        self,
        journal: Journal,
        streams: Collection[StreamType] = BOTH,
        *,
        since: float = -math.inf,
        until: float = math.inf,
    ) -> None:
        self._journal = journal
        self._streams = streams
        self._since = since
        self._until = until
        self._open = {stream: _Open() for stream in sorted(BOTH)}
        self._blocks: list[bytes] = []
        self._spans = Spans()
        self._all = frozenset(streams) >= BOTH and since == -math.inf and until == math.inf
        self.position = 0

    def read(self, end: int, size: int = BATCH) -> LineBatch:
        """Return the lines that end in the bytes that follow.

        Args:
            end: the position of the journal to read to at most.
            size: bytes to read at most.

        Returns:
            The lines; none does not mean that :attr:`position` is at the end.
        """
        part = self._journal.read_lines(self.position, min(size, end - self.position))
        self.position = part.end
        time = part.times[0] if part.times else 0.0
        for stream, start in part.starts.items():
            self._skip(stream, start, time)
        self._add_part(part)
        for stream, offset in part.offsets.items():
            self._open[stream].offset = offset
        return self._take()

    def finish(self) -> LineBatch:
        """Return the unfinished lines; the one that began to wait first comes first."""
        for stream, line in sorted(self._open.items(), key=lambda item: item[1].time):
            self._end_unfinished(stream, line)
        return self._take()

    def _add_part(self, part: JournalPart) -> None:
        """Add all runs: together where each ends a line, the others one by one."""
        data, ends, kinds, times = part.data, part.ends, part.kinds, part.times
        total = len(kinds)
        open_ends = self._open_ends(part)
        begin = run = 0
        while run < total:
            if open_ends and not any(line.size or line.cut for line in self._open.values()):
                stop = open_ends.find(1, run)
                stop = total if stop < 0 else stop
                if stop - run >= _WORTH:
                    self._add_whole(part, begin, run, stop)
                    begin, run = ends[stop - 1], stop
                    continue
            stream, time, end = _STREAMS[kinds[run]], times[run], ends[run]
            for at in range(begin, end, LONGEST):  # a run of one read, or of one entry of a log
                self._add(stream, time, data[at : min(at + LONGEST, end)])
            begin = end
            run += 1

    def _open_ends(self, part: JournalPart) -> bytes:
        """Return 1 for each run that ends in the middle of a line, else 0.

        Returns nothing if the runs have to be looked at one by one.
        """
        data, ends = part.data, part.ends
        if not self._all or len(ends) < _WORTH:
            return b""
        if len(data) > LONGEST and max(map(sub, ends, [0, *ends[:-1]])) > LONGEST:
            return b""  # it may have lines that come in pieces
        return bytes(itemgetter(*map((-1).__add__, ends))(data)).translate(_OPEN_ENDS)

    def _add_whole(self, part: JournalPart, begin: int, first: int, stop: int) -> None:
        """Add runs of whole lines together; before them, no line is open.

        Args:
            part: has them.
            begin: where the first one begins in its bytes.
            first: the first one.
            stop: the one after the last one.
        """
        ends, kinds = part.ends[first:stop], part.kinds[first:stop]
        block = part.data[begin : ends[-1]]
        self._blocks.append(block)
        spans = self._spans
        spans.kinds += kinds
        spans.times += part.times[first:stop]
        spans.complete += b"\x01" * len(kinds)
        if block.count(b"\n") == len(kinds):
            spans.lines.extend(repeat(1, len(kinds)))
            counters = {int(stream): count(line.number) for stream, line in self._open.items()}
            spans.numbers.extend(map(next, map(counters.__getitem__, kinds)))
            for stream, line in self._open.items():
                line.number = next(counters[stream])
            return
        for kind, lines in zip(
            kinds, map(part.data.count, repeat(b"\n"), [begin, *ends[:-1]], ends), strict=False
        ):
            line = self._open[_STREAMS[kind]]
            spans.lines.append(lines)
            spans.numbers.append(line.number)
            line.number += lines

    def _add(self, stream: StreamType, time: float, data: bytes) -> None:
        """Add bytes of one run: of one line at most, or not more than :data:`LONGEST`."""
        line = self._open[stream]
        line.time = time
        if line.size + len(data) > LONGEST:
            data = self._shorten(stream, line, data)
        end = data.rfind(b"\n") + 1
        if not end:
            line.keep(data)
            return
        rest = data[end:]
        block = b"".join([*line.pieces, data[:end] if rest else data])
        line.pieces, line.size = [], 0
        line.keep(rest)
        lines = block.count(b"\n")
        number = line.number
        line.number += lines
        cut, line.cut = line.cut, False
        if not self._is_wanted(stream, time):
            return
        self._blocks.append(block)
        if cut:
            self._spans.add(stream, time, 1, number, complete=False)
            lines -= 1
            number += 1
        if lines:
            self._spans.add(stream, time, lines, number, complete=True)

    def _shorten(self, stream: StreamType, line: _Open, data: bytes) -> bytes:
        """Add pieces of the unfinished line, if it is too long.

        Returns:
            The bytes of ``data`` that are not in them.
        """
        end = data.find(b"\n")
        if line.size + (len(data) if end < 0 else end) <= LONGEST:
            return data
        *pieces, rest = in_pieces(b"".join([*line.pieces, data]))
        line.pieces, line.size, line.cut = [], 0, True
        for piece in pieces:
            self._mark(stream, line.time, piece, line.number)
        return rest

    def _is_wanted(self, stream: StreamType, time: float) -> bool:
        return self._since <= time < self._until and stream in self._streams

    def _skip(self, stream: StreamType, start: StreamStart, time: float) -> None:
        """Go on after dropped bytes."""
        line = self._open[stream]
        missing = start.offset - line.offset
        if missing <= 0:
            return
        self._end_unfinished(stream, line)
        self._mark(stream, time, dropped_text(missing).encode(), 0)
        line.offset = start.offset
        line.number = start.lines + 1
        line.cut = True

    def _end_unfinished(self, stream: StreamType, line: _Open) -> None:
        if line.pieces:
            self._mark(stream, line.time, b"".join(line.pieces), line.number)
            line.pieces, line.size = [], 0

    def _mark(self, stream: StreamType, time: float, data: bytes, number: int) -> None:
        """Add one line that is not whole."""
        if self._is_wanted(stream, time):
            # All "\r\n" become "\n". A "\r" at the end of an unfinished line stays.
            self._blocks.append(data + b"\r\n")
            self._spans.add(stream, time, 1, number, complete=False)

    def _take(self) -> LineBatch:
        data = b"".join(self._blocks)
        batch = LineBatch(data.replace(b"\r\n", b"\n"), self._spans)
        self._blocks, self._spans = [], Spans()
        return batch


def in_pieces(data: bytes) -> list[bytes]:
    """Cut the first line of some bytes into pieces of :data:`LONGEST` bytes.

    Returns:
        The pieces; the last item is all bytes after them, which begin with the end of that line, or
        are that line if it is not longer.
    """
    pieces: list[bytes] = []
    end = data.find(b"\n")
    end = len(data) if end < 0 else end
    begin = 0
    while end - begin > LONGEST:
        stop = begin + _whole_characters(data, begin, begin + LONGEST)
        pieces.append(data[begin:stop])
        begin = stop
    return [*pieces, data[begin:]]


def _whole_characters(data: bytes, begin: int, end: int) -> int:
    r"""Return how many bytes of a part to take, so that no character is cut, and no ``\r\n``."""
    if data[end - 1] == 13:
        end -= 1
    for back in range(1, 4):  # the bytes of a character after its first one are 10xxxxxx
        byte = data[end - back]
        if byte >= 0xC0:
            size = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return end - begin - (back if back < size else 0)
        if byte < 0x80:
            break
    return end - begin


def dropped_text(count: int) -> str:
    """Return the line that stands for dropped bytes."""
    return f"[{count} bytes are not kept]"
