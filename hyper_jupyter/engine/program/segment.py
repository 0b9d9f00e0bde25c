"""A piece of a log: bytes in a file or in memory, and the index of its records.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import errno
import os
import tempfile
from array import array
from bisect import bisect_right
from typing import Final, Protocol

__all__ = ["FileStore", "MemoryStore", "Segment"]

JOIN_WITHIN: Final = 1_000_000
"""Nanoseconds; chunks of one stream that are closer in time share an index record."""

JOIN_UP_TO: Final = 32 * 1024
"""Bytes; a record that has reached this size does not grow."""


class _Store(Protocol):
    """Where a segment's bytes are.

    Attributes:
        in_memory: whether they take memory, and not the disk.
    """

    in_memory: bool

    def write(self, data: bytes, offset: int) -> None:
        """Write all of it, or raise OSError."""

    def read(self, size: int, offset: int) -> bytes:
        """Return bytes that were written."""

    def close(self) -> None:
        """Free it."""


class FileStore:
    """An unlinked file: even SIGKILL leaves none.

    Args:
        folder: where it is; an empty text if there is no such place.

    Raises:
        OSError: it cannot be made.
    """

    in_memory = False

    def __init__(self, folder: str) -> None:
        if not folder:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._fd = _unlinked_file(folder)

    def write(self, data: bytes, offset: int) -> None:
        """Write all of it, or raise OSError."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._fd, view, offset)
            view = view[written:]
            offset += written

    def read(self, size: int, offset: int) -> bytes:
        """Return bytes that were written."""
        return os.pread(self._fd, size, offset)

    def close(self) -> None:
        """Free it."""
        os.close(self._fd)


class MemoryStore:
    """Memory, where the disk takes nothing."""

    in_memory = True

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes, offset: int) -> None:
        """Write all of it."""
        self._data[offset:] = data

    def read(self, size: int, offset: int) -> bytes:
        """Return bytes that were written."""
        return bytes(self._data[offset : offset + size])

    def close(self) -> None:
        """Free it."""
        self._data.clear()


class Segment:
    """The bytes from one position of the log on; record i ends where record i + 1 starts.

    Args:
        base: the position of the first byte.
        before: how many bytes of stdout and of stderr come before it.
        store: takes the bytes.

    Attributes:
        size: its bytes.
        starts: the position of each record.
        times: when each record began, in nanoseconds since 1970.
        streams: 1 or 2 for each record.
    """

    __slots__ = ("base", "before", "size", "starts", "store", "streams", "times")

    def __init__(self, base: int, before: tuple[int, int], store: _Store) -> None:
        self.base = base
        self.before = before
        self.size = 0
        self.store = store
        self.starts = array("Q")
        self.times = array("q")
        self.streams = array("B")

    @property
    def end(self) -> int:
        """The position after its last byte."""
        return self.base + self.size

    def end_of(self, record: int) -> int:
        """Return the position after a record."""
        return self.starts[record + 1] if record + 1 < len(self.starts) else self.end

    def record_at(self, position: int) -> int:
        """Return the record that has a position."""
        return max(0, bisect_right(self.starts, position) - 1)

    def read(self, size: int, position: int) -> bytes:
        """Return bytes from a position on."""
        return self.store.read(size, position - self.base)

    def append(self, stream: int, now: int, data: bytes, *, apart: bool = False) -> None:
        """Add bytes of one stream.

        Args:
            stream: 1 or 2.
            now: nanoseconds since 1970.
            data: the bytes.
            apart: begin a record of its own.

        Raises:
            OSError: the disk does not take them; nothing has changed.
        """
        self.store.write(data, self.size)
        last = len(self.starts) - 1
        joins = (
            not apart
            and last >= 0
            and self.streams[last] == stream
            and now - self.times[last] < JOIN_WITHIN
            and self.end - self.starts[last] < JOIN_UP_TO
        )
        if not joins:
            self.starts.append(self.end)
            self.times.append(now)
            self.streams.append(stream)
        self.size += len(data)

    def count(self, position: int) -> tuple[int, int]:
        """Return how many bytes of stdout and of stderr come before a position in it."""
        counts = list(self.before)
        for record, start in enumerate(self.starts):
            if start >= position:
                break
            counts[self.streams[record] - 1] += min(self.end_of(record), position) - start
        return counts[0], counts[1]


def _unlinked_file(folder: str) -> int:
    tmpfile = getattr(os, "O_TMPFILE", 0)
    if tmpfile:
        try:
            return os.open(folder, tmpfile | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            pass  # this file system does not support O_TMPFILE
    fd, path = tempfile.mkstemp(prefix="hyper-engine-", dir=folder)
    os.unlink(path)  # noqa: PTH108 - a plain string from mkstemp
    return fd
