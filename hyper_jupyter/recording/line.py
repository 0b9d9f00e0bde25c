"""One line of a screen, and the columns that characters take in it.

Layer: recording. No I/O; a line belongs to one thread.
"""

from __future__ import annotations

from typing import Final

from wcwidth import wcwidth

from hyper_jupyter.recording.style import PLAIN, Style

__all__ = ["Line", "cells_of"]

_INVISIBLE: Final = {
    # Would reorder or break the line in which they are shown.
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029], "\ufffd"),
    # Bytes that are not UTF-8, as "surrogateescape" decodes them.
    **dict.fromkeys(range(0xDC80, 0xDD00), "\ufffd"),
}


class Line:
    """One line.

    Attributes:
        characters: one entry per column; after a wide character, an empty one.
        styles: the style of each column.
        begun: how many characters were fed before this line began.
        wrapped: whether it continues in the next line because it reached the screen's edge.
    """

    __slots__ = ("begun", "characters", "styles", "wrapped")

    def __init__(self, begun: int) -> None:
        self.characters: list[str] = []
        self.styles: list[Style] = []
        self.begun = begun
        self.wrapped = False

    def reach(self, column: int) -> None:
        """Fill the line with blanks up to a column."""
        missing = column - len(self.characters)
        if missing > 0:
            self.characters.extend(" " * missing)
            self.styles.extend([PLAIN] * missing)


def cells_of(text: str) -> list[str]:
    """Return one entry per column. Characters without width join the one before them."""
    cells: list[str] = []
    for character in text.translate(_INVISIBLE):
        width = wcwidth(character)
        if not width:
            at = len(cells) - (2 if cells[-1:] == [""] else 1)
            if at >= 0 and len(cells[at]) < 16:  # limits a hostile pile of accents
                cells[at] += character
        else:
            cells.append(character)
            if width == 2:
                cells.append("")
    return cells
