"""A log with the engine's timestamps: takes them out, and joins the lines that engines cut.

Layer: protocol. No I/O, no clock, no threads here; one decoder belongs to one log.

An engine keeps a log as *entries*, and puts a stamp before each: ``2026-11-28T12:00:00.5Z text``.
A line may be several entries, so stamps stand in the middle of lines, too. Seen
(docs/engines-seen.md, "logs"): Docker cuts a line every 16,384 bytes, and each piece has the same
stamp. Podman cuts where its reads were cut, and each piece, and the newline as well, has a stamp of
its own. The embedded engine stamps lines only. On all of them a line that a program leaves
unfinished, such as a prompt, has no newline in the log either: what the container's next run prints
has a stamp of its own in the middle of that line.

Strategy: without a TTY each entry is one frame, which settles it, except that the embedded engine
has frames without a stamp. With a TTY there are no frames: Docker's stamps of one line have the
text of its first one, and come after 16,384 bytes or more; all others are found by their form. One
in the middle of a line has to look like the line's first one (zone, fraction), must be later (on
Podman not earlier), and does not follow a stamp directly, because no entry is empty. A TTY program
that prints just that loses it: then nothing distinguishes the two. A program that prints what time
it is does not: an engine stamps a line after that.
"""

from __future__ import annotations

import enum
import re
import struct
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.frames import (
    EndOfStream,
    Fault,
    FrameDecoder,
    Output,
    StreamType,
    SystemErr,
)
from hyper_jupyter.protocol.log_columns import STAMP, line_columns, moment

__all__ = ["Entries", "LogDecoder", "LogPlace", "LogTimes", "TimedOutput"]

_HEADER: Final = struct.Struct(">B3xL")
_ENOUGH: Final = 1024
"""Bytes from which on it pays to look for many lines at once."""

_WINDOW: Final = 8192
"""Bytes in which they are looked for at first; then in twice of what was found."""

_MOST: Final = 256 * 1024
"""Bytes in which they are looked for where a line is longer than all that."""

_PATIENCE: Final = 64
"""Frames, at most, that are taken singly after one that is no such line."""

_LONGEST: Final = len("2026-11-28T12:00:00.123456789+01:00 ")
_PIECE: Final = 16384


class Entries(enum.Enum):
    """How an engine cuts long lines into entries with stamps of their own."""

    LINES = "an entry is a line"
    PIECES = "a line is cut every 16,384 bytes; the pieces have the same stamp"
    READS = "a line is cut anywhere; the pieces have stamps of their own"


class TimedOutput(NamedTuple):
    """Bytes of one stream, in the log's order; of one line, and not necessarily all of it.

    Where lines are joined, it may be whole lines of one millisecond.

    Attributes:
        stream: ``STDOUT`` or ``STDERR``.
        data: at least one byte, without stamps unless they were wanted.
        time: the stamp before them, in seconds since the epoch; ``None`` where there is none.
    """

    stream: StreamType
    data: bytes
    time: float | None


class LogPlace(NamedTuple):
    """A place in one stream of a log.

    Attributes:
        time: the stamp of the last entry before it, in seconds since the epoch.
        size: how many bytes with that stamp come before it.
    """

    time: float
    size: int


class LogTimes(NamedTuple):
    """The times of what one read of a log has brought.

    Attributes:
        moments: that of each output, in seconds since the epoch; ``None`` where there is none.
        places: how far the log has come, for each stream of which that is known.
    """

    moments: Sequence[float | None]
    places: Mapping[StreamType, LogPlace] = {}


LogEvent = TimedOutput | SystemErr | Fault


