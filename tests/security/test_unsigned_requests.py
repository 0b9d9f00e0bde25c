"""What somebody without keys can do to an engine that requires signatures: get 401, and no more."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.engine.http import connection as http
from hyper_jupyter.engine.http import raw_stream
from hyper_jupyter.engine.http.connection import EVENTS_PER_TURN, Connection
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.server import MAX_STRANGERS, Server
from tests.engine.behaviour.signatures.signed_engine import SignedEngine, signed_engine
from tests.engine.driver import Stream, dial, until

checked_by_the_head = pytest.mark.claim(
    "All but the body is checked when the head is here, before anything of the body is read."
)
bounded = pytest.mark.claim(
    "At most 128 connections without a valid signature are open; a new one ends the oldest."
)
others_in_turn = pytest.mark.claim(
    "After each read, and after 32 chunks, the others have their turn."
)

BODY: Final = b'{"Image":"host","Cmd":["true"]}'
MANY: Final = 2 * MAX_STRANGERS
FIXED: Final = 40
"""Descriptors that an engine without clients has, and room for those of a few calls."""


@pytest.fixture(scope="module")
def guarded() -> Iterator[SignedEngine]:
    with signed_engine() as engine:
        yield engine


@pytest.fixture
def fresh() -> Iterator[SignedEngine]:
    """One whose memory and descriptors only this test has had."""
    with signed_engine() as engine:
        yield engine


def head(fields: dict[str, str], *more: str, target: str = "/v1.23/containers/create") -> bytes:
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([f"POST {target} HTTP/1.1", *lines, *more, "", ""]).encode()


def signed(engine: SignedEngine, **changes: Any) -> dict[str, str]:
    target = "/v1.23/containers/create"
    return {"Host": "engine"} | engine.signed("POST", target, BODY, {}, **changes)


STALE: Final = {"date": datetime(2020, 1, 1, tzinfo=UTC)}


@checked_by_the_head
@pytest.mark.parametrize("length", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (None, b"the request is not signed\n"),
        ({"secret_key": "other"}, b"the signature does not match the request and the secret key\n"),
        ({"access_key": "other"}, b"the access key is not known\n"),
        (STALE, b"the request's date 20200101T000000Z is more than 5 minutes away"),
    ],
    ids=["unsigned", "other secret", "other key", "stale"],
)
@pytest.mark.parametrize("expect", [(), ("Expect: 100-continue",)])
def test_it_is_refused_by_its_head_before_anything_of_its_body_is_read(
    guarded: SignedEngine,
    length: str,
    changes: dict[str, Any] | None,
    reason: bytes,
    expect: tuple[str, ...],
) -> None:
    fields = {"Host": "engine"} if changes is None else signed(guarded, **changes)
    stream = guarded.sent(head(fields, length, *expect))  # and the body never comes
    assert stream.head.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert stream.read_all().startswith(reason)


@checked_by_the_head
def test_a_head_without_the_digest_of_a_body_is_refused_at_once_too(guarded: SignedEngine) -> None:
    for digest in ("", "x" * 64, "é" * 64):
        fields = signed(guarded) | {"X-Hyper-Content-Sha256": digest}
        stream = guarded.sent(head(fields, "Content-Length: 1000000"))
        assert stream.read_all() == b"the body is not the one that was signed\n"


@pytest.mark.claim(
    "Without a valid signature of this key, region, day and body the answer is 401 and nothing "
    "else."
)
def test_a_signed_request_gets_its_body_read_and_checked(guarded: SignedEngine) -> None:
    for body, status in ((BODY, b"201"), (BODY.replace(b"true", b"less"), b"401")):
        connected = guarded.dial()
        connected.sendall(
            head(signed(guarded), f"Content-Length: {len(body)}", "Expect: 100-continue")
        )
        assert Stream(connected).head.startswith(b"HTTP/1.1 100 ")
        connected.sendall(body)
        assert Stream(connected).head.startswith(b"HTTP/1.1 " + status)


def test_a_refused_client_can_send_its_body_and_then_read_why(guarded: SignedEngine) -> None:
    connected = guarded.dial()
    connected.sendall(head({"Host": "engine"}, "Content-Length: 900000"))
    connected.sendall(b"x" * 900_000)  # more than the socket holds: somebody has to read it
    assert Stream(connected).status == 401


@checked_by_the_head
def test_of_bodies_that_strangers_send_nothing_is_kept(fresh: SignedEngine) -> None:
    assert fresh.process is not None
    before = peak(fresh.process.pid)
    with ExitStack() as stack:
        for _ in range(300):
            connected = stack.enter_context(dial(fresh.path))
            connected.sendall(head({"Host": "engine"}, "Content-Length: 1000000"))
            connected.setblocking(False)
            try:
                connected.send(b"x" * 1_000_000)
            except OSError:
                pass  # all that fits is sent
        assert fresh.call("GET", "/info").status == 200
        assert peak(fresh.process.pid) - before < 32 << 20


def peak(pid: int) -> int:
    """The most memory that a process has had, in bytes."""
    [line] = [
        line
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmHWM")
    ]
    return int(line.split()[1]) * 1024


def descriptors(engine: SignedEngine) -> int:
    assert engine.process is not None
    return len(os.listdir(f"/proc/{engine.process.pid}/fd"))  # noqa: PTH208


@bounded
@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nX: " + b"y" * 60_000])
def test_strangers_connections_are_bounded_and_whoever_has_the_keys_gets_in(
    fresh: SignedEngine, begun: bytes
) -> None:
    assert fresh.process is not None
    before = peak(fresh.process.pid)
    strangers = []
    for _ in range(MANY):
        strangers.append(fresh.dial())
        strangers[-1].sendall(begun)
    assert fresh.call("GET", "/info").status == 200
    assert descriptors(fresh) < MAX_STRANGERS + FIXED
    # The oldest had to go, without an answer; the newest is still served.
    assert ended(strangers[0])
    strangers[-1].sendall(b"\r\nHost: x\r\n\r\n" if begun else b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert Stream(strangers[-1]).status == 401
    assert peak(fresh.process.pid) - before < 48 << 20


def ended(connected: socket.socket) -> bool:
    try:
        return connected.recv(1) == b""
    except ConnectionResetError:
        return True  # with what we sent unread


@bounded
def test_a_connection_that_has_proven_itself_is_no_stranger_s(fresh: SignedEngine) -> None:
    connected = fresh.dial()
    target = "/v1.23/info"
    fields = {"Host": "engine"} | fresh.signed("GET", target, b"", {})
    ask = head(fields, target=target).replace(b"POST", b"GET")
    for number in range(2):
        connected.sendall(ask)
        stream = Stream(connected)
        assert stream.status == 200
        length = int(stream.head.lower().split(b"content-length: ")[1].split()[0])
        while len(stream.data) < length:
            stream.data += connected.recv(65536)
        if not number:
            for _ in range(MANY):
                fresh.dial()
            until(lambda: descriptors(fresh) >= MAX_STRANGERS, "the strangers")


# -- the loop ------------------------------------------------------------------------------


async def turns_during(work: Callable[[Connection], Awaitable[Any]], sent: bytes) -> int:
    """How often other tasks get their turn while a connection works on what was sent."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()

        async def send() -> None:
            await loop.sock_sendall(theirs, sent)
            theirs.shutdown(socket.SHUT_WR)

        sending = asyncio.create_task(send())
        connection = Connection(ours, loop.create_future(), {})
        turns = 0

        async def tick() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await work(connection)
        ticking.cancel()
        await sending
    return turns


