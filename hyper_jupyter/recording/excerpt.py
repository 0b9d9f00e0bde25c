"""The last lines of one stream, as a terminal would show them.

Layer: recording. No I/O of its own; any thread. A line is a list of runs: characters of one style.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.plain import Cleaned, Spans, cleaned
from hyper_jupyter.recording.screen.line import Line
from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.style import PLAIN, Style, css
from hyper_jupyter.recording.window import CONTEXT, WINDOW, Journal, Piece, context_of, pieces_of

__all__ = ["CONTEXT", "WINDOW", "Excerpt", "Journal", "Run", "excerpt"]

LONGEST: Final = 2000
"""Longest line, in characters. The number of characters that are cut off is shown after it."""

Run = tuple[str, Style]
Redaction = Callable[[list[list[Run]]], list[list[Run]]]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The end of a stream.

    Attributes:
        lines: the runs of each line.
        starts: how many bytes of the stream came before each line, and in all.
        drawn: whether it ends with the picture of a full-screen program.
        own: which lines are our own.
    """

    lines: Sequence[Sequence[Run]]
    starts: Sequence[int]
    drawn: bool = False
    own: frozenset[int] = frozenset()

    def count(self, cut: int) -> int:
        """Return how many lines of the output are left after ``cut`` lines at the start."""
        return len(self.lines) - cut - sum(number >= cut for number in self.own)

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
    spans: Spans | None = None,
) -> Excerpt:
    """Return the last lines of a stream.

    Args:
        journal: where its bytes are.
        stream: which stream.
        size: rows and columns of its terminal; ``None`` if it has none.
        count: how many lines, at most.
        redact: applied to all lines of the window, before they are cut.
        spans: finds what must not be saved in the characters as they were printed.
    """
    end = journal.end(stream)
    pieces = pieces_of(journal, stream, end)
    texts = _decoded(pieces)
    printed = Cleaned("".join(texts), [(0, 0)])
    if spans is not None and pieces:
        before = _decoded(context_of(journal, stream, end, pieces[0].offset))
        printed = cleaned("".join(before), printed.text, spans)
    screen = Screen() if size is None else Screen(max(size[1], 20), size[0], newline_returns=False)
    screen.feed(printed.text)
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
    offsets = [piece.offset for piece in pieces]
    starts = _offsets(offsets, texts, map(printed.original, begins))
    return Excerpt([_shortened(line) for line in kept], [*starts, end], screen.drawn)


def _decoded(pieces: Sequence[Piece]) -> list[str]:
    """Return the text of each piece. What is not UTF-8 can be turned back into its bytes."""
    return [piece.data.decode("utf-8", "surrogateescape") for piece in pieces]


def _offsets(offsets: Sequence[int], texts: Sequence[str], begins: Iterable[int]) -> Iterator[int]:
    """Yield how many bytes of the stream come before some characters of its texts.

    Args:
        offsets: how many bytes come before each text.
        texts: what was kept of the stream.
        begins: how many characters of all texts come before. They never become less bytes.
    """
    pieces = zip(offsets, texts, strict=True)
    offset, text = next(pieces, (0, ""))
    before = at = 0  # characters of the texts before this one, and of this one
    for begin in begins:
        while begin - before > len(text) and (piece := next(pieces, None)):
            before, at = before + len(text), 0
            offset, text = piece
        offset += len(text[at : max(at, begin - before)].encode("utf-8", "surrogateescape"))
        at = max(at, begin - before)
        yield offset


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
