"""One client's connection over a pair of sockets: requests in, responses out, and the limits."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from hyper_jupyter.engine.http import connection as module
from hyper_jupyter.engine.http.connection import MAX_BODY, MAX_HEAD, BadRequest, Connection
from hyper_jupyter.engine.http.request import Message
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from tests.engine.driver import TIMEOUT

PING = b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n"

Scenario = Callable[[Connection, socket.socket], Awaitable[None]]


def run(scenario: Scenario) -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.settimeout(TIMEOUT)
            hung_up = asyncio.get_running_loop().create_future()
            connection = Connection(ours, hung_up, {"Server": "test"})
            await asyncio.wait_for(scenario(connection, theirs), TIMEOUT)

    asyncio.run(main())


async def whole(connection: Connection) -> Message | None:
    """Return the next request with its body; ``None`` if there is none."""
    head = await connection.receive_head()
    return None if head is None else await connection.receive_body(head)


def received(client: socket.socket) -> bytes:
    """Return what has come so far; something has."""
    return client.recv(1 << 20)


# -- requests --------------------------------------------------------------------------------


def test_a_request_is_read_with_its_body_and_the_first_header_of_a_name() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(
            b"POST /a?b=%20c HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\n"
            b"Content-Length: 5\r\n\r\nhello"
        )
        message = await whole(connection)
        assert message is not None
        assert (message.method, message.target, message.body) == ("POST", b"/a?b=%20c", b"hello")
        assert message.headers == {"host": "x", "x-a": "1", "content-length": "5"}

    run(scenario)


def test_requests_follow_each_other_on_one_connection_to_the_client_s_end() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(PING)
        for number in range(3):
            message = await whole(connection)
            assert message is not None
            assert await connection.respond(Response(200, b"%d" % number))
            answer = received(client)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\n%d" % number)
            client.sendall(PING if number < 2 else b"")
        client.shutdown(socket.SHUT_WR)
        assert await whole(connection) is None

    run(scenario)


def test_a_request_that_came_with_the_one_before_it_is_not_waited_for() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(PING + PING.replace(b"_ping", b"second"))
        assert await whole(connection) is not None
        assert await connection.respond(Response(200))
        second = await whole(connection)
        assert second is not None
        assert second.target == b"/second"

    run(scenario)


def test_a_client_that_never_waits_does_not_keep_the_loop_for_itself() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        client.sendall(PING * 100)
        for _ in range(100):
            assert await whole(connection) is not None
            assert await connection.respond(Response(200))
        beside.cancel()
        assert turns >= 99

    run(scenario)


def test_a_body_that_is_announced_is_asked_for() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        receiving = asyncio.create_task(whole(connection))
        answer = await asyncio.to_thread(received, client)
        assert answer.startswith(b"HTTP/1.1 100 ")
        client.sendall(b"ok")
        message = await receiving
        assert message is not None
        assert message.body == b"ok"

    run(scenario)


# -- what is refused -------------------------------------------------------------------------


def head_of(size: int) -> bytes:
    """Return a request whose target, header names and values count as so many bytes."""
    counted = len("/") + len("host") + len("x") + 4 + len("a") + 4
    return b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"v" * (size - counted) + b"\r\n\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"SSH-2.0 hello\r\n\r\n", 400),
        (b"GET / HTTP/0.9\r\nHost: x\r\n\r\n", 505),
        (head_of(MAX_HEAD + 1), 431),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n" + bytes(MAX_BODY + 1),
            413,
        ),
    ],
    ids=["no HTTP", "a version", "a long head", "a long body"],
)
def test_what_no_route_can_answer_is_refused_with_its_status(request_: bytes, status: int) -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        sending = asyncio.create_task(asyncio.to_thread(client.sendall, request_))
        with pytest.raises(BadRequest) as caught:
            await whole(connection)
        assert caught.value.status == status
        client.shutdown(socket.SHUT_RDWR)  # wakes the thread if it still sends
        await asyncio.gather(sending, return_exceptions=True)

    run(scenario)


def test_a_head_and_a_body_of_the_longest_are_taken() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(head_of(MAX_HEAD))
        assert await whole(connection) is not None
        await connection.respond(Response(200))
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % MAX_BODY
        sending = asyncio.create_task(asyncio.to_thread(client.sendall, head + bytes(MAX_BODY)))
        message = await whole(connection)
        assert message is not None
        assert len(message.body) == MAX_BODY
        await sending

    run(scenario)


@pytest.mark.parametrize(
    ("limit", "sent", "text"),
    [
        ("HEAD_TIME", b"GET / HT", "the request's head did not come in time"),
        (
            "BODY_TIME",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
            "the request's body did not come in time",
        ),
    ],
)
def test_a_request_has_to_come_in_time(
    monkeypatch: pytest.MonkeyPatch, limit: str, sent: bytes, text: str
) -> None:
    monkeypatch.setattr(module, limit, 0.01)

    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(sent)
        with pytest.raises(BadRequest, match=text) as caught:
            await whole(connection)
        assert caught.value.status == 408
        assert connection.can_respond()

    run(scenario)


def test_between_two_requests_a_client_may_take_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(PING)
        assert await whole(connection) is not None
        await connection.respond(Response(200))
        monkeypatch.setattr(module, "HEAD_TIME", 0.0)
        receiving = asyncio.create_task(whole(connection))
        done, _ = await asyncio.wait({receiving}, timeout=0.05)
        assert not done
        monkeypatch.setattr(module, "HEAD_TIME", TIMEOUT)
        client.sendall(PING)
        assert await receiving is not None

    run(scenario)


# -- responses -------------------------------------------------------------------------------


def test_a_response_has_the_headers_of_all_and_ends_where_the_client_says_so() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await whole(connection)
        assert connection.can_respond()
        assert not await connection.respond(Response(404, {"message": "no"}))
        assert not connection.can_respond()
        head, _, body = received(client).partition(b"\r\n\r\n")
        lines = [line.lower() for line in head.split(b"\r\n")]
        assert lines[0] == b"http/1.1 404 not found"
        assert b"server: test" in lines
        assert any(line.startswith(b"date: ") and line.endswith(b" gmt") for line in lines)
        assert body.strip() == b'{"message":"no"}'

    run(scenario)


def test_a_response_to_head_has_no_body() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        client.sendall(PING.replace(b"GET", b"HEAD"))
        await whole(connection)
        assert await connection.respond(Response(200, b"OK"), "HEAD")
        assert received(client).endswith(b"\r\n\r\n")

    run(scenario)


def test_a_streamed_response_comes_piece_by_piece() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        async def produce(send: Send) -> None:
            await send(b"")  # is no end
            for piece in (b"one", b"two"):
                await send(piece)
                assert piece in received(client)

        client.sendall(PING)
        await whole(connection)
        assert await connection.respond(Streamed(produce))
        assert received(client) == b"0\r\n\r\n"

    run(scenario)


def test_a_streamed_response_to_a_fast_client_leaves_others_their_turn() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        async def produce(send: Send) -> None:
            nonlocal turns
            turns = 0
            for _ in range(16):
                await send(bytes(32 * 1024))
                received(client)
            assert 2 <= turns <= 8  # not after each piece either

        beside = asyncio.create_task(other())
        client.sendall(PING)
        await whole(connection)
        assert await connection.respond(Streamed(produce))
        beside.cancel()

    run(scenario)


def test_work_for_a_client_that_is_gone_is_cancelled() -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            hung_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            connection = Connection(ours, hung_up, {})
            started, cancelled = asyncio.Event(), asyncio.Event()

            async def work() -> None:
                started.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    cancelled.set()

            waiting = asyncio.create_task(connection.while_connected(work()))
            await asyncio.wait_for(started.wait(), TIMEOUT)
            hung_up.set_result(None)
            with pytest.raises(ConnectionResetError, match="the client is gone"):
                await asyncio.wait_for(waiting, TIMEOUT)
            await asyncio.wait_for(cancelled.wait(), TIMEOUT)

    asyncio.run(main())


def test_work_for_a_client_that_stays_returns_what_it_has() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        async def work() -> int:
            return 7

        assert await connection.while_connected(work()) == 7

    run(scenario)


def test_a_hijacked_connection_s_bytes_begin_with_those_that_came_with_the_request() -> None:
    async def scenario(connection: Connection, client: socket.socket) -> None:
        upgrade = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
        client.sendall(PING.replace(b"Host: x\r\n", upgrade) + b"early")
        await whole(connection)
        stream = connection.hijack()
        assert connection.hijacked
        assert not connection.can_respond()
        assert await stream.read() == b"early"
        await stream.send(b"raw")
        assert received(client) == b"raw"

    run(scenario)
