"""The words of a line around the cursor, with the rules of a shell's quotes.

Layer: magics. No I/O: it reads half of a line, where :func:`shlex.split` needs a whole one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Line", "read_line"]

_SPECIAL: Final = re.compile(r"[^\w@%+=:,./~^-]")
"""What has a backslash outside of quotes."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line, as it is while somebody writes it.

    Attributes:
        before: the words before the cursor.
        typed: the beginning of the word at the cursor, with its quotes.
        word: the same without them.
        quote: the quote that is open at the cursor; empty if none is.
        closed: that quote ends right after the cursor.
        escaped: a backslash is right before the cursor, for what follows.
        after: the words after the one at the cursor.
    """

    before: tuple[str, ...]
    typed: str
    word: str
    quote: str
    closed: bool
    escaped: bool
    after: tuple[str, ...]

    def insertion(self, word: str, *, whole: bool = True) -> str:
        """Return the word at the cursor as it is to be written, for a word that begins like it.

        Args:
            word: without quotes.
            whole: nothing can follow, so an open quote ends.
        """
        typed = self.typed.removesuffix("\\") if self.escaped else self.typed
        more = word[len(self.word) :]
        match self.quote:
            case "":
                return typed + _SPECIAL.sub(r"\\\g<0>", more)
            case "'":
                more = more.replace("'", "'\\''")
            case _:
                more = re.sub(r'["\\]', r"\\\g<0>", more)
        end = self.quote if whole and not self.closed else ""
        return typed + more + end


class _Scanner:
    """Reads characters as :func:`shlex.split` does, one by one."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.word = ""
        self.start: int | None = None  # where the current word begins
        self.quote = ""
        self.escaped = False

    def read(self, position: int, char: str) -> None:
        """Read the next character, which is at ``position``."""
        if self.escaped:
            # In double quotes a backslash stands for itself, except before these two.
            kept = "\\" if self.quote and char not in '"\\' else ""
            self.word += kept + char
            self.escaped = False
        elif char == "\\" and self.quote != "'":
            self._begin(position)
            self.escaped = True
        elif self.quote:
            if char == self.quote:
                self.quote = ""
            else:
                self.word += char
        elif char in "'\"":
            self._begin(position)
            self.quote = char
        elif char in " \t\r\n":
            self.end_word()
        else:
            self._begin(position)
            self.word += char

    def end_word(self) -> None:
        """End the current word, if there is one."""
        if self.start is not None:
            self.words.append(self.word)
            self.word, self.start = "", None

    def _begin(self, position: int) -> None:
        if self.start is None:
            self.start = position


def read_line(text: str, cursor: int) -> Line:
    """Read a line.

    Args:
        text: the line after the magic's name.
        cursor: how many characters of it are before the cursor.
    """
    scanner = _Scanner()
    for position, char in enumerate(text[:cursor]):
        scanner.read(position, char)
    before = tuple(scanner.words)
    word, quote, escaped = scanner.word, scanner.quote, scanner.escaped
    typed = "" if scanner.start is None else text[scanner.start : cursor]
    within = scanner.start is not None
    for position, char in enumerate(text[cursor:], cursor):
        scanner.read(position, char)
    scanner.end_word()
    after = scanner.words[len(before) :]
    if within:
        del after[:1]  # the rest of the word at the cursor
    elif text[cursor : cursor + 1].strip():
        del after[:1]  # the cursor is at the beginning of a word
    closed = bool(quote) and text[cursor : cursor + 1] == quote
    return Line(before, typed, word, quote, closed, escaped, tuple(after))
