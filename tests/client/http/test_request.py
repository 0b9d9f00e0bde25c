"""Requests: what is in them, and what is not."""

from __future__ import annotations

from typing import Any

import pytest
from requests import PreparedRequest
from requests.auth import AuthBase

from hyper_jupyter.client import Endpoint
from hyper_jupyter.client.http.request import prepare_request
from hyper_jupyter.exceptions import ConnectionFailed
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

DONE = answer(b"", "204 No Content", {})


def test_a_call_s_headers_are_few_and_ours(serve: Serve) -> None:
    server = serve({"POST /containers/x/start": DONE})
    client_of(server.url).start("x")
    assert dict(server.requests[-1].headers) == {
        "host": "localhost",
        "accept-encoding": "identity",
        "user-agent": "hyper_jupyter",
        "accept": "*/*",
        "connection": "close",
        "content-length": "0",
    }


BOX = Endpoint.parse("tcp://box:2375")


@pytest.mark.parametrize(
    ("url", "arguments", "expected"),
    [
        ("tcp://box", {}, "http://box:2375/x"),
        ("tcp://box:1/base/", {"version": "1.41"}, "http://box:1/base/v1.41/x"),
        ("https://box", {"version": "1.41"}, "http://box:443/v1.41/x"),
        ("tcp://[::1]", {}, "http://[::1]:2375/x"),
        ("unix:///run/x.sock", {}, "http://localhost/x"),
        ("ssh://me@box:22/run/x.sock", {}, "http://localhost/x"),
        ("tcp://box", {"params": {"a": "b c", "d": "/&", "e": 1}},
         "http://box:2375/x?a=b%20c&d=%2F%26&e=1"),
        ("tcp://box", {"params": {}}, "http://box:2375/x"),
    ],
)  # fmt: skip
def test_the_url_is_made_of_endpoint_version_path_and_query(
    url: str, arguments: dict[str, Any], expected: str
) -> None:
    assert prepare_request(Endpoint.parse(url), "GET", "/x", **arguments).url == expected


@pytest.mark.parametrize(
    ("body", "sent"), [(None, None), ({}, b"{}"), ({"a": [1]}, b'{"a": [1]}'), ([], b"[]")]
)
def test_a_body_is_json_with_its_length(body: Any, sent: bytes | None) -> None:
    request = prepare_request(BOX, "POST", "/x", body=body)
    assert request.body == sent
    assert request.headers["Content-Length"] == str(len(sent or b""))
    assert request.headers.get("Content-Type") == (None if sent is None else "application/json")


def test_a_request_s_own_headers_replace_those_of_every_request() -> None:
    assert prepare_request(BOX, "GET", "/x").headers["Connection"] == "close"
    request = prepare_request(BOX, "GET", "/x", headers={"connection": "Upgrade", "X": "y"})
    assert request.headers["Connection"] == "Upgrade"
    assert request.headers["X"] == "y"
    assert request.headers["User-Agent"] == "hyper_jupyter"


def test_the_user_s_headers_are_added_and_replace_none() -> None:
    request = prepare_request(
        BOX, "GET", "/x", headers={"A": "ours"},
        user_headers={"a": "theirs", "HOST": "theirs", "user-agent": "theirs", "B": "theirs"},
    )  # fmt: skip
    assert request.headers["A"] == "ours"
    assert request.headers["Host"] == "box:2375"
    assert request.headers["User-Agent"] == "hyper_jupyter"
    assert request.headers["B"] == "theirs"


class Signer(AuthBase):
    """Notes what it is asked to sign."""

    def __init__(self) -> None:
        self.signed: list[tuple[str | None, str | None, Any]] = []

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        self.signed.append((r.method, r.url, r.body))
        r.headers["Authorization"] = "signed"
        return r


def test_a_request_is_signed_when_its_url_and_body_are_complete() -> None:
    signer = Signer()
    request = prepare_request(BOX, "POST", "/x", {"a": 1}, version="1.23", body={}, auth=signer)
    assert signer.signed == [("POST", "http://box:2375/v1.23/x?a=1", b"{}")]
    assert request.headers["Authorization"] == "signed"


def test_a_host_that_is_not_a_name_is_no_address_of_an_engine() -> None:
    with pytest.raises(ConnectionFailed, match="is not the address of an engine"):
        prepare_request(Endpoint("tcp", host="*.example", port=1), "GET", "/x")
