"""Modes that a program switched on are switched off after it."""

from __future__ import annotations

import pytest

from hyper_jupyter.magics.modes import Modes


def undone(*pieces: bytes) -> bytes:
    modes = Modes()
    for piece in pieces:
        modes.receive_data(piece)
    return modes.undo()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"\x1b[?1049h", b"\x1b[?1049l"),
        (b"\x1b[?25l", b"\x1b[?25h"),
        (b"\x1b[?1000;1006h", b"\x1b[?1000l\x1b[?1006l"),
        (b"\x1b[?2004h", b"\x1b[?2004l"),
        (b"\x1b[?7l", b"\x1b[?7h"),
        (b"\x1b[2;5r", b"\x1b7\x1b[r\x1b8"),
        (b"\x1b=", b"\x1b>"),
        (b"\x1b(0", b"\x0f\x1b(B"),
        (b"\x1b[>4;2m", b"\x1b[>4m"),
        (b"\x1b[>1u", b"\x1b[<99u"),
        (b"\x1b[31m", b""),
        (b"\x1b]0;cut off", b""),
    ],
)
def test_what_was_switched_is_switched_back(sent: bytes, expected: bytes) -> None:
    assert undone(sent) == b"\x1b\\" + expected + b"\x1b[m"


OFF_BY_THEMSELVES = (
    *(1, 5, 6, 9, 47, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049),
    *(2004, 2026),
)


@pytest.mark.parametrize("mode", [*OFF_BY_THEMSELVES, 7, 25])
def test_each_mode_goes_back_to_what_is_normal_for_it(mode: int) -> None:
    normal, other = (b"l", b"h") if mode in OFF_BY_THEMSELVES else (b"h", b"l")
    sequence = b"\x1b[?%d" % mode
    assert undone(sequence + other) == b"\x1b\\" + sequence + normal + b"\x1b[m"
    assert undone(sequence + normal) == b"\x1b\\\x1b[m"


def test_a_mode_that_is_not_known_is_left_alone() -> None:
    assert undone(b"\x1b[?12345h") == b"\x1b\\\x1b[m"


def test_what_the_program_switched_back_itself_is_left_alone() -> None:
    assert undone(b"\x1b[?1049h\x1b[?25l", b"text\x1b[?1049l\x1b[?25h") == b"\x1b\\\x1b[m"


def test_a_sequence_in_pieces_is_one() -> None:
    assert undone(*(bytes([byte]) for byte in b"abc\x1b[?1049h")) == b"\x1b\\\x1b[?1049l\x1b[m"


def test_plain_text_leaves_nothing_to_do() -> None:
    assert undone(b"plain\r\n") == b""


def test_what_is_undone_is_forgotten() -> None:
    modes = Modes()
    modes.receive_data(b"\x1b[?1049h")
    modes.undo()
    assert modes.undo() == b""


def test_a_program_on_the_alternate_screen_is_noticed_until_it_leaves_it() -> None:
    modes = Modes()
    modes.receive_data(b"\x1b[31mred\x1b[?1049")
    assert not modes.full_screen
    modes.receive_data(b"h")
    assert modes.full_screen
    modes.receive_data(b"\x1b[?1049l")
    assert not modes.full_screen
