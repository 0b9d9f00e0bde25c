"""Where live output continues a log, and whether that is proven.

Layer: session, rules. No I/O, no threads: pure functions, any thread.

An attachment is opened first, and the end of the log is read after that. So what came live by then
is in the log, too, and its place there is where history ends. Three things find it:

* *Content*. What came live is looked for in the log. It proves its place where it is there once,
  and does not repeat itself: a program that prints the same line again and again fits anywhere.
* *Position*. If a stream was silent before the log was requested and until it had been read, the
  last bytes of both are the same ones, whatever they say.
* *The engine's times* narrow the search: a line that was printed before the attach request was sent
  did not come live. They prove nothing: clocks differ, and some engines have whole seconds only.

The log may be late. So only what came some time before the log was requested has to be in it. And
Docker's log lacks an unfinished last line as long as the container runs: then its place is found
when its end has come.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.rules.log.overlap import overlap

__all__ = [
    "PROBE",
    "Conditions",
    "Joint",
    "Live",
    "Place",
    "Snapshot",
    "joint_text",
    "place",
    "place_streams",
    "repeats",
]

PROBE: Final = 64 * 1024
"""Bytes at the beginning of the live output that are looked for."""

_LONG: Final = 4096
"""Bytes that are not printed twice by chance, if they do not repeat themselves."""

_BEGINNING: Final = 256
"""Of these, the first ones: the log must not have them from before either."""


class Joint(enum.Enum):
    """What is known about the place where history ends."""

    PROVEN = "history and live output are the container's, without a gap and without a repeat"
    WAITING = "the log may lack the beginning of a line that is not finished"
    UNPROVEN = "nothing shows it"


@dataclass(frozen=True, slots=True)
class Live:
    """What one stream had received when the log was requested.

    Attributes:
        data: its first bytes, at most :data:`PROBE`.
        whole: whether that is all.
        quiet: whether nothing more had come when the log had been read.
    """

    data: bytes
    whole: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What had come live at a moment.

    Attributes:
        begins: the first bytes of each stream, at most :data:`PROBE`.
        sizes: the number of all its bytes.
    """

    begins: Mapping[StreamType, bytes]
    sizes: Mapping[StreamType, int]

    def live(self, stream: StreamType, now: Mapping[StreamType, int]) -> Live:
        """Return what one stream had received.

        Args:
            stream: the stream.
            now: the number of bytes of each stream when the log had been read.
        """
        size = self.sizes.get(stream, 0)
        begin = self.begins.get(stream, b"")
        return Live(begin, whole=size <= PROBE, quiet=now.get(stream, 0) == size)


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a log was read.

    Attributes:
        settled: the live bytes had come some time before the log was requested: they are in it.
        covers: it was read to its end as it was when it was requested.
        precise: the engine's times are fine, and its clock is ours.
        unchanged: an earlier reading had the same bytes of this stream.
        by_lines: the log lacks an unfinished last line.
        altered: bytes that the log may have otherwise.
    """

    settled: bool
    covers: bool
    precise: bool
    unchanged: bool = False
    by_lines: bool = False
    altered: bytes = b""


@dataclass(frozen=True, slots=True)
class Place:
    """Where history ends.

    Attributes:
        offset: how many of the log's bytes are history.
        joint: whether that is proven.
        found: whether the log has what came live.
    """

    offset: int
    joint: Joint
    found: bool = True


def place(log: bytes, live: Live, first: int, how: Conditions) -> Place:
    """Find where the live output of one stream begins in its log.

    Args:
        log: the end of the log, bytes of this stream.
        live: what came live.
        first: the offset of the first byte that can have come live, by the engine's times.
        how: how the log was read.

    Returns:
        The place; if it is not proven, the likeliest one.
    """
    # A log that is late has the first bytes at least.
    data = live.data if how.settled else live.data[: 2 * _LONG]
    if how.by_lines:
        data = data[: data.rfind(b"\n") + 1]
    if not data:
        return _silent(log, live, first, how)
    found, ambiguous = _find(log, data, first)
    if found is None and how.altered:
        found, ambiguous = _find_unaltered(log, data, first, how.altered)
    repeated = ambiguous or repeats(data)
    # A log that is late may have the same from before, so that must be the first time.
    at_once = len(data) >= _LONG and log.count(data[:_BEGINNING]) == 1
    if found is not None and not repeated and how.covers and (how.settled or at_once):
        return Place(found, Joint.PROVEN)
    last = len(log) - len(data)
    if live.whole and live.quiet and how.settled and how.covers and log.endswith(data):
        # Nothing came meanwhile, so both end with the same bytes.
        if (how.precise and last == first) or how.unchanged:
            return Place(last, Joint.PROVEN)
        return Place(last, Joint.UNPROVEN)
    if found is not None:
        return Place(found, Joint.UNPROVEN)
    likely = first or len(log) - overlap(log, data)  # the engine's times say at least something
    return Place(likely, Joint.UNPROVEN, found=False)


def place_streams(
    logs: Mapping[StreamType, bytes],
    came: Snapshot,
    now: Mapping[StreamType, int],
    how: Conditions,
    *,
    unchanged: Collection[StreamType],
    first: Mapping[StreamType, int] | None = None,
) -> dict[StreamType, Place]:
    """Find where the live output of each stream begins in a log.

    Args:
        logs: the end of the log, for each stream that is wanted.
        came: what had come live some time before the log was read.
        now: how much had come when it had been read.
        how: how it was read.
        unchanged: the streams that had the same bytes in an earlier reading.
        first: for each stream as for :func:`place`; ``None`` where times say nothing.
    """
    places: dict[StreamType, Place] = {}
    # Silent streams last: what came of another one and is in the log shows that it is not late.
    for stream in sorted(logs, key=lambda stream: not came.sizes.get(stream)):
        here = replace(how, unchanged=stream in unchanged)
        live = came.live(stream, now)
        found = place(logs[stream], live, 0 if first is None else first[stream], here)
        places[stream] = found
        if live.data and found.joint is Joint.PROVEN:
            how = replace(how, settled=True)
    return places


def joint_text(joints: set[Joint]) -> str:
    """Return what is to be said about the places of some streams; empty if all are proven."""
    if Joint.UNPROVEN in joints:
        return "lines before this may be missing, or come twice"
    if Joint.WAITING in joints:
        return "an unfinished line before this may be missing"
    return ""


def _silent(log: bytes, live: Live, first: int, how: Conditions) -> Place:
    """Return the place of a stream of which nothing has come that the log must have."""
    nothing_since = not log or (how.precise and first == len(log))
    known = live.quiet and how.settled and how.covers and (nothing_since or how.unchanged)
    if not known or len(live.data) >= PROBE:
        return Place(len(log), Joint.UNPROVEN)
    return Place(len(log), Joint.WAITING if how.by_lines else Joint.PROVEN)


def _find(log: bytes, data: bytes, first: int) -> tuple[int | None, bool]:
    """Return where the log has these bytes, and whether it has them more than once.

    A line that began before ``first`` may have ended after it: some engines note when a line began,
    others when it ended.
    """
    found = log.find(data, first)
    if found >= 0:
        return found, log.find(data, found + 1) >= 0
    line = log.rfind(b"\n", 0, max(0, first - 1)) + 1
    found = log.find(data, line + 1)
    return (found, log.find(data, found + 1) >= 0) if found >= 0 else (None, False)


def _find_unaltered(log: bytes, data: bytes, first: int, altered: bytes) -> tuple[int | None, bool]:
    """Look for bytes that the log may have otherwise: compare only those that it cannot alter."""
    if data[0] in altered:
        return None, False  # what is before them in the log may be theirs
    rest = data.translate(None, altered)
    before = len(log[:first].translate(None, altered))
    found, ambiguous = _find(log.translate(None, altered), rest, before)
    if found is None:
        return None, False
    return _original(log, found, altered), ambiguous


def _original(log: bytes, count: int, altered: bytes) -> int:
    """Return the offset of the byte before which there are so many that are not altered."""
    low, high = count, len(log)
    while low < high:  # the offset after which there are more than `count`
        middle = (low + high) // 2
        if len(log[: middle + 1].translate(None, altered)) > count:
            high = middle
        else:
            low = middle + 1
    return low


def repeats(data: bytes) -> bool:
    """Return whether bytes consist of the same part again and again, twice at least."""
    half = (len(data) + 1) // 2
    at = data.find(data[:half], 1)
    while 0 < at <= len(data) - half:
        if data.startswith(data[at:]):
            return True
        at = data.find(data[:half], at + 1)
    return False
