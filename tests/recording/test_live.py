"""The recording of a session: what it has, in which order, and how it is read."""

from __future__ import annotations

import io
import json

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.recording import live
from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.formats.jsonl import json_lines
from hyper_jupyter.recording.formats.text import text_lines
from hyper_jupyter.recording.live import recording_of
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Exit, Input, Lost, Marker, Output, Resize
from hyper_jupyter.session.rules.log.joint import Joint
from hyper_jupyter.session.store.marks import MarkKind
from tests.recording.making import NOON, STDERR, STDOUT, StoredSession, printed


def test_output_has_its_stream_its_bytes_and_its_time() -> None:
    session = StoredSession()
    session.output(b"one\n", 0.5)
    session.output(b"\xffoh\n", 1.25, STDERR)
    session.end(3, 2.0)
    assert list(recording_of(session).events()) == [
        Output(0.5, "stdout", b"one\n"),
        Output(1.25, "stderr", b"\xffoh\n"),
        Exit(2.0, 3),
    ]


def test_the_header_says_what_was_recorded() -> None:
    session = StoredSession(tty=True)
    session.complete = True
    head = recording_of(session).header
    assert (head.title, head.container, head.image, head.engine) == (
        "web", "web", "busybox", "docker",
    )  # fmt: skip
    assert (head.kind, head.command, head.started_at) == ("attach", "sh -c 'date'", NOON)
    assert (head.rows, head.columns, head.tty, head.complete) == (24, 80, True, True)
    session.kind, session.command = "exec", ("echo", "a b")
    assert recording_of(session).header.command == "echo 'a b'"


def test_marks_and_sizes_stand_between_the_bytes_at_which_they_came() -> None:
    session = StoredSession(tty=True)
    session.output(b"ab", 0.0)
    session.mark("here", 0.0)
    session.sizes.add(30, 100)
    session.output(b"cd", 0.001)  # joined with the bytes before it
    found = list(recording_of(session).events())
    assert found[0] == Output(0.0, "stdout", b"ab")
    assert found[1] == Marker(0.0, "here")
    assert isinstance(found[2], Resize)
    assert found[2][1:] == (30, 100)
    assert found[3][1:] == ("stdout", b"cd")


def test_what_happened_to_a_session_keeps_its_kind() -> None:
    session = StoredSession()
    session.mark("cut, and attached again", 1.0, MarkKind.CUT)
    assert list(recording_of(session).events()) == [Marker(1.0, "cut, and attached again", "cut")]


def test_times_never_go_back() -> None:
    session = StoredSession()
    session.output(b"a\n", 5.0)
    session.output(b"b\n", 3.0, STDERR)  # the clock was set
    assert [event.time for event in recording_of(session).events()] == [5.0, 5.0]


def test_a_log_begins_with_its_first_line() -> None:
    session = StoredSession()
    session.clock = "engine"
    session.output(b"long ago\n", -3600.0)
    session.output(b"now\n", 1.0)
    found = recording_of(session)
    assert (found.header.started_at, found.header.clock) == (NOON - 3600, "engine")
    assert [event.time for event in found.events()] == [0.0, 3601.0]


def test_a_recording_of_a_live_session_does_not_grow() -> None:
    session = StoredSession()
    session.output(b"before", 0.0)
    found = recording_of(session)
    session.output(b" after", 1.0)
    session.mark("later", 2.0)
    assert list(found.events()) == [Output(0.0, "stdout", b"before")]


def test_output_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_PIECE", 7)
    session = StoredSession()
    whole = b"".join(b"line %d\n" % number for number in range(50))
    session.output(whole, 0.0)
    session.mark("end", 1.0)
    found = recording_of(session)
    sizes = [len(event.data) for event in found.events() if isinstance(event, Output)]
    assert max(sizes) <= 7
    assert printed(found) == whole
    assert list(found.events())[-1] == Marker(1.0, "end")


