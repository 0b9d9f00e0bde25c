"""The lines that a container printed before: joined, counted, cut where live output begins."""

from __future__ import annotations

import pytest

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.rules.log.joint import Joint
from hyper_jupyter.session.store.history import History, cut_entries, first_lines, last_lines

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
ENTRIES = [
    TimedOutput(OUT, b"one\n", 1.0),
    TimedOutput(OUT, b"tw", 2.0),
    TimedOutput(ERR, b"oh \xff\r\n", 3.0),
    TimedOutput(OUT, b"o\n", 4.0),
    TimedOutput(ERR, b"un", 5.0),
]


def data_of(entries: list[TimedOutput]) -> list[bytes]:
    return [entry.data for entry in entries]


def test_lines_are_whole_with_the_time_of_their_beginning() -> None:
    history = History(9)
    history.set(ENTRIES, {OUT: Joint.PROVEN, ERR: Joint.PROVEN})
    assert [tuple(line) for line in history.lines()] == [
        (1.0, "stdout", "one", True, "engine"),
        (2.0, "stdout", "two", True, "engine"),
        (3.0, "stderr", "oh \ufffd", True, "engine"),
        (5.0, "stderr", "un", False, "engine"),
    ]
    assert [line.text for line in history.lines("stderr")] == ["oh \ufffd", "un"]
    assert len(history) == 4
    assert history.getvalue("stdout") == b"one\ntwo\n"
    assert history.getvalue() == b"one\ntwoh \xff\r\no\nun"


def test_the_note_is_about_the_streams_that_are_asked_for() -> None:
    history = History(9)
    assert history.proven
    assert history.set(ENTRIES, {OUT: Joint.PROVEN, ERR: Joint.WAITING})
    assert not history.proven
    assert history.note_for("stdout") == ""
    assert history.note_for("stderr") == history.note == history.note_for("stdout", "stderr")
    assert "unfinished" in repr(history)


def test_what_was_set_again_counts_as_one_change() -> None:
    history = History(9)
    assert history.revision == 0
    assert history.set(ENTRIES, {OUT: Joint.WAITING})
    assert not history.set(ENTRIES, {OUT: Joint.WAITING})
    assert history.revision == 1
    assert history.set(ENTRIES, {OUT: Joint.PROVEN})
    assert history.revision == 2


def test_an_empty_history_that_was_read_is_a_change() -> None:
    history = History(9)
    assert history.set((), {})
    assert (history.revision, list(history.lines())) == (1, [])


def test_a_log_that_could_not_be_read_has_a_reason_and_no_lines() -> None:
    history = History(9)
    history.set((), {}, "there is no history: why")
    assert (history.note, history.problem, history.proven) == (
        "there is no history: why",
        "there is no history: why",
        False,
    )


def test_entries_are_cut_at_an_offset_of_each_stream() -> None:
    cut = cut_entries(ENTRIES, {OUT: 5, ERR: 0}, lambda entry: entry.stream)
    assert data_of(cut) == [b"one\n", b"t"]
    mixed = cut_entries(ENTRIES, {OUT: 8}, lambda _: OUT)
    assert data_of(mixed) == [b"one\n", b"tw", b"oh"]


def test_the_last_lines_are_those_of_all_streams_together() -> None:
    counts = {0: [], 1: ENTRIES[4:], 2: [ENTRIES[1], *ENTRIES[3:]], 3: ENTRIES[1:], 9: ENTRIES}
    assert {count: last_lines(ENTRIES, count) for count in counts} == counts


def test_the_first_lines_of_a_log() -> None:
    counts = {0: [], 1: ENTRIES[:1], 2: ENTRIES[:3], 9: ENTRIES}
    assert {count: first_lines(ENTRIES, count) for count in counts} == counts


def test_a_stream_that_is_none_is_refused() -> None:
    history = History(9)
    history.set(ENTRIES, {})
    for read in (history.lines, history.getvalue):
        with pytest.raises(HyperJupyterError, match="'stdot' is not a stream"):
            read("stdot")
