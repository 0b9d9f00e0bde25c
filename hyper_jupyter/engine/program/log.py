"""A program's output: an append-only log on disk with an index in memory, and cursors on it.

Layer: engine. Event loop only.

Strategy: output is written to unlinked temporary files of a fixed size ("segments"). So even
SIGKILL leaves no files, and the oldest segment can be dropped whole. Positions count all bytes ever
appended, so a cursor notices if the bytes that it would read next are gone. Every client is a
cursor: the program's pipes are read even if clients do not keep up.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

__all__ = ["LOG_LIMIT", "Cursor", "Log", "LogGap", "Piece"]

LOG_LIMIT: Final = 1 << 30
"""Bytes kept per container; older ones are dropped, a segment at a time."""

SEGMENT_SIZE: Final = 64 << 20
"""Bytes per file; a full log holds LOG_LIMIT / SEGMENT_SIZE descriptors."""

DISK_RESERVE: Final = 0.10
"""Fraction of the disk that logs leave free."""

SCARCE_LIMIT: Final = 8 << 20
"""Bytes kept per container while less of the disk than the reserve is free."""

DISK_CHECK_INTERVAL: Final = 4 << 20
"""Bytes appended between two checks of the disk."""

JOIN_WITHIN: Final = 1_000_000
"""Nanoseconds; chunks of one stream that are closer in time share an index record."""

JOIN_UP_TO: Final = 32 * 1024
"""Bytes; a record that has reached this size does not grow."""


class LogGap(Exception):
    """The bytes that a cursor would read next were dropped; ``missing`` is their number."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} bytes were dropped from the log before they were read")
        self.missing = missing


class Piece(NamedTuple):
    """Bytes of one stream.

    Attributes:
        stream: 1 stdout, 2 stderr.
        time: when the first byte of its record arrived, in nanoseconds since 1970.
        data: at least one byte.
    """

    stream: int
    time: int
    data: bytes


class _Segment:
    """One file and the index of its content; record i ends where record i + 1 starts."""

    __slots__ = ("base", "fd", "size", "starts", "streams", "times")

    def __init__(self, base: int, folder: str) -> None:
        self.base = base
        self.size = 0
        self.fd = _unlinked_file(folder)
        self.starts = array("Q")
        self.times = array("q")
        self.streams = array("B")

    @property
    def end(self) -> int:
        return self.base + self.size

    def end_of(self, record: int) -> int:
        return self.starts[record + 1] if record + 1 < len(self.starts) else self.end

    def record_at(self, position: int) -> int:
        return max(0, bisect_right(self.starts, position) - 1)

    def append(self, stream: int, now: int, data: bytes) -> None:
        view = memoryview(data)
        offset = self.size
        while view:
            written = os.pwrite(self.fd, view, offset)
            view = view[written:]
            offset += written
        last = len(self.starts) - 1
        joins = (
            last >= 0
            and self.streams[last] == stream
            and now - self.times[last] < JOIN_WITHIN
            and self.end - self.starts[last] < JOIN_UP_TO
        )
        if not joins:
            self.starts.append(self.end)
            self.times.append(now)
            self.streams.append(stream)
        self.size = offset


