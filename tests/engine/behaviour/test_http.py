"""HTTP: versions, paths, hostile and broken clients."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from tests.engine.driver import Engine, Stream


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.46", "client version 1.46 is too new. Maximum supported API version is 1.45"),
        ("2.0", "client version 2.0 is too new. Maximum supported API version is 1.45"),
        (
            "1.22",
            "client version 1.22 is too old. Minimum supported API version is 1.23, ",
        ),
        (
            "1",
            "client version 1 is too old. Minimum supported API version is 1.23, please upgrade",
        ),
    ],
)
def test_other_versions_are_refused(engine: Engine, version: str, message: str) -> None:
    reply = engine.call("GET", "/version", prefix=f"/v{version}")
    assert reply.status == 400
    assert message in reply.body.decode()


def test_errors_are_json_from_1_24_and_text_below(engine: Engine) -> None:
    reply = engine.call("GET", "/containers/nosuch/json", prefix="/v1.24")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json == {"message": "No such container: nosuch"}
    reply = engine.call("GET", "/containers/nosuch/json", prefix="/v1.23")
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.body == b"No such container: nosuch\n"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nosuch"),
        ("GET", "/"),
        ("POST", "/_ping"),
        ("GET", "/containers/x"),
        ("GET", "/containers//json/"),
        ("GET", "/containers/json/"),
        ("PATCH", "/containers/json"),
        ("GET", "/containers/a%2Fb%2Fc/json"),
        ("GET", "/vx/containers/json"),
    ],
)
def test_other_paths_are_not_found(engine: Engine, method: str, path: str) -> None:
    reply = engine.call(method, path, prefix="")
    if reply.status == 301:
        reply = engine.call(method, reply.headers["Location"], prefix="")
    assert (reply.status, reply.message) == (404, "page not found")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("//v1.45/_ping", "/v1.45/_ping"),
        ("/v1.45//_ping", "/v1.45/_ping"),
        ("/containers/../_ping", "/_ping"),
        ("/containers/%2e%2e/_ping", "/_ping"),
        ("/../../etc/passwd", "/etc/passwd"),
    ],
)
def test_odd_paths_are_redirected_to_what_they_mean(
    engine: Engine, path: str, location: str
) -> None:
    reply = engine.call("GET", path, prefix="")
    assert (reply.status, reply.headers["Location"]) == (301, location)


@pytest.mark.parametrize(
    "reference", ["%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%00", "%ff%fe", "%0d%0aX:y", "*", "a" * 10_000]
)
def test_odd_names_of_containers_are_names_and_nothing_else(engine: Engine, reference: str) -> None:
    reply = engine.call("GET", f"/containers/{reference}/json")
    assert reply.status in (301, 404)
    assert b"root:" not in reply.body


def test_one_connection_takes_many_requests(engine: Engine) -> None:
    request = b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert engine.raw(request * 5 + last).count(b"200 OK") == 6


def test_http_1_0_gets_one_answer_and_the_end(engine: Engine) -> None:
    answer = engine.raw(b"GET /_ping HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"OK")


def test_expect_100_is_answered(engine: Engine) -> None:
    connected = engine.dial()
    connected.sendall(
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        b"Content-Length: 2\r\nConnection: close\r\n\r\n"
    )
    assert Stream(connected).head.startswith(b"HTTP/1.1 100 ")
    connected.sendall(b"{}")
    assert Stream(connected).head.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\n\r\n", 400),
        (b"GET /_ping HTTP/9.9\r\nHost: x\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n", 400),
        (b"GET /_ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: zip\r\n\r\n", 501),
        (b"GET /_ping HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", 431),
        (b"G" * 100_000, 431),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 1_500_000, 413),
    ],
)  # fmt: skip
def test_bad_http_is_refused_and_the_connection_closed(
    engine: Engine, request_bytes: bytes, status: int
) -> None:
    connected = engine.dial()
    sender = threading.Thread(target=try_send, args=(connected, request_bytes))
    sender.start()
    answer = b""
    try:
        while piece := connected.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass  # it closed with our bytes unread
    sender.join()
    assert answer.startswith(b"HTTP/1.1 %d " % status)


def try_send(connected: socket.socket, data: bytes) -> None:
    try:
        connected.sendall(data)
    except OSError:
        pass


def test_a_head_that_never_ends_is_dropped_after_ten_seconds(engine: Engine) -> None:
    connected = engine.dial()
    connected.settimeout(15)
    connected.sendall(b"GET /_ping HTTP/1.1\r\nHost:")
    begun = time.monotonic()
    answer = b""
    while piece := connected.recv(1000):
        answer += piece
    assert 8 < time.monotonic() - begun < 14
    assert answer.startswith(b"HTTP/1.1 408 ")
