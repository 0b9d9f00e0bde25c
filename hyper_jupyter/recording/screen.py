r"""A terminal without a window: turns output into lines of styled characters.

Layer: recording. No I/O; a screen belongs to one thread.

Strategy: the lines are an endless roll, of which the last ``height`` can be written to. Sequences
that move, erase, insert, delete, scroll and colour have their effect. All others (titles, links,
queries, clipboards, …) are consumed and dropped. No input raises an exception, and memory is
bounded by ``keep`` lines of at most what was written plus ``_REACH`` columns.

Existing libraries were tried. The common terminal emulator raises ``TypeError`` at sequences that
it does not expect, renders a tenth of a megabyte per second, and wraps at a width that a log does
not have. Converters of colours alone do not handle ``\r``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hyper_jupyter.recording.line import Line, cells_of
from hyper_jupyter.recording.style import PLAIN, apply_sgr

__all__ = ["Screen"]

_REACH: Final = 1000
"""How far right a cursor can be moved on a screen without width, in columns."""

_TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?:\x1b\[|\x9b)(?P<params>[0-?]*)(?P<between>[ -/]*)(?P<final>[@-~]|\Z)?"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\|[\x18\x1a\x9c])?"
    r"|\x1b(?P<middle>[ -/]*)(?P<escape>[0-~]|\Z)?"
    r"|(?P<control>.)",
    re.DOTALL,
)


class Screen:
    """A terminal without a window.

    Args:
        width: columns, at which lines wrap; ``None`` for a log, whose lines have any length.
        height: how many lines the cursor can be moved in.
        newline_returns: whether a line feed also goes to the first column, as in output that
            did not come through a terminal.
        keep: how many lines are kept, at least ``height``. The oldest are discarded first.
    """

    def __init__(
        self,
        width: int | None = None,
        height: int = 24,
        *,
        newline_returns: bool = True,
        keep: int = 1000,
    ) -> None:
        self._width = max(2, width) if width is not None else None
        self._height = max(2, height)
        self._keep = max(keep, self._height)
        self._newline_returns = newline_returns
        self._fed = 0
        self._lines = [Line(0)]
        self._top = 0  # the first of the lines that can be written to
        self._row = 0
        self._column = 0
        self._style = PLAIN
        self._saved = (0, 0, PLAIN)
        self._region: tuple[int, int] | None = None
        self._main: tuple[list[Line], int, int, int] | None = None  # while the other is shown
        self._last = ""
        self._commands: Final[dict[str, Callable[[list[int]], None]]] = {
            "@": lambda n: self._insert_columns(n[0]),
            "A": lambda n: self._move(self._row - n[0], self._column),
            "B": lambda n: self._move(self._row + n[0], self._column),
            "C": lambda n: self._move(self._row, self._column + n[0]),
            "D": lambda n: self._move(self._row, self._column - n[0]),
            "E": lambda n: self._move(self._row + n[0], 0),
            "F": lambda n: self._move(self._row - n[0], 0),
            "G": lambda n: self._move(self._row, n[0] - 1),
            "H": lambda n: self._move(n[0] - 1, n[1] - 1),
            "I": lambda n: self._move(self._row, (self._column // 8 + n[0]) * 8),
            "L": lambda n: self._insert_lines(n[0]),
            "M": lambda n: self._delete_lines(n[0]),
            "P": lambda n: self._delete_columns(n[0]),
            "S": lambda n: self._scroll(n[0]),
            "T": lambda n: self._scroll(-n[0]),
            "X": lambda n: self._erase(self._column, self._column + n[0]),
            "`": lambda n: self._move(self._row, n[0] - 1),
            "a": lambda n: self._move(self._row, self._column + n[0]),
            "b": lambda n: self._repeat(n[0]),
            "d": lambda n: self._move(n[0] - 1, self._column),
            "e": lambda n: self._move(self._row + n[0], self._column),
            "f": lambda n: self._move(n[0] - 1, n[1] - 1),
            "r": self._set_region,
            "s": lambda _: self._save(),
            "u": lambda _: self._restore(),
        }

    @property
    def lines(self) -> list[Line]:
        """Everything that it shows and has shown before, without the empty lines at the end."""
        lines = list(self._lines)
        while lines and not "".join(lines[-1].characters).strip():
            lines.pop()
        return lines

    def feed(self, text: str) -> None:
        """Show some output.

        Args:
            text: decoded with "surrogateescape". An incomplete sequence at its end is dropped.
        """
        base = self._fed
        for token in _TOKEN.finditer(text):
            self._fed = base + token.start()
            kind = token.lastgroup
            if kind == "text":
                self._write(token["text"])
            elif kind == "control":
                self._fed = base + token.end()  # a line feed begins the line that follows it
                self._control(token["control"])
            elif kind == "final":
                if not token["between"]:
                    self._sequence(token["params"], token["final"])
            elif kind == "escape" and not token["middle"]:
                self._escape(token["escape"])
            if len(self._lines) > self._keep:
                gone = len(self._lines) - self._keep
                del self._lines[:gone]
                self._top -= gone
        self._fed = base + len(text)

    # -- writing ------------------------------------------------------------------------

    def _line(self) -> Line:
        """Return the line of the cursor."""
        at = self._top + self._row
        while len(self._lines) <= at:
            self._lines.append(Line(self._fed))
        return self._lines[at]

    def _write(self, text: str) -> None:
        if self._style.concealed:
            text = " " * len(text)
        cells = list(text) if text.isascii() else cells_of(text)
        if not cells:
            return
        self._last = cells[-1]
        at = 0
        while at < len(cells):
            if self._width is not None and self._column >= self._width:
                self._line().wrapped = True
                self._column = 0
                self._feed_line()
            room = len(cells) if self._width is None else self._width - self._column
            self._put(cells[at : at + room])
            at += room

    def _put(self, cells: list[str]) -> None:
        line = self._line()
        line.reach(self._column)
        end = self._column + len(cells)
        line.characters[self._column : end] = cells
        line.styles[self._column : end] = [self._style] * len(cells)
        self._column = end

    def _repeat(self, count: int) -> None:
        # The nine bytes of a sequence must not become thousands of characters each time.
        self._write(self._last * min(count, (self._width or _REACH) - self._column))

    def _control(self, control: str) -> None:
        match control:
            case "\n" | "\x0b" | "\x0c":
                if self._newline_returns:
                    self._column = 0
                self._line().wrapped = False
                self._feed_line()
            case "\r":
                self._column = 0
            case "\b":
                self._column = max(0, min(self._column, (self._width or self._column + 1) - 1) - 1)
            case "\t":
                self._move(self._row, (self._column // 8 + 1) * 8)

    def _feed_line(self) -> None:
        """Move one line down; scroll at the end."""
        top, bottom = self._region or (0, self._height - 1)
        if self._row != bottom:
            self._row = min(self._row + 1, self._height - 1)
            self._begin_line()
        elif top == 0 and self._region is None and self._main is None:
            self._line()
            self._top += 1
            self._begin_line()
        else:
            self._scroll(1)

    def _begin_line(self) -> None:
        """Note that an empty line begins here, because a line feed moved the cursor to it."""
        line = self._line()
        if not line.characters:
            line.begun = self._fed

    # -- moving -------------------------------------------------------------------------

    def _move(self, row: int, column: int) -> None:
        self._row = max(0, min(row, self._height - 1))
        self._column = max(0, min(column, (self._width or max(_REACH, self._column)) - 1))

    def _save(self) -> None:
        self._saved = (self._row, self._column, self._style)

    def _restore(self) -> None:
        row, column, self._style = self._saved
        self._move(row, column)

    def _set_region(self, numbers: list[int]) -> None:
        top, bottom = numbers[0] - 1, numbers[1] - 1 if numbers[1] > 1 else self._height - 1
        bottom = min(bottom, self._height - 1)
        if top < bottom:
            whole = (top, bottom) == (0, self._height - 1)
            self._region = None if whole else (top, bottom)
            self._move(0, 0)

    # -- sequences ----------------------------------------------------------------------

    def _sequence(self, parameters: str, final: str) -> None:
        if parameters[:1] in ("<", "=", ">"):
            return
        if parameters[:1] == "?":
            if final in "hl" and {"47", "1047", "1049"} & set(parameters[1:].split(";")):
                self._switch(final == "h")
            elif final in "JK":
                self._sequence(parameters[1:], final)
            return
        if final == "m":
            self._style = apply_sgr(self._style, parameters[:400])
            return
        given = [int(word) if word.isdecimal() else 0 for word in parameters[:40].split(";")]
        if final in "JK":
            (self._erase_screen if final == "J" else self._erase_line)(given[0])
        elif final in self._commands:
            # No number and 0 mean 1. More than 9999 is more than any screen.
            numbers = [min(max(1, number), 9999) for number in (*given, 1)]
            self._commands[final](numbers)

    def _escape(self, final: str) -> None:
        match final:
            case "7":
                self._save()
            case "8":
                self._restore()
            case "D":
                self._feed_line()
            case "E":
                self._column = 0
                self._feed_line()
            case "M":
                if self._row == (self._region or (0, 0))[0]:
                    self._scroll(-1)
                else:
                    self._row = max(0, self._row - 1)
            case "c":
                self._switch(False)
                self._region = None
                self._style = PLAIN
                self._erase_screen(2)
                self._move(0, 0)

    def _switch(self, other: bool) -> None:
        """Show the alternate screen, on which full-screen programs draw, or the main one again."""
        if other and self._main is None:
            self._main = (self._lines, self._top, self._row, self._column)
            self._lines, self._top, self._row, self._column = [], 0, 0, 0
            self._line()
        elif not other and self._main is not None:
            self._lines, self._top, self._row, self._column = self._main
            self._main = None
        self._region = None

    # -- erasing and shifting -------------------------------------------------------------

    def _erase(self, start: int, stop: int) -> None:
        line = self._line()
        stop = min(stop, len(line.characters))
        if stop == len(line.characters):
            del line.characters[start:], line.styles[start:]
        elif stop > start:
            line.characters[start:stop] = " " * (stop - start)
            line.styles[start:stop] = [PLAIN] * (stop - start)

    def _erase_line(self, which: int) -> None:
        line = self._line()
        if which == 0:
            self._erase(self._column, len(line.characters))
        elif which == 1:
            self._erase(0, self._column + 1)
        elif which == 2:
            self._erase(0, len(line.characters))

    def _erase_screen(self, which: int) -> None:
        row = self._row
        rows = {0: range(row + 1, self._height), 1: range(row), 2: range(self._height)}.get(which)
        if rows is None:
            return
        if which != 2:
            self._erase_line(which)
        for line in self._lines[self._top + rows.start : self._top + rows.stop]:
            line.characters.clear()
            line.styles.clear()
            line.wrapped = False

    def _insert_columns(self, count: int) -> None:
        line = self._line()
        if self._column < len(line.characters):
            count = min(count, self._width or _REACH)
            line.characters[self._column : self._column] = " " * count
            line.styles[self._column : self._column] = [PLAIN] * count
            # There is a limit without a width, too: repeated at one place it would grow for ever.
            limit = self._width or max(_REACH, len(line.characters) - count)
            del line.characters[limit:], line.styles[limit:]

    def _delete_columns(self, count: int) -> None:
        line = self._line()
        del line.characters[self._column : self._column + count]
        del line.styles[self._column : self._column + count]

    def _insert_lines(self, count: int) -> None:
        self._shift(self._row, -count)

    def _delete_lines(self, count: int) -> None:
        self._shift(self._row, count)

    def _scroll(self, count: int) -> None:
        self._shift((self._region or (0, 0))[0], count)

    def _shift(self, first: int, count: int) -> None:
        """Move the lines from ``first`` to the region's end up; down if ``count`` is negative."""
        top, bottom = self._region or (0, self._height - 1)
        if not top <= self._row <= bottom:
            return
        size = bottom - first + 1
        count = max(-size, min(count, size))
        while len(self._lines) < self._top + bottom + 1:
            self._lines.append(Line(self._fed))
        start, stop = self._top + first, self._top + bottom + 1
        blank = [Line(self._fed) for _ in range(abs(count))]
        if count > 0:
            self._lines[start:stop] = self._lines[start + count : stop] + blank
        else:
            self._lines[start:stop] = blank + self._lines[start : stop + count]
