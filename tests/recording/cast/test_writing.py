"""What our asciicast files look like, to any player."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from hyper_jupyter.recording.cast import writing
from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Exit, Input, Marker, Output, Recording, Resize
from tests.recording.making import NOON, recording

SESSION = recording(
    Output(0.5, "stdout", b"$ "),
    Input(1.25, b"ls\r"),
    Output(1.75, "stdout", "é\r\n".encode()),
    Resize(2.0, 30, 100),
    Marker(2.0, "here"),
    Exit(3.000001, 0),
    tty=True,
    title="web",
    command="bash",
    container="web",
    image="busybox",
    engine="docker",
    kind="attach",
    started_at=NOON + 0.5,
    idle_limit=2.0,
)


def lines(found: Recording, version: int = 3) -> list[Any]:
    return [json.loads(line) for line in cast_lines(found, version)]


def test_version_3_has_intervals() -> None:
    assert lines(SESSION)[1:] == [
        [0.5, "o", "$ "],
        [0.75, "i", "ls\r"],
        [0.5, "o", "é\r\n"],
        [0.25, "r", "100x30"],
        [0.0, "m", "here"],
        [1.000001, "x", "0"],
    ]


def test_version_2_has_times_since_the_start() -> None:
    assert lines(SESSION, 2)[1:] == [
        [0.5, "o", "$ "],
        [1.25, "i", "ls\r"],
        [1.75, "o", "é\r\n"],
        [2.0, "r", "100x30"],
        [2.0, "m", "here"],
        [3.000001, "x", "0"],
    ]


def test_headers_are_those_of_the_format() -> None:
    own = {
        "tty": True, "clock": "arrival", "container": "web", "image": "busybox",
        "engine": "docker", "kind": "attach", "started_at": NOON + 0.5,
    }  # fmt: skip
    common = {
        "timestamp": int(NOON), "idle_time_limit": 2.0, "command": "bash", "title": "web",
        "hyper_jupyter": own,
    }  # fmt: skip
    assert lines(SESSION)[0] == {"version": 3, "term": {"cols": 80, "rows": 24}, **common}
    assert lines(SESSION, 2)[0] == {"version": 2, "width": 80, "height": 24, **common}


def test_intervals_add_up_to_the_time() -> None:
    found = recording(*(Output(number / 3, "stdout", b".") for number in range(1000)))
    assert sum(line[0] for line in lines(found)[1:]) == pytest.approx(333, abs=1e-6)


def test_stderr_is_output_to_every_player_and_an_event_of_ours_says_what_it_is() -> None:
    found = recording(
        Output(0.0, "stdout", b"a"),
        Output(0.5, "stderr", b"b"),
        Output(0.5, "stderr", b"c"),
        Output(1.0, "stdout", b"d"),
    )
    assert lines(found)[1:] == [
        [0.0, "o", "a"],
        [0.0, "hj", "stderr"],
        [0.5, "o", "b"],
        [0.0, "o", "c"],
        [0.0, "hj", "stdout"],
        [0.5, "o", "d"],
    ]


def test_a_line_feed_without_a_terminal_becomes_what_a_terminal_would_get() -> None:
    found = recording(Output(0.0, "stdout", b"a\nb\r\nc\r"), Output(0.0, "stdout", b"\n"))
    assert lines(found)[1:] == [[0.0, "o", "a\r\nb\r\r\nc\r"], [0.0, "o", "\r\n"]]
    found = recording(Output(0.0, "stdout", b"a\nb\r\n"), tty=True)
    assert lines(found)[1:] == [[0.0, "o", "a\nb\r\n"]]


def test_a_split_character_is_whole_in_the_later_event() -> None:
    found = recording(Output(0.0, "stdout", b"a\xf0\x9f"), Output(1.0, "stdout", b"\x98\x80b"))
    assert lines(found)[1:] == [[0.0, "hj", "tail 8J8="], [0.0, "o", "a"], [1.0, "o", "😀b"]]


def test_a_character_may_be_split_twice() -> None:
    parts = [Output(0.0, "stdout", byte) for byte in (b"\xe4", b"\xb8", b"\xad")]
    text = "".join(cast_lines(recording(*parts)))
    assert [json.loads(line)[2] for line in text.splitlines()[1:]] == [
        "tail 5A==", "", "tail 5Lg=", "", "中",
    ]  # fmt: skip
    assert list(load(io.StringIO(text)).events()) == parts


def test_bytes_that_are_not_text_are_kept_beside_what_players_show() -> None:
    found = recording(Output(0.0, "stdout", b"a\xff\n"))
    assert lines(found)[1:] == [[0.0, "hj", "bytes Yf8K"], [0.0, "o", "a\ufffd\r\n"]]


def test_the_kind_of_a_mark_is_kept() -> None:
    found = recording(Marker(1.0, "cut", "cut"), Marker(1.0, "mine"))
    assert lines(found)[1:] == [[0.0, "hj", "mark cut"], [1.0, "m", "cut"], [0.0, "m", "mine"]]


def test_every_event_is_a_line_whatever_was_printed() -> None:
    found = recording(
        Output(0.0, "stdout", "\u2028\u2029\x85\x0b\x0c\x1c\n\r\x00\x7f\ufeff".encode())
    )
    text = "".join(cast_lines(found))
    assert len(text.splitlines()) == 2
    assert json.loads(text.splitlines()[1])[2] == "\u2028\u2029\x85\x0b\x0c\x1c\r\n\r\x00\x7f\ufeff"


def test_a_long_output_is_several_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LONGEST_EVENT", 3)
    found = recording(Output(1.0, "stdout", "äbcdefg".encode()))
    assert lines(found)[1:] == [[1.0, "o", "äbc"], [0.0, "o", "def"], [0.0, "o", "g"]]
