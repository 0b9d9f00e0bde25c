"""A screen that is fed with bytes in pieces, and whose size changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.recording.screen import terminal as module
from hyper_jupyter.recording.screen.terminal import Terminal
from tests.recording.making import BITS


def lines(terminal: Terminal) -> list[str]:
    return ["".join(line.characters) for line in terminal.screen.lines]


@given(
    st.text(st.sampled_from("aé中\u0301\u200d👍🏽\u0600 "), max_size=30).map(
        lambda text: text.replace("a", "abcdefghij")
    ),
    st.sampled_from(["", "\x1b[4h", "\x1b(0", "\x1b[?7l"]),
    st.integers(0, 30),
)
def test_a_text_is_written_as_its_characters_are(text: str, mode: str, column: int) -> None:
    whole, single = Terminal(20, 5), Terminal(20, 5)
    for terminal in (whole, single):
        terminal.write("中文字中文字中文字\r".encode() + mode.encode() + b"\x1b[%dG" % column)
    whole.write(text.encode())
    for character in text:
        single.write(character.encode())
    assert lines(whole) == lines(single)


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[31mred\x1b[2;3Hthere",
        b"a\x1b]0;a title\x07b\x1b]8;;http://x\x1b\\c",
        b"a\x1bPpicture\x1b\\b\x1b7c",
        "a\x9b31mb中\x9d0;x\x9cc".encode(),
    ],
)
def test_sequences_and_characters_may_be_split_anywhere(data: bytes) -> None:
    whole = Terminal(20, 5)
    whole.write(data)
    for at in range(1, len(data)):
        split = Terminal(20, 5)
        split.write(data[:at])
        split.write(data[at:])
        assert lines(split) == lines(whole)


def test_a_sequence_without_end_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 10)
    terminal = Terminal(20, 5)
    terminal.write(b"a\x1b]0;" + b"x" * 20)
    terminal.write(b"\x07b")
    assert lines(terminal) == ["ab"]


def test_the_row_of_the_cursor_stays_when_a_screen_becomes_smaller() -> None:
    terminal = Terminal(20, 5)
    terminal.write(b"1\r\n2\r\n3\r\n4")
    terminal.resize(20, 2)
    terminal.write(b"\x1b[Hover\x1b[2;1Hend")
    assert lines(terminal) == ["1", "2", "over", "end"]


@given(st.lists(st.one_of(BITS, st.tuples(st.integers(1, 40), st.integers(1, 12))), max_size=30))
def test_no_size_and_no_output_is_too_much(steps: list[bytes | tuple[int, int]]) -> None:
    terminal = Terminal(20, 5, keep=10)
    for step in steps:
        if isinstance(step, bytes):
            terminal.write(step)
        else:
            terminal.resize(*step)
            terminal.write(b"\x1b[99;99Hx\x1b[?1049h\x1b[99;99Hy\x1b[5S\x1b[2L")
            terminal.write(b"\x1b[?1049l\x1b8\x1b[3@")
    assert len(terminal.screen.lines) <= 300
