"""Attach by WebSocket: clients that do not read, and clients that never stop sending."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from websockets.frames import Opcode

from tests.engine.behaviour.websocket.peer import MUCH, NORMAL, Peer, attach, masked
from tests.engine.driver import Engine


def test_a_client_that_does_not_read_delays_no_other_and_gets_everything_later(
    engine: Engine,
) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exit 4", stdin=True)
    slow, fast = attach(engine, container), attach(engine, container)
    engine.start(container)
    for peer in (fast, slow):
        assert engine.wait(container) == 4
        *output, last = peer.messages()
        assert (sum(len(data) for _, data in output), last) == (3_000_000, NORMAL)


def test_a_pong_waits_for_the_message_in_front_and_typing_waits_for_neither(
    engine: Engine,
) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exec cat >&2", stdin=True)
    peer = attach(engine, container, "stream=1&stdin=1&stdout=1")
    engine.start(container)
    engine.wait_for_log(container, size=3_000_000, query="stdout=1")
    for word in (b"one", b"two", b"three"):
        peer.send(masked(b"not " + word, Opcode.PING) + masked(word, Opcode.PING) + masked(word))
        engine.wait_for_log(container, word, query="stderr=1")
    got = [peer.message()]
    while got[-1][0] is not Opcode.PONG:
        got.append(peer.message())
    assert got.pop() == (Opcode.PONG, b"three")  # only the last has to be answered
    left = 3_000_000 - sum(len(data) for _, data in got)
    while left > 0:
        left -= len(peer.message()[1])
    assert left == 0


@pytest.mark.parametrize(
    "frame",
    [masked(b"", Opcode.PING), masked(b"x" * 125, Opcode.PING), masked(b""), masked(b"x")],
    ids=["empty pings", "pings", "empty messages", "single bytes"],
)
def test_a_flood_without_reading_costs_no_memory_and_no_other_client_a_turn(
    engine: Engine, frame: bytes
) -> None:
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    before = resident(engine)
    flood = frame * (65536 // len(frame))
    over = threading.Event()

    def send() -> None:
        while not over.is_set():
            peer.send(flood)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        for _ in range(50):
            assert engine.call("GET", "/_ping").status == 200
    finally:
        over.set()
        sending.join()
    assert sent_all(peer)
    assert resident(engine) - before < 4 << 20
    assert engine.status(container) == "running"


def resident(engine: Engine) -> int:
    """Bytes of the engine's memory."""
    assert engine.process is not None
    status = Path(f"/proc/{engine.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def sent_all(peer: Peer) -> bool:
    """Whether all was taken: the answer to the last ping comes after those to the others."""
    peer.send(masked(b"last", Opcode.PING))
    while peer.message() != (Opcode.PONG, b"last"):
        pass
    return True
