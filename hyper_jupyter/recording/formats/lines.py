"""Cuts the output of a recording into lines, as :meth:`Session.records` has them.

Layer: recording. No I/O; it belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from hyper_jupyter.recording.recording import Marker, Output, Stream
from hyper_jupyter.session.store.lines import dropped_text

__all__ = ["LineCutter", "RecordedLine"]

LONGEST: Final = 8 * 1024 * 1024
"""Bytes of a line. A longer one is several that are not complete, with one number."""


class RecordedLine(NamedTuple):
    r"""One line.

    Attributes:
        time: when it ended, in seconds since the start.
        stream: ``"stdout"`` or ``"stderr"``.
        text: without its end (``\n`` or ``\r\n``); each invalid byte sequence is U+FFFD.
        number: counted from 1 in its stream; 0 stands for bytes that are no longer kept.
        complete: whether it is whole.
    """

    time: float
    stream: Stream
    text: str
    number: int
    complete: bool


class _Open:
    """The line of a stream that has not ended."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.time = 0.0
        self.number = 1
        self.cut = False
        self.offset = 0


class LineCutter:
    """Cuts output into lines, in the order in which they end."""

    def __init__(self) -> None:
        self._open: dict[Stream, _Open] = {}

    def feed(self, event: Output | Marker) -> Iterator[RecordedLine]:
        """Yield the lines that end in some output, or where output is missing."""
        if isinstance(event, Marker):
            yield from self._skip(event)
            return
        stream = event.stream
        line = self._open.setdefault(stream, _Open())
        line.time = event.time
        line.offset += len(event.data)
        *ended, rest = event.data.split(b"\n")
        for piece in ended:
            line.pieces.append(piece)
            data = b"".join(line.pieces).removesuffix(b"\r")
            yield RecordedLine(event.time, stream, _text(data), line.number, not line.cut)
            line.pieces, line.size, line.cut = [], 0, False
            line.number += 1
        if rest:
            line.pieces.append(rest)
            line.size += len(rest)
            if line.size > LONGEST:
                yield from self._unfinished(stream, line)
                line.cut = True

    def finish(self) -> Iterator[RecordedLine]:
        """Yield the unfinished lines; the one that began to wait first comes first."""
        for stream, line in sorted(self._open.items(), key=lambda item: item[1].time):
            yield from self._unfinished(stream, line)

    def _skip(self, mark: Marker) -> Iterator[RecordedLine]:
        for stream, offset, lines in mark.lost:
            line = self._open.setdefault(stream, _Open())
            missing = offset - line.offset
            if missing <= 0:
                continue
            yield from self._unfinished(stream, line)
            yield RecordedLine(mark.time, stream, dropped_text(missing), 0, False)
            line.offset, line.number, line.cut = offset, lines + 1, True

    def _unfinished(self, stream: Stream, line: _Open) -> Iterator[RecordedLine]:
        if line.pieces:
            text = _text(b"".join(line.pieces))
            yield RecordedLine(line.time, stream, text, line.number, False)
            line.pieces, line.size = [], 0


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
