"""Memory for what a flood brings: long pieces that are filled from their start to their end.

Layer: session, io. I/O thread only.

Strategy: a new piece is asked for in *huge pages*. The system hands out memory in pages of 4 KiB, at
2 µs for each one that is touched first, which for output that is kept takes longer than reading it.
With pages of 2 MiB a session takes up 7 MiB in 0.6 ms instead of 3.5 (measured, Linux 6.18). Where
the system has none, it takes small ones, as ever.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import Final

__all__ = ["PIECE", "FloodMemory"]

PIECE: Final = 2 * 1024 * 1024
"""Bytes of a piece: one huge page of x86-64, and of most ARM systems."""


class FloodMemory:
    """Hands out memory. A piece lives as long as a view of it."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = memoryview(b"")

    def room(self, size: int) -> memoryview:
        """Return up to ``size`` bytes to read into, a quarter of that at least."""
        if len(self._rest) < size // 4:
            self._rest = memoryview(_new_piece())
        return self._rest[:size]

    def take(self, count: int) -> memoryview:
        """Return the first bytes of the room, which never change from now on."""
        taken = self._rest[:count].toreadonly()
        self._rest = self._rest[count:]
        return taken


def _new_piece() -> mmap.mmap | bytearray:
    try:
        piece = mmap.mmap(-1, PIECE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError:  # too little memory, or too many pieces of it
        return bytearray(PIECE)
    with suppress(OSError):  # a system without huge pages
        piece.madvise(mmap.MADV_HUGEPAGE)
    return piece
