"""The part of a journal that does not fit into memory: a ring in an unlinked file.

Layer: session, store. It has no lock: the journal's lock guards it. Writes go to the page cache.

Strategy: position ``p`` of the journal is at ``(p - base) % capacity`` of the file, so dropping the
oldest bytes costs nothing. The capacity is fixed from the start. If the disk allows no more before
the file is that large, its size becomes the capacity. When there is room again, the ring grows from
where its end comes next: what it holds is in order there. The file has no name while it is open, so
it never stays on the disk, however the process ends.
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
"""The share of the disk that is left free."""

_GRANT: Final = 16 * 1024 * 1024
"""Bytes of growth between two checks of the disk. They are a small part of the reserve, even if
other programs write meanwhile."""

_VECTOR: Final = 256
"""Blocks per write; systems take at least 1024."""


def free_bytes(folder: str) -> int:
    """Return how many bytes a spool in ``folder`` may still take."""
    usage = shutil.disk_usage(folder)
    return int(usage.free - usage.total * RESERVE)


def _folder() -> str:
    """Return where spools are; in words if no folder takes a file.

    Python looks for one that does. It finds none if all disks are full.
    """
    try:
        return tempfile.gettempdir()
    except OSError:
        return "temporary files"


class Spool:
    """Stores the bytes from :attr:`start` to :attr:`end`.

    Args:
        capacity: bytes to store at most.
        free: called with a folder; returns how many bytes may still be taken there.

    Attributes:
        start: the position of the oldest byte that is kept.
        end: the position after the newest byte.
        problem: why less than ``capacity`` is kept, or was; empty if that much fits.
    """

    __slots__ = (
        "__weakref__",
        "_base",
        "_capacity",
        "_file",
        "_free",
        "_granted",
        "_retry_at",
        "_size",
        "_whole",
        "end",
        "problem",
        "start",
    )

    def __init__(self, capacity: int = CAPACITY, free: Callable[[str], int] = free_bytes) -> None:
        self.start = 0
        self.end = 0
        self.problem = ""
        self._whole: Final = capacity
        self._capacity = capacity
        self._base = 0  # the position that is at the beginning of the file, and those a ring on
        self._retry_at = 0  # the position at which a full disk is looked at again
        self._free = free
        self._granted = 0  # bytes by which the file may grow before the disk is checked again
        self._size = 0  # of the file
        self._file: IO[bytes] | None = None

    @property
    def stopped(self) -> bool:
        """Whether less than ``capacity`` is kept now."""
        return self._capacity < self._whole

    def append(
        self,
        blocks: Sequence[bytes | bytearray | memoryview],
        before_drop: Callable[[int], object] = lambda _: None,
    ) -> None:
        """Store the bytes that follow :attr:`end`; if there is no room, drop the oldest ones.

        An error of the disk is not raised. Bytes that cannot be stored are dropped, and
        :attr:`problem` says why.

        Args:
            blocks: the bytes, in order; no block is empty. They are written without being joined
                first.
            before_drop: called with a position before the bytes in front of it are dropped. Until
                it returns they can still be read: those before :attr:`end` here, the others in
                ``blocks``.
        """
        size = sum(map(len, blocks))
        growth = self.end - self._base + size - self._size
        if growth > 0 and self._size < self._capacity:
            self._check_room(growth, before_drop)
        while size:
            if self.stopped:
                self._grow_again(size)
            if not self._capacity:
                before_drop(self.end + size)
                self.end += size
                self.start = self.end
                return
            offset = (self.end - self._base) % self._capacity
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
                    f"writing to the disk of {_folder()} failed: {error.strerror or error}",
                    before_drop,
                )
                continue
            self.end += count
            self._size = max(self._size, offset + count)
            size -= count
            if size:  # the blocks reach beyond the end of the ring, or the disk took only a part
                blocks = [memoryview(b"".join(blocks))[count:]]

    def read(self, position: int, size: int) -> bytes:
        """Return bytes from ``position`` on, which must not be before :attr:`start`.

        Returns:
            Exactly ``size`` bytes, fewer only at :attr:`end`.
        """
        pieces = []
        size = min(size, self.end - position)
        while size > 0:
            assert self._file is not None
            offset = (position - self._base) % self._capacity
            piece = self._read_at(offset, min(size, self._capacity - offset))
            pieces.append(piece)
            position += len(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _read_at(self, offset: int, size: int) -> bytes:
        assert self._file is not None
        # A fork shares the file's own position: reads there must not move those of this process.
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, offset)
        self._file.seek(offset)  # Windows, where no process forks
        return self._file.read(size)

    def _write(self, offset: int, blocks: Sequence[bytes | bytearray | memoryview]) -> int:
        if self._file is None:
            # Unbuffered, so that an error is raised here and not by a later flush.
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 - it lives as long as the spool
                prefix="hyper-jupyter-", buffering=0
            )
            # Not at the end of the interpreter: the I/O thread may still write, and the file goes
            # with the process.
            weakref.finalize(self, self._file.close).atexit = False
        # One system call, because each one releases the GIL: beside a cell that computes it may
        # take 5 ms to get it back.
        if hasattr(os, "pwritev"):
            return os.pwritev(self._file.fileno(), blocks[:_VECTOR], offset)
        self._file.seek(offset)  # Windows
        return self._file.write(b"".join(blocks))

    def _check_room(self, growth: int, before_drop: Callable[[int], object]) -> None:
        if self._granted < growth:
            try:
                self._granted = min(self._free(_folder()), max(_GRANT, growth))
            except OSError:
                return  # the write itself will show whether there is room
        if self._granted < growth:
            share = f"less than {RESERVE:.0%} of the disk of {_folder()} would stay free"
            self._stop_growing(share, before_drop)
        self._granted -= growth

    def _stop_growing(self, problem: str, before_drop: Callable[[int], object]) -> None:
        """Make the file's present size the capacity of the ring."""
        self.problem = problem
        self._retry_at = self.end + _GRANT
        if self._size < self._capacity and self.end - self._base == self._size:
            self._capacity = self._size
        else:
            # A write inside the file failed: nothing in the file can be trusted.
            before_drop(self.end)
            self._capacity = 0
            self.start = self.end

    def _grow_again(self, growth: int) -> None:
        """Use the whole capacity again, if the disk has room now and the ring is at its end."""
        at_end = not self._capacity or not (self.end - self._base) % self._capacity
        if self.end < self._retry_at or not at_end:
            return
        self._retry_at = self.end + _GRANT
        try:
            room = self._free(_folder())
        except OSError:
            return
        wanted = max(_GRANT, growth)
        if room < wanted:
            return
        self._granted = wanted - growth
        if not self._capacity and self._file is not None:
            self._file.close()  # nothing in it can be trusted
            self._file, self._size = None, 0
        self._base = self.end - self._capacity
        self._capacity = self._whole
