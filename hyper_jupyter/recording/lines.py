"""What a terminal shows of an output, as lines of plain text.

Layer: recording. No I/O of its own; any thread.
"""

from __future__ import annotations

import re
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.window import Journal, pieces_of

__all__ = ["SCROLLBACK", "plain_line", "screen_lines"]

SCROLLBACK: Final = 10_000
"""Rows that are kept above the screen, as in a pane."""

_ACTING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def screen_lines(journal: Journal, size: tuple[int, int]) -> list[str]:
    """Return the rows of a terminal, with those above its screen, without empty ones at the end.

    Args:
        journal: its output, of which the last 256 KiB are drawn.
        size: its rows and columns.
    """
    rows, columns = size
    pieces = pieces_of(journal, StreamType.STDOUT, journal.end(StreamType.STDOUT))
    screen = Screen(max(columns, 1), max(rows, 1), newline_returns=False, keep=SCROLLBACK)
    screen.feed(b"".join(piece.data for piece in pieces).decode("utf-8", "surrogateescape"))
    return [_text(line.characters) for line in screen.lines]


def plain_line(text: str) -> str:
    """Return what is seen of a line that is printed by itself: no escape sequences."""
    if not _ACTING.search(text):
        return text
    screen = Screen()
    screen.feed(text)
    return " ".join(part for line in screen.lines if (part := _text(line.characters)))


def _text(characters: list[str]) -> str:
    text = "".join(characters).rstrip()
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
