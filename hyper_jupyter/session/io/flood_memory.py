"""Memory for what a flood brings: long pieces that are filled from their start to their end.

Layer: session, io. I/O thread only.

Strategy: a piece that nobody looks at any more is filled again. A new one is asked for in *huge
pages*. The system hands out memory in pages of 4 KiB, at 2 µs for each one that is touched first,
which for output that is kept takes longer than reading it. With pages of 2 MiB, 7 MiB are read in
0.6 ms instead of 3.5 (measured, Linux 6.18). Where the system has none left, or does not begin a
piece where such a page does, it takes small ones.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import Final

__all__ = ["PIECE", "FloodMemory"]

PIECE: Final = 2 * 1024 * 1024
"""Bytes of a piece: one huge page of x86-64, and of most ARM systems."""


class FloodMemory:
    """Hands out memory. As long as there is a view of a piece, nobody else gets it."""

    __slots__ = ("_pieces", "_rest")

    def __init__(self) -> None:
        self._pieces: list[mmap.mmap] = []  # what was handed out, oldest first
        self._rest = memoryview(b"")

    def room(self, size: int) -> memoryview:
        """Return up to ``size`` bytes to read into, a quarter of that at least."""
        if len(self._rest) < size // 4:
            self._rest = memoryview(b"")  # it is no view of its piece any more
            self._rest = memoryview(self._free_piece() or _new_piece(self._pieces))
        return self._rest[:size]

    def take(self, count: int) -> memoryview:
        """Return the first bytes of the room. They do not change as long as the view lives."""
        taken = self._rest[:count].toreadonly()
        self._rest = self._rest[count:]
        return taken

    def _free_piece(self) -> mmap.mmap | None:
        """Return a piece of which there is no view; ``None`` if there is no such."""
        for piece in list(self._pieces):  # an old one may be kept for long
            try:
                piece.resize(PIECE)  # its size as it is: only whether it could be changed is asked
            except BufferError:
                continue
            except OSError:  # a sandbox may forbid it: then it is never known
                self._pieces.remove(piece)
                continue
            return piece
        return None


def _new_piece(pieces: list[mmap.mmap]) -> mmap.mmap | bytearray:
    """Make a piece and add it to the others."""
    try:
        # Not shared with a fork's child: it would see what is filled in later.
        piece = mmap.mmap(-1, PIECE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError:  # too little memory, or too many pieces of it
        return bytearray(PIECE)
    with suppress(OSError):  # a system without huge pages
        piece.madvise(mmap.MADV_HUGEPAGE)
    pieces.append(piece)
    return piece
