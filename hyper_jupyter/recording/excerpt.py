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
from hyper_jupyter.recording.line import Line
from hyper_jupyter.recording.screen import Screen
from hyper_jupyter.recording.style import PLAIN, Style, css

__all__ = ["WINDOW", "Excerpt", "Journal", "Run", "excerpt"]

WINDOW: Final = 256 * 1024
"""How many bytes at the end of a stream are rendered."""

LONGEST: Final = 2000
"""Longest line, in characters. The number of characters that are cut off is shown after it."""

Run = tuple[str, Style]
Redaction = Callable[[list[list[Run]]], list[list[Run]]]


class Journal(Protocol):
    """The bytes received so far, by stream and offset."""

    def end(self, stream: StreamType) -> int:
        """Return how many bytes were received so far."""

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        """Return the offset of the first byte read, and the bytes.

        Args:
            stream: which stream.
            offset: where to start. If that byte is not kept any more, start at the first kept one.
            size: read at most this many bytes. At the end there are none.
        """


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The end of a stream.

    Attributes:
        lines: the runs of each line.
        starts: how many bytes of the stream came before each line, and in all.
    """

    lines: Sequence[Sequence[Run]]
    starts: Sequence[int]

    def text(self, budget: int) -> tuple[str, int]:
        """Return the lines as text, and how many lines at the start exceeded the budget."""
        return _fit(["".join(text for text, _ in line) for line in self.lines], budget)

    def html(self, budget: int) -> tuple[str, int]:
        """Return the same as ``span`` and ``b`` elements. No markup comes from the output."""
        rendered = []
        for line in self.lines:
            marked = "".join(_element(text, style) for text, style in line)
            if len(marked) > budget:  # every character has its own colour: drop the colours
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
    """Return the last lines of a stream.

    Args:
        journal: where its bytes are.
        stream: which stream.
        size: rows and columns of its terminal; ``None`` if it has none.
        count: how many lines, at most.
        redact: applied to all lines of the window, before they are cut.
    """
    end = journal.end(stream)
    offset, data = journal.read_at(stream, max(0, end - WINDOW), WINDOW)
    if offset and 0 <= (newline := data.find(b"\n")) < len(data) - 1:
        # Half a line could be half a secret, which no rule would recognize.
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
    if len(redacted) != len(lines):  # it is unknown which line became which
        begins = begins[-len(kept) :][:1] * len(kept)
    begins = begins[len(begins) - len(kept) :]
    starts, at = [], 0
    for begin in begins:
        offset += len(output[at:begin].encode("utf-8", "surrogateescape"))
        at = max(at, begin)
        starts.append(offset)
    return Excerpt([_shortened(line) for line in kept], [*starts, end])


def _joined(lines: Sequence[Line]) -> Iterator[tuple[int, list[Run]]]:
    """Yield lines as they were printed: those that only wrapped at the edge are joined."""
    characters: list[str] = []
    styles: list[Style] = []
    begun = 0
    for number, line in enumerate(lines):
        if not line.wrapped or not number:
            begun = line.begun
        characters += line.characters
        styles += line.styles
        if number + 1 < len(lines) and lines[number + 1].wrapped:
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
        if text := text.rstrip():  # terminals fill lines with blanks
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
    name = "b" if style.bold else "span"  # some readers remove the style attribute
    return f'<{name} style="{declarations}">{escaped}</{name}>'


def _fit(lines: list[str], budget: int) -> tuple[str, int]:
    """Keep as many of the last lines as the budget of characters allows."""
    first = len(lines)
    while first and (budget := budget - len(lines[first - 1]) - 1) >= 0:
        first -= 1
    return "\n".join(lines[first:]), first
