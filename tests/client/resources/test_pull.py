"""Pulling an image: what is asked, the progress, and failures that come after the status."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hyper_jupyter.client.records import Image, Progress
from hyper_jupyter.exceptions import ApiError, ConnectionLost, NotFound, ProtocolError
from tests.client.conftest import Serve, client_of
from tests.client.servers import answer

INSPECTED = {
    "Id": "ab" * 32,
    "RepoTags": ["a:1"],
    "Created": "1970-01-01T00:00:05.5Z",
    "Config": {"Labels": {"a": "b"}},
}
ROUTE = "POST /images/create"
STEPS = [
    {"status": "Pulling from library/busybox", "id": "latest"},
    {"status": "Downloading", "progressDetail": {"current": 5, "total": 9}, "id": "a1"},
    {"status": "Status: Downloaded newer image"},
]


def lines(*rows: Any) -> bytes:
    return answer(b"".join(json.dumps(row).encode() + b"\r\n" for row in rows))


def there(name: str) -> dict[str, bytes]:
    return {f"GET /images/{name}/json": answer(INSPECTED)}


@pytest.mark.parametrize(
    ("image", "query"),
    [
        ("busybox", "fromImage=busybox&tag=latest"),
        ("busybox:1.36", "fromImage=busybox&tag=1.36"),
        ("a:5000/b/c", "fromImage=a%3A5000%2Fb%2Fc&tag=latest"),
        ("a:5000/b:2", "fromImage=a%3A5000%2Fb&tag=2"),
        ("a@sha256:ff", "fromImage=a%40sha256%3Aff"),
    ],
)
def test_an_image_is_pulled_and_returned(serve: Serve, image: str, query: str) -> None:
    server = serve({ROUTE: lines(*STEPS), **there(image)})
    seen: list[Progress] = []
    pulled = client_of(server.url).pull(image, on_progress=seen.append)
    assert pulled == Image(f"sha256:{'ab' * 32}", tags=("a:1",), created=5, labels={"a": "b"})
    assert server.lines[0] == f"POST /v1.45/images/create?{query} HTTP/1.1"
    assert [(step.id, step.current, step.total) for step in seen] == [
        ("latest", None, None),
        ("a1", 5, 9),
        ("", None, None),
    ]


def test_a_platform_is_asked_for(serve: Serve) -> None:
    server = serve({ROUTE: lines(), **there("busybox")})
    client_of(server.url).pull("busybox", platform="linux/arm64")
    assert "&platform=linux%2Farm64 " in server.lines[0]


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        ({"error": "manifest for busybox:nope not found: manifest unknown"}, NotFound,
         "^manifest for busybox"),
        ({"error": "manifest unknown: unknown"}, NotFound, "^busybox: manifest unknown"),
        ({"errorDetail": {"message": "pull access denied"}}, NotFound, "pull access denied"),
        ({"error": "no space left on device"}, ApiError, "^busybox: no space left on device"),
    ],
)  # fmt: skip
def test_a_failure_comes_in_a_line_after_the_status(
    serve: Serve, row: Any, kind: type[ApiError], words: str
) -> None:
    server = serve({ROUTE: lines(STEPS[0], row), **there("busybox")})
    with pytest.raises(ApiError, match=words) as caught:
        client_of(server.url).pull("busybox")
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("status", "reason", "kind", "words"),
    [
        ("500 Internal Server Error", "network is unreachable", ApiError,
         "^busybox:1 could not be pulled: network is unreachable"),
        ("404 Not Found", "pull access denied for busybox", NotFound, "^pull access denied for"),
    ],
)  # fmt: skip
def test_a_refused_pull_names_the_image(
    serve: Serve, status: str, reason: str, kind: type[ApiError], words: str
) -> None:
    server = serve({ROUTE: answer(json.dumps({"message": reason}).encode(), status)})
    with pytest.raises(ApiError, match=words) as caught:
        client_of(server.url).pull("busybox:1")
    assert type(caught.value) is kind


def test_a_pull_that_breaks_is_a_lost_connection(serve: Serve) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with pytest.raises(ConnectionLost):
        client_of(serve({ROUTE: head + b"2\r\n{}"}).url).pull("busybox")


@pytest.mark.parametrize("body", [b"no json\n", b"[]\n"])
def test_what_is_no_progress_is_our_own_error(serve: Serve, body: bytes) -> None:
    with pytest.raises(ProtocolError):
        client_of(serve({ROUTE: answer(body)}).url).pull("busybox")
