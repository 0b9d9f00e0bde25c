"""The last lines of one stream, as a terminal would show them.

Layer: recording. No I/O of its own; any thread. A line is a list of runs: characters of one style.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.screen import Line, Screen
from hyper_jupyter.recording.style import PLAIN, Style, css

__all__ = ["WINDOW", "Excerpt", "Journal", "Run", "excerpt"]

WINDOW: Final = 256 * 1024
"""Bytes at the end of a stream that are looked at."""

LONGEST: Final = 2000
"""Characters that a line has at most; what is cut off is counted behind it."""

Run = tuple[str, Style]
Redaction = Callable[[list[list[Run]]], list[list[Run]]]


class Journal(Protocol):
    """Where the bytes are, by stream and offset."""

    def end(self, stream: StreamType) -> int:
        """Bytes received so far."""

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """Up to ``size`` bytes from ``offset``, or from the first kept one; and which that is."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The end of a stream.

    Attributes:
        lines: runs of each line.
        starts: how many bytes of the stream came before each of them, and how many there are.
    """

    lines: Sequence[Sequence[Run]]
    starts: Sequence[int]

    def text(self, budget: int) -> tuple[str, int]:
        """The lines as text, and how many of them at the start did not fit into the budget."""
        return _fit(["".join(text for text, _ in line) for line in self.lines], budget)

    def html(self, budget: int) -> tuple[str, int]:
        """The same as ``span`` and ``b`` elements; no markup comes from the output."""
        rendered = []
        for line in self.lines:
            marked = "".join(_element(text, style) for text, style in line)
            if len(marked) > budget:  # a colour for each character: the text without them
                marked = html.escape("".join(text for text, _ in line))
            rendered.append(marked)
        return _fit(rendered, budget)


def excerpt(
    journal: Journal,
    stream: StreamType,
    *,
    size: tuple[int, int] | None,
    count: int,
    redact: Redaction,
) -> Excerpt:
    """The last lines of a stream.

    Args:
        journal: where it is.
        stream: which one.
        size: rows and columns of its terminal; ``None`` where there is none.
        count: lines at most.
        redact: what is applied to all lines of the window, before they are cut.
    """
    end = journal.end(stream)
    offset, data = journal.read_at(stream, max(0, end - WINDOW), WINDOW)
    if offset and 0 <= (newline := data.find(b"\n")) < len(data) - 1:
        # Half a line could be half a secret, which no rule would know.
        offset, data = offset + newline + 1, data[newline + 1 :]
    output = data.decode("utf-8", "surrogateescape")
    screen = Screen() if size is None else Screen(max(size[1], 20), size[0], newline_returns=False)
    screen.feed(output)
    lines: list[list[Run]] = []
    begins: list[int] = []
    for begun, runs in _joined(screen.lines):
        lines.append(runs)
        begins.append(begun)
    redacted = redact(lines)
    kept = redacted[-count:] if count else []
    if len(redacted) != len(lines):  # no line is known for the one it was
        begins = begins[-len(kept) :][:1] * len(kept)
    begins = begins[len(begins) - len(kept) :]
    starts, at = [], 0
    for begin in begins:
        offset += len(output[at:begin].encode("utf-8", "surrogateescape"))
        at = max(at, begin)
        starts.append(offset)
    return Excerpt([_shortened(line) for line in kept], [*starts, end])


def _joined(lines: Sequence[Line]) -> Iterator[tuple[int, list[Run]]]:
    """Lines as they were meant: those that only wrapped at the terminal's edge are one."""
    characters: list[str] = []
    styles: list[Style] = []
    begun = 0
    for number, line in enumerate(lines):
        if not characters:
            begun = line.begun
        characters += line.characters
        styles += line.styles
        if line.wrapped and number + 1 < len(lines):
            continue
        yield begun, _runs(characters, styles)
        characters, styles = [], []


def _runs(characters: Sequence[str], styles: Sequence[Style]) -> list[Run]:
    cells = zip(characters, styles, strict=True)
    runs = [
        ("".join(character for character, _ in group), style)
        for style, group in groupby(cells, key=lambda cell: cell[1])
    ]
    if runs and runs[-1][1].background is None and not runs[-1][1].inverse:
        text, style = runs.pop()
        if text := text.rstrip():  # terminals are wide
            runs.append((text, style))
    return runs


def _shortened(line: Sequence[Run]) -> list[Run]:
    room = LONGEST
    kept: list[Run] = []
    for text, style in line:
        kept.append((text[:room], style))
        room -= len(text)
        if room < 0:
            more = sum(len(text) for text, _ in line) - LONGEST
            kept.append((f" [{more:,} more characters]", PLAIN))
            break
    return kept


def _element(text: str, style: Style) -> str:
    escaped = html.escape(text)
    declarations = css(style)
    if not declarations:
        return escaped
    name = "b" if style.bold else "span"  # some readers take the style attribute away
    return f'<{name} style="{declarations}">{escaped}</{name}>'


def _fit(lines: list[str], budget: int) -> tuple[str, int]:
    """As many of the last lines as the budget of characters allows, at least a part of one."""
    first = len(lines)
    while first and (budget := budget - len(lines[first - 1]) - 1) >= 0:
        first -= 1
    return "\n".join(lines[first:]), first
