"""Cuts the output of a recording into lines, as :meth:`Session.records` has them.

Layer: recording. No I/O; it belongs to one thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from hyper_jupyter.recording.recording import Marker, Output, Stream
from hyper_jupyter.session.store.lines import dropped_text

__all__ = ["LineCutter", "RecordedLine"]

LONGEST: Final = 8 * 1024 * 1024
"""Bytes of a line. A longer one is several that are not complete, with one number."""


_SEQUENCE: Final = 4096
"""Bytes of an escape sequence that is waited for."""

_BEGUN: Final = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x18\x1a\x1b]*\x1b?|[PX^_][^\x18\x1a\x1b]*\x1b?|[ -/]*)\Z"
)
"""An escape sequence that has not ended."""

_CUT: Final = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")
"""A character that has not ended."""


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

    def interrupt(self, *, ends_sequence: bool) -> Iterator[RecordedLine]:
        """Yield what there is of unfinished lines: a mark comes between it and the rest.

        A character or an escape sequence that has begun stays with the rest.

        Args:
            ends_sequence: an escape sequence that has begun ends here: its rest will not come.
        """
        for stream, line in self._in_order():
            data = b"".join(line.pieces)
            begun = _BEGUN.search(data, max(0, len(data) - _SEQUENCE)) or _CUT.search(data)
            rest = data[begun.start() :] if begun else b""
            shown = data[: len(data) - len(rest)]
            if shown:
                yield RecordedLine(line.time, stream, _text(shown), line.number, False)
                line.cut = True
            if rest.startswith(b"\x1b") and ends_sequence:
                rest = b""
            line.pieces, line.size = [rest] if rest else [], len(rest)

    def finish(self) -> Iterator[RecordedLine]:
        """Yield the unfinished lines; the one that began to wait first comes first."""
        for stream, line in self._in_order():
            yield from self._unfinished(stream, line)

    def _in_order(self) -> list[tuple[Stream, _Open]]:
        return sorted(self._open.items(), key=lambda item: item[1].time)

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