class LogDecoder:
    """Decodes a log that was asked for with timestamps.

    Feed it every chunk with :meth:`receive_data`, in order, and the end with :meth:`receive_eof`.

    Args:
        framed: whether the log comes in frames; with a TTY it does not.
        entries: how the engine cuts long lines.
        keep_stamps: leave the stamp of each line at its start.
        details: each entry begins with the log driver's details, a word that a space ends. They
            stay at the start of a line, and are taken out where a line was cut.
        joined: join whole lines of one millisecond: a reader of a long log rarely needs more.
    """

    def __init__(
        self,
        *,
        framed: bool,
        entries: Entries,
        keep_stamps: bool = False,
        details: bool = False,
        joined: bool = False,
    ) -> None:
        self._framed = framed
        self._joined = joined
        self._even = entries is not Entries.READS
        self._window = _WINDOW  # bytes in which lines are looked for at once
        self._vain = 0  # frames that were taken singly after the last look in vain
        self._skip = 0  # frames to take singly before the next look
        self._simple = not (keep_stamps or details)
        self._lines: dict[int, _Lines] = {
            stream: _Lines(stream, entries, framed=framed, keep_stamps=keep_stamps, details=details)
            for stream in (StreamType.STDOUT, StreamType.STDERR)
        }
        self._current = self._lines[StreamType.STDOUT]
        self._header = b""
        self._remaining = 0
        self._rest: FrameDecoder | None = None  # takes over at what is no output

    def receive_data(self, data: bytes | memoryview) -> list[LogEvent]:
        """Take the next bytes of the log.

        Args:
            data: any number of bytes, cut anywhere. It is not kept.

        Returns:
            What can be delivered now, in order. A ``SystemErr`` or ``Fault`` is the last one, as in
            :meth:`FrameDecoder.receive_data`.

        Raises:
            ProtocolError: as :meth:`FrameDecoder.receive_data`.
        """
        events: list[LogEvent] = []
        if not self._framed:
            self._current.receive(bytes(data), events)
            return events
        if self._rest is not None:
            return self._finish(bytes(data), events)
        data = self._header + bytes(data)
        self._header = b""
        pos, end = 0, len(data)
        while pos < end:
            if not self._remaining:
                if self._simple and end - pos >= _ENOUGH:
                    pos = self._receive_lines(data, pos, events)
                if end - pos < _HEADER.size:
                    self._header = data[pos:]
                    break
                kind, length = _HEADER.unpack_from(data, pos)
                if kind > 2:
                    self._rest = FrameDecoder()
                    return self._finish(data[pos:], events)
                pos += _HEADER.size
                if length:
                    self._remaining = length
                    self._current = self._lines[StreamType(kind or 1)]
                    self._current.begin_entry()
                continue
            stop = min(end, pos + self._remaining)
            self._current.receive(data[pos:stop], events)
            self._remaining -= stop - pos
            pos = stop
            if not self._remaining:
                self._current.end_entry(events)
        return events

    def _receive_lines(self, data: bytes, pos: int, events: list[LogEvent]) -> int:
        """Take frames that are one line each, as nearly all are; return where the others begin.

        It does what the loop of :meth:`receive_data` does with such frames, in a fraction of the
        time; which of the two takes a line makes no difference to what follows it. To look in vain
        costs time, so that is done the more rarely, and in the fewer bytes, the more often it was
        in vain.
        """
        if self._skip:
            self._skip -= 1
            return pos
        end = self._take_lines(data, pos, events)
        while (found := end - pos) >= self._window // 2 and len(data) - end >= _ENOUGH:
            self._window, pos = 2 * found, end
            end = self._take_lines(data, pos, events)
        if data.find(b"\n", end, end + self._window) < 0:  # a line is longer than that
            self._window = max(_WINDOW, min(2 * self._window, _MOST))
        elif len(data) - end >= _ENOUGH:  # another frame has ended the window, not the data
            self._window = max(_ENOUGH, 2 * found)
        self._vain = 0 if found else min(_PATIENCE, 2 * self._vain + 1)
        self._skip = self._vain
        return end

    def _take_lines(self, data: bytes, pos: int, events: list[LogEvent]) -> int:
        """Take the lines of one window; return where they end."""
        columns = line_columns(data, pos, self._window, even=self._even)
        if columns is None:
            return pos
        kinds, texts = columns.kinds, columns.texts
        present = [of for kind, of in self._lines.items() if kind in kinds]
        firsts = columns.groups() if self._joined else range(len(kinds))
        times = columns.times(firsts)
        if times is None or any(of.inside for of in present):
            return pos
        streams = [self._lines[kinds[first]].stream for first in firsts]
        if self._joined:
            groups = zip(firsts, [*firsts[1:], len(kinds)], strict=True)
            lines = [b"\n".join([*texts[first:after], b""]) for first, after in groups]
        else:
            lines = [text + b"\n" for text in texts]
        events += map(TimedOutput, streams, lines, times)
        for of in present:
            of.note_place(*columns.last_moment(of.stream))
            of.end_line()
        return columns.end

    @property
    def places(self) -> dict[StreamType, LogPlace]:
        """How far each stream has come that has had a stamp."""
        return {of.stream: of.place for of in self._lines.values() if of.place is not None}

    @property
    def pending(self) -> tuple[bytes, int]:
        """Where it is: the beginning of a header that has come, and payload bytes to come."""
        return self._header, self._remaining

    @property
    def holds(self) -> bool:
        """Whether bytes are held back that may be the beginning of a stamp."""
        return any(lines.holds for lines in self._lines.values())

    def release(self) -> list[LogEvent]:
        """Return what is held back: it is no stamp if its rest does not come soon."""
        events: list[LogEvent] = []
        for lines in self._lines.values():
            lines.release(events)
        return events

    def receive_eof(self) -> tuple[list[LogEvent], EndOfStream]:
        """Take the end; return what was held back until now, and how the stream ended."""
        events = self.release()
        if self._rest is not None:
            return events, self._rest.receive_eof()
        return events, EndOfStream(bool(self._header or self._remaining))

    def _finish(self, data: bytes, events: list[LogEvent]) -> list[LogEvent]:
        assert self._rest is not None
        try:
            found = self._rest.receive_data(data)
        except ProtocolError as error:
            if not events:
                raise
            return [*events, Fault(str(error))]
        return events + [event for event in found if not isinstance(event, Output)]