class Log:
    """All output of one container, over all its runs.

    Attributes:
        dropped: number of bytes that are no longer kept.
    """

    def __init__(
        self,
        *,
        limit: int = LOG_LIMIT,
        segment_size: int = SEGMENT_SIZE,
        folder: str | None = None,
    ) -> None:
        """Args:
        limit: bytes to keep.
        segment_size: bytes per file.
        folder: where the files are; the system's temporary folder by default.
        """
        self.dropped = 0
        self._limit = limit
        self._segment_size = segment_size
        self._folder = folder or tempfile.gettempdir()
        self._segments: list[_Segment] = []
        self._end = 0
        self._unchecked = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._users = 1

    @property
    def start(self) -> int:
        """Position of the oldest byte that is kept."""
        return self._segments[0].base if self._segments else self._end

    @property
    def end(self) -> int:
        """Position after the newest byte."""
        return self._end

    def append(self, stream: int, data: bytes) -> None:
        """Add the bytes of one read of the program's output, and wake the waiting readers."""
        if not data or not self._users:
            return
        now = time.time_ns()
        if self._segments and now < (self._segments[-1].times or [0])[-1]:
            now = self._segments[-1].times[-1]  # the index stays sorted if the clock is set back
        self._unchecked += len(data)
        if self._unchecked >= DISK_CHECK_INTERVAL:
            self._unchecked = 0
            self._make_room()
        try:
            self._segment_for(len(data)).append(stream, now, data)
        except OSError:  # the disk is full, despite the reserve
            self._append_to_full_disk(stream, now, data)
        self._end += len(data)
        self.wake()

    def wake(self) -> None:
        """Resolve all futures that :meth:`changed` returned."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def changed(self) -> asyncio.Future[None]:
        """Return a future that ends with the next output or :meth:`wake`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def cursor(
        self,
        streams: Collection[int],
        position: int | None = None,
        floors: dict[int, int] | None = None,
    ) -> Cursor:
        """Return a reader of some streams.

        Args:
            streams: of 1 and 2.
            position: where to begin; the oldest byte by default.
            floors: per stream, the position below which no bytes are delivered.
        """
        return Cursor(
            self, frozenset(streams), self.start if position is None else position, floors
        )

    def position_at(self, moment: int) -> int:
        """Return where the first record begins that is not older than `moment` (nanoseconds)."""
        for segment in self._segments:
            record = bisect_left(segment.times, moment)
            if record < len(segment.times):
                return segment.starts[record]
        return self._end

    def tail(self, lines: int, streams: Collection[int], before: int) -> dict[int, int]:
        """Return where the last lines begin, for each stream.

        Lines are counted over all `streams` together, by their ends; an unterminated last
        line counts as one.

        Args:
            lines: how many.
            streams: of 1 and 2.
            before: the position after the last byte that counts.
        """
        starts = dict.fromkeys(streams, before)
        inside: set[int] = set()  # streams whose current line is searched for its start
        left = lines
        for stream, position, data in self._backwards(streams, before):
            end = len(data)
            if stream not in inside:
                if left <= 0:
                    if not inside:
                        break
                    continue
                left -= 1
                inside.add(stream)
                end -= data.endswith(b"\n")
            while stream in inside:
                cut = data.rfind(b"\n", 0, end)
                if cut < 0:
                    starts[stream] = position
                    break
                starts[stream] = position + cut + 1
                if left <= 0:
                    inside.discard(stream)
                    break
                left -= 1
                end = cut
            if left <= 0 and not inside:
                break
        return starts

    def retain(self) -> None:
        """Count one more user of the files; each one has to call :meth:`close`."""
        self._users += 1

    def close(self) -> None:
        """Count one user less; the last one closes the files."""
        self._users -= 1
        if not self._users:
            while self._segments:
                self._drop_oldest()
        self.wake()

    def _backwards(self, streams: Collection[int], before: int) -> Iterator[tuple[int, int, bytes]]:
        for segment in reversed(self._segments):
            for record in range(len(segment.starts) - 1, -1, -1):
                start = segment.starts[record]
                if segment.streams[record] not in streams or start >= before:
                    continue
                end = min(segment.end_of(record), before)
                data = os.pread(segment.fd, end - start, start - segment.base)
                yield segment.streams[record], start, data

    def _segment_at(self, position: int) -> _Segment | None:
        for segment in reversed(self._segments):
            if segment.base <= position:
                return segment
        return None

    def _segment_for(self, size: int) -> _Segment:
        if not self._segments or self._segments[-1].size + size > self._segment_size:
            self._segments.append(_Segment(self._end, self._folder))
            self._shrink(self._limit)
        return self._segments[-1]

    def _shrink(self, limit: int) -> None:
        while len(self._segments) > 1 and self._end - self.start > limit:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        segment = self._segments.pop(0)
        self.dropped += segment.size
        os.close(segment.fd)

    def _make_room(self) -> None:
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return
        if disk.f_bavail >= disk.f_blocks * DISK_RESERVE:
            return
        if self._segments and self._segments[-1].size:
            try:
                self._segments.append(_Segment(self._end, self._folder))
            except OSError:
                return
        self._shrink(min(SCARCE_LIMIT, self._limit))

    def _append_to_full_disk(self, stream: int, now: int, data: bytes) -> None:
        while self._segments:
            self._drop_oldest()
        try:
            self._segments.append(_Segment(self._end, self._folder))
            self._segments[-1].append(stream, now, data)
        except OSError:
            while self._segments:
                self._drop_oldest()
            self.dropped += len(data)


class Cursor:
    """Reads the log forward; several cursors may read one log, each at its own speed."""

    __slots__ = ("_floors", "_log", "_record", "_segment", "_streams", "position")

    def __init__(
        self, log: Log, streams: frozenset[int], position: int, floors: dict[int, int] | None
    ) -> None:
        self.position = position
        self._log = log
        self._streams = streams
        self._floors = floors or {}
        self._segment: _Segment | None = None
        self._record = 0

    def read(self, size: int, before: int | None = None) -> Piece | None:
        """Return the next bytes, of one stream and one record.

        Args:
            size: the most bytes to return.
            before: read as if the log ended at this position.

        Returns:
            ``None`` at the end of the log; the bytes of other streams have been skipped then.

        Raises:
            LogGap: the next bytes are no longer kept.
        """
        limit = self._log.end if before is None else min(before, self._log.end)
        while self.position < limit:
            if self.position < self._log.start:
                raise LogGap(self._log.start - self.position)
            segment = self._segment
            if segment is None or self.position >= segment.end:
                segment = self._segment = self._log._segment_at(self.position)
                if segment is None:
                    return None
                self._record = segment.record_at(self.position)
            while self.position >= segment.end_of(self._record):
                self._record += 1
            end = min(segment.end_of(self._record), limit)
            stream = segment.streams[self._record]
            floor = min(self._floors.get(stream, 0), end)
            if stream not in self._streams:
                self.position = end
            elif self.position < floor:
                self.position = floor
            else:
                length = min(size, end - self.position)
                data = os.pread(segment.fd, length, self.position - segment.base)
                self.position += len(data)
                return Piece(stream, segment.times[self._record], data)
        return None


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
