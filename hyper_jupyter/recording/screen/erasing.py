"""What a terminal erases, and how it shifts cells and lines.

Layer: recording. No I/O; it belongs to one thread.
"""

from __future__ import annotations

from hyper_jupyter.recording.screen.cursor import Cursor
from hyper_jupyter.recording.screen.style import PLAIN

__all__ = ["Eraser"]


class Eraser(Cursor):
    """A terminal that can be erased."""

    def _erase_line(self, which: int, *, spare: bool) -> None:
        self._restrict(pending=True)
        buffer = self._buffer
        line, edge = buffer.line, self._width
        everything = edge if edge is not None else max(len(line.characters), buffer.column)
        if which == 0:
            line.erase(buffer.column, everything, self._erased, edge, spare=spare)
            line.wrapped = line.wrapped and buffer.column > 0
        elif which == 1:
            line.erase(0, buffer.column + 1, self._erased, edge, spare=spare)
        elif which == 2:
            line.erase(0, everything, self._erased, edge, spare=spare)
            line.wrapped = False

    def _erase_screen(self, which: int, *, spare: bool) -> None:
        self._restrict(pending=True)
        buffer = self._buffer
        rows = range(0)
        if which == 0:
            self._erase_line(0, spare=spare)
            rows = range(buffer.row + 1, self._height)
        elif which == 1:
            self._erase_line(1, spare=spare)
            buffer.line.wrapped = False
            after = buffer.shown(buffer.row + 1)
            if after and self._width is not None and buffer.column + 1 >= self._width:
                after.wrapped = False
            rows = range(buffer.row)
        elif which == 2:
            rows = range(self._height)
        elif which == 3 and buffer.base:
            # As on the page, where a saved cursor stays at its line.
            del buffer.lines[: buffer.base]
            buffer.base = 0
        style = self._erased
        for row in rows:
            line = buffer.shown(row)
            if line is None and style != PLAIN:
                line = buffer.line_at(row)
            if line:
                line.clear(style, self._width, spare=spare)
                line.wrapped = False

    def _erase_cells(self, count: int) -> None:
        self._restrict()
        column = self._buffer.column
        self._buffer.line.erase(column, column + count, self._erased, self._width)

    def _shift_cells(self, count: int) -> None:
        """Insert cells at the cursor; delete them if ``count`` is negative."""
        self._restrict()
        line, column = self._buffer.line, self._buffer.column
        if count > 0:
            line.insert(column, count, self._erased, self._width)
        else:
            line.delete(column, -count, self._erased, self._width)

    def _shift_columns(self, column: int, count: int) -> None:
        """Do that at one column of all lines that scroll."""
        buffer = self._buffer
        if not buffer.top <= buffer.row <= buffer.bottom:
            return
        if self._width is not None:
            column %= self._width
        for row in range(buffer.top, buffer.bottom + 1):
            line = buffer.line_at(row)
            if count > 0:
                line.insert(column, count, self._erased, self._width)
            else:
                line.delete(column, -count, self._erased, self._width)
            line.wrapped = False

    def _shift_lines(self, count: int) -> None:
        self._restrict()
        buffer = self._buffer
        if buffer.top <= buffer.row <= buffer.bottom:
            buffer.shift(buffer.row, count, self._erased)
            buffer.column = 0

    def _fill_with_e(self) -> None:
        """Fill the screen with the letter E, as a test of the screen."""
        self._move(0, 0)
        style = self._style
        for row in range(self._buffer.row, self._height):
            line = self._buffer.line_at(row)
            line.clear(PLAIN, self._width)
            line.put(0, ["E"] * (self._width or 80), style)
            line.wrapped = False
