"""Where the runs and the lines of a journal are.

Layer: session, store. No lock and no bytes here: the journal's lock protects it.

A *run* is what arrived of one stream without the other in between. A *position* counts bytes of
both streams, an *offset* those of one. There may be millions of runs, so they are in columns.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from hyper_jupyter.protocol import StreamType

__all__ = ["MARK", "NO_RUNS", "LineIndex", "RunIndex"]

MARK: Final = 64 * 1024
"""Bytes of a stream between two offsets whose line number is known."""

_STDOUT: Final = StreamType.STDOUT


class RunIndex:
    """The runs that are kept, oldest first. :meth:`Journal.extend` adds to the columns itself.

    Attributes:
        starts: the position of each run.
        stdout_starts: bytes of stdout before each run; the rest is stderr.
        times: when each run arrived, in seconds since the epoch.
        kinds: the stream of each run, as a number.
    """

    __slots__ = ("kinds", "starts", "stdout_starts", "times")

    def __init__(self) -> None:
        self.starts = array("Q")
        self.stdout_starts = array("Q")
        self.times = array("d")
        self.kinds = array("B")

    def offset(self, stream: StreamType, position: int) -> int:
        """Return the bytes of a stream before a position."""
        run = bisect_right(self.starts, position) - 1
        if run < 0:
            return 0
        stdout = self.stdout_starts[run]
        if self.kinds[run] == _STDOUT:
            stdout += position - self.starts[run]
        return stdout if stream == _STDOUT else position - stdout

    def find(
        self, stream: StreamType, offset: int, stop: int, end: int
    ) -> Iterator[tuple[int, int, int]]:
        """Yield the runs with these bytes of a stream, as ``(run, position, bytes)``.

        Args:
            stream: the stream.
            offset: of the first byte.
            stop: the offset after the last byte.
            end: the position after the newest byte.
        """
        starts, stdout_starts = self.starts, self.stdout_starts
        if offset < stop:
            # The last run with at most so many bytes of the stream before it. If runs of the other
            # stream are at the same offset, they come earlier.
            if stream == _STDOUT:
                run = bisect_right(stdout_starts, offset) - 1
            else:
                runs = range(len(starts))
                run = bisect_right(runs, offset, key=lambda r: starts[r] - stdout_starts[r]) - 1
        while offset < stop:
            if self.kinds[run] == stream:
                stdout = stdout_starts[run]
                begin = stdout if stream == _STDOUT else starts[run] - stdout
                run_end = starts[run + 1] if run + 1 < len(starts) else end
                position = starts[run] + offset - begin
                count = min(stop - offset, run_end - position)
                yield run, position, count
                offset += count
            run += 1

    def between(self, position: int, stop: int) -> tuple[array[int], slice]:
        """Return where each run ends between two positions, from the first one, and which runs.

        Runs may be as short as a line, so nothing here is done for each of them by Python's code.
        """
        first = bisect_right(self.starts, position) - 1
        last = bisect_right(self.starts, stop - 1, first)
        ends = array("q", map((-position).__add__, self.starts[first + 1 : last]))
        ends.append(stop - position)
        return ends, slice(first, last)

    def drop(self, position: int) -> None:
        """Forget runs before a position, if there are many: removing them is expensive."""
        run = bisect_right(self.starts, position) - 1
        if run > max(4096, len(self.starts) // 8):
            for column in (self.starts, self.stdout_starts, self.times, self.kinds):
                del column[:run]


NO_RUNS: Final = RunIndex()
"""The index of a journal to which nothing has come. Add nothing to it."""


class LineIndex:
    """Counts the newlines of one stream: when a caller asks, and before bytes are dropped.

    Attributes:
        counted: the offset up to which newlines are counted.
        lines: how many newlines are before that offset.
        marks: how many newlines are before each multiple of :data:`MARK` in the stream.
    """

    __slots__ = ("counted", "lines", "marks")

    def __init__(self) -> None:
        self.counted = 0
        self.lines = 0
        self.marks = array("Q", [0])

    def add(self, data: bytes) -> None:
        """Count the bytes that follow; they must not reach beyond the next mark."""
        self.lines += data.count(b"\n")
        self.counted += len(data)
        if self.counted == len(self.marks) * MARK:
            self.marks.append(self.lines)
