"""Reads a section of a container's log: its last lines, or what it has since a time, or all.

Layer: session, attach. :func:`read_section` blocks its caller, so call it on a worker. Whatever
compares a log with what a session has received reads it here.

A container may print faster than a log can be read, and a log may be larger than memory. So a
reading ends when enough is there (:data:`Enough`), and keeps a limited number of bytes: the newest
ones, while it counts those that it drops, or the oldest ones, and then it ends.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import Output, Piece, StreamType
from hyper_jupyter.protocol.log_entries import LogTimes, TimedOutput
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.target import Stamps, Target
from hyper_jupyter.session.rules.log.tail import ALTERED, Tail
from hyper_jupyter.session.rules.streams import NO_STREAMS

__all__ = ["Changes", "Enough", "LogSection", "after", "beyond", "read_section"]

_MOST_ENTRIES: Final = 500_000
"""Entries that are kept. Each costs more than 100 bytes besides its own, so a log of empty lines
would take gigabytes."""

_MORE: Final = 256 * 1024
"""Bytes that are read after what was looked for: those of the other stream may come later."""

Enough = Callable[[Sequence[TimedOutput]], bool]
"""Takes the entries of each read, and says whether a reading may end with them."""


@dataclass(frozen=True, slots=True)
class LogSection:
    """A section of a log, or the part of it that was kept.

    Attributes:
        entries: its output in order; with times, each is of one line, or a part of one.
        starts: how many bytes of each stream came before the entries that were kept.
        altered: the streams that have a replacement for a byte that the log could not keep.
        whole: whether the log has nothing before the entries, as far as was asked for.
        covers: whether it was read to the end that the log had when it was requested, or as far as
            was needed.
    """

    entries: Sequence[TimedOutput]
    starts: Mapping[StreamType, int]
    altered: frozenset[StreamType]
    whole: bool
    covers: bool

    def data(self, stream: StreamType) -> bytes:
        """Return the bytes of one stream that were kept."""
        return b"".join(entry.data for entry in self.entries if entry.stream is stream)

    def tail(
        self, stream: StreamType, *, whole: bool, exact: bool = True, most: int = sys.maxsize
    ) -> Tail:
        """Return one stream as a value to compare.

        Args:
            stream: the stream.
            whole: whether the section begins with the container's first output.
            exact: whether the engine keeps every byte as it is.
            most: bytes of it, the newest ones.
        """
        data = self.data(stream)
        exact = exact or stream not in self.altered
        return Tail(data[-most:], self.starts[stream] + len(data), whole, exact)

    def before(self, moment: float) -> LogSection:
        """Return the section up to a moment, by the engine's clock; it was read with times."""
        later = (
            number
            for number, entry in enumerate(self.entries)
            if entry.time is not None and entry.time > moment
        )
        return replace(self, entries=self.entries[: next(later, len(self.entries))])

    def cut(self, places: Mapping[StreamType, tuple[int, int]]) -> list[Output]:
        """Return what is between two places of each stream, in the log's order.

        Args:
            places: two offsets in the bytes that were kept, for each stream that is wanted.
        """
        found = []
        offsets = dict.fromkeys(self.starts, 0)
        for stream, data, _ in self.entries:
            at = offsets[stream]
            offsets[stream] = at + len(data)
            begin, end = places.get(stream, (0, 0))
            if at < end and at + len(data) > begin:
                found.append(Output(stream, data[max(0, begin - at) : end - at]))
        return found


class Changes:
    """Compares each reading of a log with the one before it.

    It keeps hashes: a stream may have megabytes, and the next reading may be far off.
    """

    __slots__ = ("_before",)

    def __init__(self) -> None:
        self._before: Mapping[StreamType, int] = NO_STREAMS

    def unchanged(self, data: Mapping[StreamType, bytes]) -> frozenset[StreamType]:
        """Return the streams that had the same bytes in the reading before.

        Args:
            data: what each stream has now.
        """
        now = {stream: hash(each) for stream, each in data.items()}
        same = frozenset(s for s, value in now.items() if self._before.get(s) == value)
        self._before = {**self._before, **now}
        return same

    def forget(self) -> None:
        """Compare the next reading with none."""
        self._before = NO_STREAMS


def after(moment: float | None) -> Enough | None:
    """Return a rule: a line that was printed after a moment is enough.

    Args:
        moment: seconds since the epoch, by the engine's clock; ``None`` makes no rule.
    """
    if moment is None:
        return None
    return lambda entries: any(e.time is not None and e.time > moment for e in entries)


