"""The custom messages of the live views, and their trait ``status``.

``js/src/model/watch/watch-messages.ts`` defines the same. ``docs/widgets.md`` explains every field.

Layer: widgets. Types only; any thread.
"""

from __future__ import annotations

from typing import Literal, TypedDict

__all__ = [
    "EventRow",
    "EventsNews",
    "FrameRow",
    "FramesNews",
    "StatsFigures",
    "StatsNews",
    "StatsRow",
    "WatchAck",
    "WatchHello",
    "WatchPageMessage",
    "WatchStatus",
    "WatchStop",
]

Point = tuple[int, float, float | None, int]
"""Number of the reading, seconds since the epoch, percent of a processor, bytes of memory."""


class WatchStatus(TypedDict):
    """Where a watch stands; a trait."""

    state: Literal["connecting", "live", "gone", "stopped", "ended", "failed"]
    error: str
    engine: str
    host: str
    what: str


class StatsFigures(TypedDict):
    """The newest reading of a container. Bytes, if nothing else is said."""

    cpu_percent: float | None
    memory: int
    memory_limit: int
    network_received: int
    network_sent: int
    block_read: int
    block_written: int
    pids: int


class StatsRow(TypedDict):
    """One container. ``points`` are the readings that the page does not have."""

    id: str
    name: str
    state: str
    problem: str
    figures: StatsFigures | None
    points: list[Point]


class StatsNews(TypedDict):
    """Kernel to page: all containers, and what is new since ``after``."""

    type: Literal["news"]
    page: str
    seq: int
    after: int
    revision: int
    left_out: int
    rows: list[StatsRow]


class EventRow(TypedDict):
    """One event."""

    number: int
    time: float
    type: str
    action: str
    id: str
    name: str
    attributes: list[tuple[str, str]]
    more: int


class EventsNews(TypedDict):
    """Kernel to page: the events since ``after``, oldest first."""

    type: Literal["news"]
    page: str
    seq: int
    after: int
    revision: int
    dropped: int
    events: list[EventRow]


FrameRow = tuple[int, float, str, str, int, str]
"""Its number, the time, the stream, its header and the beginning of its payload as hexadecimal
digits, with the payload's length between them."""


class FramesNews(TypedDict):
    """Kernel to page: the frames since ``after``, oldest first; the newest of them if many came."""

    type: Literal["news"]
    page: str
    seq: int
    after: int
    revision: int
    frames: list[FrameRow]


class WatchHello(TypedDict):
    """Page to kernel: send me what is newer than ``have``."""

    type: Literal["hello"]
    page: str
    have: int


class WatchAck(TypedDict):
    """Page to kernel: everything up to here is shown."""

    type: Literal["ack"]
    page: str
    seq: int


class WatchStop(TypedDict):
    """Page to kernel: end it."""

    type: Literal["stop"]
    page: str


WatchPageMessage = WatchHello | WatchAck | WatchStop
