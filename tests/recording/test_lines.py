"""What a terminal shows, as lines of plain text."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.lines import plain_line, screen_lines
from hyper_jupyter.session import Journal


@pytest.mark.parametrize(
    ("output", "lines"),
    [
        (b"$ ls\r\n\x1b[34mdir\x1b[0m  file\r\n$ ", ["$ ls", "dir  file", "$"]),
        (b"10 %\r20 %\r\ndone", ["20 %", "done"]),
        (b"one\r\n\x1b[2J\x1b[Htwo", ["two"]),
        (b"1234567890abc", ["1234567890", "abc"]),
        (b"a\r\nb\r\nc\r\nd\r\ne", ["a", "b", "c", "d", "e"]),
        (b"shell\r\n\x1b[?1049h\x1b[Heditor", ["editor"]),
        (b"\xff\xe4", ["\ufffd\ufffd"]),
        (b"", []),
    ],
    ids=["colours", "returns", "clear", "wrap", "above the screen", "full screen", "bytes", "none"],
)
def test_a_terminal_is_its_screen_and_the_rows_above(output: bytes, lines: list[str]) -> None:
    journal = Journal()
    journal.append(StreamType.STDOUT, output)
    assert screen_lines(journal, (4, 10)) == lines


def test_a_line_alone_is_shown_as_a_terminal_would() -> None:
    assert plain_line("plain  text") == "plain  text"
    assert plain_line("\x1b[31mred\x1b[0m 10 %\r\x1b[Kdone") == "done"
    assert plain_line("\x1b]0;title\x07seen") == "seen"
