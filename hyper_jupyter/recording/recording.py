"""A recording: a session as a value, with what was printed and when.

Layer: recording. No I/O of its own; any thread.

A recording has a header and events in the order of their times. It may be longer than the memory:
events are made while they are read. They can be read several times; each time a new pass begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = [
    "Event",
    "Exit",
    "Header",
    "Input",
    "Lost",
    "Marker",
    "Output",
    "Recording",
    "Resize",
    "Stream",
    "in_order",
]

Stream = Literal["stdout", "stderr"]

MICROSECONDS: Final = 1_000_000
"""Times are whole microseconds."""

BEFORE: Final = -1 / MICROSECONDS
"""The latest time of what was printed before the session began."""

LONGEST: Final = 10**15
"""The latest time of an event, in microseconds: some thirty years."""


class Output(NamedTuple):
    """Bytes that were printed.

    Attributes:
        time: seconds since the start; negative for what was printed before the session began.
        stream: ``"stdout"`` or ``"stderr"``; on a terminal all is stdout.
        data: the bytes as they came. A character may be split between two events of a stream.
    """

    time: float
    stream: Stream
    data: bytes


class Input(NamedTuple):
    """Bytes that were typed; only in recordings that were asked for them."""

    time: float
    data: bytes


class Resize(NamedTuple):
    """A new size of the terminal."""

    time: float
    rows: int
    columns: int


class Lost(NamedTuple):
    """Where a stream goes on after output that is no longer kept.

    Attributes:
        stream: ``"stdout"`` or ``"stderr"``.
        offset: how many bytes of the stream come before.
        lines: how many newlines are in these.
    """

    stream: Stream
    offset: int
    lines: int


class Marker(NamedTuple):
    """A mark.

    Attributes:
        time: seconds since the start.
        text: one line; may be empty.
        kind: ``"note"`` for a user's own; else what happened: ``"cut"``, ``"gap"``, ``"life"``,
            ``"again"``, ``"dropped"`` for output that was no longer kept, or ``"history"`` where
            the live output begins.
        lost: what was dropped, for ``"dropped"``.
    """

    time: float
    text: str
    kind: str = "note"
    lost: tuple[Lost, ...] = ()


class Exit(NamedTuple):
    """The end of the process."""

    time: float
    code: int


Event: TypeAlias = Output | Input | Resize | Marker | Exit


@dataclass(frozen=True, slots=True)
class Header:
    """What a recording is of. Texts are empty, and numbers ``None``, where nothing is known.

    Attributes:
        title: one line.
        command: the program, as one line.
        container: the container's name.
        image: its image.
        engine: the engine's kind: ``"docker"``, …
        kind: ``"attach"``, ``"exec"`` or ``"logs"``.
        started_at: the start, in seconds since the epoch.
        rows: of the terminal, at the start.
        columns: of the terminal, at the start.
        tty: whether it is the output of a terminal. If not, lines may end in a bare line feed, and
            the two streams are separate.
        clock: whose times it has: ``"arrival"`` or ``"engine"``.
        complete: whether all output is here, as :attr:`Session.complete` says it.
        idle_limit: the longest pause that a player should show, in seconds.
    """

    title: str = ""
    command: str = ""
    container: str = ""
    image: str = ""
    engine: str = ""
    kind: str = ""
    started_at: float | None = None
    rows: int = 24
    columns: int = 80
    tty: bool = True
    clock: str = "arrival"
    complete: bool | None = None
    idle_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded session.

    Attributes:
        header: what it is of.
    """

    header: Header
    _open: Callable[[], Iterable[Event]] = field(repr=False)

    @classmethod
    def from_events(cls, header: Header, events: Iterable[Event]) -> Recording:
        """Make a recording of events that are in memory."""
        kept = tuple(in_order(events))
        return cls(header, lambda: kept)

    def events(self) -> Iterator[Event]:
        """Yield the events, from the start. Their times never go back."""
        return in_order(self._open())


def in_order(events: Iterable[Event]) -> Iterator[Event]:
    """Yield events with times that are whole microseconds, and never go back."""
    now = -LONGEST
    for event in events:
        now = max(now, min(round(event.time * MICROSECONDS), LONGEST))
        yield event._replace(time=now / MICROSECONDS)
