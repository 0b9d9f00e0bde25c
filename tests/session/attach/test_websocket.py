"""A session by WebSocket, with servers that keep to the protocol and servers that do not."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.session import State
from tests.session import servers
from tests.session.servers import HEAD_200, IDENTIFIER, Peer, ScriptedEngine

PATIENCE = 10.0
MIXED = "Attached by WebSocket, which does not separate the streams: all output is stdout."
END = b"\x88\x02\x03\xe8"

Engine = Callable[..., ScriptedEngine]


def handshake(peer: Peer) -> bytes:
    """The answer to this very request."""
    key = re.search(rb"(?im)^sec-websocket-key: (.*)\r$", peer.request + b"\r\n")
    assert key is not None
    digest = hashlib.sha1(key[1] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + base64.b64encode(digest) + b"\r\n\r\n"
    )


def message(peer: Peer) -> tuple[int, bytes]:
    """The client's next frame: its first byte and its payload."""
    first, length = peer.receive(2)
    assert length & 0x80
    mask, data = peer.receive(4), peer.receive(length & 0x7F)
    return first, bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))


sends = partial(servers.sends, before=handshake)
stays = partial(servers.stays, before=handshake)
"""Scripts that answer the handshake first, with the first piece glued to it."""


def attach(engine: ScriptedEngine, timeout: float = PATIENCE, **options: Any) -> Session:
    return client_for(engine.url, timeout=timeout).attach(
        IDENTIFIER, ws=True, resume=False, **options
    )


def wait_for_output(session: Session, size: int) -> bytes:
    session._lifecycle.wait_for(
        lambda: len(session.stdout) >= size or session._lifecycle.ended, PATIENCE
    )
    return session.stdout.getvalue()


def test_text_and_binary_messages_are_stdout_and_a_warning_says_so(engine: Engine) -> None:
    running = engine(stays(b"\x81\x04out\n", b"\x82\x04err\n"))
    session = attach(running)
    assert wait_for_output(session, 8) == b"out\nerr\n"
    assert session.warnings == (MIXED,)
    query = "detachKeys=ctrl-%5E%2Cctrl-%40&logs=0&stream=1&stdin=1&stdout=1&stderr=1"
    sent = [line for line in running.requests if "/attach/ws" in line]
    assert sent == [f"GET /v1.41/containers/{IDENTIFIER}/attach/ws?{query} HTTP/1.1"]
    session.close()


def test_on_a_terminal_nothing_is_mixed_and_nothing_is_warned_of(engine: Engine) -> None:
    session = attach(engine(stays(b""), Tty=True))
    assert session.warnings == ()
    session.close()


def test_typing_arrives_as_messages_and_leaving_as_a_close_frame(engine: Engine) -> None:
    got: list[tuple[int, bytes]] = []
    left = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(handshake(peer))
        got.append(message(peer))
        peer.send(b"\x82\x03ok\n")
        got.append(message(peer))
        left.set()
        peer.wait_for_end()

    session = attach(engine(script))
    session.send_line("typed")
    wait_for_output(session, 3)
    session.close()
    assert session.state is State.DETACHED
    assert left.wait(PATIENCE)  # the I/O thread sends it, a moment later
    assert got == [(0x82, b"typed\n"), (0x88, b"\x03\xe8")]


def test_a_ping_is_answered(engine: Engine) -> None:
    got: list[tuple[int, bytes]] = []

    def script(peer: Peer) -> None:
        peer.send(handshake(peer) + b"\x89\x02hi")
        got.append(message(peer))
        peer.send(b"\x82\x03ok\n")
        peer.wait_for_end()

    session = attach(engine(script))
    assert wait_for_output(session, 3) == b"ok\n"
    assert got == [(0x8A, b"hi")]
    session.close()


def test_a_close_frame_is_answered_and_ends_it_though_the_connection_stays(engine: Engine) -> None:
    got: list[tuple[int, bytes]] = []

    def script(peer: Peer) -> None:
        running.exit(3)
        peer.send(handshake(peer) + b"\x82\x03ok\n" + END)
        got.append(message(peer))
        peer.wait_for_end()

    running = engine(script)
    session = attach(running)
    assert session.wait(PATIENCE) == 3
    assert (session.state, session.stdout.getvalue()) == (State.EXITED, b"ok\n")
    session.close()
    running.close()
    assert got == [(0x88, b"\x03\xe8")]