def beyond(stream: StreamType, begin: bytes, then: Mapping[StreamType, int] = NO_STREAMS) -> Enough:
    """Return a rule: 256 KiB after certain bytes of a stream are enough.

    Args:
        stream: the stream.
        begin: the bytes.
        then: how many bytes of each stream are read after them, at least.
    """
    recent, left, wanted = b"", _MORE, dict(then)

    def check(entries: Sequence[TimedOutput]) -> bool:
        nonlocal recent, left
        if left == _MORE:
            recent += b"".join(entry.data for entry in entries if entry.stream is stream)
            if begin not in recent:
                recent = recent[-len(begin) :]
                return False
            recent = b""
        for entry in entries:
            left -= len(entry.data)
            wanted[entry.stream] = wanted.get(entry.stream, 0) - len(entry.data)
        return left < 0 and all(size <= 0 for size in wanted.values())

    return check


class _Reader:
    """Receives a section. I/O thread."""

    def __init__(self, most: int | None, *, newest: bool, enough: Enough | None) -> None:
        self.entries: deque[TimedOutput] = deque()
        self.starts = {StreamType.STDOUT: 0, StreamType.STDERR: 0}
        self.altered: set[StreamType] = set()
        self.lines = 0
        self.covers = False
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()  # for a reading that did not end in time
        self._most = most
        self._newest = newest
        self._enough = enough
        self._size = 0

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Take the output of one read."""
        with self._lock:
            if self.done.is_set():
                return
            moments = times.moments if times is not None else [None] * len(outputs)
            new = [
                TimedOutput(s, bytes(d), at) for (s, d), at in zip(outputs, moments, strict=True)
            ]
            self._keep(new)
            if self._enough is not None and self._enough(new):
                self.covers = True
                self.done.set()
            elif self._is_full():
                self.done.set()

    def _keep(self, new: Sequence[TimedOutput]) -> None:
        for entry in new:
            self.entries.append(entry)
            self._size += len(entry.data)
            self.lines += entry.data.count(b"\n")
            if entry.stream not in self.altered and ALTERED in entry.data:
                self.altered.add(entry.stream)
        while self._newest and self._is_full():
            oldest = self.entries.popleft()
            count = len(oldest.data)
            excess = self._size - (self._most or 0)
            if oldest.time is None and 0 < excess < count:  # it may be many lines
                self.entries.appendleft(oldest._replace(data=oldest.data[excess:]))
                count = excess
            self._size -= count
            self.starts[oldest.stream] += count

    def _is_full(self) -> bool:
        if self._most is None:
            return False
        return self._size > self._most or len(self.entries) > _MOST_ENTRIES

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        with self._lock:
            if not self.done.is_set():
                self.error, self.covers = error, error is None
                self.done.set()

    def section(self, tail: int | None) -> LogSection:
        """Return what was kept; nothing is added any more. Any thread."""
        with self._lock:
            self.done.set()
            last = {entry.stream: entry.data for entry in self.entries}
            unfinished = sum(not data.endswith(b"\n") for data in last.values())
            whole = not any(self.starts.values())
            whole = whole and (tail is None or self.lines + unfinished < tail)
            return LogSection(
                tuple(self.entries),
                dict(self.starts),
                frozenset(self.altered),
                whole,
                self.covers,
            )


def read_section(
    client: EngineClient,
    target: Target,
    deadline: Deadline,
    *,
    tail: int | None = None,
    since: float | None = None,
    timed: bool = False,
    most: int | None,
    newest: bool = True,
    enough: Enough | None = None,
) -> LogSection:
    """Read a section of a log up to now. Blocks.

    Args:
        client: the engine.
        target: whose log.
        deadline: for all of it. If it passes, what has come by then is returned.
        tail: how many of the last lines; ``None`` is all.
        since: only what was printed then or later: seconds since the epoch, by the engine's clock.
        timed: with the engine's times.
        most: how many bytes to keep; ``None`` is all.
        newest: keep the newest bytes if there are more. Otherwise keep the oldest ones, and end.
        enough: when the reading may end earlier.

    Raises:
        HyperJupyterError: it cannot be read, or nothing of it came in time.
    """
    request = target.log_request(follow=False, tail=tail)
    more = {"tail": "all" if tail is None else str(tail)}
    profile = client.profile
    if since is not None:
        more["since"] = profile.log_moment("since", max(0, int(since * 1e9)))
    if timed:
        more["timestamps"] = "1"
        request = replace(request, stamps=Stamps(profile.log_entries, keep=False))
    request = replace(request, params={**request.params, **more})
    reader = _Reader(most, newest=newest, enough=enough)
    connection = Connection(client, request)
    connection.subscribe(reader)
    try:
        connection.open(deadline)
        ended = reader.done.wait(deadline.remaining())
    finally:
        connection.unsubscribe(reader)
    error = reader.error
    if not ended:
        error = ConnectionFailed("the engine did not send the container's log in time")
    if error is not None and not (isinstance(error, ConnectionFailed) and reader.entries):
        raise error
    return reader.section(tail)
