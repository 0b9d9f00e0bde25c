"""Requests without a valid signature are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import unix_connect

from tests.engine.behaviour.signatures.conftest import guarded as guarded  # noqa: PLC0414 - a fixture
from tests.engine.behaviour.signatures.signed_engine import SignedEngine
from tests.engine.driver import TIMEOUT

only_401 = pytest.mark.claim(
    "Without a valid signature of this key, region, day and body the answer is 401 and nothing "
    "else."
)

WRONG: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "wrong access key": ({"access_key": "other"}, "the access key is not known"),
    "wrong secret key": (
        {"secret_key": "other"},
        "the signature does not match the request and the secret key",
    ),
    "wrong region": (
        {"region": "eu-central-1"},
        "the request is signed for region eu-central-1, not us-west-1",
    ),
    "replay with another body": (
        {"sent_body": b'{"Image":"host","Cmd":["rm"]}'},
        "the body is not the one that was signed",
    ),
    "without a signature": ({"without": "Authorization"}, "the request is not signed"),
    "without a date": ({"without": "X-Hyper-Date"}, "the request has no valid X-Hyper-Date"),
    "without a digest": (
        {"without": "X-Hyper-Content-Sha256"},
        "the body is not the one that was signed",
    ),
    "without a content type": (
        {"without": "Content-Type"},
        "the headers host;x-hyper-content-sha256;x-hyper-date have to be signed, and no others",
    ),
}


@only_401
@pytest.mark.parametrize("name", WRONG)
def test_each_wrong_signature_is_401_with_its_reason_in_plain_text(
    guarded: SignedEngine, name: str
) -> None:
    changes, reason = WRONG[name]
    body = b'{"Image":"host","Cmd":["true"]}'
    answer = guarded.request("POST", "/v1.23/containers/create", body, **changes)
    assert answer == (401, "text/plain; charset=utf-8", reason + "\n")
    assert guarded.call("GET", "/containers/json?all=1").json == []


@only_401
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stale_date_is_refused(guarded: SignedEngine, minutes: int) -> None:
    date = datetime.now(UTC) + timedelta(minutes=minutes)
    status, _, text = guarded.request("GET", "/v1.23/version", date=date)
    assert status == 401
    assert text.startswith(f"the request's date {date:%Y%m%dT%H%M%SZ} is more than 5 minutes away")


def test_a_newer_version_s_error_is_json(guarded: SignedEngine) -> None:
    for target in ("/v1.24/version", "/version", "/_ping"):
        status, kind, text = guarded.request("GET", target, without="Authorization")
        assert (status, kind) == (401, "application/json")
        assert json.loads(text) == {"message": "the request is not signed"}


@only_401
@pytest.mark.parametrize(
    "target",
    [
        "/_ping", "/version", "/v1.23/info", "/v9.9/info", "/nowhere", "//_ping", "/%zz", "/",
        "/v1.23/events", "/v1.23/containers/web/json", "http://engine/_ping",
    ],
)  # fmt: skip
def test_every_request_without_a_signature_is_refused(guarded: SignedEngine, target: str) -> None:
    answer = guarded.raw(f"GET {target} HTTP/1.0\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"\r\nWWW-Authenticate: HYPER-HMAC-SHA256\r\n" in answer


@only_401
def test_an_attach_without_a_signature_is_refused_and_runs_nothing(guarded: SignedEngine) -> None:
    stream = guarded.attach("web", trailing=b"bye\n")
    stream.half_close()
    assert stream.status == 401
    assert stream.read_all() == b"the request is not signed\n"


def test_a_websocket_is_accepted_when_its_get_is_signed(guarded: SignedEngine) -> None:
    container = guarded.run("cat", stdin=True)
    for prefix, words in [("/v1.23", b"not signed\n"), ("", b'not signed"}\n')]:
        target = f"{prefix}/containers/{container}/attach/ws?stream=1&stdin=1&stdout=1"
        fields = guarded.signed("GET", target, b"", {})
        del fields["Host"]
        uri = f"ws://engine{target}"
        with unix_connect(guarded.path, uri, additional_headers=fields) as client:
            client.send(b"hello")
            assert client.recv(TIMEOUT) == ("hello" if prefix else b"hello")
        changed = uri.replace("stdout=1", "stdout=0")
        for headers, said in [({}, words), (fields, b"does not match")]:
            with pytest.raises(InvalidStatus) as caught:
                unix_connect(guarded.path, changed, additional_headers=headers)
            response = caught.value.response
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "HYPER-HMAC-SHA256"
            assert said in response.body
    guarded.remove(container)
