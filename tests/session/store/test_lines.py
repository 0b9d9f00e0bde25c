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
from hyper_jupyter.session.store.lines import LONGEST, LineReader
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


runs = st.lists(
    st.tuples(
        st.sampled_from([OUT, ERR]),
        st.sampled_from([b"a\n", b"bc\r\n", b"\xc3\xa9\n", b"\n", b"1\n2\n", b"3\n\n4\n", b"open"]),
    ),
    min_size=20,
    max_size=120,
)


@given(runs, st.integers(20, 1000))
def test_runs_of_whole_lines_are_the_lines_of_the_model(
    chunks: list[tuple[StreamType, bytes]], size: int
) -> None:
    journal = filled(chunks)
    assert read(LineReader(journal), journal, size) == modelled(chunks)


def test_streams_that_alternate_line_by_line_have_numbers_of_their_own() -> None:
    journal = filled([((OUT, ERR)[n % 2], b"%d\n" % n) for n in range(100)])
    assert read(LineReader(journal), journal, 60) == [
        ((OUT, ERR)[n % 2], float(n), str(n), n // 2 + 1, True) for n in range(100)
    ]


# -- long lines --------------------------------------------------------------------------------


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.lines.LONGEST", 10)


@pytest.mark.usefixtures("short")
@given(
    st.lists(
        st.sampled_from([b"0123456789", b"abcde", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\r\n", b"\n"])
    ),
    st.lists(st.integers(1, 25), min_size=1),
    st.integers(1, 60),
)
def test_a_long_line_comes_in_the_same_pieces_however_it_arrives(
    parts: list[bytes], cuts: list[int], size: int
) -> None:
    data = b"".join(parts)
    begin, chunks = 0, []
    for cut in cuts:
        chunks.append((OUT, data[begin : begin + cut]))
        begin += cut
    chunks.append((OUT, data[begin:]))
    journal, once = filled(chunks), filled([(OUT, data)])
    found = read(LineReader(journal), journal, size)
    assert [x[2:] for x in found] == [x[2:] for x in read(LineReader(once), once)]
    texts: dict[int, str] = {}
    for _, _, text, number, _ in found:
        texts[number] = texts.get(number, "") + text
        assert len(text.encode()) <= 10
    lines = data.decode().replace("\r\n", "\n").split("\n")
    assert list(texts.values()) == (lines if lines[-1] else lines[:-1])


@pytest.mark.usefixtures("short")
def test_pieces_of_a_long_line_have_its_number_and_are_not_complete() -> None:
    chunks = [
        (OUT, b"a\n0123456"),
        (ERR, b"x\n"),
        (OUT, b"789"),
        (OUT, b"end\r\nb\n"),
        (OUT, b"-" * 12),
    ]
    journal = filled(chunks)
    assert read(LineReader(journal), journal) == [
        (OUT, 0.0, "a", 1, True),
        (ERR, 1.0, "x", 1, True),
        (OUT, 3.0, "0123456789", 2, False),
        (OUT, 3.0, "end", 2, False),
        (OUT, 3.0, "b", 3, True),
        (OUT, 4.0, "-" * 10, 4, False),
        (OUT, 4.0, "--", 4, False),
    ]


def test_a_line_without_an_end_is_not_kept() -> None:
    journal = Journal()
    reader = LineReader(journal)
    pieces = 0
    for _ in range(64):
        journal.append(OUT, b"x" * 100_000)
        pieces += len(read(reader, journal, 1 << 22, finish=False))
        assert sum(map(len, reader._open[OUT].pieces)) <= LONGEST
    assert pieces == 64 * 100_000 // LONGEST
