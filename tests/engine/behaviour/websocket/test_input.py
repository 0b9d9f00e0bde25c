"""Attach by WebSocket: the messages that a client sends, and bad frames."""

from __future__ import annotations

import pytest
from websockets.frames import Close, Frame, Opcode

from tests.engine.behaviour.websocket.peer import NORMAL, attach, masked
from tests.engine.driver import Engine


def test_a_message_may_come_in_fragments_with_pings_in_between(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(b"ab", fin=False) + masked(b"!", Opcode.PING))
    assert peer.message() in ((Opcode.PONG, b"!"), (Opcode.BINARY, b"ab"))
    assert peer.message() in ((Opcode.PONG, b"!"), (Opcode.BINARY, b"ab"))
    peer.send(masked(b"?", Opcode.PONG) + masked(b"", Opcode.CONT, fin=False))
    peer.send(masked(b"cd\n", Opcode.CONT))
    assert peer.message() == (Opcode.BINARY, b"cd\n")


def test_a_frame_may_come_byte_by_byte_and_with_the_request(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, trailing=masked(b"early"))
    assert peer.output(b"early") == b"early"
    for byte in masked(b"late"):
        peer.send(bytes([byte]))
    assert peer.output(b"late") == b"late"


def test_a_message_of_a_mebibyte_is_taken_and_one_of_more_is_not(engine: Engine) -> None:
    container = engine.sh("wc -c", stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(bytes(1 << 20)) + masked(b"", Opcode.CLOSE))
    assert peer.messages() == [(Opcode.BINARY, b"1048576\n"), NORMAL]
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(b"\x82\xff" + ((1 << 20) + 1).to_bytes(8, "big") + b"mask")
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1009)


def test_fragments_count_together(engine: Engine) -> None:
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(bytes(600_000), fin=False))
    peer.send(masked(bytes(600_000), Opcode.CONT)[:1000])
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1009)


FAULTS = {
    "unmasked": (Frame(Opcode.BINARY, b"x").serialize(mask=False), 1002),
    "reserved bits": (b"\xf2\x81maskx", 1002),
    "opcode": (b"\x83\x81maskx", 1002),
    "long ping": (b"\x89\xfe\x00\x80mask" + bytes(128), 1002),
    "ping in fragments": (b"\x09\x81maskx", 1002),
    "stray continuation": (masked(b"x", Opcode.CONT), 1002),
    "message in a message": (masked(b"x", fin=False) + masked(b"y"), 1002),
    "short close": (masked(b"x", Opcode.CLOSE), 1002),
    "bad close code": (masked(b"\x00\x01", Opcode.CLOSE), 1002),
    "bad close reason": (masked(b"\x03\xe8\xff", Opcode.CLOSE), 1007),
    "huge": (b"\x82\xff" + b"\x7f" + b"\xff" * 7 + b"mask", 1009),
    "negative": (b"\x82\xff" + b"\xff" * 8 + b"mask", 1009),
    "plain text": (b"GET / HTTP/1.1\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_the_attachment_with_its_code_and_nothing_else(
    engine: Engine, name: str
) -> None:
    fault, code = FAULTS[name]
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    peer.send(fault + masked(b"behind it"))
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, code)
    assert engine.status(container) == "running"
    assert attach(engine, container).status == 101


def test_after_a_fault_nothing_more_comes_although_the_program_goes_on(engine: Engine) -> None:
    container = engine.sh("cat; echo END; exec sleep 60", stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(FAULTS["opcode"][0])
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1002)
    engine.wait_for_log(container, b"END")  # its input ends, whatever the reason
    assert engine.status(container) == "running"
