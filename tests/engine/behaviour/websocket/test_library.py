"""Attach by WebSocket with an independent client: the ``websockets`` library."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, unix_connect

from tests.engine.behaviour.websocket.peer import ALL, ECHO
from tests.engine.driver import TIMEOUT, Engine


@contextlib.contextmanager
def library(engine: Engine, container: str, query: str = ALL, **options: Any) -> Iterator[Any]:
    """The independent client, open."""
    uri = f"ws://engine{engine.prefix}/containers/{container}/attach/ws?{query}"
    with unix_connect(engine.path, uri, open_timeout=TIMEOUT, **options) as client:
        yield client


def everything(client: ClientConnection) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionClosedOK):
        while True:
            piece = client.recv(TIMEOUT)
            data += piece.encode() if isinstance(piece, str) else piece
    return data


def test_the_websockets_library_talks_to_it(engine: Engine) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    with library(engine, container) as client:
        assert client.protocol.extensions == []  # it offers compression
        client.send("text\n")
        assert client.recv(TIMEOUT) == b"got:text\n"
        client.send([b"in ", b"frag", b"ments\n"])
        assert client.recv(TIMEOUT) == b"got:in fragments\n"
        assert client.ping().wait(TIMEOUT)
        engine.kill(container)
        assert everything(client) == b""
        assert client.close_code == 1000


def test_the_library_s_close_is_answered(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    with library(engine, container, close_timeout=TIMEOUT) as client:
        pass
    assert (client.close_code, client.protocol.close_sent.code) == (1000, 1000)
    assert engine.status(container) == "running"


def test_much_output_and_much_input_are_whole(engine: Engine) -> None:
    script = "head -c 3000000 | md5sum; head -c 3000000 /dev/zero; exit 4"
    container = engine.sh(script, stdin=True)
    with library(engine, container) as client:
        for _ in range(30):
            client.send(b"0123456789" * 10_000)
        data = everything(client)
    assert data == b"55a95d24c5e52ee25a245028a1768961  -\n" + bytes(3_000_000)
    assert engine.wait(container) == 4


def test_a_terminal_by_the_library_below_1_28_is_text(engine: Engine) -> None:
    engine.prefix = "/v1.23"
    container = engine.run("cat", stdin=True, tty=True)
    with library(engine, container) as client:
        client.send(b"caf\xc3\xa9\r")
        text = ""
        while text.count("café\r\n") < 2:
            text += client.recv(TIMEOUT)
        client.send("\x10\x11")
        assert everything(client) == b""
        assert client.close_code == 1000


def test_the_library_gets_the_error(engine: Engine) -> None:
    with pytest.raises(InvalidStatus) as caught, library(engine, "nosuch"):
        pass
    response = caught.value.response
    assert (response.status_code, response.body) == (
        404,
        b'{"message":"No such container: nosuch"}\n',
    )
