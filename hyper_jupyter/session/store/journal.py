"""Everything that a session received, in arrival order.

Layer: session. One thread appends (the I/O thread); any thread reads. No callbacks.

Strategy: one log of bytes for all streams; a *position* in it orders them across streams, an
*offset* counts within one stream. The newest bytes are in memory, in blocks; beyond a bound the
oldest of them move to the spool, a little at a time: no stream is read meanwhile, and the engine
goes on only as far as its socket has room. A *run* is what arrived of one stream without the other
in between; runs are indexed by position, time and offset, and joined while they are short, so that
a flood of small reads does not outgrow its bytes. Lines are counted when somebody asks for them.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.store.spool import Spool

__all__ = ["MEMORY", "Journal", "Record"]

MEMORY: Final = 8 * 1024 * 1024
"""Bytes kept in memory; older ones are in the spool."""

_BLOCK: Final = 64 * 1024
_MARK: Final = 64 * 1024
"""Bytes of a stream between two places whose line number is known."""

_BATCH: Final = 512 * 1024
"""Bytes that move to the spool at once."""

_STDOUT: Final = StreamType.STDOUT
_RUN_SECONDS: Final = 0.005
_RUN_BYTES: Final = 64 * 1024

Record = tuple[StreamType, float, bytes]
"""``(stream, arrival in seconds since the epoch, bytes)``."""


class _Lines:
    """Counts the newlines of one stream, when somebody asks, or before they are dropped.

    Attributes:
        counted: offset up to which they are counted.
        lines: newlines before it.
        marks: newlines before each whole :data:`_MARK` bytes of the stream.
    """

    __slots__ = ("counted", "lines", "marks")

    def __init__(self) -> None:
        self.counted = 0
        self.lines = 0
        self.marks = array("Q", [0])

    def add(self, data: bytes) -> None:
        """Count what follows; it must not reach beyond the next mark."""
        self.lines += data.count(b"\n")
        self.counted += len(data)
        if self.counted == len(self.marks) * _MARK:
            self.marks.append(self.lines)


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
        self._end = 0  # bytes of both streams
        self._stdout_end = 0  # bytes of stdout; the others are stderr's
        self._starts = array("Q")  # position of each run
        self._stdout_starts = array("Q")  # bytes of stdout before it; the others are stderr's
        self._times = array("d")
        self._kinds = array("B")
        self._lines = {StreamType.STDOUT: _Lines(), StreamType.STDERR: _Lines()}

    # -- the I/O thread -----------------------------------------------------------------

    def append(self, stream: StreamType, data: bytes) -> None:
        """Store bytes that arrived now."""
        self.extend([Output(stream, data)])

    def extend(self, outputs: Iterable[Output]) -> None:
        """Store what arrived now, in order."""
        now = time.time()
        with self._lock:
            # Where a container goes to and fro between its streams, this turns once per line, not
            # per read: so all that it needs is at hand, and it calls as little as can be.
            starts, times, kinds = self._starts, self._times, self._kinds
            kind = kinds[-1] if kinds else None
            run_full = starts[-1] + _RUN_BYTES if kinds and now - times[-1] < _RUN_SECONDS else 0
            end = self._end
            for stream, data in outputs:
                size = len(data)
                if not size:
                    continue
                if stream != kind or end >= run_full:
                    kind = stream
                    run_full = end + _RUN_BYTES
                    starts.append(end)
                    self._stdout_starts.append(self._stdout_end)
                    times.append(now)
                    kinds.append(stream)
                self._store(data, end)
                self._end = end = end + size
                if stream == _STDOUT:
                    self._stdout_end += size
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
            return self._stream_end(stream)

    def start(self, stream: StreamType) -> int:
        """Offset of the oldest byte of a stream that is kept: how many were dropped."""
        with self._lock:
            return self._offset(stream, self._spool.start)

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
        with self._lock:
            begin = max(offset, self._offset(stream, self._spool.start))
            stop = min(begin + size, self._stream_end(stream))
            return begin, self._read(stream, begin, stop)

    def position(self, stream: StreamType, offset: int) -> int:
        """Where a byte of one stream lies among those of all.

        Args:
            stream: which.
            offset: of the byte; at the stream's end or behind it, the position is that of the next
                byte of any stream.

        Returns:
            How many bytes of all streams came before it. No byte of ``stream`` from ``offset`` on
            has a smaller position.
        """
        with self._lock:
            offset = max(offset, self._offset(stream, self._spool.start))
            if offset >= self._stream_end(stream):
                return self._end
            return next(self._runs(stream, offset, offset + 1))[1]

    def read_runs(
        self, stream: StreamType, offset: int, size: int
    ) -> tuple[int, bytes, array[float]]:
        """As :meth:`read_at`, for who must put both streams into the order of their arrival.

        Returns:
            Also three numbers for each run that the bytes consist of: :meth:`position`, bytes, and
            arrival in seconds since the epoch.
        """
        found = array("d")
        pieces: list[bytes] = []
        with self._lock:
            begin = max(offset, self._offset(stream, self._spool.start))
            stop = min(begin + size, self._stream_end(stream))
            for run, position, count in self._runs(stream, begin, stop):
                found.extend((position, count, self._times[run]))
                self._collect(position, count, pieces)
        return begin, b"".join(pieces), found

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
        """Newlines of a stream so far, those of dropped bytes included.

        They are counted now, as far as that was not done before: a gigabyte takes a second or two.
        """
        self._count_lines(stream, None)
        return self._lines[stream].lines

    def line_offset(self, stream: StreamType, number: int) -> int:
        """Where a line starts.

        Args:
            stream: which.
            number: counted from 0 at the stream's very start.

        Returns:
            The offset of its first byte; :meth:`start` for a line that is dropped, :meth:`end` for
            one that has not come. As for :meth:`line_count`, lines up to it are counted first.
        """
        self._count_lines(stream, number)
        with self._lock:
            start = self._offset(stream, self._spool.start)
            lines = self._lines[stream]
            if number <= 0:
                return start
            if number > lines.lines:
                return self._stream_end(stream)
            # Between these marks is the newline before it.
            mark = bisect_left(lines.marks, number) - 1
            is_last = mark + 1 == len(lines.marks)
            stop = lines.counted if is_last else (mark + 1) * _MARK
            begin = max(start, mark * _MARK)
            data = self._read(stream, begin, stop)
            # Where the start of it is dropped, newlines are counted from its end.
            before = (lines.lines if is_last else lines.marks[mark + 1]) - data.count(b"\n")
            place = -1
            for _ in range(number - before):
                place = data.index(b"\n", place + 1)
            return begin + place + 1 if number > before else start

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

    def _stream_end(self, stream: StreamType) -> int:
        """Requires the lock."""
        return self._stdout_end if stream == _STDOUT else self._end - self._stdout_end

    def _offset(self, stream: StreamType, position: int) -> int:
        """Requires the lock: bytes of a stream before a position of the log."""
        run = bisect_right(self._starts, position) - 1
        if run < 0:
            return 0
        stdout = self._stdout_starts[run]
        if self._kinds[run] == _STDOUT:
            stdout += position - self._starts[run]
        return stdout if stream == _STDOUT else position - stdout

    def _read(self, stream: StreamType, offset: int, stop: int) -> bytes:
        """Requires the lock: bytes of a stream that are kept."""
        pieces: list[bytes] = []
        for _, position, count in self._runs(stream, offset, stop):
            self._collect(position, count, pieces)
        return b"".join(pieces)

    def _runs(self, stream: StreamType, offset: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Requires the lock: the runs with these bytes, as ``(run, position, bytes)``."""
        assert self._lock.locked()
        starts, stdout_starts = self._starts, self._stdout_starts
        if offset < stop:
            # The last run before which no more than that is: where runs of the other stream lie
            # at the same offset, they come earlier.
            if stream == _STDOUT:
                run = bisect_right(stdout_starts, offset) - 1
            else:
                runs = range(len(starts))
                run = bisect_right(runs, offset, key=lambda r: starts[r] - stdout_starts[r]) - 1
        while offset < stop:
            if self._kinds[run] == stream:
                stdout = stdout_starts[run]
                begin = stdout if stream == _STDOUT else starts[run] - stdout
                run_end = starts[run + 1] if run + 1 < len(starts) else self._end
                position = starts[run] + offset - begin
                count = min(stop - offset, run_end - position)
                yield run, position, count
                offset += count
            run += 1

    def _count_lines(self, stream: StreamType, number: int | None) -> None:
        """Count newlines, as far as to a line's start or the end; not all under one lock."""
        lines = self._lines[stream]
        while True:
            with self._lock:
                stop = self._stream_end(stream)
                if lines.counted >= stop or (number is not None and lines.lines >= number):
                    return
                self._count_next(stream, stop)

    def _count_next(self, stream: StreamType, stop: int) -> None:
        """Requires the lock: count the newlines up to ``stop``, or only to the next mark."""
        lines = self._lines[stream]
        stop = min(stop, len(lines.marks) * _MARK)
        try:
            lines.add(self._read(stream, lines.counted, stop))
        except OSError:  # what can't be read back from the disk counts as one long line
            lines.add(bytes(stop - lines.counted))

    def _count_before(self, position: int) -> None:
        """Requires the lock: count the newlines of what is about to be dropped."""
        for stream, lines in self._lines.items():
            stop = self._offset(stream, position)
            while lines.counted < stop:
                self._count_next(stream, stop)

    def _move_to_spool(self) -> None:
        """Requires the lock: move the oldest of what is in memory."""
        assert self._lock.locked()
        target = self._end - self._memory + min(_BATCH, self._memory // 2)
        count = max(1, bisect_right(self._block_starts, target) - 1)
        self._spool.append(self._blocks[:count], self._count_before)
        del self._blocks[:count]
        del self._block_starts[:count]
        if not self._blocks:
            self._room = 0
        # Now and then, for the front of an array is dear to remove.
        run = bisect_right(self._starts, self._spool.start) - 1
        if run > max(4096, len(self._starts) // 8):
            for column in (self._starts, self._stdout_starts, self._times, self._kinds):
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
