"""Casts of other programs, and files that are none."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.cast import reading
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Event, Exit, Input, Marker, Output, Resize

THREE = b'{"version": 3, "term": {"cols": 80, "rows": 24}}\n'
TWO = b'{"version": 2, "width": 80, "height": 24}\n'
OURS = b'{"version": 3, "term": {"cols": 80, "rows": 24}, "hyper_jupyter": {"tty": false}}\n'

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/casts.json").read_text("utf-8"))


def events(data: bytes) -> list[Event]:
    return list(load(io.BytesIO(data)).events())


def fault(data: bytes) -> str:
    with pytest.raises(HyperJupyterError) as caught:
        events(data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["what"])
def test_casts_of_other_programs_are_read(vector: dict[str, Any]) -> None:
    found = load(io.BytesIO("\n".join(vector["lines"]).encode()))
    head = {name: getattr(found.header, name) for name in vector["header"]}
    assert head == vector["header"]
    shown = [
        [
            type(event).__name__,
            *(each.decode() if isinstance(each, bytes) else each for each in event),
        ]
        for event in found.events()
    ]
    assert [each[: len(wanted)] for each, wanted in zip(shown, vector["events"], strict=True)] == (
        vector["events"]
    )


def test_intervals_of_events_that_are_skipped_count() -> None:
    lines = b'[1.0, "o", "a"]\n[2.0, "z", {"a": 1}]\n# comment\n\n[0.5, "o", "b"]\n'
    assert events(THREE + lines) == [Output(1.0, "stdout", b"a"), Output(3.5, "stdout", b"b")]


def test_a_last_line_that_is_cut_off_is_left_out() -> None:
    assert events(THREE + b'[1.0, "o", "a"]\n[2.0, "o", "b') == [Output(1.0, "stdout", b"a")]
    assert events(TWO + b'[1.0, "o", "a"]') == [Output(1.0, "stdout", b"a")]


def test_our_events_mean_nothing_in_a_file_that_is_not_ours() -> None:
    lines = b'[0.0, "hj", "stderr"]\n[0.0, "hj", "bytes Yg=="]\n[1.0, "o", "a\\r\\n"]\n'
    assert events(THREE + lines) == [Output(1.0, "stdout", b"a\r\n")]
    assert events(OURS + lines) == [Output(1.0, "stderr", b"a\n")]


@pytest.mark.parametrize(
    "word", ["bytes Yg==", "bytes !", "bytes ", "tail !", "mark ", "mark A B", "x"]
)
def test_what_players_show_counts_where_our_events_say_something_else(word: str) -> None:
    lines = f'[0.0, "hj", "{word}"]\n[1.0, "o", "a"]\n[0.0, "m", ""]\n'.encode()
    assert events(OURS + lines) == [Output(1.0, "stdout", b"a"), Marker(1.0, "")]


def test_times_never_go_back() -> None:
    lines = b'[2.0, "o", "a"]\n[1.0, "o", "b"]\n[-5, "m", "x"]\n'
    assert [event.time for event in events(TWO + lines)] == [2.0, 2.0, 2.0]
    assert [event.time for event in events(THREE + lines)] == [2.0, 3.0, 3.0]


def test_halves_of_characters_are_replaced() -> None:
    lines = b'[0, "o", "\\ud83d"]\n[0, "o", "\\ud83d\\ude00"]\n'
    assert events(TWO + lines) == [
        Output(0.0, "stdout", "\ufffd".encode()),
        Output(0.0, "stdout", "😀".encode()),
    ]


def test_what_is_known_is_read() -> None:
    lines = (
        b'[0, "i", "\\r"]\n[0, "r", "100x30"]\n[0, "m", "a\\u001b[2J b"]\n'
        b'[0, "x", "-1"]\n[0, "x", 3]\n'
    )
    assert events(THREE + lines) == [
        Input(0.0, b"\r"),
        Resize(0.0, 30, 100),
        Marker(0.0, "a [2J b"),
        Exit(0.0, -1),
        Exit(0.0, 3),
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\x00\x01\x02 binary \xff", "not an asciicast"),
        (b"PNG\n", "its first line is not a header"),
        (b"[1, 2]\n", "its first line is not a header"),
        (b'{"name": "no cast"}\n', "its first line is not a header"),
        (b'{"version": 4}\n', "version 4 is not known; 1, 2 and 3 are"),
        (b'{"version": true}\n', "version True is not known"),
        (b'{"version": "3"}\n', "version '3' is not known"),
        (b'{"version": 3}\n', "size is missing"),
        (b'{"version": 3, "term": {"cols": 80}}\n', "rows is not a size"),
        (b'{"version": 2, "width": false, "height": 24}\n', "width is not a size"),
        (b'{"version": 2, "width": -1, "height": 24}\n', "width is not a size"),
        (b'{"version": 2, "width": 1e9, "height": 24}\n', "width is not a size"),
        (b'{"version": 2, "width": 70000, "height": 24}\n', "width is not a size"),
        (b'{"version": 1, "width": 8, "height": 4}', "it has no output"),
        (b'{"version": 1, "width": 8, "height": 4, "stdout": [[0]]}', "entry 1 of its output"),
        (THREE + b'oops\n[0, "o", ""]\n', "line 2: it is not an event"),
        (THREE + b'[NaN, "o", "a"]\n', "line 2: it is not an event"),
        (THREE + b'[1e999, "o", "a"]\n', "line 2: it is not an event"),
        (THREE + b'["1", "o", "a"]\n', "line 2: it is not an event"),
        (THREE + b'[true, "o", "a"]\n', "line 2: it is not an event"),
        (THREE + b'[1, 2, "a"]\n', "line 2: it is not an event"),
        (THREE + b'[1, "o"]\n', "line 2: it is not an event"),
        (THREE + b'[1, "o", 2]\n', "line 2: its data is int instead of text"),
        (THREE + b'[1, "r", "80"]\n', "line 2: it has no size"),
        (THREE + b'[1, "r", "0x5"]\n', "line 2: it has no size"),
        (THREE + b"[" * 100_000 + b"\n", "line 2: it is not an event"),
        (THREE + b"[" + b"9" * 5000 + b', "o", ""]\n', "line 2: it is not an event"),
    ],
)  # fmt: skip
def test_what_is_no_cast_is_refused_in_one_line(data: bytes, words: str) -> None:
    assert words in fault(data)


def test_a_line_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 100)
    data = THREE + b'[0, "o", "' + b"a" * 200 + b'"]\n'
    assert "line 2: it is longer than 100 bytes" in fault(data)
    assert "line 1" in fault(b"{" + b" " * 200)


@given(st.binary(max_size=60), st.sampled_from([b"", THREE, TWO, OURS]))
def test_anything_is_read_or_refused(data: bytes, head: bytes) -> None:
    with contextlib.suppress(HyperJupyterError):
        events(head + data)


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(HyperJupyterError, match="cannot be read: No such file or directory"):
        load(tmp_path / "none.cast")
    with pytest.raises(HyperJupyterError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_is_read_again_each_time_and_open_ones_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "demo.cast"
    path.write_bytes(THREE + b'[0, "o", "a"]\n')
    with path.open() as text:
        for found in (load(path), load(str(path)), load(text)):
            assert list(found.events()) == list(found.events()) == [Output(0.0, "stdout", b"a")]
