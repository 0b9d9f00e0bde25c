"""Attach by WebSocket: the ways for a client to leave.

What is marked as Docker's was seen on Docker 20.10 and 26.1 with the same bytes.
"""

from __future__ import annotations

import json

import pytest
from websockets.frames import Opcode

from tests.engine.behaviour.websocket.peer import ALL, ECHO, MUCH, NORMAL, attach, masked
from tests.engine.driver import Engine, demultiplex

OF = "{{%22container%22:[%22{}%22]}}"

LEAVING = {
    "close frame": masked(b"\x03\xe8", Opcode.CLOSE),
    "close frame without a code": masked(b"", Opcode.CLOSE),
    "going away": masked(b"\x03\xe9bye", Opcode.CLOSE),
    "half-close": b"",
}


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("tty", [False, True], ids=["pipe", "terminal"])
def test_leaving_is_answered_and_leaves_the_container(engine: Engine, name: str, tty: bool) -> None:
    container = engine.run("cat", stdin=True, tty=tty)
    peer = attach(engine, container)
    peer.send(LEAVING[name] or b"")
    if not LEAVING[name]:
        peer.half_close()
    assert peer.messages() == [NORMAL]
    again = attach(engine, container)
    again.send(masked(b"hello\n"))
    again.output(b"hello")


@pytest.mark.parametrize("name", LEAVING)
def test_with_stdin_once_leaving_ends_the_input_and_the_output_goes_on_as_docker_s(
    engine: Engine, name: str
) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(b"one\n") + LEAVING[name])
    if not LEAVING[name]:
        peer.half_close()
    *output, last = peer.messages()
    assert (b"".join(data for _, data in output), last) == (b"got:one\nEND\n", NORMAL)
    assert engine.wait(container) == 7


def test_with_stdin_once_hanging_up_ends_the_input_after_what_was_sent(engine: Engine) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(b"one\n"))
    peer.close()
    assert engine.wait(container) == 7
    assert demultiplex(engine.logs(container)) == (b"got:one\nEND\n", b"")


@pytest.mark.parametrize("query", ["stream=1&stdout=1", ALL], ids=["not asked", "none there"])
def test_a_client_without_stdin_may_close_too(engine: Engine, query: str) -> None:
    """Docker answers this with the container's end only."""
    container = engine.sh("exec sleep 60", stdin=query != ALL)
    peer = attach(engine, container, query)
    peer.send(LEAVING["close frame"])
    assert peer.messages() == [NORMAL]


def test_the_detach_keys_leave_a_terminal_and_are_reported(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, tty=True)
    with engine.streaming("GET", f"/events?filters={OF.format(container)}") as events:
        peer = attach(engine, container, ALL + "&detachKeys=ctrl-a,b")
        peer.send(masked(b"x\x01b"))
        assert peer.messages()[-1] == NORMAL
        actions = []
        while "detach" not in actions:
            actions.append(json.loads(events.readline())["Action"])
    assert actions == ["attach", "detach"]
    assert engine.status(container) == "running"


def test_the_detach_keys_are_input_elsewhere(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(b"\x10\x11"))
    assert peer.output(b"\x11") == b"\x10\x11"


def test_leaving_in_the_middle_of_output_leaves_no_half_message(engine: Engine) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exec cat", stdin=True, tty=True)
    with engine.streaming("GET", f"/events?filters={OF.format(container)}") as events:
        peer = attach(engine, container)
        engine.start(container)
        engine.wait_for_log(container, size=3_000_000, query="stdout=1")
        peer.send(masked(b"\x10\x11"))
        while json.loads(events.readline())["Action"] != "detach":
            pass
    *output, last = peer.messages()
    assert last == NORMAL
    assert 0 < sum(len(data) for _, data in output) < 3_000_000
