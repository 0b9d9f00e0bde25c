"""A program's output: an append-only log on disk with an index in memory, and cursors on it.

Layer: engine. Event loop only.

Strategy: output is written to unlinked temporary files of a fixed size ("segments"). So even
SIGKILL leaves no files, and the oldest segment can be dropped whole. Positions count all bytes ever
appended, so a cursor notices if the bytes that it would read next are gone; it is told how many of
each stream, and goes on with what is there. Every client is a cursor: the program's pipes are read
even if clients do not keep up.

While the disk is short of space a log keeps less. While the disk takes nothing, the newest bytes
are kept in memory: clients that keep up miss nothing.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from typing import Final

from hyper_jupyter.engine.program.piece import LogGap, Piece
from hyper_jupyter.engine.program.segment import FileStore, MemoryStore, Segment

__all__ = ["LOG_LIMIT", "Cursor", "Log"]

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

MEMORY_SEGMENT: Final = 1 << 20
"""Bytes per piece that is kept in memory while the disk takes nothing; then it is tried again."""


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
        self._folder = folder or _temporary_folder()
        self._segments: list[Segment] = []
        self._end = 0
        self._counts = [0, 0]  # bytes of stdout and of stderr
        self._reason = ""  # why bytes were dropped last
        self._unchecked = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._users = 1
        self._runs: list[int] = []  # where the output of each run begins

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
        segment = self._segments[-1] if self._segments else None
        if segment is None or segment.size + len(data) > self._most(segment):
            segment = self._add_segment()
        apart = bool(self._runs) and self._runs[-1] == self._end
        try:
            segment.append(stream, now, data, apart=apart)
        except OSError:  # the disk is full, despite the reserve
            self._add_memory().append(stream, now, data)
        self._end += len(data)
        self._counts[stream - 1] += len(data)
        self.wake()

    def begin_run(self) -> None:
        """Note that the program is started: what it prints from now on begins a new line."""
        self._runs.append(self._end)

    def run_at(self, position: int) -> int:
        """Return how many runs had begun at a position."""
        return bisect_right(self._runs, position)

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

    def count(self, position: int) -> tuple[int, int]:
        """Return how many bytes of stdout and of stderr came before a position that is kept."""
        segment = self._segment_at(position) if position < self._end else None
        return (self._counts[0], self._counts[1]) if segment is None else segment.count(position)

    @property
    def reason(self) -> str:
        """Why bytes were dropped last."""
        return self._reason

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
        line of a run counts as one.

        Args:
            lines: how many.
            streams: of 1 and 2.
            before: the position after the last byte that counts.
        """
        starts = dict.fromkeys(streams, before)
        inside: set[int] = set()  # streams whose current line is searched for its start
        left = lines
        run = self.run_at(before)
        for stream, position, data in self._backwards(streams, before):
            if self.run_at(position) < run:
                run = self.run_at(position)
                inside.clear()  # these lines begin with the run
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
                data = segment.read(end - start, start)
                yield segment.streams[record], start, data

    def _segment_at(self, position: int) -> Segment | None:
        for segment in reversed(self._segments):
            if segment.base <= position:
                return segment
        return None

    def _most(self, segment: Segment) -> int:
        """Return how many bytes a segment takes."""
        if segment.store.in_memory:
            return min(MEMORY_SEGMENT, self._segment_size)
        return self._segment_size

    def _add_segment(self) -> Segment:
        """Add a segment: a file, or memory if the disk takes none."""
        try:
            store = FileStore(self._folder)
        except OSError:
            return self._add_memory()
        segment = Segment(self._end, (self._counts[0], self._counts[1]), store)
        self._segments.append(segment)
        self._shrink(self._limit, f"more than {_size(self._limit)} were not read yet")
        return segment

    def _add_memory(self) -> Segment:
        if self._segments and not self._segments[-1].size:
            self._segments.pop().store.close()
        segment = Segment(self._end, (self._counts[0], self._counts[1]), MemoryStore())
        self._segments.append(segment)
        self._shrink(min(SCARCE_LIMIT, self._limit), f"the disk of {self._folder} is full")
        return segment

    def _shrink(self, limit: int, reason: str) -> None:
        while len(self._segments) > 1 and self._end - self.start > limit:
            self._reason = reason
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        segment = self._segments.pop(0)
        self.dropped += segment.size
        segment.store.close()

    def _make_room(self) -> None:
        """Keep less if the disk is short of space."""
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            return
        if disk.f_bavail >= disk.f_blocks * DISK_RESERVE:
            return
        if self._segments and self._segments[-1].size:
            self._add_segment()
        share = f"less than {DISK_RESERVE:.0%} of the disk of {self._folder} is free"
        self._shrink(min(SCARCE_LIMIT, self._limit), share)


class Cursor:
    """Reads the log forward; several cursors may read one log, each at its own speed."""

    __slots__ = (
        "_floors",
        "_log",
        "_made_at",
        "_record",
        "_seen",
        "_segment",
        "_streams",
        "position",
    )

    def __init__(
        self, log: Log, streams: frozenset[int], position: int, floors: dict[int, int] | None
    ) -> None:
        self.position = position
        self._log = log
        self._streams = streams
        self._floors = floors or {}
        self._segment: Segment | None = None
        self._record = 0
        self._seen = list(log.count(max(position, log.start)))  # before the position, per stream
        self._made_at = log.end, log.count(log.end)

    def read(self, size: int, before: int | None = None) -> Piece | None:
        """Return the next bytes, of one stream and one record.

        Args:
            size: the most bytes to return.
            before: read as if the log ended at this position.

        Returns:
            ``None`` at the end of the log; the bytes of other streams have been skipped then.

        Raises:
            LogGap: bytes are no longer kept. The next call goes on after them.
        """
        limit = self._log.end if before is None else min(before, self._log.end)
        while self.position < limit:
            if self.position < self._log.start:
                self._skip(limit)
                continue
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
                self._go_to(end, stream)
            elif self.position < floor:
                self._go_to(floor, stream)
            else:
                position = self.position
                data = segment.read(min(size, end - position), position)
                self._go_to(self.position + len(data), stream)
                run = self._log.run_at(position)
                return Piece(stream, segment.times[self._record], data, run)
        return None

    def _skip(self, limit: int) -> None:
        """Go to the oldest byte that is kept, or to where the reading ends before that.

        Raises:
            LogGap: something of what is skipped is wanted.
        """
        position, counts = self._log.start, self._log.count(self._log.start)
        if limit < position and limit == self._made_at[0]:
            position, counts = self._made_at
        seen, self._seen = self._seen, list(counts)
        self.position = position
        self._segment = None
        missing = {each: counts[each - 1] - seen[each - 1] for each in self._streams}
        missing = {stream: count for stream, count in missing.items() if count > 0}
        if missing:
            raise LogGap(missing, self._log.reason)

    def _go_to(self, position: int, stream: int) -> None:
        """Go forward over bytes of one stream."""
        self._seen[stream - 1] += position - self.position
        self.position = position


def _temporary_folder() -> str:
    """Return where logs are; an empty text if no folder takes a file."""
    try:
        return tempfile.gettempdir()
    except OSError:
        return ""


def _size(count: int) -> str:
    return f"{count >> 30} GiB" if count >= 1 << 30 else f"{count:,} bytes"