def test_output_that_is_not_kept_has_a_mark_that_says_how_much() -> None:
    session = StoredSession(memory=1024, capacity=1024)
    for number in range(100):
        session.output(b"%099d\n" % number, float(number))
    dropped = session.journal.first
    first, second, *_ = recording_of(session).events()
    assert isinstance(first, Marker)
    assert (first.text, first.kind) == (f"{dropped:,} bytes are not kept", "dropped")
    assert Lost("stdout", dropped, dropped // 100) in first.lost
    assert isinstance(second, Output)


def test_what_came_after_a_recording_is_not_in_it_where_its_own_output_is_not_kept() -> None:
    session = StoredSession(memory=1024, capacity=1024)
    session.output(b"x" * 1500, 0.0)
    found = recording_of(session)
    session.output(b"y" * 5000, 1.0)
    assert [type(event) for event in found.events()] == [Marker]


def test_input_is_left_out_unless_it_is_asked_for() -> None:
    session = StoredSession(tty=True)
    session.typed.begin()
    session.output(b"$ ", 0.0)
    session.typed.add(b"ls\r", session.typed.place())
    session.output(b"ls\r\n", 0.001)
    assert not [event for event in recording_of(session).events() if isinstance(event, Input)]
    found = list(recording_of(session, input=True).events())
    assert [type(event) for event in found] == [Output, Input, Output]
    assert found[1][1] == b"ls\r"


def test_input_that_was_not_kept_cannot_be_saved() -> None:
    with pytest.raises(HyperJupyterError, match="what was typed was not kept") as caught:
        recording_of(StoredSession(), input=True)
    assert "record_input=True" in caught.value.hint


def remembered(*, tty: bool = False) -> StoredSession:
    session = StoredSession(tty=tty)
    entries = [
        TimedOutput(STDOUT, b"\x1b[31mold", NOON - 3600),
        TimedOutput(STDERR, b"oh\n", NOON - 60),
        TimedOutput(STDOUT, b" one\n", NOON - 1),
        TimedOutput(STDOUT, b"half", NOON + 5),  # the engine's clock is ahead
    ]
    session.history.set(entries, {STDOUT: Joint.UNPROVEN})
    session.output(b"new\n", 0.5)
    return session


def test_history_is_left_out_unless_it_is_asked_for() -> None:
    assert list(recording_of(remembered()).events()) == [Output(0.5, "stdout", b"new\n")]


def test_history_comes_first_with_times_before_the_start() -> None:
    session = remembered()
    joint = f"live from here; {session.history.note_for('stdout')}"
    assert list(recording_of(session, history=True).events()) == [
        Output(-3600.0, "stdout", b"\x1b[31mold one\n"),
        Output(-60.0, "stderr", b"oh\n"),
        Output(-1e-6, "stdout", b"half"),
        Marker(-1e-6, joint, "history"),
        Output(0.5, "stdout", b"new\n"),
    ]


def test_history_of_a_terminal_does_nothing_to_it() -> None:
    found = list(recording_of(remembered(tty=True), history=True).events())
    assert [each.data for each in found if isinstance(each, Output)] == [
        b"old one\r\n", b"oh\r\n", b"half\r\n", b"new\n",
    ]  # fmt: skip


def test_history_keeps_its_place_in_files() -> None:
    found = recording_of(remembered(), history=True)
    cast = load(io.BytesIO("".join(cast_lines(found)).encode()))
    assert list(cast.events()) == list(found.events())
    shown = [json.loads(line) for line in cast_lines(found)][1:]
    assert [time for time, code, _ in shown if code != "hj"] == [0, 0, 0, 0, 0.5]
    lines = [line.rstrip("\n") for line in text_lines(cast)]
    assert lines[1:4] == ["old one", "[stderr] oh", "half"]
    assert lines[4].startswith("\u2014 live from here")
    assert lines[5:] == ["new"]
    once = "".join(json_lines(cast))
    rows = [json.loads(line) for line in once.splitlines()]
    assert [(row["time"] - NOON, row["text"], row["number"], row["clock"]) for row in rows] == [
        (-3600.0, "\x1b[31mold one", -2, "engine"),
        (-60.0, "oh", -1, "engine"),
        (pytest.approx(0, abs=1e-5), "half", -1, "engine"),
        (0.5, "new", 1, "arrival"),
    ]
    again = load(io.BytesIO(once.encode()))
    assert again.header.clock == "arrival"
    assert "".join(json_lines(again)) == once
    only = "".join(once.splitlines(keepends=True)[:3])
    assert "".join(json_lines(load(io.BytesIO(only.encode())))) == only
