"""A journal cut into lines, against a simple model of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.rules.streams import BOTH
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.lines import LineReader
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR

Line = tuple[StreamType, float, str, int, bool]
"""``(stream, time, text, number, complete)``."""

pieces = st.lists(
    st.tuples(
        st.sampled_from([OUT, ERR]),
        st.lists(
            st.sampled_from(
                [b"\n", b"\r\n", b"\r", b"a", b"bc", b"\xc3\xa9", b"\xc3", b"\xff", b""]
            )
        ).map(b"".join),
    ),
    max_size=30,
)


def filled(chunks: Sequence[tuple[StreamType, bytes]], capacity: int = 1 << 30) -> Journal:
    """A journal with each chunk at a time of its own: 0.0, 1.0, 2.0 and so on."""
    journal = Journal(16, Spool(capacity, RoomyDisk()))
    for when, (stream, data) in enumerate(chunks):
        journal.extend([Output(stream, data)], float(when))
    return journal


def read(
    reader: LineReader, journal: Journal, size: int = 1000, *, finish: bool = True
) -> list[Line]:
    found: list[Line] = []
    batches = []
    while reader.position < len(journal):
        batches.append(reader.read(len(journal), size))
    if finish:
        batches.append(reader.finish())
    for batch in batches:
        texts = iter(batch.texts())
        for stream, time, count, number, complete in batch.spans:
            found += [
                (stream, time, next(texts), number + index, complete) for index in range(count)
            ]
        assert next(texts, None) is None
    return found


def modelled(chunks: Sequence[tuple[StreamType, bytes]]) -> list[Line]:
    """The lines, by looking at one byte after another."""
    found: list[Line] = []
    lines = {OUT: b"", ERR: b""}
    numbers = {OUT: 1, ERR: 1}
    times = {OUT: 0.0, ERR: 0.0}
    for when, (stream, data) in enumerate(chunks):
        for byte in data:
            times[stream] = float(when)
            if byte != 10:
                lines[stream] += bytes([byte])
                continue
            text = lines[stream].removesuffix(b"\r").decode("utf-8", "replace")
            found.append((stream, float(when), text, numbers[stream], True))
            numbers[stream] += 1
            lines[stream] = b""
    for stream in sorted((OUT, ERR), key=lambda each: times[each]):
        if lines[stream]:
            text = lines[stream].decode("utf-8", "replace")
            found.append((stream, times[stream], text, numbers[stream], False))
    return found


@given(pieces, st.integers(1, 40))
def test_lines_are_those_of_a_simple_model_however_they_are_cut(
    chunks: list[tuple[StreamType, bytes]], size: int
) -> None:
    journal = filled(chunks)
    assert read(LineReader(journal), journal, size) == modelled(chunks)


@given(pieces, st.sampled_from([frozenset({OUT}), frozenset({ERR})]), st.floats(0, 30))
def test_some_lines_have_the_numbers_that_they_have_among_all(
    chunks: list[tuple[StreamType, bytes]], streams: frozenset[StreamType], moment: float
) -> None:
    journal = filled(chunks)
    lines = modelled(chunks)
    since = LineReader(journal, streams, since=moment)
    assert read(since, journal) == [x for x in lines if x[0] in streams and x[1] >= moment]
    until = LineReader(journal, BOTH, until=moment)
    assert read(until, journal) == [x for x in lines if x[1] < moment]


@given(pieces, st.integers(1, 60), st.integers(1, 40))
def test_dropped_bytes_are_a_line_with_number_0_and_later_lines_keep_their_numbers(
    chunks: list[tuple[StreamType, bytes]], capacity: int, size: int
) -> None:
    journal = filled(chunks, capacity)
    found = read(LineReader(journal), journal, size)
    whole = modelled(chunks)
    for stream in (OUT, ERR):
        mine = [line for line in found if line[0] is stream]
        dropped = journal.start(stream)
        if not dropped:
            assert mine == [line for line in whole if line[0] is stream]
            continue
        mark, *rest = mine
        assert mark[2:] == (f"[{dropped} bytes are not kept]", 0, False)
        assert all(line in whole for line in rest if line[4])
        last = [line[3] for line in whole if line[0] is stream][-len(rest) :] if rest else []
        assert [line[3] for line in rest] == last
        if rest:
            assert not rest[0][4]  # its beginning may be among the dropped bytes


def test_a_reader_that_is_too_slow_has_a_line_for_what_it_missed() -> None:
    journal = Journal(8, Spool(24, RoomyDisk()))
    reader = LineReader(journal)
    journal.append(OUT, b"1\n2\n3")
    assert [x[2] for x in read(reader, journal, finish=False)] == ["1", "2"]
    for number in range(4, 30):
        journal.append(OUT, b"%07d\n" % number)
    lines = read(reader, journal)
    missed = journal.start(OUT) - 5
    assert [(x[2], x[3], x[4]) for x in lines[:2]] == [
        ("3", 3, False),
        (f"[{missed} bytes are not kept]", 0, False),
    ]
    assert lines[2][4] is False
    assert [(int(x[2]), x[4]) for x in lines[3:]] == [(x[3] + 1, True) for x in lines[3:]]


def test_a_line_that_is_not_finished_holds_up_no_other() -> None:
    journal = filled([(ERR, b"login: "), (OUT, b"ready\n"), (ERR, b"root\n")])
    assert read(LineReader(journal), journal) == [
        (OUT, 1.0, "ready", 1, True),
        (ERR, 2.0, "login: root", 1, True),
    ]


@pytest.mark.parametrize("bounds", [{}, {"since": -math.inf}, {"until": math.inf}])
def test_without_bounds_all_lines_are_read(bounds: dict[str, float]) -> None:
    journal = filled([(OUT, b"a\n")])
    assert len(read(LineReader(journal, **bounds), journal)) == 1
