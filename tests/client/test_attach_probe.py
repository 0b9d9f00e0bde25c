"""Attach requests for no stream: what is sent, and which results forbid a WebSocket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.client import Deadline, EngineClient, check_websocket
from hyper_jupyter.client.attach_probe import can_try_websocket, try_attach
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.servers import TIMEOUT, VERSION, Peer, Script, ScriptedServer, answer

ATTACH, WEBSOCKET = "POST /containers/web/attach", "GET /containers/web/attach/ws"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
FORBIDDEN = answer(b"not allowed here", "403 Forbidden")
NONE = "logs=0&stream=0&stdin=0&stdout=0&stderr=0"

Make = Callable[..., tuple[ScriptedServer, EngineClient]]


@pytest.fixture
def engine(serve: Serve) -> Make:
    def make(
        api: str = "1.45", name: str = "Engine", **answers: Script
    ) -> tuple[ScriptedServer, EngineClient]:
        server = serve(
            {
                "GET /_ping": answer(b"OK", headers={"Api-Version": api}),
                "GET /version": answer(VERSION | {"Components": [{"Name": name}]}),
                **{{"attach": ATTACH, "ws": WEBSOCKET}[key]: each for key, each in answers.items()},
            }
        )
        return server, client_of(server.url)

    return make


@pytest.mark.parametrize(
    ("api", "name", "harmless"),
    [
        ("1.41", "Engine", False),
        ("1.42", "Engine", True),
        ("1.41", "hyper_jupyter engine", True),
    ],
)
def test_a_websocket_can_be_tried_where_only_the_chosen_streams_are_attached(
    engine: Make, api: str, name: str, harmless: bool
) -> None:
    assert can_try_websocket(engine(api, name)[1]) is harmless


@pytest.mark.parametrize(
    ("name", "query"),
    [("Engine", NONE), ("Podman Engine", "logs=1&stream=0&stdin=0&stdout=1&stderr=1")],
)
def test_an_attach_request_asks_for_no_stream_or_for_the_log_alone(
    engine: Make, name: str, query: str
) -> None:
    server, client = engine(name=name, attach=UPGRADED)
    assert try_attach(client, "web", Deadline(TIMEOUT)) == (101, b"")
    assert server.lines[0].split("?")[1] == f"{query} HTTP/1.1"
    assert server.requests[-1].headers["upgrade"] == "tcp"


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (PLAIN + b"output", (200, b"")),
        (FORBIDDEN, (403, b"not allowed here")),
        (b"", (None, b"")),
        (b"HTTP/1.1 200", (None, b"")),
    ],
    ids=["200", "403", "nothing", "half a head"],
)
def test_its_result_is_the_status_and_the_text_of_a_refusal(
    engine: Make, response: bytes, expected: tuple[int | None, bytes]
) -> None:
    status, body = try_attach(engine(attach=response)[1], "web", Deadline(TIMEOUT))
    assert (status, body if (status or 0) >= 300 else b"") == expected


def test_a_refusal_is_read_no_further_than_its_beginning(engine: Make) -> None:
    long = answer(b"x" * 100_000, "500 Broken")
    status, body = try_attach(engine(attach=long)[1], "web", Deadline(TIMEOUT))
    assert status == 500
    assert 4096 <= len(body) < 10_000


def test_an_engine_that_needs_no_probe_is_not_asked(engine: Make) -> None:
    server, client = engine("1.41", "hyper_jupyter engine")
    check_websocket(client, "web", Deadline(TIMEOUT))
    assert server.lines == []


@pytest.mark.parametrize(
    ("response", "kind", "text"),
    [
        (b"", ConnectionFailed, "closed without an answer to the request for a WebSocket"),
        (FORBIDDEN, ApiError, "not allowed here"),
        (PLAIN, ProtocolError, "the answer is 200 and no"),
        (UPGRADED, ProtocolError, "not a WebSocket handshake"),
    ],
    ids=["cut off", "403", "200", "no WebSocket"],
)
def test_where_a_websocket_can_be_tried_its_failure_is_the_error(
    engine: Make, response: bytes, kind: type[Exception], text: str
) -> None:
    server, client = engine(ws=response)
    with pytest.raises(kind, match=text):
        check_websocket(client, "web", Deadline(TIMEOUT))
    assert server.lines == [f"GET /v1.45/containers/web/attach/ws?{NONE} HTTP/1.1"]


def test_a_connection_that_breaks_is_a_failed_one(engine: Make) -> None:
    client = engine(ws=Peer.wait_for_end)[1]
    with pytest.raises(ConnectionFailed, match="the connection for a WebSocket broke: timed out"):
        check_websocket(client, "web", Deadline(0.2))


def test_below_1_42_a_removed_upgrade_forbids_the_websocket(engine: Make) -> None:
    server, client = engine("1.41", attach=PLAIN)
    with pytest.raises(ConnectionFailed, match="a WebSocket request without them stops") as caught:
        check_websocket(client, "web", Deadline(TIMEOUT))
    assert "pass on Upgrade and Connection" in caught.value.hint
    assert server.lines == [f"POST /v1.41/containers/web/attach?{NONE} HTTP/1.1"]


@pytest.mark.parametrize("response", [UPGRADED, FORBIDDEN, b""], ids=["101", "403", "cut off"])
def test_below_1_42_any_other_result_leaves_the_websocket_a_chance(
    engine: Make, response: bytes
) -> None:
    server, client = engine("1.41", attach=response)
    check_websocket(client, "web", Deadline(TIMEOUT))
    assert len(server.lines) == 1
