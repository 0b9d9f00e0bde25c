"""What is seen of a recording at a moment, and of a journal as it is now."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.moment import Tail, plain_line, screen_at, screen_lines
from hyper_jupyter.recording.recording import Header, Output, Recording, Resize
from hyper_jupyter.session import Journal


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


@pytest.mark.parametrize(
    ("given", "raised"), [(float("nan"), ValueError), ("1", TypeError), (None, TypeError)]
)
def test_what_is_no_time_is_refused(given: Any, raised: type[Exception]) -> None:
    with pytest.raises(raised, match=f"^{given!r} is not a number of seconds$"):
        screen_at(terminal(), given)


def test_a_time_may_be_any_number_also_one_without_an_end() -> None:
    made = terminal(Output(1.0, "stdout", b"one"))
    assert [screen_at(made, at) for at in (float("inf"), Fraction(1), -1)] == ["one", "one", ""]


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
