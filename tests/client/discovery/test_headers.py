"""Headers and versions that the user's own command line puts into its requests."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.client.discovery.hyper import Credentials
from hyper_jupyter.exceptions import ConnectionFailed, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

SECRET: Final = "s3cret-token"
KEYS: Final = Credentials("ACCESS", "SECRET", "us-west-1", "the test")

Write = Callable[[object], None]


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes docker's ``config.json``."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))

    def write(content: object) -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / "config.json").write_text(text)

    return write


def sent(connection: socket.socket, exchange: Any) -> bytes:
    connection.close()
    return bytes(exchange.data_to_send())


def test_docker_s_headers_go_with_every_call_and_every_stream(
    serve: Serve, docker_config: Write
) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET, "X-Empty": ""}})
    server = serve({"GET /containers/json": answer([])})
    client = client_of(server.url)
    client.containers()
    assert [request.headers.get("x-token") for request in server.requests] == [SECRET] * 3
    assert [request.headers.get("x-empty") for request in server.requests] == [""] * 3
    upgrade = {"Connection": "Upgrade", "Upgrade": "tcp"}
    head = sent(*client.open("POST", "/containers/c/attach", headers=upgrade))
    assert b"\r\nX-Token: s3cret-token\r\n" in head
    head = sent(*client.open("GET", "/containers/c/attach/ws", websocket=True))
    assert b"\r\nX-Token: s3cret-token\r\n" in head


def test_they_take_the_place_of_none_of_ours(serve: Serve, docker_config: Write) -> None:
    names = ("Host", "user-agent", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade",
             "Expect", "Content-Type", "Sec-WebSocket-Key", "Accept")  # fmt: skip
    docker_config({"HttpHeaders": dict.fromkeys(names, "evil")})
    server = serve({"POST /containers/create": answer({"Id": "a"})})
    client = client_of(server.url)
    client.create("busybox")
    headers = dict(server.requests[-1].headers)
    assert "evil" not in headers.values()
    assert headers["content-type"] == "application/json"
    upgrade = {"Content-Type": "text/plain", "Connection": "Upgrade", "Upgrade": "tcp"}
    assert b"evil" not in sent(*client.open("POST", "/containers/c/attach", headers=upgrade))
    assert b"evil" not in sent(*client.open("GET", "/ws", websocket=True)).replace(
        b"Content-Type: evil", b""
    )


def test_the_variable_replaces_those_of_the_file(
    serve: Serve, docker_config: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_config({"HttpHeaders": {"X-Token": SECRET}})
    monkeypatch.setenv("DOCKER_CUSTOM_HEADERS", '"B=1,2", C = x y,a=1,A=2')
    server = serve()
    client_of(server.url)
    headers = server.requests[0].headers
    assert "x-token" not in headers
    assert [headers[name] for name in ("b", "c")] == ["1,2", "x y"]


@pytest.mark.parametrize("text", ["A", "=x", ",", "A b=c", "A=\té\n", '"x', '"A=1"', "A=1\r\nB: 2"])
def test_a_variable_that_is_no_headers_is_an_error_that_repeats_nothing(
    docker_config: Write, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("DOCKER_CUSTOM_HEADERS", text + SECRET)
    with pytest.raises(ConnectionFailed, match=r"(of )?DOCKER_CUSTOM_HEADERS has a"):
        client_of("unix:///nowhere")


@pytest.mark.parametrize(
    "entry", [{"X-Token": f"a\r\nX: {SECRET}"}, {"X-Token": f"é{SECRET}"}, {f"X {SECRET}": "a"},
              {"": SECRET}, {f"X\n{SECRET}": ""}]
)  # fmt: skip
def test_what_no_header_can_be_is_an_error_that_repeats_nothing(
    docker_config: Write, entry: dict[str, str], tmp_path: Path
) -> None:
    docker_config({"HttpHeaders": entry})
    with pytest.raises(ConnectionFailed) as caught:
        client_of("unix:///nowhere")
    text = str(caught.value)
    assert f"HttpHeaders in {tmp_path}/config.json has a" in text
    assert SECRET not in f"{text} {caught.value.hint}"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "[" * 100_000, {"HttpHeaders": ["X-Token"]}, {"HttpHeaders": "x"},
     {"HttpHeaders": {"X-Token": 5}}, {"HttpHeaders": None}],
)  # fmt: skip
def test_an_odd_configuration_adds_nothing(
    serve: Serve, docker_config: Write, content: object
) -> None:
    docker_config(content)
    server = serve()
    client_of(server.url)
    names = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert set(server.requests[0].headers) == names


# -- the version ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["1.30", "v1.30", " 1.30 "])
def test_docker_s_variable_for_the_version_wins_over_negotiation(
    serve: Serve, docker_config: Write, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("DOCKER_API_VERSION", text)
    monkeypatch.setenv("HYPER_API_VERSION", "1.22")
    server = serve()
    assert client_of(server.url).api_version == "1.30"
    assert client_of(server.url, api_version="1.29").api_version == "1.29"
    monkeypatch.setenv("DOCKER_API_VERSION", " ")
    assert client_of(server.url).api_version == "1.45"


def test_hyper_s_variable_is_for_signed_requests(
    serve: Serve, docker_config: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_API_VERSION", "1.30")
    server = serve()
    assert client_of(server.url, credentials=KEYS).api_version == "1.23"
    monkeypatch.setenv("HYPER_API_VERSION", "1.22")
    assert client_of(server.url, credentials=KEYS).api_version == "1.22"
    assert server.requests[-1].line == "GET /v1.22/version HTTP/1.1"
    assert client_of(server.url, api_version="1.24", credentials=KEYS).api_version == "1.24"


@pytest.mark.parametrize("text", ["banana", "1", "1.30/../x", "1.30\r\nX: y", "vv1.30"])
@pytest.mark.parametrize("variable", ["DOCKER_API_VERSION", "HYPER_API_VERSION"])
def test_a_variable_that_is_no_version_is_an_error_before_anything_is_sent(
    serve: Serve, docker_config: Write, monkeypatch: pytest.MonkeyPatch, text: str, variable: str
) -> None:
    monkeypatch.setenv(variable, text)
    server = serve()
    keys = KEYS if variable.startswith("HYPER") else None
    with pytest.raises(ProtocolError, match=rf"is not an API version \({variable}\)"):
        client_of(server.url, credentials=keys)
    assert server.requests == []
