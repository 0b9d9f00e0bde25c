r"""A terminal without a window: turns output into lines of styled characters.

Layer: recording. No I/O; a screen belongs to one thread.

Strategy: the page draws with xterm.js, and a saved notebook shows the same cells: `make fuzz`
compares them over random sequences. The lines are an endless roll, of which the last ``height``
can be written to. Sequences that move, erase, insert, delete, scroll, colour, or change how text
is written have their effect. All others (titles, links, queries, clipboards, pictures, …) are
consumed and dropped. No input raises an exception, and memory is bounded by ``keep`` lines of at
most what was written plus ``REACH`` columns.

Existing libraries were tried. The common terminal emulator raises ``TypeError`` at sequences that
it does not expect, renders a tenth of a megabyte per second, and wraps at a width that a log does
not have. Converters of colours alone do not handle ``\r``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hyper_jupyter.recording.screen.charset import CHARSETS
from hyper_jupyter.recording.screen.erasing import Eraser
from hyper_jupyter.recording.screen.line import VOID, Line
from hyper_jupyter.recording.screen.style import PLAIN, apply_sgr
from hyper_jupyter.recording.screen.writing import Writer

__all__ = ["Screen", "first_end"]

_CONTROLS: Final = re.compile(r"[\x00-\x17\x19\x1c-\x1f\x7f]")
"""What may stand within a control sequence: it acts at once, and is no part of it."""

_TOKEN: Final = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|(?:\x1b\[|\x9b)(?P<sequence>(?P<params>[0-?\x00-\x17\x19\x1c-\x1f\x7f]*)"
    r"(?P<between>[ -/\x00-\x17\x19\x1c-\x1f\x7f]*)(?P<final>[@-~])?)"
    # A title, a link, a clipboard: BEL ends these as well. A picture and others: it does not.
    r"|(?P<string>(?:\x1b\]|\x9d)[^\x07\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\|[\x18\x1a\x9c])?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x18\x1a\x1b\x9c]*(?:\x1b\\|[\x18\x1a\x9c])?)"
    r"|\x1b(?P<middle>[ -/]*)(?P<escape>[0-~]|\Z)?"
    r"|(?P<control>.)",
    re.DOTALL,
)
"""The next token. An incomplete sequence at the end is one too, without ``final`` or ``escape``."""


class Screen(Writer, Eraser):
    """A terminal without a window.

    Args:
        width: columns, at which lines wrap; ``None`` for a log, whose lines have any length.
        height: how many lines the cursor can be moved in.
        newline_returns: whether a line feed also goes to the first column, as in output that
            did not come through a terminal.
        keep: how many lines are kept, at least ``height``. The oldest are discarded first.
        leave: is called with lines that are discarded.
    """

    def __init__(
        self,
        width: int | None = None,
        height: int = 24,
        *,
        newline_returns: bool = True,
        keep: int = 1000,
        leave: Callable[[list[Line]], object] = lambda _: None,
    ) -> None:
        super().__init__(width, height)
        self._leave = leave
        self._keep = max(keep, self._height)
        self._newline_returns = newline_returns
        self._commands: Final[dict[str, Callable[[list[int]], None]]] = {
            "A": lambda n: self._up(n[0]),
            "B": lambda n: self._down(n[0]),
            "C": lambda n: self._step(n[0]),
            "D": lambda n: self._step(-n[0]),
            "E": lambda n: self._down(n[0], first=True),
            "F": lambda n: self._up(n[0], first=True),
            "G": lambda n: self._move(None, n[0] - 1),
            "H": lambda n: self._move(n[0] - 1, n[1] - 1),
            "I": lambda n: self._tab(n[0]),
            "L": lambda n: self._shift_lines(-n[0]),
            "M": lambda n: self._shift_lines(n[0]),
            "@": lambda n: self._shift_cells(n[0]),
            "P": lambda n: self._shift_cells(-n[0]),
            "S": lambda n: self._buffer.shift(self._buffer.top, n[0], self._erased),
            "T": lambda n: self._buffer.shift(self._buffer.top, -n[0], PLAIN),
            "X": lambda n: self._erase_cells(n[0]),
            "Z": lambda n: self._back_tab(n[0]),
            "`": lambda n: self._move(None, n[0] - 1),
            "a": lambda n: self._step(n[0]),
            "b": lambda n: self._repeat(n[0]),
            "d": lambda n: self._move(n[0] - 1, self._buffer.column),
            "e": lambda n: self._step(0, n[0]),
            "f": lambda n: self._move(n[0] - 1, n[1] - 1),
            " @": lambda n: self._shift_columns(0, -n[0]),
            " A": lambda n: self._shift_columns(0, n[0]),
            "'}": lambda n: self._shift_columns(self._buffer.column, n[0]),
            "'~": lambda n: self._shift_columns(self._buffer.column, -n[0]),
        }

    @property
    def lines(self) -> list[Line]:
        """Everything that it shows and has shown before, without the empty lines at the end.

        If that is nothing, because a full-screen program has ended and the main screen is empty:
        the last picture of that program.
        """
        return _cleaned(self._buffer.lines) or _cleaned(self._picture)

    @property
    def shows_picture(self) -> bool:
        """Whether ``lines`` is the last picture of a full-screen program that has ended."""
        return bool(self._picture) and not _cleaned(self._buffer.lines)

    @property
    def shown(self) -> list[Line]:
        """The lines of the screen itself, without the empty ones at the end."""
        return _cleaned(self._buffer.lines)[self._buffer.base :]

    @property
    def drawn(self) -> bool:
        """Whether ``lines`` ends with a full-screen program's picture, whether it runs or not."""
        return self._buffer is self._other or self.shows_picture

    @property
    def cursor(self) -> tuple[int, int]:
        """The row and the column of the cursor, from 0 on."""
        return self._buffer.row, min(self._buffer.column, self._buffer.limit())

    def resize(self, width: int, height: int) -> None:
        """Set the size. Lines are not wrapped anew."""
        self._width, self._height = max(2, width), max(2, height)
        self._keep = max(self._keep, self._height)
        for buffer in (self._main, self._other):
            buffer.resize(self._width, self._height)

    def insert(self, text: str) -> bool:
        """Insert a line of ours above the one that the cursor is in, which moves down as a whole.

        Programs know where they have put the cursor. Where they use more of the screen than the
        last line, nothing may move: then nothing is inserted, and this returns ``False``.
        """
        buffer = self._main
        at = buffer.base + buffer.row
        below = any(
            "".join(line.characters).strip("".join(VOID)) for line in buffer.lines[at + 1 :]
        )
        if self._buffer is not buffer or below:
            return False
        buffer.line_at(buffer.row)
        first = at
        while first > buffer.base and buffer.lines[first].wrapped:
            first -= 1
        if buffer.lines[first].wrapped:  # it begins above the screen
            return False
        line = Line(self._fed)
        line.put(0, list(text), PLAIN)
        buffer.insert(first, line)
        self._forget()
        return True

    def feed(self, text: str) -> None:
        """Show some output.

        Args:
            text: decoded with "surrogateescape". An incomplete sequence at its end is dropped.
        """
        base = self._fed
        for token in _TOKEN.finditer(text):
            kind = token.lastgroup
            # A line feed begins the line that follows it.
            begun = token.end() if kind == "control" else token.start()
            self._fed = self._buffer.fed = base + begun
            if kind == "text":
                self._write(token["text"])
                continue
            if kind == "control":
                self._control(token["control"])
            elif kind == "sequence":
                self._sequence_with_controls(token["params"], token["between"], token["final"])
            elif kind == "escape":
                self._escape(token["middle"], token["escape"])
            self._before = 0
            self._forget()
        self._forget(0)
        self._fed = base + len(text)

    def _control(self, control: str) -> None:
        buffer = self._buffer
        match control:
            case "\n" | "\x0b" | "\x0c":
                if self._newline_returns:
                    buffer.column = 0
                self._feed_line()
                self._begin_line()
            case "\r":
                buffer.column = 0
            case "\b":
                self._backspace()
            case "\t":
                self._tab(1)
            case "\x0e" | "\x0f":
                self._use_charset(1 if control == "\x0e" else 0)
            case "\x84":
                self._index()
            case "\x85":
                buffer.column = 0
                self._index()
            case "\x88":
                buffer.set_stop()

    # -- sequences ----------------------------------------------------------------------

    def _sequence_with_controls(self, parameters: str, between: str, final: str | None) -> None:
        for control in _CONTROLS.findall(parameters + between):
            self._control(control)
        if final:
            parameters, between = _CONTROLS.sub("", parameters), _CONTROLS.sub("", between)
            self._sequence(parameters, between + final)

    def _sequence(self, parameters: str, final: str) -> None:
        prefix = parameters[:1] if parameters[:1] in ("<", "=", ">", "?") else ""
        if final == "m" and not prefix:
            self._style = apply_sgr(self._style, parameters[:400])
            return
        words = (word.split(":")[0] for word in parameters[len(prefix) :][:200].split(";")[:32])
        # More than 9999 is more than any screen.
        given = [min(int(word), 9999) if word.isdecimal() else 0 for word in words]
        if final in ("J", "K") and prefix in ("", "?"):
            erase = self._erase_screen if final == "J" else self._erase_line
            erase(given[0], spare=prefix == "?")
        elif final in ("h", "l"):
            for mode in given:
                self._set_mode(prefix, mode, final == "h")
        elif not prefix and final in self._commands:
            self._commands[final]([max(1, number) for number in (*given, 1)])  # 0 means 1
        elif not prefix:
            self._other_sequence(given, final)

    def _other_sequence(self, given: list[int], final: str) -> None:
        match final:
            case "g" if given[0] in (0, 3):
                self._buffer.clear_stops(everywhere=given[0] == 3)
            case "r":
                self._set_region(given)
            case "s":
                self._save()
            case "u":
                self._restore()
            case "!p":
                self._reset_modes()
                buffer = self._buffer
                buffer.top, buffer.bottom = 0, self._height - 1
                buffer.saved = (buffer.base, 0, PLAIN, None)
            case '"q' if given[0] in (0, 1, 2):
                self._style = self._style._replace(protected=given[0] == 1)

    def _set_mode(self, prefix: str, mode: int, on: bool) -> None:
        match prefix, mode:
            case "", 4:
                self._inserts = on
            case "", 20:
                self._newline_returns = on
            case "?", 2 if on:
                self._charsets = [None] * 4
                self._charset = None
            case "?", 6:
                self._origin = on
                self._move(0, 0)
            case "?", 7:
                self._wraps = on
            case "?", 45:
                self._wraps_back = on
            case "?", 47 | 1047 | 1048 | 1049:
                if on and mode >= 1048:
                    self._save()
                if mode != 1048:
                    self._switch(on)
                if not on and mode >= 1048:
                    self._restore()

    def _escape(self, middle: str, final: str) -> None:
        if middle:
            self._escape_with_intermediate(middle, final)
            return
        match final:
            case "7":
                self._save()
            case "8":
                self._restore()
            case "D":
                self._index()
            case "E":
                self._buffer.column = 0
                self._index()
            case "H":
                self._buffer.set_stop()
            case "M":
                self._reverse_index()
            case "c":
                self._reset()
            case "n" | "}":
                self._use_charset(2)
            case "o" | "|":
                self._use_charset(3)
            case "~":
                self._use_charset(1)

    def _escape_with_intermediate(self, middle: str, final: str) -> None:
        if middle == "#" and final == "8":
            self._fill_with_e()
        elif middle == "%" and final in "@G":
            self._charsets[0] = self._charset = None
            self._level = 0
        elif len(middle) == 1 and middle in "()*+-." and final in CHARSETS:
            level = {"(": 0, ")": 1, "-": 1, "*": 2, ".": 2, "+": 3}[middle]
            self._charsets[level] = CHARSETS[final]
            if level == self._level:
                self._charset = CHARSETS[final]


def first_end(text: str) -> int:
    """Return where the escape sequence at the start of a text ends; 0 if there is none."""
    token = _TOKEN.match(text)
    return token.end() if token and token.lastgroup not in ("text", "control") else 0


def _cleaned(lines: list[Line]) -> list[Line]:
    """Return copies of lines with blanks where nothing can be seen, without empty lines at the end.

    Where a line goes on in the next one, the empty cells at its end are left out: a wide
    character did not fit there, and nobody wrote a blank.
    """
    cleaned = []
    for number, line in enumerate(lines):
        copy = Line(line.begun)
        copy.wrapped = line.wrapped
        end = len(line.characters)
        if number + 1 < len(lines) and lines[number + 1].wrapped:
            while end and line.characters[end - 1] in VOID:
                end -= 1
        copy.styles = line.styles[:end]
        copy.characters = [
            " " if cell in VOID or (cell and style.concealed) else cell
            for cell, style in zip(line.characters, copy.styles, strict=False)
        ]
        cleaned.append(copy)
    while cleaned and not "".join(cleaned[-1].characters).strip():
        cleaned.pop()
    return cleaned
