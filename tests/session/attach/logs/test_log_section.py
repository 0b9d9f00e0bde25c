"""What is kept of a section of a log, and when its reading ends."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.protocol.log_entries import LogTimes, TimedOutput
from hyper_jupyter.session.attach.logs import log_section
from hyper_jupyter.session.attach.logs.log_section import Changes, _Reader, after, beyond
from hyper_jupyter.session.rules.log.tail import Tail

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
CONNECTION: Any = object()


def lines(*texts: bytes) -> list[Output]:
    """Lines of stdout; those that begin with ``err`` are of stderr."""
    return [Output(ERR if text.startswith(b"err") else OUT, text) for text in texts]


def reader(**options: Any) -> _Reader:
    return _Reader(**({"most": None, "newest": True, "enough": None} | options))


@pytest.mark.parametrize(("most", "entries"), [(6, 100), (1000, 3)], ids=["bytes", "entries"])
def test_the_newest_are_kept_and_the_others_are_counted(
    monkeypatch: pytest.MonkeyPatch, most: int, entries: int
) -> None:
    monkeypatch.setattr(log_section, "_MOST_ENTRIES", entries)
    reading = reader(most=most)
    reading.receive_output(lines(b"1\n", b"2\n"), LogTimes([0.0, 0.0]))
    reading.receive_output(lines(b"3\n", b"4\n", b"5\n"), LogTimes([0.0, 0.0, 0.0]))
    assert not reading.done.is_set()
    section = reading.section(None)
    assert [entry.data for entry in section.entries] == [b"3\n", b"4\n", b"5\n"]
    assert (section.starts, section.whole) == ({OUT: 4, ERR: 0}, False)
    assert section.tail(OUT, whole=True) == Tail(b"3\n4\n5\n", 10, whole=True)
    assert section.tail(OUT, whole=True, most=2) == Tail(b"5\n", 10, whole=True)


@pytest.mark.parametrize(("most", "entries"), [(6, 100), (1000, 3)], ids=["bytes", "entries"])
def test_the_oldest_end_the_reading_when_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch, most: int, entries: int
) -> None:
    monkeypatch.setattr(log_section, "_MOST_ENTRIES", entries)
    reading = reader(most=most, newest=False)
    reading.receive_output(lines(b"1\n", b"2\n", b"3\n"))
    assert not reading.done.is_set()
    reading.receive_output(lines(b"4\n"))
    assert reading.done.is_set()
    reading.receive_output(lines(b"5\n"))
    reading.receive_end(CONNECTION, None)
    section = reading.section(200)
    assert section.data(OUT) == b"1\n2\n3\n4\n"
    assert (section.whole, section.covers) == (True, False)


@pytest.mark.parametrize(
    ("tail", "texts", "whole"),
    [
        (None, [b"1\n"], True),
        (2, [b"1\n"], True),
        (2, [b"1\n", b"err\n"], False),
        (3, [b"1\n", b"2\n", b"unfinished"], False),
        (3, [b"1\n2\n"], True),  # the log of a TTY has no frames
    ],
)
def test_fewer_lines_than_were_asked_for_are_all(
    tail: int | None, texts: list[bytes], whole: bool
) -> None:
    reading = reader()
    reading.receive_output(lines(*texts))
    reading.receive_end(CONNECTION, None)
    section = reading.section(tail)
    assert (section.whole, section.covers) == (whole, True)


def test_of_many_lines_at_once_the_newest_bytes_are_kept() -> None:
    reading = reader(most=5)
    reading.receive_output(lines(b"1\n2\n3\n4\n"))
    section = reading.section(None)
    assert section.tail(OUT, whole=True) == Tail(b"\n3\n4\n", 8, whole=True)


def test_a_line_that_was_printed_later_is_enough() -> None:
    reading = reader(enough=after(7.0))
    reading.receive_output(lines(b"1\n", b"2\n"), LogTimes([6.0, 7.0]))
    assert not reading.done.is_set()
    reading.receive_output(lines(b"3\n"), LogTimes([7.5]))
    assert reading.done.is_set()
    assert reading.section(None).covers
    assert after(None) is None


def test_bytes_that_were_looked_for_are_enough_with_some_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_section, "_MORE", 10)
    reading = reader(enough=beyond(OUT, b"live"))
    reading.receive_output(lines(b"one\n", b"li"))
    reading.receive_output(lines(b"err live"))  # of the other stream
    assert not reading.done.is_set()
    reading.receive_output(lines(b"ve\n"))
    assert not reading.done.is_set()
    reading.receive_output(lines(b"err 123\n"))
    assert reading.done.is_set()


def test_it_is_read_until_enough_of_each_stream_came_after_what_was_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_section, "_MORE", 10)
    reading = reader(enough=beyond(OUT, b"live", {OUT: 3, ERR: 9}))
    reading.receive_output(lines(b"err 123456\n"))
    reading.receive_output(lines(b"live and much more\n", b"err 123\n"))
    assert not reading.done.is_set()  # the other stream's place may be still to come
    reading.receive_output(lines(b"err 4\n"))
    assert reading.done.is_set()


def test_a_part_is_cut_out_in_the_order_of_the_log() -> None:
    reading = reader()
    reading.receive_output(lines(b"one\n", b"err 1\n", b"two\n", b"err 2\n", b"three\n"))
    section = reading.section(None)
    assert section.cut({OUT: (2, 9), ERR: (6, 12)}) == lines(b"e\n", b"two\n", b"err 2\n", b"t")
    assert section.cut({ERR: (6, 6)}) == []


def test_bytes_that_the_log_could_not_keep_are_noticed() -> None:
    reading = reader()
    reading.receive_output(lines(b"fine\n", "err \ufffd\n".encode()))
    section = reading.section(None)
    assert section.altered == {ERR}
    assert section.tail(OUT, whole=True, exact=False).exact
    assert not section.tail(ERR, whole=True, exact=False).exact
    assert section.tail(ERR, whole=True, exact=True).exact


def test_a_reading_is_compared_with_the_one_before() -> None:
    changes = Changes()
    assert changes.unchanged({OUT: b"a", ERR: b""}) == set()
    assert changes.unchanged({OUT: b"ab", ERR: b""}) == {ERR}
    assert changes.unchanged({OUT: b"ab"}) == {OUT}
    changes.forget()
    assert changes.unchanged({OUT: b"ab"}) == set()


def test_times_stay_with_their_entries() -> None:
    reading = reader()
    reading.receive_output(lines(b"1\n", b"2\n"), LogTimes([1.0, None]))
    assert reading.section(None).entries == (
        TimedOutput(OUT, b"1\n", 1.0),
        TimedOutput(OUT, b"2\n", None),
    )
