"""Recordings that the format's own tools play in tests, and what they must show."""

from __future__ import annotations

from typing import Final

from hyper_jupyter.recording.recording import Event, Exit, Marker, Output, Recording, Resize
from hyper_jupyter.recording.screen.terminal import Terminal
from tests.recording.making import NOON, recording

POINTS: Final = (0.75, 1.25, 2.25, 3.25, 4.25)
"""Seconds at which the screens are compared."""

_FRAMED: Final[list[Event]] = [
    Output(0.5, "stdout", b"one \x1b[31mred\x1b[0m\nhalf"),
    Output(1.0, "stderr", "\rzwei é中".encode()[:-2]),
    Output(1.5, "stderr", "中".encode()[1:] + b"\xff\n"),
    Output(2.0, "stdout", b" 10%\r 20%\r100%\r\nline\r\r\n"),
    Marker(2.5, "cut here", "cut"),
    Output(3.0, "stdout", b"\xf0\x9f\x98\x80 x\x00y\tz\n"),
    Output(4.0, "stdout", '<b>&amp;</b> ü \\ "end"'.encode()),
    Exit(4.5, 3),
]
_TERMINAL: Final[list[Event]] = [
    Output(0.5, "stdout", b"$ \x1b[1mls\x1b[0m\r\na  b\r\n"),
    Output(1.0, "stdout", b"\x1b[?1049h\x1b[2J\x1b[3;5Hfull \x1b[7mscreen\x1b[0m\x1b[5;1H"),
    Output(1.0, "stdout", b"\xe4\xb8"),
    Output(2.0, "stdout", b"\xad\xe6\x96\x87\x1b[3;5HFULL"),
    Output(3.0, "stdout", b"\x1b[?1049l$ \x1b[32mecho\x1b[0m hi\r\nhi\r\n"),
    Resize(3.5, 12, 50),
    Output(4.0, "stdout", b"\x1b[A\x1b[2Kover\r\n" + b"-" * 45),
    Exit(4.5, 0),
]

PLAYED: Final = {
    "two streams": recording(*_FRAMED, rows=12, columns=40, title="web", started_at=NOON),
    "terminal": recording(*_TERMINAL, tty=True, rows=12, columns=40),
}


def text_at(found: Recording, seconds: float) -> list[str]:
    """Return the lines that our screen shows at a moment, without blanks at their ends."""
    head = found.header
    terminal = Terminal(head.columns, head.rows, newline_returns=not head.tty)
    for event in found.events():
        if event.time > seconds:
            break
        if isinstance(event, Output):
            terminal.write(event.data)
        elif isinstance(event, Resize):
            terminal.resize(event.columns, event.rows)
    lines = ["".join(line.characters).rstrip() for line in terminal.screen.lines]
    return lines[-head.rows :]
