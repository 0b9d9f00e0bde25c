"""What the screen of a recorded session showed at a moment."""

from __future__ import annotations

import pytest

from hyper_jupyter.recording.moment import Tail, screen_at
from hyper_jupyter.recording.recording import Header, Output, Recording, Resize


def terminal(*events: object, rows: int = 4, columns: int = 20) -> Recording:
    header = Header(rows=rows, columns=columns, tty=True)
    return Recording.from_events(header, events)  # type: ignore[arg-type]


def log(*events: object) -> Recording:
    return Recording.from_events(Header(tty=False), events)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, ""), (0.999, ""), (1.0, "one"), (1.5, "one"), (2.0, "two"), (99.0, "two")],
)
def test_what_was_printed_until_then_is_shown(seconds: float, shown: str) -> None:
    made = terminal(Output(1.0, "stdout", b"one"), Output(2.0, "stdout", b"\rtwo"))
    assert screen_at(made, seconds) == shown


def test_of_a_terminal_it_is_the_screen_only() -> None:
    made = terminal(Output(0.0, "stdout", b"\r\n".join(b"%d" % n for n in range(10))))
    assert screen_at(made, 0.0) == "6\n7\n8\n9"


def test_a_sequence_may_be_cut_between_two_events() -> None:
    made = terminal(Output(0.0, "stdout", b"a\x1b[3"), Output(1.0, "stdout", b"1mb\x1b[0m\xe6"),
                    Output(2.0, "stdout", b"\xbc\xa2"))  # fmt: skip
    assert [screen_at(made, at) for at in (0, 1, 2)] == ["a", "ab", "ab漢"]


def test_a_terminal_gets_another_size() -> None:
    made = terminal(
        Output(0.0, "stdout", b"x" * 20 + b"\r\n"),
        Resize(1.0, 4, 30),
        Output(2.0, "stdout", b"y" * 30),
    )
    assert screen_at(made, 2.0) == "x" * 20 + "\n" + "y" * 30


def test_after_a_full_screen_program_its_picture_is_gone() -> None:
    made = terminal(
        Output(0.0, "stdout", b"\x1b[?1049hmenu"), Output(1.0, "stdout", b"\x1b[?1049l")
    )
    assert [screen_at(made, at) for at in (0, 1)] == ["menu", ""]


def test_without_a_terminal_it_is_all_lines_of_the_wanted_streams() -> None:
    made = log(
        Output(0.0, "stdout", b"out 1\n"), Output(1.0, "stderr", b"err\n"),
        Output(2.0, "stdout", b"out 2\n"),
    )  # fmt: skip
    assert screen_at(made, 9.0) == "out 1\nerr\nout 2"
    assert screen_at(made, 9.0, "stdout") == "out 1\nout 2"
    assert screen_at(made, 1.0, "stderr") == "err"


def test_a_tail_is_bounded_and_begins_with_a_line() -> None:
    tail = Tail()
    for number in range(3000):
        tail.add(Output(0.0, "stdout", b"%08d and some more words in this line\n" % number))
    [(stream, lines)] = tail.lines(Header(tty=False), 5000)
    assert stream == "stdout"
    assert lines[-1].startswith("00002999 and")
    assert len({len(line) for line in lines}) == 1
    assert 500 < len(lines) < 1500
