"""The log of a program, with small limits."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hyper_jupyter.engine.program import log as log_module
from hyper_jupyter.engine.program import segment as segment_module
from hyper_jupyter.engine.program.log import LOG_LIMIT, Cursor, Log
from hyper_jupyter.engine.program.piece import LogGap


@pytest.fixture
def small() -> Iterator[Callable[[], Log]]:
    logs: list[Log] = []

    def make() -> Log:
        logs.append(Log(limit=400, segment_size=100))
        return logs[-1]

    yield make
    for each in logs:
        each.close()


def read_all(cursor: Cursor) -> list[tuple[int, bytes]]:
    pieces = []
    while (piece := cursor.read(1000)) is not None:
        pieces.append((piece.stream, piece.data))
    return pieces


def test_a_full_log_is_a_gibibyte_in_16_files() -> None:
    assert (LOG_LIMIT, LOG_LIMIT // log_module.SEGMENT_SIZE) == (1024**3, 16)


def test_a_log_keeps_the_newest_and_counts_the_rest(small: Callable[[], Log]) -> None:
    log = small()
    for number in range(100):
        log.append(1, b"%09d\n" % number)
    kept = b"".join(data for _, data in read_all(log.cursor([1])))
    assert kept.endswith(b"000000099\n")
    assert 300 <= len(kept) <= 500
    assert (log.end, log.start, log.dropped) == (1000, 1000 - len(kept), 1000 - len(kept))


def test_a_cursor_that_was_overtaken_says_so(small: Callable[[], Log]) -> None:
    log = small()
    log.append(1, b"first")
    cursor = log.cursor([1])
    for _ in range(100):
        log.append(1, b"x" * 10)
    with pytest.raises(LogGap) as gap:
        cursor.read(10)
    assert gap.value.missing == {1: log.start}
    assert gap.value.reason == "more than 400 bytes were not read yet"
    assert b"".join(data for _, data in read_all(cursor)) == b"x" * (log.end - log.start)


def test_cursors_choose_streams_and_stop_where_they_should(small: Callable[[], Log]) -> None:
    log = small()
    log.append(1, b"out")
    log.append(2, b"err")
    log.append(1, b"more")
    assert read_all(log.cursor([1, 2])) == [(1, b"out"), (2, b"err"), (1, b"more")]
    assert read_all(log.cursor([2])) == [(2, b"err")]
    assert read_all(log.cursor([1], 1)) == [(1, b"ut"), (1, b"more")]
    assert read_all(log.cursor([1], floors={1: 8})) == [(1, b"re")]
    cursor = log.cursor([1, 2])
    piece = cursor.read(1000, before=2)
    assert piece is not None
    assert piece.data == b"ou"
    assert cursor.read(1000, before=2) is None
    assert cursor.position == 2


def test_a_cursor_at_the_end_sees_a_record_grow(small: Callable[[], Log]) -> None:
    log = small()
    cursor = log.cursor([1])
    for data in (b"a", b"b", b"c"):  # close enough in time to share a record, or not
        log.append(1, data)
        assert read_all(cursor) == [(1, data)]


def test_times_do_not_go_back_when_the_clock_does(
    small: Callable[[], Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = small()
    now = [0]
    monkeypatch.setattr(log_module.time, "time_ns", lambda: now[0])
    for seconds, shown in ((10, 10), (20, 20), (5, 20), (30, 30)):
        now[0] = seconds * 1_000_000_000
        start = log.end
        log.append(1 + start % 2, b"x")
        piece = log.cursor([1, 2], start).read(10)
        assert piece is not None
        assert piece.time == shown * 1_000_000_000


def test_waiters_are_woken() -> None:
    async def scenario() -> None:
        log = Log()
        changed = log.changed()
        log.append(1, b"x")
        await asyncio.wait_for(changed, 1)
        log.close()

    asyncio.run(scenario())


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    log = Log(folder=str(tmp_path))
    log.append(1, b"x")
    assert list(tmp_path.iterdir()) == []
    log.close()


def test_a_released_log_takes_no_more_and_holds_no_files() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    log = Log()
    log.append(1, b"x")
    log.retain()
    log.close()
    assert read_all(log.cursor([1])) == [(1, b"x")]
    log.close()
    log.append(1, b"y")
    assert log.start == log.end == 1
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize(("free", "kept"), [(10, 5000), (9, 3500)], ids=["enough", "too little"])
def test_a_tenth_of_the_disk_is_left_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, kept: int
) -> None:
    disk = SimpleNamespace(f_bavail=free, f_blocks=100)
    monkeypatch.setattr(log_module.os, "statvfs", lambda _: disk)
    monkeypatch.setattr(log_module, "DISK_CHECK_INTERVAL", 500)
    monkeypatch.setattr(log_module, "SCARCE_LIMIT", 3000)
    log = Log(folder=str(tmp_path))
    for _ in range(10):
        log.append(1, b"x" * 500)
    assert log.end - log.start == kept
    log.close()


def test_a_scarce_disk_makes_the_log_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(log_module, "DISK_RESERVE", 1.1)  # no disk is that empty
    monkeypatch.setattr(log_module, "DISK_CHECK_INTERVAL", 1000)
    monkeypatch.setattr(log_module, "SCARCE_LIMIT", 3000)
    log = Log(folder=str(tmp_path))
    for _ in range(100):
        log.append(1, b"x" * 500)
    assert 2000 <= log.end - log.start <= 4500
    log.close()


def full(*_: object, **__: object) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("call", ["pwrite", "open"])
def test_while_the_disk_is_full_the_newest_output_is_in_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, call: str
) -> None:
    monkeypatch.setattr(log_module, "MEMORY_SEGMENT", 100)
    monkeypatch.setattr(log_module, "SCARCE_LIMIT", 300)
    monkeypatch.setattr(tempfile, "mkstemp", full)
    log = Log(folder=str(tmp_path), segment_size=200)
    log.append(1, b"on the disk ")
    live, late = log.cursor([1]), log.cursor([1, 2])
    expected, got = b"on the disk ", b""
    with monkeypatch.context() as patched:
        patched.setattr(segment_module.os, call, full)
        for number in range(100):
            log.append(1 + number % 2, b"%019d\n" % number)
            expected += b"%019d\n" % number if not number % 2 else b""
            got += b"".join(data for _, data in read_all(live))  # it keeps up
    assert got == expected
    assert log.end - log.start <= 400
    with pytest.raises(LogGap) as gap:
        late.read(1000)
    assert gap.value.reason == f"the disk of {tmp_path} is full"
    found = read_all(late)
    for stream, printed in ((1, 12 + 50 * 20), (2, 50 * 20)):
        kept = sum(len(data) for each, data in found if each == stream)
        assert gap.value.missing[stream] + kept == printed
    for _ in range(10):
        log.append(1, b"x" * 20)
    assert not log._segments[-1].store.in_memory  # there is room again
    log.close()


def test_a_full_disk_leaves_no_empty_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    log = Log(folder=str(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr(segment_module.os, "pwrite", full)
        log.append(1, b"first")
        log.append(1, b"second")
    assert b"".join(data for _, data in read_all(log.cursor([1]))) == b"firstsecond"
    assert len(log._segments) == 1
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    log.close()


def test_without_any_folder_a_log_is_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", full)
    log = Log()
    log.append(2, b"kept")
    assert read_all(log.cursor([2])) == [(2, b"kept")]
    log.close()


def test_what_is_missing_is_counted_for_the_streams_that_are_read(
    small: Callable[[], Log],
) -> None:
    log = small()
    log.append(1, b"a" * 30)
    log.append(2, b"b" * 50)
    cursors = {streams: log.cursor(streams) for streams in ((1,), (2,), (1, 2))}
    first = {streams: cursor.read(10) for streams, cursor in cursors.items()}
    assert all(first.values())
    for _ in range(100):
        log.append(2, b"c" * 10)
    found = {}
    for streams, cursor in cursors.items():
        with pytest.raises(LogGap) as gap:
            cursor.read(10)
        found[streams] = gap.value.missing
    dropped = log.start - 30
    assert found == {(1,): {1: 20}, (2,): {2: dropped - 10}, (1, 2): {1: 20, 2: dropped}}
    quiet = log.cursor([1], log.start)
    for _ in range(100):
        log.append(2, b"d" * 10)
    assert quiet.read(10) is None  # it misses nothing


def test_a_reading_that_ends_before_the_gap_does_misses_no_more(small: Callable[[], Log]) -> None:
    log = small()
    log.append(1, b"past")
    end = log.end
    cursor = log.cursor([1])
    for _ in range(100):
        log.append(1, b"x" * 10)
    with pytest.raises(LogGap) as gap:
        cursor.read(10, end)
    assert gap.value.missing == {1: 4}
    assert cursor.read(10, end) is None
    with pytest.raises(LogGap) as rest:
        cursor.read(10)
    assert rest.value.missing == {1: log.start - 4}


# -- where to begin --------------------------------------------------------------------------


def last_lines(
    pieces: list[tuple[int, bytes]], count: int, streams: set[int], before: int
) -> dict[int, bytes]:
    """Return the last lines of some streams together, byte by byte: a line counts by its end."""
    lines: list[tuple[int, int, bytes]] = []
    begun: dict[int, bytes] = {}
    ends: dict[int, int] = {}
    position = 0
    for stream, data in pieces:
        for byte in data:
            position += 1
            if stream in streams and position <= before:
                begun[stream] = begun.get(stream, b"") + bytes([byte])
                ends[stream] = position
                if byte == ord("\n"):
                    lines.append((position, stream, begun.pop(stream)))
    lines += [(ends[stream], stream, line) for stream, line in begun.items()]
    chosen = sorted(lines)[-count:] if count else []
    return {
        each: b"".join(line for _, stream, line in chosen if stream == each) for each in streams
    }


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from([1, 2]), st.text(alphabet="a\n", min_size=1, max_size=5)),
        max_size=8,
    ),
    count=st.integers(0, 9),
    streams=st.sampled_from([{1}, {2}, {1, 2}]),
    less=st.integers(0, 3),
)
@example(pieces=[(1, "one\n"), (1, "two\nthr"), (2, "err"), (1, "ee\n"), (2, "or")], count=2,
         streams={1, 2}, less=0)  # fmt: skip
def test_the_last_lines_are_counted_over_all_streams_by_their_ends(
    pieces: list[tuple[int, str]], count: int, streams: set[int], less: int
) -> None:
    log = Log(segment_size=8)
    encoded = [(stream, text.encode()) for stream, text in pieces]
    for stream, data in encoded:
        log.append(stream, data)
    before = max(0, log.end - less)
    starts = log.tail(count, streams, before)
    assert starts.keys() == streams
    cursor = log.cursor(streams, min(starts.values()), starts)
    found = dict.fromkeys(streams, b"")
    while (piece := cursor.read(3, before)) is not None:
        found[piece.stream] += piece.data
    assert found == last_lines(encoded, count, streams, before)
    log.close()


def test_an_unfinished_line_ends_with_its_run() -> None:
    log = Log()
    for data in (b"a\n/ # ", b"b\n/ # ", b"c\n"):
        log.begin_run()
        log.append(1, data)
    assert [log.tail(count, {1}, log.end)[1] for count in range(6)] == [14, 12, 8, 6, 2, 0]
    pieces = iter(partial(log.cursor({1}, 3).read, 9), None)
    assert [(each.data, each.run) for each in pieces] == [(b" # ", 1), (b"b\n/ # ", 2), (b"c\n", 3)]
    log.close()


def test_records_are_found_by_their_time(
    small: Callable[[], Log], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = small()
    now = [1_000_000_000]
    monkeypatch.setattr(log_module.time, "time_ns", lambda: now[0])
    starts = []
    for _ in range(30):  # over several files
        starts.append(log.end)
        log.append(1, b"123456789\n")
        now[0] += 10_000_000
    for number in (0, 7, 15, 29):
        moment = 1_000_000_000 + number * 10_000_000
        assert log.position_at(moment) == starts[number]
        assert log.position_at(moment - 1) == starts[number]
    assert log.position_at(now[0]) == log.end
