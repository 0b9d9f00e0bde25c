"""The journal: byte-exact, bounded, and readable from anywhere."""

from __future__ import annotations

import errno
import random
import tempfile
import tracemalloc
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import FrameDecoder, Output, StreamType, encode_frame
from hyper_jupyter.session.store.journal import MEMORY, Journal, _rounded
from hyper_jupyter.session.store.spool import Spool
from tests.session.store.disks import FullDisk, RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
STREAMS = (OUT, ERR)
LINE = b"0123456789abcde\n"
chunks = st.lists(
    st.tuples(st.sampled_from(STREAMS), st.binary(min_size=1, max_size=40)), max_size=60
)


def filled(
    pieces: list[tuple[StreamType, bytes]], memory: int = 64, spool: Spool | None = None
) -> tuple[Journal, dict[StreamType, bytes], bytes]:
    """A journal, and what a plain store of the same would hold."""
    journal = Journal(memory, spool or Spool(free=RoomyDisk()))
    plain = dict.fromkeys(STREAMS, b"")
    everything = b""
    for stream, data in pieces:
        journal.append(stream, data)
        plain[stream] += data
        everything += data
    return journal, plain, everything


@given(chunks, st.integers(0, 800), st.integers(0, 300))
def test_any_piece_of_a_stream_can_be_read(
    pieces: list[tuple[StreamType, bytes]], offset: int, size: int
) -> None:
    journal, plain, everything = filled(pieces)
    for stream in STREAMS:
        assert journal.read(stream, offset, size) == plain[stream][offset : offset + size]
        assert journal.end(stream) == len(plain[stream])
        assert journal.start(stream) == 0
    assert len(journal) == len(everything)


@given(chunks, st.integers(1, 100))
def test_records_give_all_bytes_in_arrival_order(
    pieces: list[tuple[StreamType, bytes]], size: int
) -> None:
    journal, plain, everything = filled(pieces)
    position = 0
    seen = dict.fromkeys(STREAMS, b"")
    order = b""
    while True:
        records, position = journal.records(position, size)
        if not records:
            break
        assert sum(len(data) for _, _, data in records) <= size
        for stream, _, data in records:
            seen[stream] += data
            order += data
    assert seen == plain
    assert order == everything


@given(chunks, st.integers(1, 400))
def test_what_does_not_fit_is_dropped_from_the_start_and_counted(
    pieces: list[tuple[StreamType, bytes]], capacity: int
) -> None:
    journal, plain, everything = filled(pieces, spool=Spool(capacity, RoomyDisk()))
    for stream in STREAMS:
        start = journal.start(stream)
        assert journal.read(stream, 0, 10_000) == plain[stream][start:]
        assert journal.end(stream) == len(plain[stream])
    records, end = journal.records(0, 10_000)
    assert b"".join(data for _, _, data in records) == everything[journal.first :]
    assert end == len(everything)
    assert len(everything) - journal.first <= capacity + 64 + 40


@given(chunks, st.sampled_from([40, 200, 1 << 30]))
def test_lines_are_counted_with_those_that_were_dropped(
    pieces: list[tuple[StreamType, bytes]], capacity: int
) -> None:
    lines = [
        (stream, data.replace(b"\x00", b"\n").replace(b"\x01", b"\n")) for stream, data in pieces
    ]
    journal, plain, _ = filled(lines, spool=Spool(capacity, RoomyDisk()))
    for stream in STREAMS:
        data = plain[stream]
        assert journal.line_count(stream) == data.count(b"\n")
    part = journal.read_lines(0, 10_000)
    begins = [0, *part.ends][: len(part.ends)]
    records = [
        (StreamType(kind), when, part.data[begin:end])
        for kind, when, begin, end in zip(part.kinds, part.times, begins, part.ends, strict=True)
    ]
    assert (records, part.end) == journal.records(0, 10_000)
    assert bool(part.starts) == bool(journal.first)
    for stream, (offset, lines_before) in part.starts.items():
        assert offset == journal.start(stream)
        assert lines_before == plain[stream][:offset].count(b"\n")


