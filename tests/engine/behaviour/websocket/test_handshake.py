"""Attach by WebSocket: the handshake.

What is marked as Docker's was seen on Docker 20.10 and 26.1 with the same bytes.
"""

from __future__ import annotations

import json

import pytest

from tests.engine.behaviour.websocket.peer import ALL, attach
from tests.engine.driver import Engine

HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)


@pytest.mark.parametrize("prefix", ["/v1.45", "", "/v1.24", "/v1.41."])
def test_the_handshake_is_docker_s_to_the_byte(engine: Engine, prefix: str) -> None:
    container = engine.run("cat", stdin=True)
    assert attach(engine, container, prefix=prefix).head == HEAD + b"\r\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"Connection": "keep-alive, Upgrade"},
        {"Upgrade": "WebSocket"},
        {"Origin": "http://elsewhere.example"},
        {"Sec_WebSocket_Extensions": "permessage-deflate"},
    ],
    ids=str,
)
def test_it_is_the_same_for_what_docker_takes_no_notice_of(
    engine: Engine, changes: dict[str, str]
) -> None:
    container = engine.run("cat", stdin=True)
    assert attach(engine, container, **changes).head == HEAD + b"\r\n"


def test_a_subprotocol_is_agreed_to(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, Sec_WebSocket_Protocol="chat")
    assert peer.head == HEAD + b"Sec-WebSocket-Protocol: chat\r\n\r\n"


REFUSED: dict[str, tuple[dict[str, str | None], bytes]] = {
    "none": (dict.fromkeys(["Connection", "Upgrade"]), b"\r\nnot websocket protocol"),
    "other upgrade": ({"Upgrade": "tcp"}, b"\r\nnot websocket protocol"),
    "no connection": ({"Connection": "close"}, b"\r\nnot websocket protocol"),
    "no key": ({"Sec_WebSocket_Key": None}, b"\r\nmismatch challenge/response"),
    "old": (
        {"Sec_WebSocket_Version": "8"},
        b"Sec-WebSocket-Version: 13\r\n\r\nmissing or bad WebSocket Version",
    ),
    "two subprotocols": ({"Sec_WebSocket_Protocol": "a, b"}, b"\r\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_handshake_is_refused_in_docker_s_words(engine: Engine, name: str) -> None:
    changes, answer = REFUSED[name]
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, **changes)
    assert peer.head + peer.read_all() == b"HTTP/1.1 400 Bad Request\r\n" + answer


@pytest.mark.parametrize("upgrade", ["websocket", None], ids=["asked", "not asked"])
def test_errors_come_before_the_handshake_and_in_json(engine: Engine, upgrade: str | None) -> None:
    container = engine.run("cat", stdin=True, name="still")
    engine.call("POST", f"/containers/{container}/pause")
    for where, query, status, message in [
        ("nosuch", "", 404, "No such container: nosuch"),
        ("nosuch", "detachKeys=nope", 400, "Invalid detach keys (nope) provided"),
        (
            container,
            "",
            409,
            f"container {container} is paused, unpause the container before attach",
        ),
    ]:
        peer = attach(engine, where, query, Upgrade=upgrade)
        assert peer.status == status
        assert json.loads(peer.read_until(b"\n")) == {"message": message}
    engine.call("POST", f"/containers/{container}/unpause")


def test_below_1_24_errors_are_plain_text(engine: Engine) -> None:
    peer = attach(engine, "nosuch", prefix="/v1.23")
    assert (peer.status, peer.read_until(b"\n")) == (404, b"No such container: nosuch\n")


def test_it_is_a_get(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    answer = engine.call("POST", f"/containers/{container}/attach/ws?{ALL}")
    assert (answer.status, answer.message) == (404, "page not found")
