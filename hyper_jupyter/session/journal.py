"""Everything that a session received, in arrival order.

Layer: session. One thread appends (the I/O thread); any thread reads. No callbacks.

Strategy: one log of bytes for all streams; a position in it orders them across streams. The
newest bytes are kept in memory; beyond a bound the oldest of them move to a spool file that is
unlinked while it is open, so nothing is left behind by any kind of end. Per stream two arrays map
stream offsets to positions; neighbours of one stream share an entry, which bounds the index under
a flood of small reads.
"""

from __future__ import annotations

import tempfile
import threading
import time
import weakref
from array import array
from bisect import bisect_right
from collections import deque
from typing import IO, Final

from hyper_jupyter.protocol import StreamType

__all__ = ["Journal", "Record"]

MEMORY: Final = 8 * 1024 * 1024
"""Bytes kept in memory; the rest is in the spool file."""

_MERGE_SECONDS: Final = 0.005
_MERGE_BYTES: Final = 64 * 1024

Record = tuple[StreamType, float, bytes]
"""``(stream, arrival in seconds since the epoch, bytes)``."""


class _Index:
    """Where the bytes of one stream lie in the log."""

    __slots__ = ("end", "offsets", "positions", "start")

    def __init__(self) -> None:
        self.offsets = array("Q")  # stream offset of each entry
        self.positions = array("Q")  # its position in the log
        self.start = 0  # offset of its oldest kept byte
        self.end = 0  # bytes of the stream


class Journal:
    """An append-only store of stdout and stderr.

    Args:
        memory: bytes kept in memory.
    """

    def __init__(self, memory: int = MEMORY) -> None:
        self._lock = threading.Lock()
        self._memory = memory
        self._tail: deque[bytes] = deque()  # newest bytes, from position _spooled on
        self._tail_starts: deque[int] = deque()
        self._spooled = 0  # bytes in the file
        self._end = 0  # bytes of all streams
        self._file: IO[bytes] | None = None
        self._streams = {StreamType.STDOUT: _Index(), StreamType.STDERR: _Index()}
        # One entry for every run of one stream: where it starts, when, and of which stream.
        self._starts = array("Q")
        self._times = array("d")
        self._kinds = array("B")

    # -- the I/O thread -----------------------------------------------------------------

    def append(self, stream: StreamType, data: bytes) -> None:
        """Store bytes that arrived now."""
        now = time.time()
        with self._lock:
            if not data:
                return
            index = self._streams[stream]
            merges = (
                self._starts
                and self._kinds[-1] == stream
                and now - self._times[-1] < _MERGE_SECONDS
                and self._end - self._starts[-1] < _MERGE_BYTES
            )
            if not merges:
                self._starts.append(self._end)
                self._times.append(now)
                self._kinds.append(stream)
                index.offsets.append(index.end)
                index.positions.append(self._end)
            self._tail.append(data)
            self._tail_starts.append(self._end)
            self._end += len(data)
            index.end += len(data)
            if self._end - self._spooled > self._memory:
                self._spool()

    # -- any thread ---------------------------------------------------------------------

    def __len__(self) -> int:
        """Bytes of all streams together: the position behind the newest one."""
        with self._lock:
            return self._end

    def end(self, stream: StreamType) -> int:
        """Bytes of one stream so far: the offset behind its newest one."""
        with self._lock:
            return self._streams[stream].end

    def start(self, stream: StreamType) -> int:
        """Offset of the oldest byte of a stream that is still kept."""
        with self._lock:
            return self._streams[stream].start

    def read(self, stream: StreamType, offset: int, size: int) -> bytes:
        """Bytes of one stream.

        Args:
            stream: which.
            offset: of the first one, 0 or more.
            size: how many at most.

        Returns:
            Up to ``size`` bytes, ``b""`` at the end.
        """
        pieces: list[bytes] = []
        with self._lock:
            index = self._streams[stream]
            stop = min(offset + size, index.end)
            entry = bisect_right(index.offsets, offset) - 1
            while offset < stop:
                entry_end = (
                    index.offsets[entry + 1] if entry + 1 < len(index.offsets) else index.end
                )
                count = min(stop, entry_end) - offset
                position = index.positions[entry] + offset - index.offsets[entry]
                self._collect(position, count, pieces)
                offset += count
                entry += 1
        return b"".join(pieces)

    def records(self, position: int, size: int) -> tuple[list[Record], int]:
        """Bytes of all streams in arrival order.

        Args:
            position: where to start, 0 or what the last call returned.
            size: bytes at most.

        Returns:
            The records, and the position behind them.
        """
        found: list[Record] = []
        with self._lock:
            stop = min(position + size, self._end)
            entry = bisect_right(self._starts, position) - 1
            while position < stop:
                entry_end = self._starts[entry + 1] if entry + 1 < len(self._starts) else self._end
                count = min(stop, entry_end) - position
                pieces: list[bytes] = []
                self._collect(position, count, pieces)
                found.append((StreamType(self._kinds[entry]), self._times[entry], b"".join(pieces)))
                position += count
                entry += 1
        return found, position

    def _collect(self, position: int, count: int, pieces: list[bytes]) -> None:
        """Requires the lock: append the bytes at a position of the log."""
        assert self._lock.locked()
        if position < self._spooled:
            assert self._file is not None
            part = min(count, self._spooled - position)
            self._file.seek(position)
            pieces.append(self._file.read(part))
            position += part
            count -= part
        if not count:
            return
        number = bisect_right(self._tail_starts, position) - 1
        while count:
            chunk = self._tail[number]
            begin = position - self._tail_starts[number]
            piece = chunk[begin : begin + count]
            pieces.append(piece)
            position += len(piece)
            count -= len(piece)
            number += 1

    def _spool(self) -> None:
        """Requires the lock: move the older half of what is in memory to the file."""
        assert self._lock.locked()
        if self._file is None:
            # Unlinked while open: the system removes it with the last descriptor.
            self._file = tempfile.TemporaryFile(  # noqa: SIM115 - it lives as long as the journal
                prefix="hyper-jupyter-", buffering=0
            )
            weakref.finalize(self, self._file.close)
        target = self._end - self._memory // 2
        chunks: list[bytes] = []
        moved = self._spooled
        while self._tail and moved + len(self._tail[0]) <= target:
            chunk = self._tail.popleft()
            self._tail_starts.popleft()
            chunks.append(chunk)
            moved += len(chunk)
        self._file.seek(self._spooled)
        block = memoryview(b"".join(chunks))
        while block:
            block = block[self._file.write(block) :]
        self._spooled = moved
