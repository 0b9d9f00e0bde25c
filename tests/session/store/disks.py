"""Disks that have as much room as a test says."""

from __future__ import annotations

import errno
from collections.abc import Sequence

from hyper_jupyter.session.store.spool import Spool


class RoomyDisk:
    """A disk with so much room."""

    def __init__(self, room: int = 1 << 40) -> None:
        self.room = room

    def __call__(self, folder: str) -> int:
        return self.room


class FullDisk(Spool):
    """A spool whose file takes so many bytes and no more."""

    def __init__(self, limit: int) -> None:
        super().__init__(free=RoomyDisk())
        self.limit = limit

    def _write(self, offset: int, blocks: Sequence[bytes | bytearray | memoryview]) -> int:
        if offset >= self.limit:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super()._write(offset, [b"".join(blocks)[: self.limit - offset]])
