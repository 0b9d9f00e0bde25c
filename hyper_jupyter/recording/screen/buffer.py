"""The lines of a screen, with its cursor: what scrolls, and where.

Layer: recording. No I/O; a buffer belongs to one thread.

A screen has two: the main one, whose lines leave at the top and are kept, and the alternate one,
on which full-screen programs draw. Rows and columns count from 0. Lines are made when they are
first needed.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.recording.screen.charset import Charset
from hyper_jupyter.recording.screen.line import REACH, Line
from hyper_jupyter.recording.screen.style import PLAIN, Style

__all__ = ["Buffer"]

_TAB: Final = 8


class Buffer:
    """Lines and a cursor.

    Args:
        width: columns; ``None`` without an edge.
        height: rows that can be written to.
        keeps: whether lines that leave at the top are kept.

    Attributes:
        lines: those that left, and those that are shown.
        base: how many left.
        row, column: the cursor. After the last column was written, the column is the width.
        top, bottom: the first and the last row of what scrolls.
        fed: how many characters were fed to the screen; lines remember when they began.
        saved: the saved cursor: its line (not its row), its column, style and characters.
    """

    def __init__(self, width: int | None, height: int, *, keeps: bool) -> None:
        self.width = width
        self.height = height
        self._keeps = keeps
        self.fed = 0
        self.saved: tuple[int, int, Style, Charset | None] = (0, 0, PLAIN, None)
        self.clear()

    def clear(self) -> None:
        """Make it empty, with the cursor, the tab stops and what scrolls as in the beginning."""
        self.lines: list[Line] = []
        self.base = self.row = self.column = 0
        self.top, self.bottom = 0, self.height - 1
        self._stops: set[int] | None = None  # None: every eighth column

    @property
    def line(self) -> Line:
        """The line of the cursor."""
        return self.line_at(self.row)

    def line_at(self, row: int) -> Line:
        """Return the line of a row."""
        at = self.base + row
        while len(self.lines) <= at:
            self.lines.append(Line(self.fed))
        return self.lines[at]

    def shown(self, row: int) -> Line | None:
        """Return the line of a row if it was ever needed."""
        at = self.base + row
        return self.lines[at] if at < len(self.lines) else None

    def forget(self, keep: int) -> list[Line]:
        """Discard the oldest lines, and return them."""
        gone = min(len(self.lines) - keep, self.base)
        if gone <= 0:
            return []
        lines = self.lines[:gone]
        del self.lines[:gone]
        self.base -= gone
        self.saved = (max(0, self.saved[0] - gone), *self.saved[1:])
        return lines

    def insert(self, at: int, line: Line) -> None:
        """Insert a line before the one of the cursor, which stays on its line."""
        self.lines.insert(at, line)
        if self.row < self.height - 1:
            self.row += 1
        else:
            self.base += 1
        self.saved = (self.saved[0] + (self.saved[0] >= at), *self.saved[1:])

    def resize(self, width: int | None, height: int) -> None:
        """Set the size. The row of the cursor stays; lines are not wrapped anew."""
        self.width, self.height = width, height
        above = self.row - (height - 1)
        if above > 0:
            self.row -= above
            if self._keeps:
                self.base += above
            else:
                del self.lines[:above]
        del self.lines[self.base + height :]
        self.top, self.bottom = 0, height - 1
        self.restrict(origin=False, pending=True)

    # -- the cursor ---------------------------------------------------------------------

    def limit(self, *, pending: bool = False) -> int:
        """Return the last column of the cursor; with ``pending``, the one after it."""
        last = self.width if self.width is not None else max(REACH, self.column + 1)
        return last if pending else last - 1

    def restrict(self, *, origin: bool, pending: bool = False) -> None:
        """Move the cursor into the screen; with ``origin``, into the part that scrolls."""
        self.column = max(0, min(self.column, self.limit(pending=pending)))
        first, last = (self.top, self.bottom) if origin else (0, self.height - 1)
        self.row = max(first, min(self.row, last))

    # -- tab stops ----------------------------------------------------------------------

    def next_stop(self) -> int:
        """Return the column of the next tab stop, or the last one."""
        last = self.limit()
        if self._stops is None:
            return max(0, min((self.column // _TAB + 1) * _TAB, last))
        return min((stop for stop in self._stops if self.column < stop < last), default=last)

    def previous_stop(self) -> int:
        """Return the column of the tab stop before, or the first one."""
        if self._stops is None:
            return max(0, (self.column - 1) // _TAB * _TAB)
        return max((stop for stop in self._stops if stop < self.column), default=0)

    def set_stop(self) -> None:
        """Set a tab stop at the cursor."""
        self._all_stops().add(self.column)

    def clear_stops(self, *, everywhere: bool) -> None:
        """Clear the tab stop at the cursor, or all of them."""
        if everywhere:
            self._stops = set()
        else:
            self._all_stops().discard(self.column)

    def _all_stops(self) -> set[int]:
        if self._stops is None:
            self._stops = set(range(0, self.width or REACH, _TAB))
        elif len(self._stops) > REACH:  # a hostile number of them, on a screen without an edge
            self._stops.clear()
        return self._stops

    # -- scrolling ----------------------------------------------------------------------

    def scroll(self, style: Style, *, wrapped: bool = False) -> None:
        """Scroll by one line, whose cells get a style. One that leaves at the top is kept."""
        at = self.base + self.bottom + 1
        if len(self.lines) < at:
            self.line_at(self.bottom)
        new = self._new(style)
        new.wrapped = wrapped
        self.lines.insert(at, new)
        if self.top:
            del self.lines[self.base + self.top]
        elif self._keeps:
            self.base += 1
        else:
            del self.lines[0]

    def shift(self, first: int, count: int, style: Style) -> None:
        """Move the rows from ``first`` to ``bottom`` up; down if ``count`` is negative."""
        size = self.bottom - first + 1
        count = max(-size, min(count, size))
        self.line_at(self.bottom)
        start, stop = self.base + first, self.base + self.bottom + 1
        new = [self._new(style) for _ in range(abs(count))]
        if count > 0:
            self.lines[start:stop] = self.lines[start + count : stop] + new
        elif count < 0:
            self.lines[start:stop] = new + self.lines[start : stop + count]

    def fill(self, style: Style) -> None:
        """Give a style to the cells of an empty buffer."""
        if style != PLAIN and self.width is not None:
            for row in range(self.height):
                self.line_at(row).clear(style, self.width)

    def _new(self, style: Style) -> Line:
        line = Line(self.fed)
        if style is not PLAIN:
            line.clear(style, self.width)
        return line
