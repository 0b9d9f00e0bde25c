"""The custom messages of the session widget and of the page check.

``js/src/model/messages.ts`` defines the same. ``docs/widgets.md`` explains every field.

Layer: widgets. Types only; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NotRequired, TypedDict

__all__ = [
    "Ack",
    "Again",
    "Controls",
    "Detach",
    "Eof",
    "Facts",
    "Hello",
    "History",
    "HistoryLine",
    "Input",
    "KernelMessage",
    "LinkOffer",
    "Mark",
    "Nudge",
    "Output",
    "PageMessage",
    "PerStream",
    "Ping",
    "Pong",
    "Range",
    "Read",
    "Reconnect",
    "Reconnection",
    "Reply",
    "Request",
    "Resize",
    "Signal",
    "Stalls",
    "Status",
    "Welcome",
    "Who",
]

PerStream = Mapping[str, int]
"""Offsets or counts in bytes; the keys are ``"1"`` (stdout) and ``"2"`` (stderr)."""


class Controls(TypedDict):
    """What can be done now. A non-empty text is the reason why something cannot."""

    stdin: str
    eof: str
    detach: str
    signal: str
    again: str
    start: str
    leave: str
    follow: str
    kernel_end: str
    heed: bool
    typing: bool


class Reconnection(TypedDict):
    """The next attempt to attach again.

    ``seconds`` is the time until then, as the status was set. ``at`` identifies that time.
    """

    attempt: int
    at: float
    seconds: float
    error: str


class Stalls(TypedDict):
    """The times in which output could not be read because the user's code held the GIL.

    ``recent`` has the last ones: begin (seconds since the epoch) and length in seconds.
    """

    count: int
    seconds: float
    recent: list[tuple[float, float]]


class Status(TypedDict):
    """The synced trait ``status``."""

    name: str
    container: str
    container_id: str
    kind: str
    reads_log: bool
    command: str
    image: str
    engine: str
    host: str
    tty: bool
    wants: list[str]
    state: str
    exit_code: int | None
    paused: bool
    awaits: str
    reconnecting: Reconnection | None
    out_of_memory: bool
    complete: bool | None
    missing: dict[str, int]
    error: str
    warnings: list[str]
    stalls: Stalls
    started_at: float
    ended_at: float | None
    restarts: int
    controls: Controls
    totals: PerStream
    size: tuple[int, int] | None
    size_owner: tuple[str, int] | None
    history: int
    revision: int


class Facts(TypedDict):
    """The synced trait ``facts`` of a page check: what the kernel knows without a page."""

    version: str
    ipykernel: str
    subshells: bool
    link: bool
    relay: bool


class LinkOffer(TypedDict):
    """How a page reaches the kernel's process directly.

    See :mod:`hyper_jupyter.widgets.page.link`.
    """

    port: int
    name: str
    secret: str
    relay: bool


class Welcome(TypedDict):
    """Kernel to page: the answer to :class:`Hello`."""

    type: Literal["welcome"]
    page: str
    ends: PerStream
    revision: int
    history: list[str]
    link: LinkOffer | None


Reply = tuple[int, str | None]
"""The answer to request ``n``: ``None`` if it was applied, or what went wrong."""


class Mark(TypedDict):
    """A place between two bytes of a session, for the pages.

    ``offsets`` says how many bytes of each stream came before it, ``position`` how many of both.
    """

    number: int
    kind: str
    text: str
    time: float
    position: int
    offsets: PerStream


class Output(TypedDict):
    """Kernel to page, with two binary buffers.

    The first buffer has the bytes from ``offset`` on, and may be empty. The second has three
    doubles (little endian) for each run of them: position among the bytes of all streams, length,
    and time of arrival in seconds since the epoch.
    """

    type: Literal["output"]
    page: str
    stream: int
    offset: int
    end: int
    seq: int
    before: int
    skipped: int
    lost: int
    through: PerStream
    replay: bool
    revision: int
    replies: list[Reply]
    marks: list[Mark]


class Range(TypedDict):
    """Kernel to page, with one binary buffer: the answer to :class:`Read`."""

    type: Literal["range"]
    page: str
    n: int
    stream: int
    offset: int
    start: int
    end: int
    marks: list[Mark]


HistoryLine = tuple[float | None, int, str]
"""The engine's time in seconds since the epoch, the stream, and the text: no control characters."""


class History(TypedDict):
    """Kernel to page: what the container printed before the session was attached.

    ``joints`` has the line between it and the live output, for a pane with one stream, and for one
    with both; empty where there is nothing to show.
    """

    type: Literal["history"]
    page: str
    number: int
    lines: list[HistoryLine]
    left_out: int
    joints: Mapping[str, str]


class Who(TypedDict):
    """Kernel to page: announce the view that owns the terminal's size, or that it is gone."""

    type: Literal["who"]
    page: str


class Pong(TypedDict):
    """Kernel to page: the answer to :class:`Ping`."""

    type: Literal["pong"]
    page: str
    n: int
    aside: bool
    link: LinkOffer | None


KernelMessage = Welcome | Output | Range | History | Who | Pong


class Hello(TypedDict):
    """Page to kernel: send me what follows ``have``."""

    type: Literal["hello"]
    page: str
    have: PerStream
    turn: int
    revision: int
    history: int
    marks: int
    link: Literal["near", "far", ""]


class Ack(TypedDict):
    """Page to kernel: all outputs up to ``seq`` are shown."""

    type: Literal["ack"]
    page: str
    seq: int


class Input(TypedDict):
    """Page to kernel: bytes for stdin."""

    type: Literal["input"]
    page: str
    n: int
    seen: int
    data: str
    line: bool
    end: bool
    hidden: bool
    binary: bool


class Eof(TypedDict):
    """Page to kernel: end the container's input."""

    type: Literal["eof"]
    page: str
    n: int
    seen: int


class Detach(TypedDict):
    """Page to kernel: detach from the container."""

    type: Literal["detach"]
    page: str
    n: int
    seen: int


class Signal(TypedDict):
    """Page to kernel: send a signal to the container's process."""

    type: Literal["signal"]
    page: str
    n: int
    seen: int
    signal: str


class Reconnect(TypedDict):
    """Page to kernel: make the next attempt to attach again now."""

    type: Literal["reconnect"]
    page: str
    n: int
    seen: int


class Again(TypedDict):
    """Page to kernel: attach to the container again; ``follow``: and follow its restarts."""

    type: Literal["again"]
    page: str
    n: int
    seen: int
    start: bool
    follow: NotRequired[bool]


class Resize(TypedDict):
    """Page to kernel: what a view of the terminal has room for. Zero rows: the view is gone."""

    type: Literal["resize"]
    page: str
    view: int
    rows: int
    cols: int
    claim: bool


class Read(TypedDict):
    """Page to kernel: send me these bytes of a stream."""

    type: Literal["read"]
    page: str
    n: int
    stream: int
    offset: int
    size: int


class Ping(TypedDict):
    """Page to kernel, from a page check: answer immediately."""

    type: Literal["ping"]
    page: str
    n: int
    link: Literal["near", "far", ""]


Request = Input | Eof | Detach | Signal | Reconnect | Again
"""Requests: numbered per page, applied in order, and each answered by a :data:`Reply`."""


class Nudge(TypedDict):
    """Page to kernel: nothing. That it was sent makes the page's system acknowledge what came."""

    type: Literal["nudge"]


PageMessage = Hello | Ack | Request | Resize | Read | Ping | Nudge
