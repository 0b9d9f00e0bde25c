"""Where a terminal writes next, and how: its buffers, its cursor, and the modes that it can be
switched to.

Layer: recording. No I/O; it belongs to one thread. Rows and columns count from 0.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.recording.screen.buffer import Buffer
from hyper_jupyter.recording.screen.charset import Charset
from hyper_jupyter.recording.screen.line import EMPTY, LONE, Line
from hyper_jupyter.recording.screen.style import PLAIN, Style

__all__ = ["REPEATS", "Cursor"]

REPEATS: Final = 256
"""Sequences that repeat something do it so often at most; the page ignores a higher count."""


class Cursor:
    """The state of a terminal, and what moves its cursor.

    Args:
        width: columns; ``None`` without an edge.
        height: rows.
    """

    def __init__(self, width: int | None, height: int) -> None:
        self._width = max(2, width) if width is not None else None
        self._height = max(2, height)
        self._fed = 0
        self._reset()

    def _reset(self) -> None:
        """Be as in the beginning, except for what a line feed does."""
        self._main = Buffer(self._width, self._height, keeps=True)
        self._other = Buffer(self._width, self._height, keeps=False)
        self._main.fed = self._fed
        self._main.line_at(0)
        self._buffer = self._main
        self._picture: list[Line] = []  # what the alternate screen showed when it was left
        self._reset_modes()

    def _reset_modes(self) -> None:
        self._style = PLAIN
        self._wraps = True
        self._inserts = False
        self._origin = False
        self._wraps_back = False
        self._charset: Charset | None = None
        self._charsets: list[Charset | None] = [None] * 4
        self._level = 0
        self._before = 0  # the properties of the last character; 0 after anything else

    @property
    def _erased(self) -> Style:
        """The style of cells that are erased now: they get the background."""
        background = self._style.background
        return PLAIN if background is None else Style(background=background)

    def _restrict(self, *, pending: bool = False) -> None:
        self._buffer.restrict(origin=self._origin, pending=pending)

    def _move(self, row: int | None, column: int) -> None:
        """Move to a row and column; ``None`` is the row of the cursor."""
        buffer = self._buffer
        if row is None:
            row = buffer.row
        buffer.row = row + (buffer.top if self._origin else 0)
        buffer.column = column
        self._restrict()

    def _step(self, columns: int, rows: int = 0) -> None:
        self._restrict()
        self._move(self._buffer.row + rows, self._buffer.column + columns)

    def _up(self, count: int, *, first: bool = False) -> None:
        room = self._buffer.row - self._buffer.top
        self._step(0, -min(room, count) if room >= 0 else -count)
        if first:
            self._buffer.column = 0

    def _down(self, count: int, *, first: bool = False) -> None:
        room = self._buffer.bottom - self._buffer.row
        self._step(0, min(room, count) if room >= 0 else count)
        if first:
            self._buffer.column = 0

    def _index(self) -> None:
        self._restrict()
        buffer = self._buffer
        if buffer.row == buffer.bottom:
            buffer.scroll(self._erased)
        else:
            buffer.row = min(buffer.row + 1, self._height - 1)
            self._begin_line()
        self._restrict()

    def _reverse_index(self) -> None:
        self._restrict()
        buffer = self._buffer
        if buffer.row == buffer.top:
            buffer.shift(buffer.top, -1, self._erased)
        else:
            buffer.row -= 1
            self._restrict()

    def _tab(self, count: int) -> None:
        buffer = self._buffer
        for _ in range(min(count, REPEATS)):
            if self._width is not None and buffer.column >= self._width:
                return
            buffer.column = buffer.next_stop()

    def _back_tab(self, count: int) -> None:
        buffer = self._buffer
        if self._width is not None and buffer.column >= self._width:
            return
        for _ in range(min(count, REPEATS)):
            buffer.column = buffer.previous_stop()

    def _begin_line(self) -> None:
        """Note that an empty line begins here, because the output goes on in it."""
        line = self._buffer.line
        if not line.characters:
            line.begun = self._fed

    def _save(self) -> None:
        buffer = self._buffer
        buffer.saved = (buffer.base + buffer.row, buffer.column, self._style, self._charset)

    def _restore(self) -> None:
        buffer = self._buffer
        at, buffer.column, self._style, self._charset = buffer.saved
        buffer.row = max(0, at - buffer.base)
        self._restrict()

    def _set_region(self, numbers: list[int]) -> None:
        top = numbers[0] or 1
        bottom = numbers[1] if len(numbers) > 1 else 0
        if not 0 < bottom <= self._height:
            bottom = self._height
        if top < bottom:
            self._buffer.top, self._buffer.bottom = top - 1, bottom - 1
            self._move(0, 0)

    def _use_charset(self, level: int) -> None:
        self._level = level
        self._charset = self._charsets[level]

    def _switch(self, other: bool) -> None:
        """Show the alternate screen, on which full-screen programs draw, or the main one again."""
        was = self._buffer
        now = self._other if other else self._main
        if now is was:
            return
        now.fed = self._fed
        if other:
            now.fill(self._erased)
        now.row, now.column = was.row, was.column
        if not other:
            if any("".join(line.characters).strip(f"{EMPTY}{LONE} ") for line in was.lines):
                self._picture = was.lines
            was.clear()
        self._buffer = now
