"""Logs: the endpoint, and the log itself with small limits."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hyper_jupyter.engine.program import log as log_module
from hyper_jupyter.engine.program.log import Cursor, Log, LogGap
from tests.engine.driver import Engine, demultiplex, frame_sizes

THREE = "echo one; echo two >&2; echo three"


def finished(engine: Engine, script: str, **options: bool) -> str:
    container = engine.sh(script, **options)
    engine.wait(container)
    return container


@pytest.mark.parametrize(
    ("query", "out", "err"),
    [
        ("stdout=1&stderr=1", b"one\nthree\n", b"two\n"),
        ("stdout=1", b"one\nthree\n", b""),
        ("stderr=1", b"", b"two\n"),
        ("stdout=1&stderr=1&tail=all", b"one\nthree\n", b"two\n"),
        ("stdout=1&stderr=1&tail=0", b"", b""),
        ("stdout=1&tail=1", b"three\n", b""),
        ("stdout=1&tail=99", b"one\nthree\n", b""),
        ("stdout=1&tail=nonsense", b"one\nthree\n", b""),
        ("stdout=1&stderr=1&follow=1", b"one\nthree\n", b"two\n"),
    ],
)
def test_streams_and_tail(engine: Engine, query: str, out: bytes, err: bytes) -> None:
    container = finished(engine, THREE)
    assert demultiplex(engine.logs(container, query)) == (out, err)


def test_the_tail_counts_lines_of_both_streams_and_an_unterminated_one(engine: Engine) -> None:
    script = "echo a; read x; echo b >&2; read x; echo c; read x; printf d >&2"
    container = engine.create("sh", "-c", script, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    for line in (b"a\n", b"b\n", b"c\n"):  # two pipes have no order but that of their reading
        stream.read_until(line)
        stream.send(b"\n")
    engine.wait(container)
    assert demultiplex(engine.logs(container, "stdout=1&stderr=1&tail=2")) == (b"c\n", b"d")
    assert demultiplex(engine.logs(container, "stdout=1&stderr=1&tail=3")) == (b"c\n", b"b\nd")


def test_a_stream_has_to_be_chosen(engine: Engine) -> None:
    container = engine.create("true")
    reply = engine.call("GET", f"/containers/{container}/logs")
    assert (reply.status, reply.message) == (
        400, "Bad parameters: you must choose at least one stream",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_time_that_is_none_is_refused(engine: Engine, name: str) -> None:
    container = engine.create("true")
    assert engine.call("GET", f"/containers/{container}/logs?stdout=1&{name}=x").status == 400


def test_since_and_until_cut_by_time(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo one; read x; echo two", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"one")
    time.sleep(0.01)
    between = f"{time.time():.9f}"
    stream.send(b"\n")
    stream.read_all()
    assert demultiplex(engine.logs(container, f"stdout=1&since={between}"))[0] == b"two\n"
    assert demultiplex(engine.logs(container, f"stdout=1&until={between}"))[0] == b"one\n"


def test_timestamps_stand_in_front_of_each_line(engine: Engine) -> None:
    container = finished(engine, "printf 'one\\ntwo\\n\\nrest'")
    out, _ = demultiplex(engine.logs(container, "stdout=1&timestamps=1"))
    lines = out.split(b"\n")
    assert [line.split(b" ", 1)[1] for line in lines] == [b"one", b"two", b"", b"rest"]
    for line in lines:
        stamp = line.split(b" ")[0].decode()
        assert len(stamp) == len("2024-01-01T00:00:00.000000000Z")
        assert (
            abs(
                time.mktime(time.gmtime())
                - time.mktime(time.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S"))
            )
            < 60
        )


def test_follow_gives_the_past_and_what_comes(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo one; read x; echo two", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"one")
    with engine.streaming("GET", f"/containers/{container}/logs?stdout=1&follow=1") as response:
        assert response.read(12) == b"\x01\0\0\0\0\0\0\x04one\n"
        stream.send(b"\n")
        assert demultiplex(response.read()) == (b"two\n", b"")


def test_each_line_is_a_frame(engine: Engine) -> None:
    container = finished(engine, "printf 'a\\nbb\\n\\nccc'")
    assert frame_sizes(engine.logs(container)) == [2, 3, 1, 3]


def test_the_content_type_tells_framed_from_raw(engine: Engine) -> None:
    framed, raw = finished(engine, "echo x"), finished(engine, "echo x", tty=True)
    for container, prefix, wanted in (
        (framed, "/v1.42", "multiplexed"),
        (framed, "/v1.41", "raw"),
        (raw, "/v1.42", "raw"),
    ):
        reply = engine.call("GET", f"/containers/{container}/logs?stdout=1", prefix=prefix)
        assert reply.headers["Content-Type"] == f"application/vnd.docker.{wanted}-stream"


def test_the_log_can_be_read_while_it_grows(engine: Engine) -> None:
    container = engine.sh("i=0; while [ $i -lt 5000 ]; do echo $i; i=$((i+1)); done")
    with engine.streaming("GET", f"/containers/{container}/logs?stdout=1&follow=1") as response:
        out, _ = demultiplex(response.read())
    assert out == b"".join(b"%d\n" % number for number in range(5000))


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
    assert gap.value.missing == log.start


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


def test_a_scarce_disk_makes_the_log_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(log_module, "DISK_RESERVE", 1.1)  # no disk is that empty
    monkeypatch.setattr(log_module, "DISK_CHECK_INTERVAL", 1000)
    monkeypatch.setattr(log_module, "SCARCE_LIMIT", 3000)
    log = Log(folder=str(tmp_path))
    for _ in range(100):
        log.append(1, b"x" * 500)
    assert 2000 <= log.end - log.start <= 4500
    log.close()


def test_a_full_disk_drops_everything_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = Log(folder=str(tmp_path))
    log.append(1, b"before")
    cursor = log.cursor([1])

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(log_module.os, "pwrite", full)
        log.append(1, b"lost")
    log.append(1, b"after")
    assert log.dropped == 10
    with pytest.raises(LogGap):
        cursor.read(10)
    assert read_all(log.cursor([1])) == [(1, b"after")]
    log.close()


def test_the_log_driver_is_said_to_be_readable(engine: Engine) -> None:
    container = engine.create("true")
    driver = engine.inspect(container)["HostConfig"]["LogConfig"]
    assert json.dumps(driver) == '{"Type": "json-file", "Config": {}}'
