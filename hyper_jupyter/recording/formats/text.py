"""A recording as text to read: a head, lines without escape sequences, marks, the exit code.

Layer: recording. No I/O of its own; any thread. A terminal's output is drawn, and what leaves the
screen at its top is written, so memory is bounded.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.formats.lines import LineCutter, RecordedLine
from hyper_jupyter.recording.recording import (
    Event,
    Exit,
    Header,
    Marker,
    Output,
    Recording,
    Resize,
    Stream,
)
from hyper_jupyter.recording.screen.line import VOID, Line
from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.terminal import Terminal
from hyper_jupyter.session.rules.outcome import code_text

__all__ = ["text_lines"]

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")
_KEEP: Final = 1000
"""Lines of a screen that can still change, or wait to be written."""


def text_lines(recording: Recording, stream: Stream | None = None) -> Iterator[str]:
    r"""Yield the lines of a file, each with ``\n`` at its end.

    Lines of stderr begin with ``[stderr]``, unless only that is wanted.

    Args:
        recording: the recording.
        stream: only this one; ``None`` is both.
    """
    yield f"{_head(recording.header)}\n"
    shown = _drawn(recording) if recording.header.tty else _printed(recording, stream)
    for line in shown:
        yield f"{line}\n"


def _head(head: Header) -> str:
    words = [each for each in (head.image, head.engine) if each]
    name = head.title or head.container or "a recording"
    text = f"{name} ({', '.join(words)})" if words else name
    if head.command:
        text += f": {head.command}"
    if head.started_at is not None:
        try:
            moment = dt.datetime.fromtimestamp(head.started_at, dt.UTC)
        except (OverflowError, ValueError, OSError):
            return printable(text)
        text += f", {moment:%Y-%m-%d %H:%M:%S} UTC"
    return printable(text)


def _said(event: Event) -> str:
    """Return the line of a mark or an exit; empty for other events."""
    match event:
        case Marker(text=text):
            return f"\u2014 {printable(text) or 'mark'} \u2014"
        case Exit(code=code):
            return f"\u2014 exited with {code_text(code)} \u2014"
    return ""


# -- a program without a terminal ---------------------------------------------------------


def _printed(recording: Recording, stream: Stream | None) -> Iterator[str]:
    cutter = LineCutter()

    def shown(lines: Iterator[RecordedLine]) -> Iterator[str]:
        for line in lines:
            if stream is None or line.stream == stream:
                prefix = "[stderr] " if line.stream == "stderr" and stream is None else ""
                for row in _rows(line.text):
                    yield f"{prefix}{row}"

    for event in recording.events():
        if isinstance(event, Output) or (isinstance(event, Marker) and event.lost):
            yield from shown(cutter.feed(event))
        elif said := _said(event):
            if isinstance(event, Marker):
                yield from shown(cutter.interrupt(ends_sequence=event.kind == "gap"))
            else:
                yield from shown(cutter.finish())
            yield said
    yield from shown(cutter.finish())


def _rows(text: str) -> Sequence[str]:
    """Return what a terminal would show of one line."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)  # most lines have nothing else, and a screen takes its time
    if not _CONTROL.search(text):
        return (text,)
    screen = Screen()
    screen.feed(text)
    return [_characters(line, whole=True) for line in screen.lines] or ("",)


# -- a terminal ---------------------------------------------------------------------------


class _Roll:
    """Collects lines that leave a screen, and joins those that only wrapped at its edge."""

    def __init__(self) -> None:
        self._ready: list[str] = []
        self._open: list[str] = []

    def add(self, lines: Sequence[Line], after: Line | None = None) -> None:
        """Add lines.

        Args:
            lines: the lines.
            after: the line that follows the last one.
        """
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else after
            goes_on = following is not None and following.wrapped
            self._open.append(_characters(line, whole=not goes_on))
            if not goes_on:
                self._ready.append("".join(self._open))
                self._open = []

    def take(self) -> list[str]:
        """Return the whole lines that have not been taken."""
        ready, self._ready = self._ready, []
        return ready


def _drawn(recording: Recording) -> Iterator[str]:
    head = recording.header
    roll = _Roll()
    left: list[Line] = []
    terminal = Terminal(max(head.columns, 20), head.rows, keep=_KEEP, leave=left.extend)
    notes: list[str] = []
    for event in recording.events():
        if isinstance(event, Output):
            terminal.write(event.data)
        elif isinstance(event, Resize):
            terminal.resize(max(event.columns, 20), event.rows)
        elif said := _said(event):
            note = f"{_clock(event.time)} {said}"
            if isinstance(event, Marker):
                ends = event.kind == "gap"
                terminal.insert(said, partial(notes.append, note), ends_sequence=ends)
            else:
                notes.append(note)
        if len(left) > 1:
            roll.add(left[:-1], left[-1])
            del left[:-1]
            yield from roll.take()
    terminal.finish()
    roll.add([*left, *terminal.screen.lines])
    yield from roll.take()
    yield from notes


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _characters(line: Line, *, whole: bool) -> str:
    """Return what is seen of a line of a screen.

    Args:
        line: the line.
        whole: whether it ends here, and not only at the screen's edge.
    """
    cells = line.characters
    end = len(cells)
    while not whole and end and cells[end - 1] in VOID:
        end -= 1
    text = "".join(
        " " if cell in VOID or (cell and style.concealed) else cell
        for cell, style in zip(cells[:end], line.styles, strict=False)
    )
    return text.rstrip() if whole else text