class _Lines:
    """One stream of a log.

    Attributes:
        stream: which one.
        inside: whether a line has begun.
        place: how far it has come; ``None`` before the first stamp.
    """

    def __init__(
        self,
        stream: StreamType,
        entries: Entries,
        *,
        framed: bool,
        keep_stamps: bool,
        details: bool,
    ) -> None:
        self.stream = stream
        self._keep = keep_stamps
        self._details = details
        self._skips = False  # the details of a piece in the middle of a line
        self._framed = framed
        self._by_frames = framed and entries is not Entries.LINES
        self._by_distance = not framed and entries is Entries.PIECES
        self._may_repeat = entries is Entries.READS  # two pieces of a line can have the same time
        self.inside = False
        self.place: LogPlace | None = None
        self._due = True  # a stamp may come next
        self._held = b""  # what may be the beginning of a stamp
        self._left = _PIECE  # bytes before the next stamp, at least; negative after more
        self._stamp = b""
        self._time: float | None = None
        self._form: tuple[bytes, bool] | None = None  # zone and fraction of the line's first stamp
        self._bare = False  # a stamp was the last thing that came
        self._second = b""  # the last stamp up to its seconds, and the same as a number
        self._seconds = 0.0

    @property
    def holds(self) -> bool:
        """Whether bytes are held back."""
        return bool(self._held)

    def begin_entry(self) -> None:
        """A frame begins."""
        self._due = True

    def end_entry(self, events: list[LogEvent]) -> None:
        """A frame ends: a stamp does not go on in the next one."""
        self.release(events)

    def release(self, events: list[LogEvent]) -> None:
        """Deliver what was held back: it is no stamp."""
        held, self._held = self._held, b""
        if held:
            self._due = False
            self._deliver(held, events)

    def receive(self, data: bytes, events: list[LogEvent]) -> None:
        """Take bytes of an entry."""
        if self._held:
            data, self._held = self._held + data, b""
        pos, end = 0, len(data)
        while pos < end:
            if self._skips:
                pos = data.find(b" ", pos) + 1 or end
                self._skips = data[pos - 1 : pos] != b" "
                continue
            if self._due:
                found = STAMP.match(data, pos)
                if found is None and _BEGINNING.fullmatch(data, pos):
                    self._held = data[pos:]
                    return
                self._due = False
                if found is not None and self._accept(found):
                    self._left = _PIECE
                    pos = found.end()
                    continue
            stop = data.find(b"\n", pos) + 1 or end
            if self._by_distance:
                stop = self._next_piece(data, pos, stop)
            if not self._framed:
                stop = self._next_stamp(data, pos, stop)
            if stop > pos:
                self._deliver(data[pos:stop], events)
            pos = stop

    def _accept(self, found: re.Match[bytes]) -> bool:
        """Take a stamp, unless it cannot be one in the middle of this line."""
        seconds = self._seconds_of(found)
        if seconds is None:
            return False
        if self.inside and not self._by_frames:
            next_piece = self._by_distance and self._left <= 0 and found[0] == self._stamp
            if not next_piece and not self._may_follow(found, seconds):
                return False
        if not self.inside:
            self._form = _form_of(found)
        self._skips = self._details and self.inside
        self._stamp, self._time = found[0], seconds
        self._bare = True
        return True

    def _may_follow(self, found: re.Match[bytes], seconds: float) -> bool:
        """Whether a stamp can be one in the middle of this line."""
        if self._form is not None and _form_of(found) != self._form:
            return False
        if self._time is None or seconds > self._time:
            return True
        return self._may_repeat and seconds == self._time

    def _next_piece(self, data: bytes, pos: int, stop: int) -> int:
        """Return where the next piece begins, or may begin: at the line's own stamp.

        Not exactly where the piece before it is full: bytes that are not UTF-8, such as the halves
        of a character that the cut has divided, come back longer.
        """
        begin = pos + self._left
        if begin >= stop or not self._stamp:
            return stop
        begin = max(pos, begin)
        found = data.find(self._stamp, begin, stop)
        if found >= 0:
            self._due = True
            return found
        if data[stop - 1 : stop] == b"\n":
            return stop
        for start in range(max(begin, stop - len(self._stamp) + 1), stop):
            if self._stamp.startswith(data[start:stop]):
                self._due = True
                return start
        return stop

    def _next_stamp(self, data: bytes, pos: int, stop: int) -> int:
        """Return where the next stamp in the middle of a line begins, or may begin."""
        for found in STAMP.finditer(data, pos, stop):
            seconds = self._seconds_of(found)
            touches = self._bare and found.start() == pos
            if seconds is not None and not touches and self._may_follow(found, seconds):
                self._due = True
                return found.start()
        if self._due or data[stop - 1 : stop] == b"\n":
            return stop  # there is one, or the line ends
        for start in range(max(pos + self._bare, stop - _LONGEST + 1), stop):
            if _BEGINNING.fullmatch(data, start):
                self._due = True
                return start
        return stop

    def _seconds_of(self, found: re.Match[bytes]) -> float | None:
        """Return a stamp in seconds since the epoch; ``None`` if there is no such moment."""
        second, fraction, zone = found.group(1, 2, 3)
        if second + zone != self._second:
            try:
                self._seconds = moment(second, zone)
            except ValueError:
                return None
            self._second = second + zone
        return self._seconds + float(fraction or 0)

    def note_place(self, time: float | None, size: int, others_before: bool = False) -> None:
        """Note that bytes with a stamp were delivered.

        Args:
            time: of the stamp; ``None`` changes nothing.
            size: how many bytes.
            others_before: whether bytes with another stamp were delivered just before them.
        """
        if time is not None:
            before = self.place
            if before is not None and before.time == time and not others_before:
                size += before.size
            self.place = LogPlace(time, size)

    def _deliver(self, data: bytes, events: list[LogEvent]) -> None:
        self._left -= len(data)
        if self._keep and not self.inside:
            data = self._stamp + data
        events.append(TimedOutput(self.stream, data, self._time))
        self.note_place(self._time, len(data))
        self._bare = False
        self.inside = not data.endswith(b"\n")
        if not self.inside:
            self.end_line()

    def end_line(self) -> None:
        """Forget the stamp of a line that has ended: the next line has its own."""
        self._stamp, self._time, self._form = b"", None, None
        self._bare, self._due = False, True


def _form_of(found: re.Match[bytes]) -> tuple[bytes, bool]:
    """Return a stamp's zone, and whether it has a fraction of a second."""
    return found[3], found[2] is not None


def _beginning() -> str:
    """Return a pattern for what may become a stamp: its first characters, one at least."""
    digits = "[0-9]"
    parts = [*([digits] * 4), "-", *([digits] * 2), "-", *([digits] * 2), "T"]
    parts += [*([digits] * 2), ":", *([digits] * 2), ":", *([digits] * 2)]
    zone = "".join(f"(?:{part}" for part in [digits, digits, ":", digits, digits])
    end = rf"(?:\.[0-9]{{0,9}})?(?:Z|[+-]{zone}{')?' * 5})?"
    pattern = f"(?:{end})"
    for part in reversed(parts[1:]):
        pattern = f"(?:{part}{pattern})?"
    return parts[0] + pattern


_BEGINNING: Final = re.compile(_beginning().encode())
