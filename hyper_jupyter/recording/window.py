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

__all__ = ["CONTEXT", "WINDOW", "Journal", "Piece", "context_of", "pieces_of"]

WINDOW: Final = 256 * 1024
"""How many bytes at the end of a stream are rendered."""

CONTEXT: Final = 1024 * 1024
"""How many bytes before those are searched, with them, for what must not be saved."""

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
    rb"(?P<string>(?:\x1b\]|\xc2\x9d)(?:(?!\xc2[\x80-\x9f])[^\x07\x18\x1a\x1b])*"
    rb"|(?:\x1b[PX^_]|\xc2[\x90\x98\x9e\x9f])(?:(?!\xc2[\x80-\x9f])[^\x18\x1a\x1b])*)"
    rb"|(?P<end>\r*\n|\r)"
    rb"|\x1b\[[01]?[G`]|\x1b\[\d*(?:;[01]?)?[Hf]|\x1b\[\d*[EF]|\x1b[cE]"
)
"""What ends a line, or goes to the first column, from where a line is written anew.

A string is matched as a whole: none of these has its meaning in one.
"""


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
    pieces, at = _backwards(journal, stream, end, WINDOW, end - _LOOK_BACK)
    return _from_a_line(journal, stream, pieces) if pieces and at > 0 else pieces


def context_of(journal: Journal, stream: StreamType, end: int, at: int) -> list[Piece]:
    """Return the bytes before an offset, without long strings. They may begin within a line.

    Args:
        journal: where they are.
        stream: which stream.
        end: how many bytes of it were received.
        at: the offset, which is not within a string.
    """
    return _backwards(journal, stream, at, CONTEXT, end - _LOOK_BACK)[0]


def _backwards(
    journal: Journal, stream: StreamType, at: int, room: int, first: int
) -> tuple[list[Piece], int]:
    """Read backwards from an offset until there is enough.

    Returns:
        The pieces without long strings, and the offset before which nothing was read.
    """
    pieces: list[Piece] = []
    while room > 0 and at > max(0, first):
        offset, data = _read(journal, stream, at - room, at)
        if not data:
            break
        begin = _string_begin(journal, stream, offset, first)
        at = offset
        if begin is not None:
            at, introducer = begin
            stop = _string_end(data, 0, introducer)
            offset, data = offset + stop, data[stop:]
        found = _without_strings(offset, data)
        room -= sum(len(piece.data) for piece in found)
        pieces[:0] = found
    joined: list[Piece] = []
    for piece in pieces:  # a character may be in two of them
        if joined and joined[-1].offset + len(joined[-1].data) == piece.offset:
            joined[-1] = Piece(joined[-1].offset, joined[-1].data + piece.data)
        else:
            joined.append(piece)
    return [piece for piece in joined if piece.data], at


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


def _from_a_line(journal: Journal, stream: StreamType, pieces: list[Piece]) -> list[Piece]:
    """Return pieces without what is left of the line that the first one begins in.

    Half a line could be half a secret, which no rule would recognize. A line that returns to its
    first column is written anew there. One that is changed in other ways, like a progress bar
    that goes back by some columns, is read from its beginning.
    """
    number, found = _boundary(pieces)
    if not found or (found["end"] and found["end"] != b"\r"):
        parts = [piece.data for piece in pieces[: number + 1]]
        if found:
            parts[-1] = parts[-1][: found.start()]
        if any(re.search(rb"[\x08\x1b]", part) for part in parts):
            first = pieces[0]
            rest = _line_before(journal, stream, first.offset)
            if rest is not None:
                return [Piece(first.offset - len(rest), rest + first.data), *pieces[1:]]
    if not found:
        return []
    offset, data = pieces[number]
    cut = found.end() if found["end"] else found.start()
    whole = [Piece(offset + cut, data[cut:]), *pieces[number + 1 :]]
    return [piece for piece in whole if piece.data]


def _boundary(pieces: list[Piece]) -> tuple[int, re.Match[bytes] | None]:
    """Return in which piece a line begins first, and after or with what."""
    for number, piece in enumerate(pieces):
        for found in _BOUNDARY.finditer(piece.data):
            if found["string"] is None:
                return number, found
    return len(pieces) - 1, None


def _line_before(journal: Journal, stream: StreamType, at: int) -> bytes | None:
    """Return the bytes of a line before an offset, unless it is very long or has strings."""
    offset, data = _read(journal, stream, at - _LONG_LINE, at)
    newline = data.rfind(b"\n")
    if newline < 0 and offset:
        return None
    rest = data[newline + 1 :]
    begin = at - len(rest)
    if _BEGIN.search(rest) or _string_begin(journal, stream, begin, begin - _LONG_LINE):
        return None
    return rest
