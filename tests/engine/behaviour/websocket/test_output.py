"""Attach by WebSocket: the messages that a client gets."""

from __future__ import annotations

import pytest
from websockets.frames import Opcode

from tests.engine.behaviour.websocket.peer import ALL, NORMAL, attach, masked
from tests.engine.driver import Engine


@pytest.mark.parametrize(
    ("version", "opcode"),
    [
        ("1.24", Opcode.TEXT),
        ("1.27", Opcode.TEXT),
        ("1.28", Opcode.BINARY),
        ("1.45", Opcode.BINARY),
    ],
)
def test_text_comes_below_1_28_and_binary_from_there_and_either_is_taken(
    engine: Engine, version: str, opcode: Opcode
) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, prefix=f"/v{version}")
    for sent in (Opcode.TEXT, Opcode.BINARY):
        peer.send(masked(b"no utf-8: \xff\n", sent))
        assert peer.message() == (opcode, b"no utf-8: \xff\n")


def test_both_streams_come_as_one_to_the_close_frame_at_exit(engine: Engine) -> None:
    container = engine.create("sh", "-c", "printf out; printf err >&2; exit 3")
    peer = attach(engine, container)
    engine.start(container)
    *output, last = peer.messages()
    assert sorted(output) == [(Opcode.BINARY, b"err"), (Opcode.BINARY, b"out")]
    assert last == NORMAL
    assert engine.wait(container) == 3


def test_no_message_is_longer_than_32768_bytes(engine: Engine) -> None:
    container = engine.create("head", "-c", "300000", "/dev/zero")
    peer = attach(engine, container)
    engine.start(container)
    sizes = [len(data) for _, data in peer.messages()[:-1]]
    assert sum(sizes) == 300_000
    assert max(sizes) <= 32768


def test_below_1_42_all_streams_come_whatever_is_asked_for(engine: Engine) -> None:
    container = engine.sh("printf out; printf err >&2; exec cat", stdin=True)
    engine.wait_for_log(container, b"out", b"err")
    peer = attach(engine, container, "stream=1&logs=1&stdin=0&stdout=0", prefix="/v1.41")
    peer.send(masked(b"typed"))
    data = peer.output(b"typed")
    assert sorted(data.partition(b"typed")[0]) == sorted(b"outerr")


def test_from_1_42_those_come_that_were_asked_for(engine: Engine) -> None:
    container = engine.sh("printf out; printf err >&2; exec cat", stdin=True)
    engine.wait_for_log(container, b"out", b"err")
    for query, wanted in [
        ("stdout=1", [b"out"]),
        ("stderr=1", [b"err"]),
        ("stdin=1", []),
        ("", []),
    ]:
        peer = attach(engine, container, f"logs=1&{query}", prefix="/v1.42")
        assert [data for _, data in peer.messages()[:-1]] == wanted


def test_what_was_printed_before_comes_first(engine: Engine) -> None:
    container = engine.sh("echo before; exec cat", stdin=True)
    engine.wait_for_log(container, b"before")
    peer = attach(engine, container, ALL + "&logs=1")
    peer.send(masked(b"now"))
    assert peer.output(b"now") == b"before\nnow"


def test_it_waits_for_the_start_of_a_container_that_was_created_or_has_ended(
    engine: Engine,
) -> None:
    container = engine.create("echo", "started")
    for _ in range(2):
        peer = attach(engine, container)
        engine.start(container)
        assert peer.messages() == [(Opcode.BINARY, b"started\n"), NORMAL]
        engine.wait(container)
