"""The marks between a stream's lines: gaps, cuts, restarts, and what users noted.

Layer: recording. Pure; any thread. A line of the output is never cut: what must not be saved could
stand on both sides of a mark, and no rule would find its halves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.excerpt import Excerpt, Run
from hyper_jupyter.recording.screen.style import PLAIN, Style
from hyper_jupyter.session.store.marks import Mark, MarkKind

__all__ = ["mark_line", "with_marks"]

_MOST: Final = 100
"""Marks in one excerpt, the newest ones."""

_QUIET: Final = PLAIN._replace(dim=True)
_YELLOW: Final = 3
_STYLES: Final[dict[MarkKind, Style]] = {
    MarkKind.GAP: PLAIN._replace(foreground=_YELLOW, bold=True),
    MarkKind.CUT: PLAIN._replace(foreground=_YELLOW),
}


def mark_line(text: str) -> str:
    """Return a line of ours that stands between lines of the output."""
    return f"\u2014 {text} \u2014"


def with_marks(
    found: Excerpt, stream: StreamType, marks: Iterable[Mark], clean: Callable[[str], str] = str
) -> Excerpt:
    """Put a stream's marks between the lines of its excerpt.

    A mark within a line comes after it. What a full-screen program drew has no place for marks:
    they come after it.

    Args:
        found: the excerpt.
        stream: which stream it is of.
        marks: all marks of the session.
        clean: takes out of a mark's text what must not be saved.
    """
    starts = found.starts
    count = len(found.lines)
    places: dict[int, list[list[Run]]] = {}
    for mark in list(marks)[-_MOST:]:
        offset = mark.offsets.get(stream, 0)
        if offset < starts[0]:
            continue  # what is before it is not shown
        place = count if found.drawn else min(bisect_left(starts, offset), count)
        line = [(mark_line(clean(mark.text)), _STYLES.get(mark.kind, _QUIET))]
        places.setdefault(place, []).append(line)
    if not places:
        return found
    lines: list[list[Run]] = []
    begins: list[int] = []
    own: set[int] = set()
    for number in range(count + 1):
        for line in places.get(number, ()):
            own.add(len(lines))
            lines.append(line)
            begins.append(starts[number])
        if number < count:
            lines.append(list(found.lines[number]))
            begins.append(starts[number])
    return replace(found, lines=lines, starts=[*begins, starts[-1]], own=frozenset(own))
