"""The body of an HTTP answer that comes in chunks (RFC 9112, section 7.1).

Layer: protocol. No I/O, no clock, no threads here; one decoder belongs to one answer.

h11 does this, too. But an engine may send each line of a log as a chunk of its own, and then h11
takes more time than all that comes after it.
"""

from __future__ import annotations

import re
from operator import eq
from typing import Final

from hyper_jupyter.exceptions import ProtocolError

__all__ = ["ChunkDecoder"]

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t -~\x80-\xff]*)?")
"""The line before a chunk: its size, and extensions, which mean nothing to us."""

_MAX_LINE: Final = 4096
"""Bytes of such a line at most, and of a line of the trailers."""

_MAX_TRAILERS: Final = 64 * 1024

_MANY: Final = 512
"""Bytes from which on it pays to look for many chunks at once."""


class ChunkDecoder:
    """Takes a body out of its chunks.

    Feed it every piece with :meth:`receive_data`, in order. It keeps at most a part of a line.

    Attributes:
        ended: whether the body is complete.
    """

    __slots__ = ("_line", "_remaining", "_trailers", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._line = b""  # the beginning of a line that has come
        self._remaining = 0  # bytes of a chunk that are still to come, and of the end of its line
        self._trailers = -1  # how many bytes of trailers have come; -1 before the last chunk

    def receive_data(self, data: bytes, pieces: list[bytes]) -> None:
        """Take the next bytes of the answer.

        Args:
            data: any number of bytes, cut anywhere. What follows the body is ignored.
            pieces: gets the bytes of the body.

        Raises:
            ProtocolError: these are no chunks. What came before that is in ``pieces``.
        """
        if self._line:
            data, self._line = self._line + data, b""
        pos, end = 0, len(data)
        many = self._trailers < 0
        while pos < end and not self.ended:
            if self._remaining:
                pos = self._take(data, pos, pieces)
                continue
            if many and end - pos >= _MANY:
                many = False  # once for all of it: the others may be of another kind
                pos = self._receive_many(data, pos, pieces)
            stop = data.find(b"\r\n", pos, pos + _MAX_LINE)
            line = data[pos:stop] if stop >= 0 else data[pos : pos + _MAX_LINE]
            if stop < 0:
                if len(line) == _MAX_LINE:
                    raise _fault("a line between chunks is too long")
                self._line = line
                return
            pos = stop + 2
            if self._trailers >= 0:
                self._take_trailer(len(line))
                continue
            size = _size(line)
            if size is None:
                raise _fault(f"{line[:100]!r} is no size of a chunk")
            if size:
                self._remaining = size + 2
            else:
                self._trailers = 0

    def _receive_many(self, data: bytes, pos: int, pieces: list[bytes]) -> int:
        """Take chunks that are complete and have no end of a line in them, as most logs have.

        Returns:
            The offset of the first other chunk.
        """
        parts = data[pos:].split(b"\r\n")
        parts.pop()  # what the last end of a line is followed by
        lines, bodies = parts[::2], parts[1::2]
        sizes = {line: _size(line) for line in {*lines}}
        fits = list(map(eq, map(sizes.__getitem__, lines), map(len, bodies)))
        count = fits.index(False) if False in fits else len(fits)
        if not all(sizes[line] for line in {*lines[:count]}):  # the last chunk
            count = next(n for n, line in enumerate(lines) if not sizes[line])
        pieces += bodies[:count]
        return pos + sum(map(len, parts[: 2 * count])) + 4 * count

    def _take(self, data: bytes, pos: int, pieces: list[bytes]) -> int:
        """Take bytes of a chunk, and of the end of the line after it; return where they end."""
        size = self._remaining - 2
        if size > 0:
            piece = data[pos : pos + size]
            pieces.append(piece)
            self._remaining -= len(piece)
            pos += len(piece)
        while 0 < self._remaining <= 2 and pos < len(data):
            if data[pos] != b"\n\r"[self._remaining - 1]:
                raise _fault("a chunk is longer than its size")
            self._remaining -= 1
            pos += 1
        return pos

    def _take_trailer(self, size: int) -> None:
        """Take a line of the trailers, of so many bytes; an empty one is the end."""
        self._trailers += size + 2
        if self._trailers > _MAX_TRAILERS:
            raise _fault("the trailers have no end")
        self.ended = not size


def _size(line: bytes) -> int | None:
    """Return the size of the chunk after a line; ``None`` if the line has none, or is too long."""
    found = _SIZE.fullmatch(line) if len(line) <= _MAX_LINE - 2 else None
    return None if found is None else int(found[1], 16)


def _fault(text: str) -> ProtocolError:
    return ProtocolError(f"not a valid HTTP answer: {text}")
