"""Signed requests: what our client sends, judged by the engine's own verifier."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest
from requests import Request as NewRequest

from hyper_jupyter.client import Credentials, EngineClient, authentication
from hyper_jupyter.client.authentication import HyperAuth, explain_refusal
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, NotFound
from hyper_jupyter.protocol import InvalidSignature, verify
from tests.client.conftest import Serve, client_of
from tests.client.servers import Request, ScriptedServer, answer
from tests.recorded import KEYS, REGION, requests

VERSION: Final = answer({"Version": "1.10.16", "ApiVersion": "1.23"})


def signed_client(url: str, region: str = REGION, **options: Any) -> EngineClient:
    credentials = Credentials(**KEYS, region=region, source="the call")
    return client_of(url, credentials=credentials, **options)


def accept(request: Request, region: str = REGION) -> None:
    """Raises InvalidSignature where the engine would not take it."""
    method, target, _ = request.line.split(" ")
    verify(
        method, target, request.headers, request.body, **KEYS, region=region, now=datetime.now(UTC)
    )


def test_a_hyper_endpoint_is_asked_its_version_and_no_ping(serve: Serve) -> None:
    server = serve({"GET /version": VERSION})
    client = signed_client(server.url)
    assert [request.line for request in server.requests] == ["GET /v1.23/version HTTP/1.1"]
    assert (client.engine, client.api_version, client.engine_version) == (
        "hyper",
        "1.23",
        "1.10.16",
    )
    assert client.default_image == "busybox"


def test_another_version_is_named_by_the_caller(serve: Serve) -> None:
    server = serve({"GET /version": VERSION})
    assert signed_client(server.url, api_version="1.30").api_version == "1.30"
    assert [request.line for request in server.requests] == ["GET /v1.30/version HTTP/1.1"]


def test_an_endpoint_without_the_version_call_is_taken_as_it_is(serve: Serve) -> None:
    server = serve({"GET /version": answer(b"page not found\n", "404 Not Found")})
    assert signed_client(server.url).engine == "hyper"


CALLS: Final = {
    "containers": lambda client: client.containers(),
    "inspect": lambda client: client.inspect("my/name x"),
    "create": lambda client: client.create("busybox", "echo \u6d4b", name="proto1"),
    "start": lambda client: client.start("proto1"),
    "kill": lambda client: client.kill("proto1", "TERM"),
    "resize": lambda client: client.resize("proto1", 24, 80),
    "remove": lambda client: client.remove("proto1"),
    "filters": lambda client: client.call(
        "GET", "/containers/json", {"filters": '{"status":["a b"]}'}
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_each_call_is_accepted_by_the_engine_s_verifier(serve: Serve, name: str) -> None:
    server = serve({"GET /version": VERSION})
    client = signed_client(server.url)
    del server.requests[:]
    with pytest.raises(NotFound):  # the server has nothing but its version
        CALLS[name](client)
    assert server.requests
    for request in server.requests:
        accept(request)
        with pytest.raises(InvalidSignature):
            accept(request, "eu-central-1")


def test_each_stream_is_accepted_by_the_engine_s_verifier(serve: Serve) -> None:
    server = serve({"GET /version": VERSION})
    client = signed_client(server.url)
    upgrade = {"Content-Type": "text/plain", "Connection": "Upgrade", "Upgrade": "tcp"}
    asked = [
        ("POST", "/containers/web/attach", {"stream": "1", "detachKeys": "ctrl-^,ctrl-@"}, upgrade),
        ("POST", "/containers/web/wait", {"condition": "not-running"}, {}),
        ("GET", "/containers/web/logs", {"follow": "1", "tail": "all"}, {}),
        ("GET", "/events", {"filters": '{"type":["container"]}'}, {}),
    ]
    for method, path, params, headers in asked:
        connection, exchange = client.open(method, path, params, headers=headers)
        with connection:
            connection.sendall(exchange.data_to_send())
            while connection.recv(65536):
                pass
        accept(server.requests[-1])
    connection, exchange = client.open(
        "GET", "/containers/web/attach/ws", {"stream": "1"}, websocket=True
    )
    with connection:
        connection.sendall(exchange.data_to_send())
        while connection.recv(65536):
            pass
    accept(server.requests[-1])
    assert server.requests[-1].headers["upgrade"] == "websocket"
    body = {"Detach": False, "Tty": False}
    connection, exchange = client.open("POST", "/exec/1/start", headers=upgrade, body=body)
    with connection:
        connection.sendall(exchange.data_to_send())
        while connection.recv(65536):
            pass
    accept(server.requests[-1])
    assert server.requests[-1].json == body


def test_the_signed_host_is_the_one_that_is_sent() -> None:
    with ScriptedServer(answers={"GET /version": VERSION}) as server:
        signed_client(server.url)
        assert server.requests[0].headers["host"] == server.url.removeprefix("tcp://")
        accept(server.requests[0])


def test_our_headers_are_those_of_the_published_command_line(serve: Serve) -> None:
    theirs = next(r for r in requests() if r.run == "version")
    signing = {"authorization", "content-type", "host", "x-hyper-content-sha256", "x-hyper-date"}
    assert {name.lower() for name, _ in theirs.headers} - signing == {
        "user-agent",
        "accept-encoding",
    }
    server = serve({"GET /version": VERSION})
    signed_client(server.url)
    assert signing <= set(server.requests[0].headers)
    assert server.requests[0].headers["content-type"] == dict(theirs.headers)["Content-Type"]


def test_without_keys_nothing_is_signed(serve: Serve) -> None:
    server = serve()
    client = client_of(server.url)
    client.call("GET", "/version")
    for request in server.requests:
        assert not [
            name for name in request.headers if name.startswith(("authorization", "x-hyper"))
        ]


def test_the_date_is_the_clock_s(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2018, 12, 24, 10, 11, 12, tzinfo=UTC)
    monkeypatch.setattr(authentication, "now", lambda: at)
    auth = authentication.HyperAuth(Credentials("a", "b", "c", "d"))
    prepared = NewRequest("GET", "http://h:80/v1.23/info", auth=auth).prepare()
    assert prepared.headers["X-Hyper-Date"] == "20181224T101112Z"
    assert prepared.headers["Host"] == "h:80"


# -- refusals --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_refused_signature_is_one_line_with_what_to_check(serve: Serve, status: str) -> None:
    server = serve({"GET /version": answer(b"the access key is not known\r\n", status)})
    with pytest.raises(ApiError) as caught:
        signed_client(server.url)
    assert str(caught.value) == "the access key is not known"
    assert caught.value.hint == (
        "Signed for region us-west-1, with the keys from the call. Check them, and that this "
        "machine's clock is right."
    )


def test_an_engine_that_wants_a_signature_says_where_keys_go(serve: Serve) -> None:
    server = serve({"GET /_ping": answer(b"the request is not signed\n", "401 Unauthorized")})
    with pytest.raises(ApiError, match="not signed") as caught:
        client_of(server.url)
    assert "access_key=" in caught.value.hint
    assert "~/.hyper/config.json" in caught.value.hint


def test_an_engine_that_is_too_new_for_hyper_s_version_says_so(serve: Serve) -> None:
    text = b"client version 1.23 is too old. Minimum supported API version is 1.24\n"
    server = serve({"GET /version": answer(text, "400 Bad Request")})
    with pytest.raises(ApiError, match=r"^client version 1\.23 is too old"):
        signed_client(server.url)


def test_plain_text_errors_are_read(serve: Serve) -> None:
    missing = answer(b"No such container: x\n", "404 Not Found")
    server = serve({"GET /version": VERSION, "GET /containers/x/json": missing})
    with pytest.raises(NotFound) as caught:
        signed_client(server.url).inspect("x")
    assert caught.value.message == "No such container: x"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_the_other_server_hears_nothing(
    serve: Serve, status: int
) -> None:
    with ScriptedServer() as other:
        where = other.url.replace("tcp:", "http:")
        moved = answer(b"", f"{status} Moved", {"Location": f"{where}/v1.23/containers/json"})
        server = serve({"GET /version": VERSION, "GET /containers/json": moved})
        client = signed_client(server.url)
        text = r"the engine redirects \(status 30\d\), which is not followed"
        with pytest.raises(ApiError, match=text):
            client.containers()
        assert len(server.requests) == 2
        assert other.requests == []


def test_a_redirected_stream_is_not_followed(serve: Serve) -> None:
    with ScriptedServer() as other:
        where = other.url.replace("tcp:", "http:")
        moved = answer(b"", "307 Moved", {"Location": f"{where}/v1.23/containers/a/attach"})
        server = serve({"GET /version": VERSION, "POST /containers/a/attach": moved})
        connection, exchange = signed_client(server.url).open("POST", "/containers/a/attach")
        with connection:
            connection.sendall(exchange.data_to_send())
            while data := connection.recv(65536):
                exchange.receive_data(data)
        assert exchange.head is not None
        assert exchange.head.status == 307
        assert other.requests == []


def test_a_name_that_cannot_be_sent_is_our_own_error(serve: Serve) -> None:
    server = serve({"GET /version": VERSION})
    client = signed_client(server.url)
    with pytest.raises((NotFound, InvalidSignature, ConnectionFailed)):
        client.inspect("a\nb")
    for request in server.requests:
        accept(request)


CHECK_THEM = (
    "Signed for region eu-central-1, with the keys from the test. Check them, and that this "
    "machine's clock is right."
)
GIVE_THEM = (
    "This engine requires signed requests: give connect() access_key= and secret_key=, or put its "
    "address with the keys below clouds in ~/.hyper/config.json."
)


@pytest.mark.parametrize(
    ("status", "signed", "hint"),
    [
        (401, True, CHECK_THEM),
        (403, True, CHECK_THEM),
        (401, False, GIVE_THEM),
        (403, False, "as it was"),
        (404, True, "as it was"),
        (500, False, "as it was"),
    ],
)
def test_what_a_refusal_says_of_keys_depends_on_whether_there_are_any(
    status: int, signed: bool, hint: str
) -> None:
    auth = HyperAuth(Credentials("access", "secret", "eu-central-1", "the test"))
    error = ApiError(status, "no")
    error.hint = "as it was"
    assert explain_refusal(error, auth if signed else None) is error
    assert error.hint == hint
