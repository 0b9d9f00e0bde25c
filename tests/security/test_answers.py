"""What a malicious engine or proxy answers costs little and is an error of ours, in time.

``test_hostile_streams.py`` is about streams, and about ways through TLS and ssh.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.client.responses import MAX_VALUES, Reply
from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.client.servers import Peer, ScriptedServer, answer

bounded_memory = pytest.mark.claim(
    "Memory is bounded: a body by 32 MiB, and by a million values before it is parsed, a list by "
    "50,000 containers."
)

ROOM = 192 * 1024 * 1024
"""Bytes of Python's that an answer with as many values as are allowed may cost."""

MANY = {
    "rows": b'{"Id":"a"}',
    "empty objects": b"{}",
    "empty lists": b"[]",
    "texts": b'"ab"',
    "numbers": b"1.5",
    "nested": b"[[[[]]]]",
    "pairs": b'{"aa":"bb","cc":"dd"}',
}


def list_of(value: bytes, count: int) -> bytes:
    return b"[" + b",".join([value] * count) + b"]"


@bounded_memory
@pytest.mark.parametrize("kind", MANY)
def test_an_answer_with_too_many_values_is_refused_before_it_is_parsed(kind: str) -> None:
    reply = Reply(200, {}, list_of(MANY[kind], MAX_VALUES + 1))
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="more than 1,000,000 values"):
            reply.json()
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@bounded_memory
@pytest.mark.parametrize("kind", MANY)
def test_the_most_values_that_are_taken_cost_bounded_memory(kind: str) -> None:
    per_value = 1 + sum(MANY[kind].count(sign) for sign in (b",", b"{", b"["))
    reply = Reply(200, {}, list_of(MANY[kind], MAX_VALUES // per_value - 1))
    tracemalloc.start()
    try:
        assert len(reply.json()) == MAX_VALUES // per_value - 1
        assert tracemalloc.get_traced_memory()[1] < ROOM
    finally:
        tracemalloc.stop()


@bounded_memory
def test_more_rows_than_an_engine_has_containers_are_an_error_of_ours(folder: Path) -> None:
    rows = answer(list_of(MANY["rows"], 50_001))
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        client = client_for(server.url)
        with pytest.raises(ProtocolError, match="lists more than 50,000 containers"):
            client.containers()


@bounded_memory
def test_a_million_rows_are_an_error_of_ours(folder: Path) -> None:
    rows = answer(list_of(MANY["rows"], 1_000_000))
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        client = client_for(server.url)
        with pytest.raises(ProtocolError, match="more than 1,000,000 values"):
            client.containers()


def test_thousands_of_containers_are_listed(folder: Path) -> None:
    # A row as Docker 26 sends it, with its usual number of fields.
    network = {f"Field{number}": "" for number in range(15)}
    row = {
        "Id": "c0ffee", "Names": ["/web"], "Image": "busybox", "Command": "sh", "Created": 1,
        "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 80, "Type": "tcp"}] * 4,
        "Labels": {f"label{number}": "a" for number in range(20)}, "State": "running",
        "Status": "Up 1 second", "HostConfig": {"NetworkMode": "bridge"}, "Mounts": [network],
        "NetworkSettings": {"Networks": {"bridge": network}},
    }  # fmt: skip
    rows = answer(json.dumps([row] * 8000).encode())
    with ScriptedServer(folder / "s", {"GET /containers/json": rows}) as server:
        assert len(client_for(server.url).containers()) == 8000


# -- calls and attach requests ---------------------------------------------------------------

TIMEOUT: Final = 0.5
PATIENCE: Final = 20.0
"""Seconds that a busy machine may take; without a timeout these answers last for ever."""
SMALL: Final = 8 << 20
"""Bytes of Python's that an answer may cost that is refused before its body is large."""

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
ESCAPES: Final = b"\x1b[31mred\x1b]0;title\x07\x9b2J\xe2\x80\xaeb"


def begins(head: bytes, more: bytes, seconds: float = 0.0) -> Callable[[Peer], object]:
    def script(peer: Peer) -> None:
        peer.send(head)
        peer.repeat(more, seconds)

    return script


HOSTILE: Final[dict[str, Callable[[Peer], object]]] = {
    "nothing": Peer.wait_for_end,
    "a head without end": begins(OK, b"X: y\r\n" * 1000),
    "a field without end": begins(OK + b"X: ", b"y" * 9999),
    "a line without end": begins(b"", b"y" * 9999),
    "a head of single bytes": lambda peer: peer.drip(OK + b"X: " + b"y" * 999),
    "interim answers without end": begins(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's length without end": begins(CHUNKED, b"0" * 9999),
    "a chunk's extension without end": begins(CHUNKED + b"1;a=", b"y" * 9999),
    "a trailer without end": begins(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000),
    "single chunks without end": begins(CHUNKED, b"1\r\nx\r\n", 0.01),
    "a huge length": begins(OK + b"Content-Length: 99999999999999999999\r\n\r\n", b"x", 0.01),
    "a negative length": lambda peer: peer.send(OK + b"Content-Length: -5\r\n\r\nhello"),
    "two lengths": lambda peer: peer.send(
        OK + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n[]xxx"
    ),
    "escape sequences in an error": lambda peer: peer.send(
        b"HTTP/1.1 500 " + ESCAPES + b"\r\nContent-Length: %d\r\n\r\n" % len(ESCAPES) + ESCAPES
    ),
    "escape sequences in its line": lambda peer: peer.send(b"HTTP/1.1 2" + ESCAPES + b"\r\n\r\n"),
    "an upgrade that nobody asked for": begins(
        b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n", b"x" * 99, 0.01
    ),
}


@pytest.mark.claim("An error is one line without control characters.")
@pytest.mark.claim("A call or an attach request is answered or fails within the timeout.")
@bounded_memory
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_is_an_error_in_time_in_one_line_and_for_little(
    name: str, folder: Path
) -> None:
    with ScriptedServer(folder / "s", {"GET /containers/json": HOSTILE[name]}) as server:
        client = client_for(server.url, timeout=PATIENCE)
        client.timeout = TIMEOUT  # not for the negotiation
        tracemalloc.start()
        began = time.monotonic()
        try:
            with pytest.raises(HyperJupyterError) as caught:
                client.containers()
            assert tracemalloc.get_traced_memory()[1] < SMALL
        finally:
            tracemalloc.stop()
        assert time.monotonic() - began < PATIENCE
    said = str(caught.value)
    assert said.isprintable()
    assert 0 < len(said) < 2100


@bounded_memory
@pytest.mark.parametrize("head", [OK + b"\r\n", CHUNKED], ids=["plain", "chunked"])
def test_a_body_without_end_is_cut_at_32_mib(head: bytes, folder: Path) -> None:
    piece = b"x" * (1 << 20)
    flood = begins(head, b"100000\r\n%s\r\n" % piece if head is CHUNKED else piece)
    with ScriptedServer(folder / "s", {"GET /containers/json": flood}) as server:
        client = client_for(server.url)
        tracemalloc.start()
        try:
            with pytest.raises(ProtocolError, match="is larger than 33554432 bytes"):
                client.containers()
            assert tracemalloc.get_traced_memory()[1] < 80 << 20
        finally:
            tracemalloc.stop()


@pytest.mark.claim("Redirects are errors: nothing is sent to where they point.")
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"])
def test_nothing_is_sent_to_where_a_redirect_points(folder: Path, status: str) -> None:
    identifier = "c0ffee" * 10 + "c0ff"
    with ScriptedServer() as elsewhere:
        target = elsewhere.url.replace("tcp", "http") + "/secret"
        redirect = answer(b"", status, {"Location": target})
        paths = ("GET /containers/json", "POST /containers/x/start", "GET /containers/x/json")
        inspected = {"Id": identifier, "State": {"Running": True}, "Config": {"Tty": False}}
        answers = dict.fromkeys(paths, redirect) | {
            f"GET /containers/{identifier}/json": answer(json.dumps(inspected).encode()),
            f"POST /containers/{identifier}/attach": redirect,
        }
        with ScriptedServer(folder / "s", answers) as server:
            client = client_for(server.url)
            for call in (
                client.containers,
                lambda: client.start("x"),
                lambda: client.inspect("x"),
                lambda: client.attach(identifier),
            ):
                with pytest.raises(HyperJupyterError, match="redirects"):
                    call()
        first = ScriptedServer(folder / "t", {"GET /_ping": redirect, "GET /version": redirect})
        with first as server, pytest.raises(HyperJupyterError, match="redirects"):
            client_for(server.url)
        assert elsewhere.requests == []
        assert elsewhere.dialled == 0
