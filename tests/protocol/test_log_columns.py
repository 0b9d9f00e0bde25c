"""A log's lines are taken many at once, and it is as if they were taken one by one."""

from __future__ import annotations

import random
import struct
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_columns import line_columns
from hyper_jupyter.protocol.log_entries import Entries, LogDecoder, LogPlace, TimedOutput

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
SINGLY = 900
"""Bytes at once, in which a decoder takes frames one by one."""


def frame(kind: int, payload: bytes, filler: bytes = b"\0\0\0") -> bytes:
    return struct.pack(">B3sL", kind, filler, len(payload)) + payload


def stamp(number: int, form: str = "{:09}", zone: str = "Z", step: int = 1000) -> bytes:
    """The stamp of an entry: each a few nanoseconds after the one before it."""
    seconds, rest = divmod(number * step, 1_000_000_000)
    fraction = "." + form.format(rest)[:9] if form else ""
    return f"2026-11-28T12:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}{zone} ".encode()


def entries_of(decoder: LogDecoder, log: bytes, size: int) -> list[TimedOutput]:
    found: list[TimedOutput] = []
    for begin in range(0, len(log), size):
        for event in decoder.receive_data(log[begin : begin + size]):
            assert isinstance(event, TimedOutput)
            found.append(event)
    events, end = decoder.receive_eof()
    assert not end.truncated
    return found + [event for event in events if isinstance(event, TimedOutput)]


def pieces_of(found: list[TimedOutput]) -> list[TimedOutput]:
    """Put the pieces of each line together: a read may have cut it."""
    lines: list[TimedOutput] = []
    open_lines: dict[StreamType, int] = {}
    for each in found:
        at = open_lines.pop(each.stream, None)
        if at is not None and lines[at].time == each.time:
            lines[at] = lines[at]._replace(data=lines[at].data + each.data)
        else:
            at = len(lines)
            lines.append(each)
        if not lines[at].data.endswith(b"\n"):
            open_lines[each.stream] = at
    return lines


PLAIN = [frame(1 + (n % 7 == 0), stamp(n) + b"%d some words of a line\n" % n) for n in range(400)]
SHAPES = {
    "plain lines": PLAIN,
    "types 0 and 1 are stdout": [frame(n % 2, stamp(n) + b"line %d\n" % n) for n in range(400)],
    "bytes of a header that are ignored": [
        frame(1, stamp(n) + b"line %d\n" % n, b"\n\n\n" if n % 5 == 0 else b"abc")
        for n in range(400)
    ],
    "lengths like newlines": [
        frame(1 + n % 2, stamp(n) + b"x" * (190 + n % 100) + b"\n") for n in range(400)
    ],
    "lengths like newlines, twice": [
        frame(1, stamp(n) + b"x" * (2560 + 10 - 32 + n % 3) + b"\n") for n in range(20)
    ],
    "empty lines": [
        frame(1, stamp(n) + b"\n" * (n % 3 > 0) + b"x\n" * (n % 3 == 0)) for n in range(400)
    ],
    "whole seconds": [frame(1, stamp(n, "", step=10**8) + b"%d\n" % n) for n in range(400)],
    "another zone": [
        frame(1, stamp(n, zone="+01:00" if n < 200 else "+02:00") + b"%d\n" % n) for n in range(400)
    ],
    "any fraction": [frame(1, stamp(n).rstrip(b"0Z ") + b"1Z " + b"%d\n" % n) for n in range(400)],
    "one time": [frame(1 + n % 2, stamp(7) + b"%d\n" % n) for n in range(400)],
    "lines without a time between": [
        frame(1, (b"" if n % 50 == 49 else stamp(n)) + b"%d\n" % n) for n in range(400)
    ],
    "unfinished lines between": [
        frame(1, stamp(n) + b"%d" % n + b"\n" * (n % 40 != 39)) for n in range(400)
    ],
    "a stream with an unfinished line": [
        frame(2, stamp(0) + b"prompt> "),
        *(frame(1, stamp(n) + b"%d\n" % n) for n in range(400)),
    ],
    "a line goes on without a stamp of its own": [
        frame(1, stamp(5) + (b"%d" % n if n % 80 == 0 else b"%d\n" % n)) for n in range(400)
    ],
    "what is nearly a stamp": [
        frame(1, stamp(n).replace(b"T", b" " if n % 70 == 69 else b"T") + b"%d\n" % n)
        for n in range(400)
    ],
    "a stamp alone": [
        frame(1, stamp(n) if n % 50 == 20 else (b"" if n % 50 == 47 else stamp(n)) + b"%d\n" % n)
        for n in range(400)
    ],
    "two lines in a frame": [
        frame(1, stamp(n) + (b"one\ntwo\n" if n % 60 == 59 else b"one\n")) for n in range(400)
    ],
    "empty frames": [frame(n % 9 and 1, stamp(n) + b"x\n" if n % 9 else b"") for n in range(400)],
    "no such month": [
        frame(1, stamp(n).replace(b"-11-", b"-13-" if n % 90 == 89 else b"-11-") + b"x\n")
        for n in range(400)
    ],
    "no such month at all": [frame(1, b"2026-13-28T12:00:00.5Z x\n") for n in range(400)],
    "long lines": [frame(1, stamp(n) + b"x" * 16384 + b"\n") for n in range(20)],
    "times that go back": [frame(1, stamp(400 - n, step=10**7) + b"%d\n" % n) for n in range(400)],
}


