r"""Cuts a journal into lines, in bulk: what records and data frames are made of.

Layer: session, store. A reader belongs to one thread at a time. Nothing here blocks.

Strategy: a line belongs to the place where it *ends*. A program may leave a line unfinished for
ever (a prompt), and other lines must not wait for it. So the order is that of the lines' ends,
and a line's time is when its end arrived. Lines stay bytes: those of one batch are one ``bytes``
object, in order, each with ``\n`` at its end. What the lines of one run have in common (stream,
time) is stored once, as a :class:`Span`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, NamedTuple

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.streams import BOTH
from hyper_jupyter.session.store.journal import Journal, StreamStart

__all__ = ["LineBatch", "LineReader", "Span", "dropped_text"]

BATCH: Final = 4 * 1024 * 1024
"""Bytes of one batch, about."""


class Span(NamedTuple):
    """Neighbouring lines of a batch that have stream and time in common.

    Attributes:
        stream: the stream.
        time: when the lines' ends arrived, in seconds since the epoch.
        lines: how many.
        number: of the first line, counted from 1 in its stream; 0 stands for dropped bytes.
        complete: whether they are whole. A span of lines that are not has one line.
    """

    stream: StreamType
    time: float
    lines: int
    number: int
    complete: bool


@dataclass(frozen=True, slots=True)
class LineBatch:
    r"""Some lines.

    Attributes:
        data: their bytes, each line with ``\n`` at its end, and without the ``\r`` before it.
        spans: what they are.
    """

    data: bytes
    spans: list[Span]

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
        time: when the last of them arrived.
        number: its number.
        cut: whether its beginning is missing, or may be.
        offset: the offset of the stream after these bytes.
    """

    __slots__ = ("cut", "number", "offset", "pieces", "time")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.time = 0.0
        self.number = 1
        self.cut = False
        self.offset = 0


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
        self._spans: list[Span] = []
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
        time = part.records[0][1] if part.records else 0.0
        for stream, start in part.starts.items():
            self._skip(stream, start, time)
        for stream, arrival, data in part.records:
            self._add(stream, arrival, data)
        return self._take()

    def finish(self) -> LineBatch:
        """Return the unfinished lines; the one that began to wait first comes first."""
        for stream, line in sorted(self._open.items(), key=lambda item: item[1].time):
            self._end_unfinished(stream, line)
        return self._take()

    def _add(self, stream: StreamType, time: float, data: bytes) -> None:
        line = self._open[stream]
        line.offset += len(data)
        line.time = time
        end = data.rfind(b"\n") + 1
        if not end:
            line.pieces.append(data)
            return
        rest = data[end:]
        block = data[:end] if rest else data
        if line.pieces:
            line.pieces.append(block)
            block = b"".join(line.pieces)
        line.pieces = [rest] if rest else []
        count = block.count(b"\n")
        number = line.number
        line.number += count
        cut, line.cut = line.cut, False
        if not (self._since <= time < self._until and stream in self._streams):
            return
        self._blocks.append(block)
        if cut:
            self._spans.append(Span(stream, time, 1, number, False))
            count -= 1
            number += 1
        if count:
            self._spans.append(Span(stream, time, count, number, True))

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
            line.pieces = []

    def _mark(self, stream: StreamType, time: float, data: bytes, number: int) -> None:
        """Add one line that is not whole."""
        if self._since <= time < self._until and stream in self._streams:
            # All "\r\n" become "\n". A "\r" at the end of an unfinished line stays.
            self._blocks.append(data + b"\r\n")
            self._spans.append(Span(stream, time, 1, number, False))

    def _take(self) -> LineBatch:
        data = b"".join(self._blocks)
        batch = LineBatch(data.replace(b"\r\n", b"\n"), self._spans)
        self._blocks, self._spans = [], []
        return batch


def dropped_text(count: int) -> str:
    """Return the line that stands for dropped bytes."""
    return f"[{count} bytes are not kept]"