CHUNKED: Final = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@others_in_turn
def test_others_get_their_turn_every_few_chunks_of_a_body() -> None:
    async def read(connection: Connection) -> None:
        received = await connection.receive_head()
        assert received is not None
        assert (await connection.receive_body(received)).body == b"x" * 20_000

    sent = CHUNKED + b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n"
    assert asyncio.run(turns_during(read, sent)) > 20_000 / EVENTS_PER_TURN


@others_in_turn
def test_others_get_their_turn_after_each_read_of_a_body_and_of_a_refused_one() -> None:
    async def read(connection: Connection) -> None:
        received = await connection.receive_head()
        assert received is not None
        await connection.receive_body(received)

    async def refuse(connection: Connection) -> None:
        assert await connection.receive_head() is not None
        await connection.respond(Response(401))
        await connection.discard()

    size = 1_000_000
    sent = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    for work in (read, refuse):
        # Sending takes turns as well: without turns of ours there are none between two reads.
        assert asyncio.run(turns_during(work, sent)) > size / http.READ_SIZE


@others_in_turn
def test_others_get_their_turn_between_requests_that_came_together() -> None:
    async def serve(connection: Connection) -> None:
        server = Server(Path("/nowhere/s"))
        try:
            await server._answer_requests(connection)
        finally:
            server.close()

    number = 100  # their answers fit into the socket
    sent = b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n" * number
    assert asyncio.run(turns_during(serve, sent)) > number


@others_in_turn
def test_others_get_their_turn_between_reads_of_what_follows_an_upgrade(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(raw_stream, "READ_SIZE", 1000)  # many reads of what the socket holds

    async def read(connection: Connection) -> None:
        assert await connection.receive_head() is not None
        stream = connection.hijack()
        while await stream.read():
            pass

    sent = b"POST / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 1_000_000
    assert asyncio.run(turns_during(read, sent)) > 900