def expect_the_same(log: bytes, entries: Entries, size: int) -> None:
    """Compare what is taken in columns, joined or not, with what is taken frame by frame."""
    single = LogDecoder(framed=True, entries=entries)
    wanted = pieces_of(entries_of(single, log, SINGLY))
    decoder = LogDecoder(framed=True, entries=entries)
    assert pieces_of(entries_of(decoder, log, size)) == wanted
    assert decoder.places == single.places

    joined = LogDecoder(framed=True, entries=entries, joined=True)
    found = entries_of(joined, log, size)
    assert joined.places == single.places
    lines = [
        TimedOutput(stream, line, time)
        for stream, data, time in found
        for line in data.splitlines(keepends=True)
    ]
    for one, other in zip(pieces_of(lines), split_lines(wanted), strict=True):
        assert (one.stream, one.data) == (other.stream, other.data)
        if one.time is None or other.time is None:
            assert one.time is other.time
        else:
            assert abs(one.time - other.time) < 0.001


def split_lines(entries: list[TimedOutput]) -> list[TimedOutput]:
    return [
        each._replace(data=line) for each in entries for line in each.data.splitlines(keepends=True)
    ]


@pytest.mark.parametrize("entries", Entries)
@pytest.mark.parametrize("name", SHAPES)
def test_lines_in_columns_are_the_lines(name: str, entries: Entries) -> None:
    log = b"".join(SHAPES[name])
    for size in (len(log), 65536, 5000):
        expect_the_same(log, entries, size)


@given(st.data())
def test_whatever_follows_whatever(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, max_size=4))
    order = random.Random(data.draw(st.integers(0, 2**32)))
    frames = [each for name in names for each in SHAPES[name][:60]]
    if data.draw(st.booleans()):
        order.shuffle(frames)
    size = data.draw(st.sampled_from([2100, 3000, 8192, 65536]))
    expect_the_same(b"".join(frames), data.draw(st.sampled_from(Entries)), size)


@pytest.mark.parametrize("even", [True, False])
def test_most_lines_are_taken_in_columns(even: bool) -> None:
    log = b"".join(PLAIN)
    columns = line_columns(log, 0, len(log), even=even)
    assert columns is not None
    assert (columns.end, len(columns.texts)) == (len(log), len(PLAIN))
    assert len(columns.groups()) == sum(1 for _ in groupby(columns.kinds))
    assert columns.texts[8] == b"8 some words of a line"
    assert set(columns.kinds) == {1, 2}


def test_stamps_of_any_length_are_taken_in_columns() -> None:
    log = b"".join(SHAPES["any fraction"])
    columns = line_columns(log, 0, len(log), even=False)
    assert columns is not None
    assert (columns.end, len(columns.texts)) == (len(log), len(SHAPES["any fraction"]))


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize("name", ["lengths like newlines", "lengths like newlines, twice"])
def test_a_length_that_is_like_a_newline_is_none(name: str, even: bool) -> None:
    log = b"".join(SHAPES[name])
    columns = line_columns(log, 0, len(log), even=even)
    assert columns is not None
    assert (columns.end, len(columns.texts)) == (len(log), len(SHAPES[name]))


@pytest.mark.parametrize("kind", [3, 9])
def test_a_frame_that_is_no_output_ends_the_lines(kind: int) -> None:
    log = b"".join(PLAIN[:100]) + frame(kind, stamp(100) + b"no line\n") + b"".join(PLAIN[101:])
    events = LogDecoder(framed=True, entries=Entries.PIECES).receive_data(log)
    assert len(events) == 101
    assert not isinstance(events[-1], TimedOutput)


def test_joined_lines_are_of_one_millisecond_and_one_stream() -> None:
    log = b"".join(frame(1, stamp(n, step=100_000) + b"%d\n" % n) for n in range(400))
    decoder = LogDecoder(framed=True, entries=Entries.PIECES, joined=True)
    found = [each for each in decoder.receive_data(log) if isinstance(each, TimedOutput)]
    assert found[0].data == b"".join(b"%d\n" % n for n in range(10))
    assert len(found) < 80
    first = found[0].time
    assert first is not None
    assert decoder.places == {OUT: LogPlace(first + 0.0399, 4)}


def test_a_place_is_the_last_time_and_the_bytes_that_have_it() -> None:
    decoder = LogDecoder(framed=True, entries=Entries.PIECES)
    log = [
        frame(1, stamp(1) + b"one\n"),
        frame(2, stamp(3) + b"first\n"),
        frame(1, stamp(5) + b"two\n"),
        frame(1, stamp(5) + b"two\n"),
    ]
    decoder.receive_data(b"".join(log[:3]))
    before = dict(decoder.places)
    decoder.receive_data(log[3])
    assert before[OUT].size == 4
    assert decoder.places[OUT] == LogPlace(before[OUT].time, 8)
    assert decoder.places[ERR] == before[ERR]
    assert before[ERR].size == 6
