"""A session's history as lines that can be shown: text only, whatever the container printed.

Layer: recording. No I/O; any thread.

A terminal acts on what is in a line: colours, a cursor that goes back, a title. History is shown
above the live output of the same terminal, whose state must not depend on it. So each line is drawn
by itself, on a screen of its own, and only its characters are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from hyper_jupyter.recording.screen.screen import Screen

__all__ = ["History", "ShownLine", "drawn", "joint_line", "shown_lines"]

LONGEST: Final = 2000
"""Longest line, in characters."""

_UNUSUAL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DRAWN: Final = 64 * 1024
"""Characters of a line that are drawn."""


class Line(Protocol):
    """A line of a history."""

    # ruff: noqa: D102 - the members are those of HistoryLine, documented there

    @property
    def time(self) -> float | None: ...
    @property
    def stream(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def complete(self) -> bool: ...


class History(Protocol):
    """What a container printed before the session was attached."""

    @property
    def revision(self) -> int: ...
    @property
    def problem(self) -> str: ...
    def note_for(self, *streams: str) -> str: ...
    def lines(self, stream: str | None = None) -> Iterator[Line]: ...


class ShownLine(NamedTuple):
    """A line without anything that a terminal acts on.

    Attributes:
        time: when it was printed, by the engine's clock, in seconds since the epoch, if known.
        stream: ``"stdout"`` or ``"stderr"``.
        text: its characters.
        complete: whether its end is there.
    """

    time: float | None
    stream: str
    text: str
    complete: bool


def shown_lines(
    history: History, budget: int, *, stream: str | None = None
) -> tuple[list[ShownLine], int]:
    """Return the last lines of a history, and how many lines before them are left out.

    Args:
        history: the lines.
        budget: how many characters, at most.
        stream: ``"stdout"`` or ``"stderr"``; ``None`` is both.
    """
    lines = list(history.lines(stream))
    shown: list[ShownLine] = []
    for line in reversed(lines):
        text = drawn(line.text)
        budget -= len(text) + 1
        if budget < 0:
            break
        shown.append(ShownLine(line.time, line.stream, text, line.complete))
    shown.reverse()
    return shown, len(lines) - len(shown)


def joint_line(note: str) -> str:
    """Return the line between history and live output, in words."""
    return f"live from here; {note}" if note else "live from here"


def drawn(text: str) -> str:
    """Return what a line shows, as text."""
    if _UNUSUAL.search(text):
        screen = Screen()
        screen.feed(text[:_DRAWN])
        parts = ["".join(line.characters).rstrip() for line in screen.lines]
        text = _UNUSUAL.sub(" ", " ".join(part for part in parts if part))
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]} [{len(text) - LONGEST:,} more characters]"
    return text
