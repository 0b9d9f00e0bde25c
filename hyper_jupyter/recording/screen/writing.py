"""How a terminal writes text: into which cells, and where it goes on at the edge.

Layer: recording. No I/O; it belongs to one thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hyper_jupyter.recording.screen.cursor import REPEATS, Cursor
from hyper_jupyter.recording.screen.line import EMPTY, REACH, VOID, Line
from hyper_jupyter.recording.screen.widths import joins, properties, width_of

__all__ = ["Writer"]

_CLUSTER: Final = 16
"""Characters in one cell. Limits a hostile pile of accents."""

_INVISIBLE: Final = {
    # Would reorder or break the line in which they are shown.
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029], "\ufffd"),
    # Bytes that are not UTF-8, as "surrogateescape" decodes them.
    **dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd"),
}

_PLAIN: Final = re.compile("[ -~]{8,}")

_ASCII: Final = properties("a", 0)


class Writer(Cursor):
    """A terminal that can be written to."""

    _keep: int
    _leave: Callable[[list[Line]], object]

    def _forget(self, slack: int = 256) -> None:
        """Discard the oldest lines, but not one by one: that would move all others each time."""
        if len(self._main.lines) > self._keep + slack:
            self._leave(self._main.forget(self._keep))

    def _write(self, text: str) -> None:
        buffer = self._buffer
        line = buffer.line
        line.part(buffer.column, self._style)
        if text.isascii() and not self._charset and not self._inserts:
            self._write_plain(text)
            self._before = _ASCII
        else:
            self._write_mixed(text.translate(_INVISIBLE))
        line = buffer.line
        if line.width_at(buffer.column) == 0:
            line.blank(buffer.column, self._style)
        self._forget()

    def _write_mixed(self, text: str) -> None:
        """Write text of any characters; long runs of plain ones at once."""
        at = 0
        runs = () if self._charset or self._inserts else _PLAIN.finditer(text)
        for run in runs:
            # The first one may join what is before it. The others join nothing.
            for character in text[at : run.start() + 1]:
                self._write_one(character)
            self._write_plain(run[0][1:])
            self._before = _ASCII
            at = run.end()
        for character in text[at:]:
            self._write_one(character)

    def _write_plain(self, text: str) -> None:
        """Write text of which each character is one column wide."""
        buffer = self._buffer
        at = 0
        while at < len(text):
            room = len(text) if self._width is None else self._width - buffer.column
            if room <= 0 and self._wraps:
                self._wrap()
                continue
            if (
                room < len(text) - at and not self._wraps
            ):  # the last column is written over and over
                text = text[at : at + room - 1] + text[-1] if room > 0 else text[-1]
                buffer.column = min(buffer.column, (self._width or 0) - 1)
                at, room = 0, len(text)
            piece = text[at : at + room]
            buffer.line.put(buffer.column, list(piece), self._style)
            buffer.column += len(piece)
            at += len(piece)

    def _write_one(self, character: str) -> None:
        buffer = self._buffer
        if self._charset:
            character = self._charset.get(ord(character), character)
        before = self._before
        self._before = found = properties(character, before, first_column=not buffer.column)
        width = width_of(found)
        old = width_of(before) if joins(found) else 0
        if self._width is not None and buffer.column + width - old > self._width:
            if self._wraps:
                self._wrap(old)
            else:
                buffer.column = self._width - 1
                if width == 2:
                    return
        line = buffer.line
        if joins(found) and buffer.column:
            self._join(line, character, width - old)
            return
        if self._inserts:
            line.insert(buffer.column, width - old, self._style, self._width)
        line.put(buffer.column, [character, ""][:width], self._style)
        buffer.column += width

    def _join(self, line: Line, character: str, wider: int) -> None:
        """Add a character to the cell before the cursor, which it may make wider."""
        buffer = self._buffer
        line.reach(buffer.column)
        at = buffer.column - 1
        if at and line.width_at(at) == 0:
            at -= 1
        there = line.characters[at]
        if len(there) < _CLUSTER:
            line.characters[at] = (there if there not in VOID else "") + character
        for _ in range(wider):
            line.put(buffer.column, [""], self._style)
            buffer.column += 1

    def _wrap(self, moved: int = 0) -> None:
        """Go on in the next line, to which the ``moved`` columns before the cursor move."""
        buffer = self._buffer
        old, start = buffer.line, buffer.column - moved
        cells, styles = old.characters[start:], old.styles[start:]
        if buffer.row == buffer.bottom:
            buffer.scroll(self._erased, wrapped=True)
        else:
            buffer.row = min(buffer.row + 1, self._height - 1)
            self._begin_line()
            buffer.line.wrapped = True
        buffer.column = moved
        line = buffer.line
        for column in range(moved):
            line.put(column, [cells[column]], styles[column])
        if self._width is not None:
            old.reach(self._width)
            for column in range(start, self._width):
                old.blank(column, self._style)

    def _repeat(self, count: int) -> None:
        buffer = self._buffer
        if not self._before:
            return
        at = buffer.column - width_of(self._before)
        cells = buffer.line.characters
        there = cells[at] if 0 <= at < len(cells) else EMPTY
        # The nine bytes of a sequence must not become thousands of characters each time.
        count = min(count, REPEATS, REACH if self._width else max(0, REACH - buffer.column))
        if there not in VOID:
            self._write(there * count)

    def _feed_line(self) -> None:
        """Move one line down; scroll at the end."""
        buffer = self._buffer
        if buffer.row == buffer.bottom:
            buffer.scroll(self._erased)
        elif buffer.row < self._height - 1:
            buffer.row += 1
            self._begin_line()
            buffer.line.wrapped = False
        if self._width is not None and buffer.column >= self._width:
            buffer.column -= 1

    def _backspace(self) -> None:
        buffer = self._buffer
        if not self._wraps_back or self._width is None:
            self._restrict()
            buffer.column = max(0, buffer.column - 1)
            return
        self._restrict(pending=True)
        if buffer.column:
            buffer.column -= 1
        elif buffer.top < buffer.row <= buffer.bottom and buffer.line.wrapped:
            buffer.line.wrapped = False
            buffer.row -= 1
            buffer.column = self._width - 1
            line = buffer.line
            line.reach(self._width)
            if line.characters[buffer.column] == EMPTY:  # a wide character did not fit there
                buffer.column -= 1
        self._restrict()
