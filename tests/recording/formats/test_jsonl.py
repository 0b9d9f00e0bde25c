"""The lines of a recording as JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.recording.formats import lines as module
from hyper_jupyter.recording.formats.jsonl import json_lines
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Exit, Lost, Marker, Output, Recording
from tests.recording.making import NOON, recording

FIRST = (
    b'{"time": 1.5, "stream": "stdout", "text": "a", "number": 1, "complete": true,'
    b' "clock": "engine"}\n'
)


def rows(found: Recording) -> list[dict[str, Any]]:
    return [json.loads(line) for line in json_lines(found)]


def test_each_line_has_the_fields_of_a_record() -> None:
    found = recording(
        Output(0.5, "stdout", b"one\r\ntw"),
        Output(1.0, "stderr", b"oh \xff\n"),
        Marker(1.0, "here"),
        Output(1.25, "stdout", b"o\nrest"),
        Exit(2.0, 0),
        started_at=NOON,
    )
    common = {"complete": True, "clock": "arrival"}
    assert rows(found) == [
        {"time": NOON + 0.5, "stream": "stdout", "text": "one", "number": 1, **common},
        {"time": NOON + 1, "stream": "stderr", "text": "oh \ufffd", "number": 1, **common},
        {"time": NOON + 1.25, "stream": "stdout", "text": "two", "number": 2, **common},
        {
            "time": NOON + 1.25, "stream": "stdout", "text": "rest", "number": 3,
            "complete": False, "clock": "arrival",
        },
    ]  # fmt: skip


def test_dropped_output_is_counted() -> None:
    lost = (Lost("stdout", 100, 7), Lost("stderr", 0, 0))
    found = recording(
        Marker(0.0, "100 bytes are not kept", "dropped", lost),
        Output(1.0, "stdout", b"end of a line\nnext\n"),
        started_at=NOON,
    )
    short = [(row["number"], row["text"], row["complete"]) for row in rows(found)]
    assert short == [
        (0, "[100 bytes are not kept]", False),
        (8, "end of a line", False),
        (9, "next", True),
    ]
    once = "".join(json_lines(found))
    assert "".join(json_lines(load(io.BytesIO(once.encode())))) == once


def test_a_line_without_end_is_several_that_are_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 10)
    found = recording(
        *(Output(0.0, "stdout", b"123456") for _ in range(3)), Output(0.0, "stdout", b"\n\nx\n")
    )
    short = [(row["number"], row["text"], row["complete"]) for row in rows(found)]
    assert short == [
        (1, "123456123456", False),
        (1, "123456", False),
        (2, "", True),
        (3, "x", True),
    ]


def test_a_file_is_read_as_a_recording() -> None:
    found = load(
        io.BytesIO(FIRST + b'{"time": 2.0, "stream": "stderr", "text": "b"}\n\n{"time": 3')
    )
    assert list(found.events()) == [Output(0.0, "stdout", b"a\n"), Output(0.5, "stderr", b"b\n")]
    assert (found.header.started_at, found.header.clock, found.header.tty) == (1.5, "engine", False)


@pytest.mark.parametrize(
    "line",
    [
        b'{"time": "now", "stream": "stdout", "text": "a"}',
        b'{"time": NaN, "stream": "stdout", "text": "a"}',
        b'{"time": true, "stream": "stdout", "text": "a"}',
        b'{"time": 1, "stream": "stdin", "text": "a"}',
        b'{"time": 1, "stream": "stdout", "text": 1}',
        b'["stream"]',
    ],
)
def test_other_lines_are_refused_in_one_line(line: bytes) -> None:
    with pytest.raises(HyperJupyterError, match="line 1: it is not a line of output"):
        list(load(io.BytesIO(line + b"\n")).events())
    with pytest.raises(HyperJupyterError, match="line 2: it is not a line of output"):
        list(load(io.BytesIO(FIRST + line + b"\n" + FIRST)).events())


@pytest.mark.parametrize(
    "data", [b"a\r\r\nb\r\n\r\nc", b"\r\r\r\n", b"a\r", b"a\r\r\n\r"], ids=repr
)
def test_saving_what_was_loaded_gives_the_same_file(data: bytes) -> None:
    saved = list(json_lines(recording(Output(0.5, "stdout", data))))
    loaded = load(io.BytesIO("".join(saved).encode()))
    assert list(json_lines(loaded)) == saved


def test_an_empty_file_is_of_a_session_that_printed_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.touch()
    assert list(load(path).events()) == []
    (tmp_path / "a.cast").touch()
    with pytest.raises(HyperJupyterError, match=r"a\.cast is empty"):
        load(tmp_path / "a.cast")


@pytest.mark.parametrize("line", ['{"msg": "a"}', '{"version": "1.2", "msg": "a"}', "[1]", "no"])
def test_lines_of_another_program_are_not_called_an_asciicast(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(HyperJupyterError, match="line 1: it is not a line of output") as caught:
        load(path)
    assert "time, stream and text" in str(caught.value.hint)


def test_an_asciicast_is_one_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"version": 2, "width": 80, "height": 24}\n[1, "o", "a"]\n')
    assert [type(event) for event in load(path).events()] == [Output]
