"""Everything that a session received, in arrival order.

Layer: session. One thread appends (the I/O thread); any thread reads. No callbacks.

Strategy: one log of bytes for all streams; a *position* in it orders them across streams, an
*offset* counts within one stream. The newest bytes are in memory, in blocks; beyond a bound the
oldest of them move to the spool, a little at a time: no stream is read meanwhile, and the engine
goes on only as far as its socket has room. A *run* is what arrived of one stream without the other
in between; runs are indexed by position, time, offset and lines, and joined while they are short,
so that a flood of small reads does not outgrow its bytes.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.spool import Spool

__all__ = ["MEMORY", "Journal", "Record"]

MEMORY: Final = 8 * 1024 * 1024
"""Bytes kept in memory; older ones are in the spool."""

_BLOCK: Final = 64 * 1024
_BATCH: Final = 128 * 1024
"""Bytes that move to the spool at once."""

_RUN_SECONDS: Final = 0.005
_RUN_BYTES: Final = 64 * 1024

Record = tuple[StreamType, float, bytes]
"""``(stream, arrival in seconds since the epoch, bytes)``."""


class _Index:
    """The runs of one stream."""

    __slots__ = ("end", "line_starts", "lines", "offsets", "positions", "start")

    def __init__(self) -> None:
        self.offsets = array("Q")  # stream offset of each run
        self.positions = array("Q")  # its position in the log
        self.line_starts = array("Q")  # newlines of the stream before it
        self.start = 0  # offset of the oldest byte that is kept
        self.end = 0  # bytes of the stream
        self.lines = 0  # newlines of the stream

    def drop(self, position: int) -> None:
        """Forget what lies before a position of the log."""
        run = bisect_right(self.positions, position) - 1
        if run >= 0:
            run_end = self.offsets[run + 1] if run + 1 < len(self.offsets) else self.end
            inside = self.offsets[run] + position - self.positions[run]
            self.start = max(self.start, min(inside, run_end))
        # Now and then, for the front of an array is dear to remove.
        if run > 4096:
            for column in (self.offsets, self.positions, self.line_starts):
                del column[:run]


class Journal:
    """An append-only store of stdout and stderr.

    Args:
        memory: bytes kept in memory.
        spool: where older ones go.
    """

    def __init__(self, memory: int = MEMORY, spool: Spool | None = None) -> None:
        self._lock = threading.Lock()
        self._memory = memory
        self._spool = spool or Spool()
        self._blocks: list[bytearray | bytes] = []  # from position self._spool.end on
        self._block_starts: list[int] = []
        self._open = bytearray()  # the last block, where more fits into it
        self._room = 0  # bytes that fit
        self._end = 0  # bytes of all streams
        self._streams = {StreamType.STDOUT: _Index(), StreamType.STDERR: _Index()}
        self._starts = array("Q")  # position of each run of either stream
        self._times = array("d")
        self._kinds = array("B")

    # -- the I/O thread -----------------------------------------------------------------

    def append(self, stream: StreamType, data: bytes) -> None:
        """Store bytes that arrived now."""
        self.extend([Output(stream, data)])

    def extend(self, outputs: Iterable[Output]) -> None:
        """Store what arrived now, in order."""
        now = time.time()
        with self._lock:
            # For a container that changes between its streams this is called per line, not per
            # read: so all that it needs is at hand, and it calls as little as can be.
            streams, starts, times, kinds = self._streams, self._starts, self._times, self._kinds
            kind = kinds[-1] if kinds else None
            run_full = starts[-1] + _RUN_BYTES if kinds and now - times[-1] < _RUN_SECONDS else 0
            end = self._end
            for stream, data in outputs:
                size = len(data)
                if not size:
                    continue
                index = streams[stream]
                if stream != kind or end >= run_full:
                    kind = stream
                    run_full = end + _RUN_BYTES
                    starts.append(end)
                    times.append(now)
                    kinds.append(stream)
                    index.offsets.append(index.end)
                    index.positions.append(end)
                    index.line_starts.append(index.lines)
                self._store(data, end)
                index.end += size
                index.lines += data.count(b"\n")
                self._end = end = end + size
            if end - self._spool.end > self._memory:
                self._move_to_spool()

    # -- any thread ---------------------------------------------------------------------

    def __len__(self) -> int:
        """Bytes of all streams together: the position behind the newest one."""
        with self._lock:
            return self._end

    @property
    def first(self) -> int:
        """Position of the oldest byte that is kept."""
        with self._lock:
            return self._spool.start

    @property
    def problem(self) -> str:
        """Why less is kept than should be; empty where nothing is wrong."""
        return self._spool.problem

    @property
    def loss(self) -> str:
        """What is not kept any more and why, for the user; empty where nothing is wrong."""
        with self._lock:
            dropped, problem = self._spool.start, self._spool.problem
        if not dropped:
            return ""
        why = problem or "the transcript is at its bound"
        return f"{why}; the oldest {_rounded(dropped)} of output are not kept"

    def end(self, stream: StreamType) -> int:
        """Bytes of one stream so far: the offset behind its newest one."""
        with self._lock:
            return self._streams[stream].end

    def start(self, stream: StreamType) -> int:
        """Offset of the oldest byte of a stream that is kept: how many were dropped."""
        with self._lock:
            return self._streams[stream].start

    def read(self, stream: StreamType, offset: int, size: int) -> bytes:
        """Bytes of one stream.

        Args:
            stream: which.
            offset: of the first one; before :meth:`start`, reading begins there.
            size: how many at most.

        Returns:
            Up to ``size`` bytes, ``b""`` at the end.
        """
        return self.read_at(stream, offset, size)[1]

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """As :meth:`read`, for who must notice that bytes were dropped meanwhile.

        Returns:
            The offset of the first byte, which is larger than asked for where that one is not kept
            any more, and the bytes.
        """
        pieces: list[bytes] = []
        with self._lock:
            index = self._streams[stream]
            begin = offset = max(offset, index.start)
            stop = min(offset + size, index.end)
            run = bisect_right(index.offsets, offset) - 1
            while offset < stop:
                run_end = index.offsets[run + 1] if run + 1 < len(index.offsets) else index.end
                count = min(stop, run_end) - offset
                self._collect(index.positions[run] + offset - index.offsets[run], count, pieces)
                offset += count
                run += 1
        return begin, b"".join(pieces)

    def records(self, position: int, size: int) -> tuple[list[Record], int]:
        """Bytes of all streams in arrival order.

        Args:
            position: where to start, 0 or what the last call returned; before :attr:`first`,
                reading begins there.
            size: bytes at most.

        Returns:
            The records, and the position behind them.
        """
        found: list[Record] = []
        with self._lock:
            position = max(position, self._spool.start)
            stop = min(position + size, self._end)
            run = bisect_right(self._starts, position) - 1
            while position < stop:
                run_end = self._starts[run + 1] if run + 1 < len(self._starts) else self._end
                count = min(stop, run_end) - position
                pieces: list[bytes] = []
                self._collect(position, count, pieces)
                found.append((StreamType(self._kinds[run]), self._times[run], b"".join(pieces)))
                position += count
                run += 1
        return found, position

    def position_at(self, when: float) -> int:
        """The position of the first byte that arrived at a time or later.

        Args:
            when: seconds since the epoch.

        Returns:
            A position for :meth:`records`, at the start of a run; the end where nothing did.
        """
        with self._lock:
            run = bisect_left(self._times, when)
            return self._starts[run] if run < len(self._starts) else self._end

    def line_count(self, stream: StreamType) -> int:
        """Newlines of a stream so far, those of dropped bytes included."""
        with self._lock:
            return self._streams[stream].lines

    def line_offset(self, stream: StreamType, number: int) -> int:
        """Where a line starts.

        Args:
            stream: which.
            number: counted from 0 at the stream's very start.

        Returns:
            The offset of its first byte; :meth:`start` for a line that is dropped, :meth:`end` for
            one that has not come.
        """
        with self._lock:
            index = self._streams[stream]
            if number <= 0:
                return index.start
            if number > index.lines:
                return index.end
            # The run that holds the newline before it.
            run = max(0, bisect_left(index.line_starts, number) - 1)
            missing = number - index.line_starts[run]
            run_end = index.offsets[run + 1] if run + 1 < len(index.offsets) else index.end
            begin = max(index.offsets[run], index.start)
            if begin >= run_end:
                return index.start
            pieces: list[bytes] = []
            position = index.positions[run] + begin - index.offsets[run]
            self._collect(position, run_end - begin, pieces)
            data = b"".join(pieces)
            # Of a run that is dropped in part, newlines are counted from its end.
            later = index.line_starts[run + 1] if run + 1 < len(index.line_starts) else index.lines
            missing -= later - index.line_starts[run] - data.count(b"\n")
            if missing <= 0:
                return index.start
            place = -1
            for _ in range(missing):
                place = data.index(b"\n", place + 1)
            return begin + place + 1

    # -- inside -------------------------------------------------------------------------

    def _store(self, data: bytes, position: int) -> None:
        """Requires the lock: put bytes behind those in memory."""
        assert self._lock.locked()
        size = len(data)
        if size <= self._room:
            self._open += data
            self._room -= size
            return
        self._block_starts.append(position)
        if size < _BLOCK // 2:
            self._open = bytearray(data)
            self._room = _BLOCK - size
            self._blocks.append(self._open)
        else:
            self._blocks.append(data)  # no copy: its bytes are written as they are
            self._room = 0

    def _collect(self, position: int, count: int, pieces: list[bytes]) -> None:
        """Requires the lock: append the bytes at a position of the log."""
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

    def _move_to_spool(self) -> None:
        """Requires the lock: move the oldest of what is in memory."""
        assert self._lock.locked()
        target = self._end - self._memory + min(_BATCH, self._memory // 2)
        count = max(1, bisect_right(self._block_starts, target) - 1)
        self._spool.append(self._blocks[:count])
        del self._blocks[:count]
        del self._block_starts[:count]
        if not self._blocks:
            self._room = 0
        first = self._spool.start
        if first:
            for index in self._streams.values():
                index.drop(first)
            run = bisect_right(self._starts, first) - 1
            if run > 4096:
                for column in (self._starts, self._times, self._kinds):
                    del column[:run]


def _rounded(count: int) -> str:
    """A number of bytes with two digits, rounded down: it is shown, and must not flicker."""
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
