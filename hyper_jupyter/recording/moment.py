"""What is seen of an output: of a recording at a moment, of a journal as it is now.

Layer: recording. No I/O; any thread.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterable
from numbers import Real
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.recording import Header, Output, Recording, Resize, Stream
from hyper_jupyter.recording.screen.line import Line
from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.terminal import Terminal
from hyper_jupyter.recording.window import Journal, pieces_of

__all__ = ["SCROLLBACK", "Tail", "plain_line", "screen_at", "screen_lines"]

SCROLLBACK: Final = 10_000
"""Rows that are kept above the screen, as in a pane."""

_ACTING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_SAME: Final = 5e-7
"""Times are whole microseconds."""

_TAIL: Final = 64 * 1024
"""Bytes at the end of a stream of which a tail makes lines."""


def screen_at(recording: Recording, seconds: float, stream: Stream | None = None) -> str:
    r"""Return what was shown at a moment, as lines of text.

    Of a terminal these are the lines of its screen; of other output all lines until then, at most
    1000, with both streams in the order of their arrival.

    Args:
        recording: the recording.
        seconds: since the start.
        stream: only ``"stdout"`` or ``"stderr"``; ``None`` is both.

    Raises:
        TypeError: ``seconds`` is no number.
        ValueError: it is NaN.
    """
    if not isinstance(seconds, Real):
        raise TypeError(f"{seconds!r} is not a number of seconds")
    if math.isnan(seconds):
        raise ValueError(f"{seconds!r} is not a number of seconds")
    header = recording.header
    terminal = _terminal(header)
    data = bytearray()  # in one piece: there may be very many events
    for event in recording.events():
        if event.time > seconds + _SAME:
            break
        match event:
            case Output() if stream in (None, event.stream):
                data += event.data
            case Resize(rows=rows, columns=columns) if header.tty:
                terminal.write(bytes(data))
                data.clear()
                terminal.resize(columns, rows)
    terminal.write(bytes(data))
    screen = terminal.screen
    return "\n".join(_texts(screen.shown if header.tty else screen.lines))


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
    return _texts(screen.lines)


def plain_line(text: str) -> str:
    """Return what is seen of a line that is printed by itself: no escape sequences."""
    if not _ACTING.search(text):
        return text
    screen = Screen()
    screen.feed(text)
    return " ".join(part for part in _texts(screen.lines) if part)


class Tail:
    """Gathers the end of each stream while a recording is read."""

    def __init__(self) -> None:
        self._pieces: dict[str, deque[bytes]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, event: object) -> None:
        """Note an event."""
        if not isinstance(event, Output):
            return
        pieces = self._pieces.setdefault(event.stream, deque())
        pieces.append(event.data)
        size = self._sizes.get(event.stream, 0) + len(event.data)
        while len(pieces) > 1 and size - len(pieces[0]) >= _TAIL:
            size -= len(pieces.popleft())
        self._sizes[event.stream] = size

    def lines(self, header: Header, count: int) -> list[tuple[str, list[str]]]:
        """Return the last lines of each stream.

        Args:
            header: of the recording.
            count: how many of each, at most.
        """
        found = []
        for stream in ("stdout", "stderr"):
            data = b"".join(self._pieces.get(stream, ()))
            if len(data) > _TAIL:
                data = data[-_TAIL:].partition(b"\n")[2] or data[-_TAIL:]
            terminal = _terminal(header)
            terminal.write(data)
            if lines := _texts(terminal.screen.lines)[-count:]:
                found.append((stream, lines))
        return found


def _terminal(header: Header) -> Terminal:
    if not header.tty:
        return Terminal(None, 24, newline_returns=True)
    return Terminal(max(header.columns, 2), header.rows)


def _texts(lines: Iterable[Line]) -> list[str]:
    texts = ("".join(line.characters).rstrip() for line in lines)
    return [text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in texts]
