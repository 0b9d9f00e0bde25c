"""A recording as text to read."""

from __future__ import annotations

import pytest

from hyper_jupyter.recording.formats import text as module
from hyper_jupyter.recording.formats.text import text_lines
from hyper_jupyter.recording.recording import Event, Exit, Marker, Output, Resize
from tests.recording.making import NOON, recording


def text(*events: Event, tty: bool = False, **header: object) -> list[str]:
    found = list(text_lines(recording(*events, tty=tty, **header)))
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in found)
    return [line[:-1] for line in found]


def test_the_head_says_what_it_is() -> None:
    head = text(title="web", image="busybox", engine="docker", command="sh", started_at=NOON)[0]
    assert head == "web (busybox, docker): sh, 2026-09-21 14:13:20 UTC"
    assert text() == ["a recording"]
    assert text(title="a\x1b]0;b\x07") == ["a ]0;b"]
    assert text(title="web", started_at=1e12) == ["web"]


def test_lines_marks_and_the_exit_are_in_order() -> None:
    assert text(
        Output(0.0, "stdout", b"\x1b[31mred\x1b[0m one\r\ntw"),
        Output(1.0, "stderr", b"oh\n"),
        Marker(2.0, "here"),
        Output(3.0, "stdout", b"o\nrest"),
        Exit(4.0, 137),
    )[1:] == [
        "red one",
        "[stderr] oh",
        "tw",
        "\u2014 here \u2014",
        "o",
        "rest",
        "\u2014 exited with code 137 (killed, SIGKILL) \u2014",
    ]  # fmt: skip


def test_a_bar_that_is_drawn_over_itself_is_one_line() -> None:
    assert text(Output(0.0, "stdout", b" 10%\r 20%\r100%\ndone\n"))[1:] == ["100%", "done"]


def test_long_lines_are_not_cut() -> None:
    assert text(Output(0.0, "stdout", b"\x1b[1m" + b"x" * 5000 + b"\n"))[1:] == ["x" * 5000]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_terminal_is_drawn_and_what_left_its_screen_is_there_too(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(module, "_KEEP", 5)
    data = (
        b"".join(b"%d\r\n" % number for number in range(1000))
        + b"\x1b[A\x1b[31mover\x1b[0m\xe4\xb8\xad"
    )
    parts = [Output(0.0, "stdout", data[at : at + size]) for at in range(0, len(data), size)]
    lines = text(*parts, tty=True, rows=4, columns=20)
    assert lines[1:-1] == [str(number) for number in range(999)]
    assert lines[-1] == "over中"


def test_lines_that_wrap_at_the_edge_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEEP", 5)
    rows = ["abcdefghij" * number for number in range(60)]
    data = "\r\n".join(rows).encode()
    parts = [Output(0.0, "stdout", data[at : at + 13]) for at in range(0, len(data), 13)]
    assert text(*parts, tty=True, rows=4, columns=20)[1:] == rows


def test_a_new_size_counts_from_then_on() -> None:
    assert text(
        Output(0.0, "stdout", b"x" * 30),
        Resize(1.0, 10, 40),
        Output(1.0, "stdout", b"\r\n" + b"y" * 30 + b"\rZ"),
        tty=True, columns=20,
    )[1:] == ["x" * 30, "Z" + "y" * 29]  # fmt: skip


def test_a_mark_waits_for_the_end_of_a_sequence_or_of_a_character() -> None:
    def shown(before: bytes, after: bytes, kind: str) -> list[str]:
        first, last = Output(0.0, "stdout", before), Output(2.0, "stdout", after)
        return text(first, Marker(1.0, "here", kind), last)[1:]

    here = "\u2014 here \u2014"
    assert shown(b"one\x1b[3", b"1mtwo", "note") == ["one", here, "two"]
    assert shown(b"one\x1b[3", b"1mtwo", "gap") == ["one", here, "1mtwo"]
    assert shown(b"one\xe4\xb8", b"\xadtwo", "gap") == ["one", here, "\u4e2dtwo"]
    assert shown(b"\x1b]0;ti", b"tle\x07two", "cut") == [here, "two"]


def test_marks_of_a_terminal_are_above_the_line_that_was_typed() -> None:
    assert text(
        Output(0.0, "stdout", b"$ ls\r\na\r\n$ \x1b[3"),
        Marker(65.0, "here"),
        Output(66.0, "stdout", b"1mexit\r\n"),
        Exit(3700.0, 0),
        tty=True,
    )[1:] == [
        "$ ls",
        "a",
        "\u2014 here \u2014",
        "$ exit",
        "1:01:40 \u2014 exited with code 0 \u2014",
    ]  # fmt: skip


def test_marks_of_a_full_screen_program_come_after_the_lines_of_a_terminal() -> None:
    assert text(
        Output(0.0, "stdout", b"$ vi\r\n\x1b[?1049hfile"),
        Marker(65.0, "here"),
        Output(66.0, "stdout", b"\x1b[?1049l$ ls\x1b[3"),
        Marker(67.0, "there"),
        tty=True,
    )[1:] == [
        "$ vi",
        "\u2014 there \u2014",
        "$ ls",
        "0:01:05 \u2014 here \u2014",
    ]  # fmt: skip
