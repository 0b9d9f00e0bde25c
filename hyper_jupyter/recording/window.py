"""The end of a stream: the bytes that an excerpt renders.

Layer: recording. No I/O of its own; any thread.

Strategy: a stream is read backwards until there is enough. It may be cut anywhere, so what is
read must begin where the terminal's state is known. Pictures (sixel, OSC 1337, kitty) and other
long strings are left out, and what comes before them is read instead: they are no text, and may
be larger than all that is rendered. An ESC always ends what it is in, so looking back to the last
one says whether a byte is within such a string.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, Protocol

from hyper_jupyter.protocol import StreamType

__all__ = ["WINDOW", "Journal", "Piece", "pieces_of"]

WINDOW: Final = 256 * 1024
"""How many bytes at the end of a stream are rendered."""

_LOOK_BACK: Final = 16 * 1024 * 1024
"""How far from the end is read, with the pictures that are left out."""

_STEP: Final = 64 * 1024
_LONG_LINE: Final = 1024 * 1024
"""How far before the window a line may begin that is still rendered as a whole."""

_STRING: Final = 1024
"""Shorter strings stay where they are: the screen drops them."""

_BEGIN: Final = re.compile(rb"\x1b[\]PX^_]|\xc2[\x90\x98\x9d-\x9f]")
_ENDS: Final = (b"\x18", b"\x1a", b"\x1b")
_C1: Final = re.compile(rb"\xc2[\x80-\x9f]")
_END: Final = re.compile(rb"[\x18\x1a\x1b]|\xc2[\x80-\x9f]")
_TITLE_END: Final = re.compile(rb"[\x07\x18\x1a\x1b]|\xc2[\x80-\x9f]")

_BOUNDARY: Final = re.compile(
    rb"(?P<end>\r*\n)|\r|\x1b\[[01]?[G`]|\x1b\[\d*(?:;[01]?)?[Hf]|\x1b\[\d*[EF]|\x1b[cE]"
)
"""What ends a line, or goes to the first column, from where a line is written anew."""


class Journal(Protocol):
    """The bytes received so far, by stream and offset."""

    def end(self, stream: StreamType) -> int:
        """Return how many bytes were received so far."""

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """Return the offset of the first byte read, and the bytes.

        Args:
            stream: which stream.
            offset: where to start. If that byte is not kept any more, start at the first kept one.
            size: read at most this many bytes. At the end there are none.
        """


class Piece(NamedTuple):
    """Bytes of a stream that come one after another.

    Attributes:
        offset: how many bytes of the stream are before them.
        data: the bytes.
    """

    offset: int
    data: bytes


def pieces_of(journal: Journal, stream: StreamType, end: int) -> list[Piece]:
    """Return the last bytes of a stream, from the beginning of a line on, without long strings.

    Args:
        journal: where they are.
        stream: which stream.
        end: how many bytes of it were received.
    """
    pieces: list[Piece] = []
    room, at = WINDOW, end
    while room > 0 and at > max(0, end - _LOOK_BACK):
        offset, data = _read(journal, stream, at - room, at)
        if not data:
            break
        begin = _string_begin(journal, stream, offset, end - _LOOK_BACK)
        at = offset
        if begin is not None:
            at, introducer = begin
            stop = _string_end(data, 0, introducer)
            offset, data = offset + stop, data[stop:]
        found = _without_strings(offset, data)
        pieces[:0] = found
        room -= sum(len(piece.data) for piece in found)
    if pieces and pieces[0].offset:
        pieces[0] = _from_a_line(journal, stream, pieces[0])
    return [piece for piece in pieces if piece.data]


def _read(journal: Journal, stream: StreamType, start: int, stop: int) -> Piece:
    """Read what is kept of the bytes from ``start`` to ``stop``."""
    start = max(0, start)
    offset, data = journal.read_at(stream, start, stop - start)
    return Piece(offset, data[: max(0, stop - offset)])


def _string_begin(
    journal: Journal, stream: StreamType, at: int, first: int
) -> tuple[int, bytes] | None:
    """Return where the string begins that an offset is within, and how it begins."""
    after = _read(journal, stream, at, at + 1).data  # it may end an introducer
    while at > max(0, first):
        offset, data = _read(journal, stream, at - _STEP, at)
        if not data:
            break
        data += after
        last = max(data.rfind(byte) for byte in _ENDS)
        if b"\xc2" in data:
            last = max([last, *(found.start() for found in _C1.finditer(data))])
        if last >= 0:
            begun = _BEGIN.match(data, last)
            if not begun or _string_end(data, begun.end(), begun[0]) < len(data):
                return None
            return offset + begun.start(), begun[0]
        at, after = offset, data[:1]
    return None


def _string_end(data: bytes, at: int, introducer: bytes) -> int:
    """Return where a string ends: after its BEL, or before another terminator."""
    title = introducer in (b"\x1b]", b"\xc2\x9d")
    found = (_TITLE_END if title else _END).search(data, at)
    if not found:
        return len(data)
    return found.end() if found[0] == b"\x07" else found.start()


def _without_strings(offset: int, data: bytes) -> list[Piece]:
    """Cut long strings out of bytes that do not begin in one."""
    pieces: list[Piece] = []
    start = 0
    for begun in _BEGIN.finditer(data):
        if begun.start() < start:
            continue
        stop = _string_end(data, begun.end(), begun[0])
        if stop - begun.start() > _STRING:
            pieces.append(Piece(offset + start, data[start : begun.start()]))
            start = stop
    pieces.append(Piece(offset + start, data[start:]))
    return pieces


def _from_a_line(journal: Journal, stream: StreamType, piece: Piece) -> Piece:
    """Return a piece without what is left of the line that it begins in.

    Half a line could be half a secret, which no rule would recognize. A line that returns to its
    first column is written anew there. One that is changed in other ways, like a progress bar
    that goes back by some columns, is read from its beginning.
    """
    offset, data = piece
    found = _BOUNDARY.search(data)
    if not found or (found["end"] and found.end() == len(data)):
        return piece
    if found["end"] and re.search(rb"[\x08\x1b]", data[: found.start()]):
        before = _read(journal, stream, offset - _LONG_LINE, offset)
        newline = before.data.rfind(b"\n")
        if newline >= 0 or not before.offset:
            rest = before.data[newline + 1 :]
            if not _BEGIN.search(rest):
                return Piece(offset - len(rest), rest + data)
    cut = found.end() if found["end"] else found.start()
    return Piece(offset + cut, data[cut:])
