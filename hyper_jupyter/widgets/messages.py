"""The custom messages on the session widget's comm; the twin of ``js/src/messages.ts``.

Layer: widgets. Types only; any thread. Every field is explained in ``docs/widgets.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypedDict

__all__ = [
    "Ack",
    "Controls",
    "Detach",
    "Eof",
    "Hello",
    "Input",
    "KernelMessage",
    "Output",
    "PageMessage",
    "PerStream",
    "Reply",
    "Request",
    "Resize",
    "Status",
    "Welcome",
]

PerStream = Mapping[str, int]
"""Offsets or counts in bytes; the keys are ``"1"`` (stdout) and ``"2"`` (stderr)."""


class Controls(TypedDict):
    """What can be done now; a non-empty text is the reason why it can not."""

    stdin: str
    eof: str
    detach: str
    leave: str


class Status(TypedDict):
    """The synced trait ``status``."""

    name: str
    container_id: str
    image: str
    engine: str
    host: str
    tty: bool
    wants: list[str]
    state: str
    exit_code: int | None
    error: str
    started_at: float
    controls: Controls
    totals: PerStream


class Welcome(TypedDict):
    """Kernel to page: the answer to :class:`Hello`."""

    type: Literal["welcome"]
    page: str
    ends: PerStream


class Output(TypedDict):
    """Kernel to page, with one binary buffer: the bytes from ``offset`` on, possibly none."""

    type: Literal["output"]
    page: str
    stream: int
    offset: int
    end: int
    seq: int
    skipped: int
    lost: int
    replay: bool


class Reply(TypedDict):
    """Kernel to page: what became of request ``n``."""

    type: Literal["reply"]
    page: str
    n: int
    error: str | None


KernelMessage = Welcome | Output | Reply


class Hello(TypedDict):
    """Page to kernel: send me what comes behind ``have``."""

    type: Literal["hello"]
    page: str
    have: PerStream
    turn: int


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
    data: str
    line: bool
    binary: bool


class Eof(TypedDict):
    """Page to kernel: end the container's input."""

    type: Literal["eof"]
    page: str
    n: int


class Detach(TypedDict):
    """Page to kernel: leave the container."""

    type: Literal["detach"]
    page: str
    n: int


class Resize(TypedDict):
    """Page to kernel: the terminal's size in characters."""

    type: Literal["resize"]
    page: str
    rows: int
    cols: int


Request = Input | Eof | Detach
"""What is numbered per page, applied in order, and answered by a :class:`Reply`."""

PageMessage = Hello | Ack | Input | Eof | Detach | Resize
