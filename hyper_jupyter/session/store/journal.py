"""Everything that a session received, in arrival order.

Layer: session, store. One thread appends (the I/O thread); any thread reads. No callbacks.

Strategy: keep one log of bytes for both streams. A *position* counts bytes of both streams and so
orders them; an *offset* counts bytes of one stream. The newest bytes are in memory, in blocks. When
there are more than a limit, the oldest move to the spool. They move in small batches, because no
stream is read meanwhile, and the engine can only write until its socket is full. A *run* is what
arrived of one stream without the other in between; :mod:`.journal_index` finds them. Short ones are
joined, so that after a flood of small reads the index does not outgrow the bytes.
Lines are counted when a caller asks for them.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.journal_index import MARK, NO_RUNS, LineIndex, RunIndex
from hyper_jupyter.session.store.spool import Spool

__all__ = ["MEMORY", "Journal", "JournalPart", "Record", "StreamStart"]

MEMORY: Final = 8 * 1024 * 1024
"""Bytes kept in memory; older ones are in the spool."""

_BLOCK: Final = 64 * 1024
_WHOLE: Final = 4 * 1024
"""From so many bytes on, a piece is a block as it is: a copy costs more than a short block."""

_BATCH: Final = 512 * 1024
"""Bytes that move to the spool in one step."""

_STDOUT: Final = StreamType.STDOUT
_STREAMS: Final = {int(stream): stream for stream in StreamType}
_OUTPUT: Final = (StreamType.STDOUT, StreamType.STDERR)
_FULL: Final = bytearray()
"""Stands for a block into which no more bytes fit."""

_RUN_SECONDS: Final = 0.005
_RUN_BYTES: Final = 64 * 1024

Record = tuple[StreamType, float, bytes]
"""``(stream, arrival in seconds since the epoch, bytes)``."""


class StreamStart(NamedTuple):
    """Where a stream goes on after dropped bytes.

    Attributes:
        offset: of the oldest byte that is kept.
        lines: how many newlines are before it.
    """

    offset: int
    lines: int


class JournalPart(NamedTuple):
    """Bytes of both streams in arrival order, with what is known of their runs, in columns.

    Attributes:
        data: the bytes.
        ends: where each run ends in them.
        kinds: the stream of each run, as a number.
        times: when each run arrived, in seconds since the epoch.
        end: the position after the bytes.
        offsets: the offset of each stream there.
        starts: where each stream goes on, if bytes before these were dropped; else empty.
    """

    data: bytes
    ends: array[int]
    kinds: bytes
    times: array[float]
    end: int
    offsets: Mapping[StreamType, int]
    starts: Mapping[StreamType, StreamStart]


class Journal:
    """An append-only store of stdout and stderr.

    Args:
        memory: how many bytes to keep in memory.
        spool: stores older bytes.
    """

    __slots__ = (
        "__weakref__",
        "_block_starts",
        "_blocks",
        "_end",
        "_lines",
        "_lock",
        "_memory",
        "_open",
        "_room",
        "_runs",
        "_spool",
        "_stdout_end",
    )

    def __init__(self, memory: int = MEMORY, spool: Spool | None = None) -> None:
        self._lock = threading.Lock()
        self._memory = memory
        self._spool = spool or Spool()
        self._blocks: list[bytearray | bytes | memoryview] = []  # from position self._spool.end on
        self._block_starts: list[int] = []  # the position of each block
        self._open = _FULL  # the last block, if more bytes fit into it
        self._room = 0  # how many bytes fit into it
        self._end = 0  # bytes of both streams
        self._stdout_end = 0  # bytes of stdout; the rest is stderr
        self._runs = NO_RUNS  # until something comes
        self._lines: Mapping[StreamType, LineIndex] = NO_STREAMS  # made when lines are counted

    # -- the I/O thread -----------------------------------------------------------------

    def append(self, stream: StreamType, data: bytes | memoryview) -> None:
        """Store bytes that arrived now."""
        self.extend([(stream, data)])

    def extend_at(self, outputs: Sequence[Piece], times: Sequence[float | None]) -> None:
        """Store what was printed earlier, in the order given.

        Args:
            outputs: what was printed.
            times: when, in seconds since the epoch; ``None`` counts as now.
        """
        begin = 0
        while begin < len(outputs):  # in groups: a long log has a time for each line
            when = times[begin]
            end = begin + 1
            while end < len(outputs) and _is_near(times[end], when):
                end += 1
            self.extend(outputs[begin:end], when)
            begin = end

    def extend(self, outputs: Iterable[Piece], when: float | None = None) -> None:
        """Store what arrived now, in order; ``when`` is the time that it counts for instead."""
        now = time.time() if when is None else when
        with self._lock:
            if self._runs is NO_RUNS:
                self._runs = RunIndex()
            # If a container alternates between its streams, this loop runs once per line, not once
            # per read. So everything it needs is in local variables, and it makes few calls.
            runs, blocks, block_starts = self._runs, self._blocks, self._block_starts
            starts, times, kinds = runs.starts, runs.times, runs.kinds
            kind = kinds[-1] if kinds else None
            goes_on = bool(kinds) and abs(now - times[-1]) < _RUN_SECONDS
            run_full = starts[-1] + _RUN_BYTES if goes_on else 0
            end = self._end
            for stream, data in outputs:
                size = len(data)
                if not size:
                    continue
                if stream != kind or end >= run_full:
                    kind = stream
                    run_full = end + _RUN_BYTES
                    starts.append(end)
                    runs.stdout_starts.append(self._stdout_end)
                    times.append(now)
                    kinds.append(stream)
                if size >= _WHOLE:  # a block as it is, without a copy
                    blocks.append(data)
                    block_starts.append(end)
                    self._room = 0
                elif size <= self._room:
                    self._open += data
                    self._room -= size
                else:
                    self._open = bytearray(data)
                    self._room = _BLOCK - size
                    blocks.append(self._open)
                    block_starts.append(end)
                self._end = end = end + size
                if stream == _STDOUT:
                    self._stdout_end += size
            if end - self._spool.end > self._memory:
                self._move_to_spool()

    # -- any thread ---------------------------------------------------------------------

    @property
    def lock(self) -> threading.Lock:
        """Guards everything in here. A fork takes it, so that the child gets what is whole."""
        return self._lock

    def __len__(self) -> int:
        """Return the bytes of both streams so far: the position after the newest byte."""
        with self._lock:
            return self._end

    @property
    def first(self) -> int:
        """Position of the oldest byte that is kept."""
        with self._lock:
            return self._spool.start

    @property
    def problem(self) -> str:
        """Why less is kept than should be; empty if nothing is wrong."""
        return self._spool.problem

    @property
    def loss(self) -> str:
        """What is no longer kept and why, as a text for the user; empty if all is kept."""
        with self._lock:
            dropped, problem = self._spool.start, self._spool.problem
            stopped = self._spool.stopped
        if not dropped:
            return ""
        why = problem or "the transcript has reached its limit"
        advice = ". Free some space there" if stopped else ""
        return f"{why}; the oldest {_rounded(dropped)} of output are not kept{advice}"

    def end(self, stream: StreamType) -> int:
        """Return the bytes of one stream so far: the offset after its newest byte."""
        with self._lock:
            return self._stream_end(stream)

    def ends(self) -> dict[StreamType, int]:
        """Return the bytes of each stream so far, of the same moment."""
        with self._lock:
            return {stream: self._stream_end(stream) for stream in _OUTPUT}

    def start(self, stream: StreamType) -> int:
        """Return the offset of the oldest byte of a stream that is kept: how many were dropped."""
        with self._lock:
            return self._runs.offset(stream, self._spool.start)

    def read(self, stream: StreamType, offset: int, size: int) -> bytes:
        """Return bytes of one stream.

        Args:
            stream: the stream.
            offset: the offset of the first byte; if it is before :meth:`start`, reading begins
                there.
            size: bytes to read at most.

        Returns:
            Up to ``size`` bytes, ``b""`` at the end.
        """
        return self.read_at(stream, offset, size)[1]

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """Read like :meth:`read`, for a caller that must notice dropped bytes.

        Returns:
            The offset of the first byte, and the bytes. The offset is larger than ``offset`` if the
            byte there is no longer kept.
        """
        with self._lock:
            begin = max(offset, self._runs.offset(stream, self._spool.start))
            stop = min(begin + size, self._stream_end(stream))
            return begin, self._read(stream, begin, stop)

    def position(self, stream: StreamType, offset: int) -> int:
        """Return the position of a byte of one stream.

        Args:
            stream: the stream.
            offset: the byte's offset. At the stream's end or after it, the position is that of the
                next byte of any stream.

        Returns:
            How many bytes of both streams came before it. No byte of ``stream`` from ``offset`` on
            has a smaller position.
        """
        with self._lock:
            offset = max(offset, self._runs.offset(stream, self._spool.start))
            if offset >= self._stream_end(stream):
                return self._end
            return next(self._runs.find(stream, offset, offset + 1, self._end))[1]

    def read_runs(
        self, stream: StreamType, offset: int, size: int
    ) -> tuple[int, bytes, array[float]]:
        """Read like :meth:`read_at`, for a caller that puts both streams into arrival order.

        Returns:
            The offset, the bytes, and three numbers for each run in the bytes: its
            :meth:`position`, its bytes, and its arrival in seconds since the epoch.
        """
        found = array("d")
        pieces: list[bytes] = []
        with self._lock:
            begin = max(offset, self._runs.offset(stream, self._spool.start))
            stop = min(begin + size, self._stream_end(stream))
            for run, position, count in self._runs.find(stream, begin, stop, self._end):
                found.extend((position, count, self._runs.times[run]))
                self._collect(position, count, pieces)
        return begin, b"".join(pieces), found

    def records(self, position: int, size: int) -> tuple[list[Record], int]:
        """Return bytes of both streams in arrival order.

        Args:
            position: where to start: 0, or what the last call returned. If it is before
                :attr:`first`, reading begins there.
            size: bytes to read at most.

        Returns:
            The records, and the position after them.
        """
        with self._lock:
            return self._records(max(position, self._spool.start), size)

    def line_count(self, stream: StreamType) -> int:
        """Return the newlines of a stream so far, including those in dropped bytes.

        Newlines that are not counted yet are counted now: a gigabyte takes a second or two.
        """
        while True:
            with self._lock:  # it is released now and then
                lines = self._lines_of(stream)
                stop = self._stream_end(stream)
                if lines.counted >= stop:
                    return lines.lines
                self._count_next(stream, stop)

    def read_lines(self, position: int, size: int) -> JournalPart:
        """Read like :meth:`records`, for a caller that numbers lines.

        Returns:
            The bytes, and, if some were dropped before them, where each stream goes on.
        """
        with self._lock:
            first = self._spool.start
            starts: dict[StreamType, StreamStart] = {}
            if position < first:
                position = first
                for stream in _OUTPUT:
                    offset = self._runs.offset(stream, first)
                    starts[stream] = StreamStart(offset, self._lines_before(stream, offset))
            data, ends, runs = self._part(position, size)
            kinds, times = bytes(self._runs.kinds[runs]), self._runs.times[runs]
            end = position + len(data)
            offsets = {stream: self._runs.offset(stream, end) for stream in _OUTPUT}
        return JournalPart(data, ends, kinds, times, end, offsets, starts)

    # -- inside -------------------------------------------------------------------------

    def _collect(self, position: int, count: int, pieces: list[bytes]) -> None:
        """Add the bytes at a position of the log to ``pieces``. Requires the lock."""
        assert self._lock.locked()
        if position < self._spool.end:
            piece = self._spool.read(position, count)
            pieces.append(piece)
            position += len(piece)
            count -= len(piece)
        number = bisect_right(self._block_starts, position) - 1
        while count:
            begin = position - self._block_starts[number]
            piece = bytes(self._blocks[number][begin : begin + count])
            pieces.append(piece)
            position += len(piece)
            count -= len(piece)
            number += 1

    def _stream_end(self, stream: StreamType) -> int:
        """Return the offset of a stream's end. Requires the lock."""
        return self._stdout_end if stream == _STDOUT else self._end - self._stdout_end

    def _read(self, stream: StreamType, offset: int, stop: int) -> bytes:
        """Return bytes of a stream, all of which are kept. Requires the lock."""
        pieces: list[bytes] = []
        for _, position, count in self._runs.find(stream, offset, stop, self._end):
            self._collect(position, count, pieces)
        return b"".join(pieces)

    def _records(self, position: int, size: int) -> tuple[list[Record], int]:
        """Do what :meth:`records` does, from a byte that is kept. Requires the lock."""
        data, ends, runs = self._part(position, size)
        kinds, times = self._runs.kinds, self._runs.times
        found: list[Record] = []
        begin = 0
        for end, kind, when in zip(ends, kinds[runs], times[runs], strict=True):
            found.append((_STREAMS[kind], when, data[begin:end]))
            begin = end
        return found, position + len(data)

    def _part(self, position: int, size: int) -> tuple[bytes, array[int], slice]:
        """Return the bytes from one that is kept, where each run ends in them, and which runs.

        Requires the lock.
        """
        stop = max(position, min(position + size, self._end))
        if stop == position:
            return b"", array("q"), slice(0, 0)
        pieces: list[bytes] = []
        self._collect(position, stop - position, pieces)
        return b"".join(pieces), *self._runs.between(position, stop)

    def _lines_of(self, stream: StreamType) -> LineIndex:
        """Return what is known of a stream's lines. Requires the lock."""
        found = self._lines.get(stream)
        if found is None:
            found = LineIndex()
            self._lines = {**self._lines, stream: found}
        return found

    def _lines_before(self, stream: StreamType, offset: int) -> int:
        """Return the newlines before the oldest byte that is kept. Requires the lock."""
        lines = self._lines_of(stream)
        assert lines.counted >= offset  # see _count_before()
        mark = -(-offset // MARK)
        is_last = mark >= len(lines.marks)
        stop = lines.counted if is_last else mark * MARK
        # What is before may be dropped, so subtract what is counted after.
        after = self._read(stream, offset, stop).count(b"\n")
        return (lines.lines if is_last else lines.marks[mark]) - after

    def _count_next(self, stream: StreamType, stop: int) -> None:
        """Count the newlines up to ``stop`` or the next mark. Requires the lock."""
        lines = self._lines_of(stream)
        stop = min(stop, len(lines.marks) * MARK)
        try:
            lines.add(self._read(stream, lines.counted, stop))
        except OSError:  # bytes that cannot be read back from the disk count as one long line
            lines.add(bytes(stop - lines.counted))

    def _count_before(self, position: int) -> None:
        """Count the newlines of bytes that are about to be dropped. Requires the lock."""
        for stream in _OUTPUT:
            lines = self._lines_of(stream)
            stop = self._runs.offset(stream, position)
            while lines.counted < stop:
                self._count_next(stream, stop)

    def _move_to_spool(self) -> None:
        """Move the oldest bytes from memory to the spool. Requires the lock."""
        assert self._lock.locked()
        target = self._end - self._memory + min(_BATCH, self._memory // 2)
        count = max(1, bisect_right(self._block_starts, target) - 1)
        self._spool.append(self._blocks[:count], self._count_before)
        del self._blocks[:count]
        del self._block_starts[:count]
        if not self._blocks:
            self._room = 0
        self._runs.drop(self._spool.start)


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < _RUN_SECONDS


def _rounded(count: int) -> str:
    """Return a number of bytes as text, rounded down to two digits.

    It is shown while it grows, and must not flicker.
    """
    size, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    if unit != "bytes" and size < 10:
        return f"{int(size * 10) / 10} {unit}"
    whole = int(size)
    step = 10 ** max(0, len(str(whole)) - 2)
    return f"{whole // step * step} {unit}"