@pytest.mark.parametrize(
    ("bytes_", "kind", "text"),
    [
        (b"\x83\x01x", ProtocolError, "not a valid WebSocket frame"),
        (b"\x82\x81abcdx", ProtocolError, "not a valid WebSocket frame"),
        (b"\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01", ProtocolError, "limit"),
        (b"\x88\x06\x03\xf3gone", ConnectionLost, "with code 1011: gone"),
    ],
    ids=["garbage", "masked", "too large", "close code"],
)
def test_what_breaks_the_rules_loses_the_session_and_keeps_its_output(
    engine: Engine, bytes_: bytes, kind: type[HyperJupyterError], text: str
) -> None:
    session = attach(engine(stays(b"\x82\x05kept\n", bytes_)))
    with pytest.raises(kind, match=text):
        session.wait(PATIENCE)
    assert (session.state, session.stdout.getvalue()) == (State.LOST, b"kept\n")
    session.close()


def test_an_end_without_a_close_frame_is_a_loss(engine: Engine) -> None:
    session = attach(engine(sends(b"\x82\x05kept\n")))
    with pytest.raises(ConnectionLost, match="cut short"):
        session.wait(PATIENCE)
    session.close()


def test_an_answer_for_another_key_is_refused(engine: Engine) -> None:
    def script(peer: Peer) -> None:
        head = handshake(peer)
        peer.send(head.replace(b"Accept: ", b"Accept: x"))
        peer.wait_for_end()

    with pytest.raises(ProtocolError, match="not a WebSocket handshake for this request"):
        attach(engine(script))


def test_an_answer_without_the_upgrade_is_refused_at_once(engine: Engine) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_200)
        peer.wait_for_end()

    began = time.monotonic()
    with pytest.raises(ProtocolError, match="the answer is 200 and not a WebSocket") as caught:
        attach(engine(script))
    assert caught.value.hint == "A proxy in between may not let WebSocket through either."
    assert time.monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize("fault", [ConnectionFailed("not now"), KeyboardInterrupt()])
def test_what_kept_it_from_being_asked_for_keeps_no_later_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    def fails(*_: object) -> None:
        raise fault

    running = engine(stays(b"\x81\x04out\n"), OpenStdin=True, StdinOnce=True)
    with monkeypatch.context() as patched:
        patched.setattr("hyper_jupyter.session.attach.target.check_websocket", fails)
        with pytest.raises(type(fault)):
            attach(running)
    session = attach(running)
    assert wait_for_output(session, 4) == b"out\n"
    session.close(force=True)


def test_an_engine_without_the_route_says_what_that_means(engine: Engine) -> None:
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found"
    with pytest.raises(ApiError) as caught:
        attach(engine(lambda peer: peer.send(answer)))
    assert caught.value.hint == "The engine, or a proxy in between, has no attach by WebSocket."


def test_the_input_cannot_be_ended_alone(engine: Engine) -> None:
    session = attach(engine(stays(b"")))
    assert session.controls().eof == "over a WebSocket the input cannot be ended"
    with pytest.raises(Conflict, match="the input cannot be ended"):
        session.send_eof()
    session.close()


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"], ids=["cut", "502"]
)
def test_where_the_upgrade_fails_the_other_way_is_offered(engine: Engine, answer: bytes) -> None:
    running = engine(lambda peer: peer.send(answer))
    with pytest.raises((ConnectionFailed, ApiError)) as caught:
        client_for(running.url, timeout=PATIENCE).attach(IDENTIFIER)
    assert "%hyper_attach --ws (ws=True) attaches by WebSocket" in caught.value.hint


@pytest.mark.parametrize("stderr", [True, False])
def test_where_the_upgrade_is_missing_the_other_way_is_offered(
    engine: Engine, stderr: bool
) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_200)
        peer.wait_for_end()

    client = client_for(engine(script).url, timeout=PATIENCE)
    session = client.attach(IDENTIFIER, stderr=stderr)
    offer = "%hyper_attach --ws (ws=True) attaches by WebSocket."
    assert "removed the upgrade" in session.warnings[-1]
    assert session.warnings[-1].endswith(offer) is stderr  # by WebSocket both come as one
    session.close()
