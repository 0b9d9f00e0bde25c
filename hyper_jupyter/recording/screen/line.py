"""One line of a screen: its cells, and how they shift.

Layer: recording. No I/O; a line belongs to one thread.

Strategy: only the cells up to the last one that something happened to are there; what is right of
them is empty. So a line of a log, which has no edge, costs what was written into it.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.recording.screen.style import PLAIN, Style

__all__ = ["EMPTY", "LONE", "REACH", "VOID", "Line"]

EMPTY: Final = "\0"
"""A cell that nothing was written to, or that was erased."""

LONE: Final = "\1"
"""The second column of a wide character whose first one was written over. Nothing is seen there."""

VOID: Final = (EMPTY, LONE)
"""Cells without a character."""

REACH: Final = 1000
"""How far right a cursor can be moved, and cells can be shifted, on a screen without an edge."""


class Line:
    """One line.

    Attributes:
        characters: one entry per column: a cluster of characters, or :data:`EMPTY`. After a wide
            one comes an entry without any character.
        styles: the style of each column.
        begun: how many characters were fed before this line began.
        wrapped: whether it continues the line before it, which reached the screen's edge.
    """

    __slots__ = ("begun", "characters", "styles", "wrapped")

    def __init__(self, begun: int) -> None:
        self.characters: list[str] = []
        self.styles: list[Style] = []
        self.begun = begun
        self.wrapped = False

    def reach(self, column: int, style: Style = PLAIN) -> None:
        """Fill the line with empty cells up to a column."""
        missing = column - len(self.characters)
        if missing > 0:
            self.characters.extend(EMPTY * missing)
            self.styles.extend([style] * missing)

    def width_at(self, column: int) -> int:
        """Return the width of a cell: 0 for the second column of a wide one."""
        cells = self.characters
        if column >= len(cells):
            return 1
        if cells[column] in ("", LONE):
            return 0
        return 2 if column + 1 < len(cells) and not cells[column + 1] else 1

    def put(self, column: int, cells: list[str], style: Style) -> None:
        """Write cells of one style over those that are there."""
        self.reach(column)
        end = column + len(cells)
        self.characters[column:end] = cells
        self.styles[column:end] = [style] * len(cells)
        if end < len(self.characters) and not self.characters[end]:
            self.characters[end] = LONE

    def blank(self, column: int, style: Style) -> None:
        """Make a cell empty that half a wide character was in."""
        self.characters[column] = EMPTY
        self.styles[column] = style

    def part(self, column: int, style: Style) -> None:
        """Make the first half of a wide character empty if a column is its second one."""
        if column and self.width_at(column - 1) == 2:
            self.blank(column - 1, style)
            self.characters[column] = LONE

    def clear(self, style: Style, edge: int | None, *, spare: bool = False) -> None:
        """Make all cells empty; with ``spare``, except protected ones."""
        if spare:
            self.erase(0, edge or len(self.characters), style, edge, spare=True)
            return
        self.characters.clear()
        self.styles.clear()
        if style != PLAIN and edge is not None:
            self.reach(edge, style)

    def erase(
        self, start: int, stop: int, style: Style, edge: int | None, *, spare: bool = False
    ) -> None:
        """Make the cells from ``start`` to ``stop`` empty; with ``spare``, not protected ones."""
        cells, styles = self.characters, self.styles
        if start and self.width_at(start - 1) == 2 and not (spare and styles[start - 1].protected):
            self.blank(start - 1, style)
        cut = 0 < stop < len(cells) and self.width_at(stop - 1) == 2
        if cut and not (spare and styles[stop].protected):
            self.blank(stop, style)
        if edge is not None and style != PLAIN:
            stop = min(stop, edge)
            self.reach(stop)
        stop = min(stop, len(cells))
        if spare:
            for column in range(start, stop):
                if not styles[column].protected:
                    cells[column], styles[column] = EMPTY, style
        elif style == PLAIN and stop == len(cells):
            del cells[start:], styles[start:]
        elif stop > start:
            cells[start:stop] = EMPTY * (stop - start)
            styles[start:stop] = [style] * (stop - start)

    def insert(self, column: int, count: int, style: Style, edge: int | None) -> None:
        """Shift the cells from a column on to the right; those that pass the edge are lost."""
        cells, styles = self.characters, self.styles
        if column >= len(cells) and (style == PLAIN or edge is None):
            return
        self.reach(column)
        self.part(column, style)
        # Without an edge there is a limit, too: repeated at one place it would grow for ever.
        limit = edge if edge is not None else max(REACH, len(cells))
        count = min(count, limit - column)
        cells[column:column] = EMPTY * count
        styles[column:column] = [style] * count
        if len(cells) > limit and not cells[limit]:
            self.blank(limit - 1, style)
        del cells[limit:], styles[limit:]

    def delete(self, column: int, count: int, style: Style, edge: int | None) -> None:
        """Shift the cells that come ``count`` columns after a column to it; empty ones follow."""
        cells, styles = self.characters, self.styles
        self.part(column, style)
        if style != PLAIN and edge is not None:
            self.reach(edge)
        del cells[column : column + count], styles[column : column + count]
        if style != PLAIN and edge is not None:
            self.reach(edge, style)
        if self.width_at(column) == 0:
            self.blank(column, style)
