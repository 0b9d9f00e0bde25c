"""Requests of one client: which answers are errors, and how long each may take."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import Endpoint
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Tls
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
)
from tests.client.conftest import Serve, client_of
from tests.client.servers import Peer, ScriptedServer, answer


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_an_error_and_not_followed(serve: Serve, status: str) -> None:
    server = serve({"POST /containers/x/start": answer(b"", status, {"Location": "/elsewhere"})})
    with pytest.raises(ApiError, match="redirects"):
        client_of(server.url).start("x")
    assert server.lines == ["POST /v1.45/containers/x/start HTTP/1.1"]


@pytest.mark.parametrize("verb", ["start", "stop"])
def test_304_says_that_nothing_had_to_be_done(serve: Serve, verb: str) -> None:
    server = serve({f"POST /containers/x/{verb}": answer(b"", "304 Not Modified")})
    getattr(client_of(server.url), verb)("x")


def test_a_client_knows_where_its_engine_is(serve: Serve) -> None:
    server = serve({})
    client = client_of(server.url)
    assert (client.host, client.engine) == (server.url, client.profile.kind)


def test_409_is_a_conflict(serve: Serve) -> None:
    server = serve({"DELETE /containers/x": answer({"message": "stop it first"}, "409 Conflict")})
    with pytest.raises(Conflict, match="stop it first"):
        client_of(server.url).remove("x")


def test_proxies_certificates_and_passwords_of_the_environment_are_not_for_engines(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n"
                                   "default login me password s3cret\n")  # fmt: skip
    with (
        ScriptedServer() as proxy,
        ScriptedServer(answers={"GET /containers/json": answer([])}) as server,
    ):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.replace("tcp:", "http:"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(folder / "missing.pem"))
        monkeypatch.setenv("CURL_CA_BUNDLE", str(folder / "missing.pem"))
        monkeypatch.setenv("NETRC", str(folder / ".netrc"))
        monkeypatch.setenv("HOME", str(folder))
        client = client_of(server.url)
        assert client.containers() == []
        connection, exchange = client.open("GET", "/events")
        connection.close()
        assert proxy.requests == []
        assert len(server.requests) == 3
        for request in server.requests:
            assert "authorization" not in request.headers
        assert b"uthorization" not in exchange.data_to_send()


@pytest.mark.parametrize("seconds", [None, 20])
def test_a_connection_that_the_system_gives_up_does_not_say_that_the_container_goes_on(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    def gives_up(*_: Any) -> int:
        raise TimeoutError(errno.ETIMEDOUT, "Connection timed out")

    client = client_of(serve({"POST /containers/x/wait": Peer.wait_for_end}).url)
    for how in ("recv", "recv_into"):
        monkeypatch.setattr(DeadlineSocket, how, gives_up)
    with pytest.raises(ConnectionFailed, match="failed: Connection timed out"):
        client.wait("x", timeout=seconds)


@pytest.mark.parametrize("seconds", [None, 20])
def test_wait_for_a_container_does_not_wait_for_an_engine_that_is_not_there(
    serve: Serve, seconds: float | None
) -> None:
    client = client_of(serve({}).url)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and no handshake comes
        port = silent.getsockname()[1]
        client._endpoint = Endpoint("tcp", host="127.0.0.1", port=port, tls=Tls())
        client.timeout = 0.3
        with pytest.raises(ConnectionFailed, match="timed out"):
            client.wait("x", timeout=seconds)


def test_wait_outlasts_the_client_s_timeout(serve: Serve) -> None:
    def late(peer: Peer) -> None:
        assert not peer.hung_up(0.6)
        peer.send(answer({"StatusCode": 3}))

    client = client_of(serve({"POST /containers/x/wait": late}).url)
    client.timeout = 0.3  # not for the negotiation
    assert client.wait("x") == 3
