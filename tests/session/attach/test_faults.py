"""What a session makes of servers that break the protocol, or the connection."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
    SessionClosed,
)
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from tests.session.conftest import everywhere
from tests.session.servers import HEAD_101, HEAD_200, IDENTIFIER, Peer, ScriptedEngine, sends, stays

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
TIMED = {"unix": 1.0, "tls": 1.0, "ssh": 3.0}
"""Seconds after which an answer comes no more, where they really pass: tcp is as a unix socket, and
some ssh has started by then."""


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **{"resume": False, **options})


@everywhere
@pytest.mark.parametrize("head", [HEAD_101, HEAD_200], ids=["101", "200"])
@pytest.mark.parametrize("glued", [True, False], ids=["glued", "apart"])
def test_output_behind_the_head_is_kept(
    engine: Callable[..., ScriptedEngine], head: bytes, glued: bool
) -> None:
    running = engine(stays(head + OUT) if glued else stays(head, OUT))
    session = attach(running)
    session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    assert session.stdout.getvalue() == b"kept\n"
    session.close()


@everywhere
def test_an_answer_that_a_proxy_has_cut_into_chunks_is_the_same_stream(
    engine: Callable[..., ScriptedEngine],
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (OUT[:3], OUT[3:10], OUT[10:])]
    running = engine(stays(chunked, *pieces))
    session = attach(running)
    session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    assert session.stdout.getvalue() == b"kept\n"
    session.close()


@pytest.mark.parametrize("count", range(len(HEAD_101)))
def test_a_server_that_closes_inside_its_head_is_a_clear_error(
    engine: Callable[..., ScriptedEngine], count: int
) -> None:
    running = engine(sends(HEAD_101[:count]))
    with pytest.raises((ConnectionFailed, ProtocolError), match="closed the connection"):
        attach(running)


@pytest.mark.parametrize("engine", TIMED, indirect=True)
def test_a_head_that_never_ends_is_given_up_in_time(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays(HEAD_101[:40]))
    began = time.monotonic()
    with pytest.raises(ConnectionFailed, match="did not answer within 1 s"):
        connect(running, timeout=1).attach(IDENTIFIER)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("engine", "timeout"), TIMED.items(), indirect=["engine"])
def test_an_error_whose_text_never_ends_is_told_in_time(
    engine: Callable[..., ScriptedEngine], timeout: float
) -> None:
    running = engine(stays(b"HTTP/1.1 500 Internal Server Error\r\n\r\nbro", b"ken"))
    began = time.monotonic()
    with pytest.raises(ApiError, match="broken") as caught:
        connect(running, timeout=timeout).attach(IDENTIFIER)
    assert time.monotonic() - began < 8
    assert caught.value.status == 500


@everywhere
@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (b"HTTP/1.1 409 Conflict\r\n\r\ncontainer x is paused\r\n", Conflict, "is paused"),
        (b'HTTP/1.1 400 Bad\r\nContent-Length: 15\r\n\r\n{"message":"m"}', ApiError, "m"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n\r\n", ApiError, "redirects"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ProtocolError, "not a valid HTTP answer"),
    ],
)
def test_an_answer_that_is_no_stream_is_raised(
    engine: Callable[..., ScriptedEngine], answer: bytes, kind: type[Exception], text: str
) -> None:
    with pytest.raises(kind, match=text):
        attach(engine(sends(answer)))


@everywhere
@pytest.mark.parametrize(
    ("tail", "kind", "text"),
    [
        (b"\x01\0\0\0\0\0\0\x09half", ConnectionLost, "inside a frame"),
        (b"\x01\0\0", ConnectionLost, "inside a frame"),
        (b"\x07\0\0\0\0\0\0\x01x", ProtocolError, "unrecognized stream: 7"),
        (b"GET / HTTP/1.1\r\n", ProtocolError, "unrecognized stream: 71"),
        (encode_frame(StreamType.SYSTEMERR, b"disk full"), ConnectionLost, "disk full"),
    ],
)
def test_a_broken_stream_is_lost_with_its_transcript_kept(
    engine: Callable[..., ScriptedEngine], tail: bytes, kind: type[Exception], text: str
) -> None:
    session = attach(engine(sends(HEAD_101, OUT, tail)))
    assert session.join(PATIENCE) is State.LOST
    assert isinstance(session.error, kind)
    assert text in str(session.error)
    assert session.stdout.getvalue().startswith(b"kept\n")
    with pytest.raises(kind):
        session.wait(1)
    with pytest.raises(SessionClosed, match="lost"):
        session.send("x")


@everywhere
def test_a_stream_that_breaks_before_any_output_has_failed(
    engine: Callable[..., ScriptedEngine],
) -> None:
    session = attach(engine(sends(HEAD_101, b"\x01\0\0")))
    assert session.join(PATIENCE) is State.FAILED


@everywhere
def test_a_fault_is_told_while_the_connection_stays_open(
    engine: Callable[..., ScriptedEngine],
) -> None:
    session = attach(engine(stays(HEAD_101, OUT + b"\x09\0\0\0\0\0\0\0")))
    assert session.join(PATIENCE) is State.LOST


@everywhere
def test_a_frame_of_four_gigabytes_is_shown_as_it_comes(
    engine: Callable[..., ScriptedEngine],
) -> None:
    session = attach(engine(stays(HEAD_101, b"\x01\0\0\0\xff\xff\xff\xff" + b"first")))
    session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    assert session.state is State.ATTACHED
    session.close()


def test_a_reset_connection_is_lost() -> None:
    tcp = socket.socket()
    tcp.bind(("127.0.0.1", 0))

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        peer.receive(1)  # the client has all of it
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with ScriptedEngine(tcp, script) as running:
        session = client_for(running.url).attach(IDENTIFIER, resume=False)
        session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
        session.send(b"xy")
        assert session.join(PATIENCE) is State.LOST
        assert isinstance(session.error, ConnectionLost)
        assert session.stdout.getvalue() == b"kept\n"


@everywhere
def test_the_end_of_the_stream_of_a_running_container_is_lost_not_exited(
    engine: Callable[..., ScriptedEngine],
) -> None:
    session = attach(engine(sends(HEAD_101, OUT)))
    assert session.join(PATIENCE) is State.LOST
    assert "runs on" in str(session.error)


@everywhere
def test_an_engine_that_dies_loses_the_session(engine: Callable[..., ScriptedEngine]) -> None:
    running = engine(stays(HEAD_101 + OUT))
    session = attach(running)
    session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    running.close()
    assert session.join(PATIENCE) is State.LOST
    assert isinstance(session.error, HyperJupyterError)
