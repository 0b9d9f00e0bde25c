"""Which engine answers, and which version of the API is spoken with it."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionFailed, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

MISSING = answer({"message": "page not found"}, "404 Not Found")
PLAIN_MISSING = answer(b"404 page not found\n", "404 Not Found")


def ping(version: str | None, **headers: str) -> bytes:
    return answer(b"OK", headers={**({"Api-Version": version} if version else {}), **headers})


def test_the_ping_s_header_names_the_version(serve: Serve) -> None:
    server = serve({"GET /_ping": ping("1.41"), "GET /version": answer({"Version": "20.10.24"})})
    client = client_of(server.url)
    assert (client.api_version, client.engine_version) == ("1.41", "20.10.24")
    assert client.engine == "docker"
    assert client.host == server.url
    assert repr(client) == f"<EngineClient {server.url} (docker 20.10.24, API 1.41)>"
    assert [request.line for request in server.requests] == [
        "GET /_ping HTTP/1.1",
        "GET /version HTTP/1.1",
    ]


@pytest.mark.parametrize("no_ping", [MISSING, PLAIN_MISSING, ping(None)])
def test_without_it_the_version_call_does(serve: Serve, no_ping: bytes) -> None:
    server = serve({"GET /_ping": no_ping, "GET /version": answer({"ApiVersion": "1.30"})})
    assert client_of(server.url).api_version == "1.30"


@pytest.mark.parametrize("version", [MISSING, PLAIN_MISSING, answer({}), answer([])])
def test_without_both_it_is_hyper_s_1_23(serve: Serve, version: bytes) -> None:
    server = serve({"GET /_ping": MISSING, "GET /version": version})
    client = client_of(server.url)
    assert client.api_version == "1.23"
    client.containers  # noqa: B018 - it can be used


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"<html><title>404 : Not Found</title></html>", "404 Not Found", "404"),
        (b"", "404 Not Found", "404"),
        (b"no such route", "404 Not Found", "404 no such route"),
        (b"<h1>Bad Gateway</h1>", "502 Bad Gateway", "502"),
    ],
)
def test_another_server_is_no_engine(serve: Serve, body: bytes, status: str, said: str) -> None:
    other = answer(body, status)
    server = serve({"GET /_ping": other, "GET /version": other})
    with pytest.raises(ConnectionFailed) as caught:
        client_of(server.url)
    assert str(caught.value) == f"{server.url} answers, but not as an engine: {said}"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("1.45", "1.45"), ("1.46", "1.45"), ("1.100", "1.45"), ("2.0", "1.45"), ("1.9", "1.9"),
     ("1.44", "1.44"), ("1.23", "1.23")],
)  # fmt: skip
def test_a_newer_engine_is_spoken_to_with_the_newest_version_that_we_know(
    serve: Serve, theirs: str, ours: str
) -> None:
    assert client_of(serve({"GET /_ping": ping(theirs)}).url).api_version == ours


@pytest.mark.parametrize(
    ("oldest", "newest", "used"),
    [("1.24", "1.51", "1.45"), ("1.44", "1.55", "1.45"), ("1.45", "1.60", "1.45"),
     ("1.46", "1.60", "1.46"), ("1.50", "1.50", "1.50"), ("1.100", "1.200", "1.100"),
     ("2.0", "2.1", "2.0"), ("1.12", "1.41", "1.41"), ("1.12", "1.9", "1.12"),
     ("odd", "1.60", "1.45"), ("", "1.60", "1.45"), (None, "1.41", "1.41"), (7, "1.41", "1.41")],
)  # fmt: skip
def test_an_engine_is_spoken_to_with_a_version_between_its_oldest_and_its_newest(
    serve: Serve, oldest: Any, newest: str, used: str
) -> None:
    version = answer({"ApiVersion": newest, "MinAPIVersion": oldest})
    server = serve({"GET /_ping": ping(newest), "GET /version": version})
    client = client_of(server.url)
    assert client.api_version == used
    known = oldest if isinstance(oldest, str) and oldest[:1].isdigit() else ""
    assert client.api_versions == (known, newest)


@pytest.mark.parametrize("odd", ["1", "v1.41", "1.41-rc1", "1.41/../..", "one", "1.4100", "1.41 "])
def test_an_odd_version_is_a_protocol_error(serve: Serve, odd: str) -> None:
    server = serve({"GET /_ping": MISSING, "GET /version": answer({"ApiVersion": odd})})
    with pytest.raises(ProtocolError, match="names no API version"):
        client_of(server.url)


@pytest.mark.parametrize("api_version", ["1.30", "1.99"])
def test_a_version_that_is_asked_for_wins(serve: Serve, api_version: str) -> None:
    server = serve({"GET /containers/json": answer([])})
    client = client_of(server.url, api_version=api_version)
    assert client.api_version == api_version
    client.containers()
    assert server.lines == [f"GET /v{api_version}/containers/json?all=1 HTTP/1.1"]


@pytest.mark.parametrize("odd", ["v1.41", "1", "1.41/..", "latest"])
def test_an_odd_version_that_is_asked_for_is_refused(serve: Serve, odd: str) -> None:
    with pytest.raises(ProtocolError, match="is not an API version") as caught:
        client_of(serve().url, api_version=odd)
    assert caught.value.hint == "Use one such as 1.41."


def test_versions_are_compared_as_numbers(serve: Serve) -> None:
    client = client_of(serve({"GET /_ping": ping("1.41")}).url)
    assert client.api_at_least("1.41")
    assert client.api_at_least("1.9")
    assert not client.api_at_least("1.42")


@pytest.mark.parametrize(
    ("ping_answer", "version", "engine"),
    [
        (ping("1.41"), {"Components": [{"Name": "Engine"}]}, "docker"),
        (ping("1.41", **{"Libpod-API-Version": "4.3.1"}), {}, "podman"),
        (ping("1.41"), {"Components": [{"Name": "Podman Engine"}]}, "podman"),
        (ping("1.41"), {"Components": [{"Name": "hyper_jupyter engine"}]}, "embedded"),
        (ping("1.41"), {"Components": None}, "docker"),
        (ping("1.41"), {"Components": {"Name": "x"}}, "docker"),
        (ping("1.41"), {"Components": ["x", {"Name": None}]}, "docker"),
        (ping("1.41"), {"Version": None}, "docker"),
    ],
)
def test_the_engine_is_recognised(
    serve: Serve, ping_answer: bytes, version: dict[str, Any], engine: str
) -> None:
    server = serve({"GET /_ping": ping_answer, "GET /version": answer(version)})
    client = client_of(server.url)
    assert client.engine == engine
    assert client.default_image == ("host" if engine == "embedded" else "busybox")


def test_a_version_that_is_no_json_is_a_protocol_error(serve: Serve) -> None:
    server = serve({"GET /version": answer(b"<html>Welcome to nginx!</html>")})
    with pytest.raises(ProtocolError, match="not JSON"):
        client_of(server.url)


def test_a_server_that_hangs_up_is_a_failed_connection(serve: Serve) -> None:
    with pytest.raises(ConnectionFailed):
        client_of(serve({"GET /_ping": b""}).url)


def test_the_default_image_is_configurable(serve: Serve) -> None:
    client = client_of(serve().url, image="alpine")
    assert client.default_image == "alpine"


def test_a_base_path_comes_before_the_version() -> None:
    from tests.client.servers import ScriptedServer

    answers = {
        "GET /base/_ping": ping("1.41"),
        "GET /base/version": answer({}),
        "GET /base/v1.41/containers/json": answer([]),
    }
    with ScriptedServer(answers=answers) as server:
        assert client_of(f"{server.url}/base/").containers() == []
