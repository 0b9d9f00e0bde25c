"""The part of a journal that does not fit into memory: a ring in an unlinked file.

Layer: session. No lock of its own: the journal's lock guards it. Writes go to the page cache.

Strategy: position ``p`` of the journal lies at ``p % capacity`` of the file, so dropping the oldest
bytes costs nothing. The capacity is fixed from the start, or earlier, when the disk allows no
more: then the file stays as large as it is. The file has no name while it is open, so no kind of
end leaves it behind.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from typing import IO, Final

__all__ = ["CAPACITY", "Spool"]

CAPACITY: Final = 2 * 1024**3
"""Bytes of a session that are kept on disk at most."""

RESERVE: Final = 0.1
"""Share of the disk that is left to others."""

_GRANT: Final = 16 * 1024 * 1024
"""Bytes of growth between two looks at the disk: little of its tenth, whatever others take."""

_VECTOR: Final = 256
"""Blocks per write; systems take 1024 at least."""


def free_bytes(folder: str) -> int:
    """Bytes that a spool below ``folder`` may still take."""
    usage = shutil.disk_usage(folder)
    return int(usage.free - usage.total * RESERVE)


class Spool:
    """Stores the bytes from :attr:`start` to :attr:`end`.

    Args:
        capacity: bytes at most.
        free: ``(folder)``: bytes that may still be taken there.

    Attributes:
        start: position of the oldest byte that is kept.
        end: position behind the newest one.
        problem: why less than ``capacity`` is kept, empty where that much fits.
    """

    def __init__(self, capacity: int = CAPACITY, free: Callable[[str], int] = free_bytes) -> None:
        self.start = 0
        self.end = 0
        self.problem = ""
        self._capacity = capacity
        self._free = free
        self._granted = 0  # bytes by which it may grow until the disk is looked at again
        self._size = 0  # of the file
        self._file: IO[bytes] | None = None

    def append(
        self,
        blocks: Sequence[bytes | bytearray | memoryview],
        before_drop: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Store what follows :attr:`end`; the oldest bytes go where there is no room.

        Never raises for the disk's sake: what cannot be stored is dropped, with :attr:`problem`.

        Args:
            blocks: in order, not empty; written at once, without being put together first.
            before_drop: ``(position)``: bytes before it are about to go. Until it returns they can
                be read: those before :attr:`end` here, the others in ``blocks``.
        """
        size = sum(map(len, blocks))
        if self.end + size > self._size < self._capacity:
            self._check_room(self.end + size - self._size, before_drop)
        while size:
            if not self._capacity:
                before_drop(self.end + size)
                self.end += size
                self.start = self.end
                return
            offset = self.end % self._capacity
            room = self._capacity - offset
            part = blocks if size <= room else [memoryview(b"".join(blocks))[:room]]
            start = self.end + min(size, room) - self._capacity
            if start > self.start:
                before_drop(start)
                self.start = start
            try:
                count = self._write(offset, part)
            except OSError as error:
                self._stop_growing(
                    f"the disk takes no more: {error.strerror or error}", before_drop
                )
                continue
            self.end += count
            self._size = max(self._size, offset + count)
            size -= count
            if size:  # the end of the ring, or of the disk, lies inside the blocks
                blocks = [memoryview(b"".join(blocks))[count:]]

    def read(self, position: int, size: int) -> bytes:
        """Bytes from ``position``, which must not lie before :attr:`start`.

        Returns:
            Exactly ``size`` bytes, fewer only at :attr:`end`.
        """
        pieces = []
        size = min(size, self.end - position)
        while size > 0:
            assert self._file is not None
            offset = position % self._capacity
            self._file.seek(offset)
            piece = self._file.read(min(size, self._capacity - offset))
            pieces.append(piece)
            position += len(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _write(self, offset: int, blocks: Sequence[bytes | bytearray | memoryview]) -> int:
        if self._file is None:
            # Unbuffered: an error is ours to handle here, not at some later flush.
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 - it lives as long as we do
                prefix="hyper-jupyter-", buffering=0
            )
            weakref.finalize(self, self._file.close)
        # One system call, for each lets go of the GIL: beside a cell that computes it may take
        # 5 ms to have it again.
        if hasattr(os, "pwritev"):
            return os.pwritev(self._file.fileno(), blocks[:_VECTOR], offset)
        self._file.seek(offset)  # Windows
        return self._file.write(b"".join(blocks))

    def _check_room(self, growth: int, before_drop: Callable[[int], object]) -> None:
        if self._granted < growth:
            try:
                self._granted = min(self._free(tempfile.gettempdir()), max(_GRANT, growth))
            except OSError:
                return  # then the write itself will tell
        if self._granted < growth:
            self._stop_growing("the disk has no more than its reserve left", before_drop)
        self._granted -= growth

    def _stop_growing(self, problem: str, before_drop: Callable[[int], object]) -> None:
        """Keep to the file as it is; a ring of its own size from now on."""
        self.problem = problem
        if self._size < self._capacity and self.end == self._size:
            self._capacity = self._size
        else:
            # A write inside the file failed: nothing of it can be trusted.
            before_drop(self.end)
            self._capacity = 0
            self.start = self.end