@pytest.mark.parametrize(
    ("first", "seconds", "count"),
    [(65_535, 0.004, 1), (65_536, 0.004, 2), (1, 0.004, 1), (1, 0.006, 2)],
)
def test_what_arrives_within_five_milliseconds_has_one_time_up_to_64_kib(
    monkeypatch: pytest.MonkeyPatch, first: int, seconds: float, count: int
) -> None:
    clock = [100.0]
    monkeypatch.setattr("hyper_jupyter.session.store.journal.time.time", lambda: clock[0])
    journal = Journal()
    journal.append(OUT, bytes(first))
    clock[0] += seconds
    journal.append(OUT, b"x")
    records, _ = journal.records(0, 100_000)
    assert len({time for _, time, _ in records}) == count


def test_so_much_is_in_memory_as_the_documentation_says() -> None:
    assert MEMORY == 8 * 1024 * 1024
    journal = Journal()
    for _ in range(9):
        journal.append(OUT, bytes(1024 * 1024))
    assert 7 * 1024 * 1024 <= sum(map(len, journal._blocks)) <= MEMORY


@pytest.mark.parametrize("limit", [0, 100, 1000])
def test_a_full_disk_is_told_and_the_newest_bytes_are_kept(limit: int) -> None:
    data = random.Random(1).randbytes(5000)
    journal = Journal(256, FullDisk(limit))
    for begin in range(0, len(data), 50):
        journal.append(OUT, data[begin : begin + 50])
    assert "No space left on device" in journal.problem
    start = journal.start(OUT)
    assert journal.read(OUT, 0, 10_000) == data[start:]
    assert len(data) - start <= limit + 256 + 50
    assert len(data) - start >= limit


def test_the_disks_reserve_is_left_to_others() -> None:
    disk = RoomyDisk(600)
    journal = Journal(256, Spool(free=disk))
    data = random.Random(2).randbytes(5000)
    for begin in range(0, len(data), 50):
        journal.append(OUT, data[begin : begin + 50])
        disk.room = 600 - journal._spool._size
    assert "would stay free" in journal.problem
    assert journal._spool._size <= 600
    assert journal.read(OUT, 0, 10_000) == data[journal.start(OUT) :]


def test_a_flood_of_small_pieces_takes_memory_of_the_order_of_the_bound() -> None:
    tracemalloc.start()
    try:
        journal = Journal()
        for _ in range(1000):
            journal.extend([Output(OUT, b"twenty bytes of text")] * 1000)
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(journal) == 20_000_000
    assert current < 16 * 1024 * 1024


def test_a_flood_of_large_frames_is_kept_once() -> None:
    decoder, journal = FrameDecoder(), Journal()
    frame = encode_frame(OUT, bytes(32 * 1024))
    tracemalloc.start()
    try:
        for _ in range(60):
            journal.extend(decoder.cut(frame * 6))  # type: ignore[arg-type]
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(journal) == 360 * 32 * 1024
    assert current < MEMORY * 1.1


def test_empty_output_leaves_no_trace() -> None:
    journal = Journal()
    journal.extend([Output(OUT, b""), Output(ERR, b"a"), Output(OUT, b"")])
    assert journal.records(0, 10)[0][0][::2] == (ERR, b"a")
    assert len(journal.records(0, 10)[0]) == 1


@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_large_pieces_are_written_as_they_are_in_the_order_they_came(
    kind: Callable[[bytes], bytes | memoryview],
) -> None:
    journal = Journal(1024 * 1024, Spool(free=RoomyDisk()))
    data = random.Random(3).randbytes(3 * 1024 * 1024)
    begin = 0
    for size in (40_000, 10, 100_000, 33_000, 5, 5, 200_000, 65_536, 1) * 6:
        journal.append(OUT, kind(data[begin : begin + size]))
        begin += size
    begin = min(begin, len(data))
    assert journal._spool.end > 1024 * 1024
    assert journal._end - journal._spool.end <= 1024 * 1024
    assert journal.read(OUT, 0, len(data)) == data[:begin]


class BreakingDisk(Spool):
    """A spool whose ring can't be written any more when it has come round."""

    def __init__(self) -> None:
        super().__init__(150_000, RoomyDisk())

    def _write(self, offset: int, blocks: Sequence[bytes | bytearray | memoryview]) -> int:
        if self.end > 200_000:
            raise OSError(errno.EIO, "Input/output error")
        return super()._write(offset, blocks)


