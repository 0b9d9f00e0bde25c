"""Logs: streams, tail, times, and following."""

from __future__ import annotations

import json
import time

import pytest

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
def test_an_invalid_time_is_refused(engine: Engine, name: str) -> None:
    container = engine.create("true")
    assert engine.call("GET", f"/containers/{container}/logs?stdout=1&{name}=x").status == 400


def test_since_and_until_cut_by_time(engine: Engine) -> None:
    # Output in between keeps the two lines in records of their own, however soon they follow.
    script = "echo one; read x; echo mark >&2; read x; echo two"
    container = engine.create("sh", "-c", script, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    for word in (b"one", b"mark"):
        stream.read_until(word)
        between = "{}.{:09}".format(*divmod(time.time_ns(), 1_000_000_000))
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


def test_the_content_type_distinguishes_framed_from_raw(engine: Engine) -> None:
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


def test_the_log_driver_is_one_that_can_be_read(engine: Engine) -> None:
    container = engine.create("true")
    driver = engine.inspect(container)["HostConfig"]["LogConfig"]
    assert json.dumps(driver) == '{"Type": "json-file", "Config": {}}'


def test_details_and_a_log_that_is_not_for_reading(engine: Engine) -> None:
    container = finished(engine, THREE)
    assert demultiplex(engine.logs(container, "stdout=1&details=1"))[0] == b" one\n three\n"
    unread = engine.sh(THREE, host={"LogConfig": {"Type": "none"}})
    reply = engine.call("GET", f"/containers/{unread}/logs?stdout=1")
    assert (reply.status, reply.message) == (
        500, "configured logging driver does not support reading",
    )  # fmt: skip
    assert engine.inspect(unread)["HostConfig"]["LogConfig"]["Type"] == "none"