@pytest.mark.parametrize(
    "spool", [Spool(150_000, RoomyDisk()), FullDisk(130_000), FullDisk(0), BreakingDisk()]
)
def test_lines_are_numbered_right_when_bytes_were_dropped_before_they_were_counted(
    spool: Spool,
) -> None:
    chooser = random.Random(5)
    journal = Journal(20_000, spool)
    plain = dict.fromkeys(STREAMS, b"")
    for _ in range(4000):
        stream = chooser.choice(STREAMS)
        data = bytes(chooser.randrange(1, 200)) + b"\n" * chooser.randrange(2)
        journal.append(stream, data)
        plain[stream] += data
    starts = journal.read_lines(0, 1).starts
    for stream in STREAMS:
        offset = journal.start(stream)
        assert offset > 64 * 1024
        assert starts[stream] == (offset, plain[stream][:offset].count(b"\n"))
        assert journal.line_count(stream) == plain[stream].count(b"\n")


def test_lines_that_cannot_be_read_back_do_not_stop_a_session() -> None:
    class Unreadable(Spool):
        def read(self, position: int, size: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    journal = Journal(64, Unreadable(200, RoomyDisk()))
    for _ in range(100):
        journal.append(OUT, b"a line\n")
    assert len(journal) == 700
    assert journal.line_count(OUT) <= 100


def test_a_piece_costs_at_most_25_bytes_of_index() -> None:
    journal = Journal()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(100):
            journal.extend([Output(OUT, b"a\n"), Output(ERR, b"b\n")] * 500)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Arrays have up to an eighth of room left.
    assert after - before - len(journal) < 100_000 * 25 * 9 / 8 + 100_000


@given(chunks, st.integers(0, 300), st.integers(0, 300), st.sampled_from([None, 100]))
def test_positions_put_the_streams_into_the_order_of_their_arrival(
    pieces: list[tuple[StreamType, bytes]], offset: int, size: int, capacity: int | None
) -> None:
    spool = Spool(free=RoomyDisk(), capacity=capacity) if capacity else None
    journal, plain, everything = filled(pieces, spool=spool)
    for stream in STREAMS:
        begin, data, runs = journal.read_runs(stream, offset, size)
        assert (begin, data) == journal.read_at(stream, offset, size)
        places = [
            int(position) + n
            for position, length in zip(runs[::3], runs[1::3], strict=True)
            for n in range(int(length))
        ]
        assert bytes(everything[place] for place in places) == data
        assert places == sorted(places)
        if places:
            assert places[0] == journal.position(stream, begin)
        assert journal.position(stream, len(plain[stream])) == len(everything)


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def test_a_journal_at_its_bound_says_how_much_is_gone() -> None:
    journal = small()
    assert journal.loss == ""
    for _ in range(10):
        journal.append(OUT, LINE)
    assert journal.loss == (
        "the transcript has reached its limit; "
        f"the oldest {journal.first} bytes of output are not kept"
    )


def test_a_disk_at_its_reserve_is_told_with_what_is_gone() -> None:
    disk = RoomyDisk(40)
    journal = Journal(32, Spool(free=disk))
    for _ in range(3):
        journal.append(OUT, LINE)
        disk.room = 0
    where = tempfile.gettempdir()
    begin = f"less than 10% of the disk of {where} would stay free; the oldest "
    assert journal.loss.startswith(begin)
    assert journal.loss.endswith("are not kept. Free some space there")


def test_a_full_disk_is_told_with_what_is_gone() -> None:
    journal = Journal(32, FullDisk(40))
    for _ in range(20):
        journal.append(OUT, LINE)
    assert journal.loss == (
        f"writing to the disk of {tempfile.gettempdir()} failed: No space left on device; "
        f"the oldest {_rounded(journal.first)} of output are not kept. "
        "Free some space there"
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 bytes"),
        (99, "99 bytes"),
        (1000, "1000 bytes"),
        (1024, "1.0 KiB"),
        (1_300_000, "1.2 MiB"),
        (130_000_000, "120 MiB"),
        (1_200 * 1024**2, "1.1 GiB"),
        (3 * 1024**4, "3.0 TiB"),
    ],
)
def test_a_size_is_rounded_down_to_two_digits(count: int, text: str) -> None:
    assert _rounded(count) == text
