"""The WebSocket handshake, and the stream over a pair of sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
from websockets.frames import Frame, Opcode

from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.engine.http.websocket import DECODE_SIZE, WebSocketStream, handshake
from tests.engine.driver import TIMEOUT

# The key of RFC 6455, section 1.3, and its answer.
ASKED = {
    "upgrade": "websocket",
    "connection": "Upgrade",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
}
HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)
CLOSE = b"\x88\x02\x03\xe8"  # 1000


@pytest.mark.parametrize(
    ("changes", "extra"),
    [
        ({}, b""),
        ({"upgrade": "WebSocket", "connection": "keep-alive, upgrade"}, b""),
        ({"sec-websocket-protocol": " chat "}, b"Sec-WebSocket-Protocol: chat\r\n"),
    ],
    ids=str,
)
def test_a_handshake_is_answered(changes: dict[str, str], extra: bytes) -> None:
    assert handshake({**ASKED, **changes}) == (HEAD + extra + b"\r\n", True)


@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({"upgrade": "tcp"}, b"\r\nnot websocket protocol"),
        ({"connection": "close"}, b"\r\nnot websocket protocol"),
        ({"sec-websocket-key": ""}, b"\r\nmismatch challenge/response"),
        (
            {"sec-websocket-version": "8"},
            b"Sec-WebSocket-Version: 13\r\n\r\nmissing or bad WebSocket Version",
        ),
        ({"sec-websocket-protocol": "a, b"}, b"\r\n"),
    ],
    ids=str,
)
def test_another_handshake_is_refused(changes: dict[str, str], rest: bytes) -> None:
    answer = b"HTTP/1.1 400 Bad Request\r\n" + rest
    assert handshake({**ASKED, **changes}) == (answer, False)
    missing = {name: value for name, value in ASKED.items() if name not in changes}
    assert handshake(missing)[1] is ("sec-websocket-protocol" in changes)


# -- the stream ------------------------------------------------------------------------------


def run(
    scenario: Callable[[WebSocketStream, socket.socket], Awaitable[None]], *, text: bool = False
) -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.settimeout(TIMEOUT)
            raw = RawStream(ours, b"", asyncio.get_running_loop().create_future())
            await asyncio.wait_for(scenario(WebSocketStream(raw, text=text), theirs), TIMEOUT)

    asyncio.run(main())


def masked(opcode: Opcode, data: bytes) -> bytes:
    return Frame(opcode, data).serialize(mask=True)


@pytest.mark.parametrize(("text", "opcode"), [(True, Opcode.TEXT), (False, Opcode.BINARY)])
def test_each_output_is_a_message(text: bool, opcode: Opcode) -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        assert not stream.half_closes
        for data in (b"one", b"\xfftwo"):
            await stream.send(data)
            assert client.recv(100) == Frame(opcode, data).serialize(mask=False)

    run(scenario, text=text)


def test_what_is_typed_comes_to_the_close_frame_and_pings_are_answered() -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        client.sendall(masked(Opcode.BINARY, b"a") + masked(Opcode.PING, b"p"))
        assert await stream.read() == b"a"
        client.sendall(masked(Opcode.TEXT, b"b") + masked(Opcode.CLOSE, b"\x03\xe8"))
        typed = b""
        while data := await stream.read():
            typed += data
        assert typed == b"b"
        pong = Frame(Opcode.PONG, b"p").serialize(mask=False)
        assert await asyncio.to_thread(client.recv, len(pong)) == pong

    run(scenario)


@pytest.mark.parametrize(
    "how", [b"", b"\xff\xff\xff\xff", b"\x82\x01x"], ids=["end", "no frame", "not masked"]
)
def test_a_client_that_goes_or_breaks_the_protocol_has_typed_all(how: bytes) -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        client.sendall(how)
        client.shutdown(socket.SHUT_WR)
        assert await stream.read() == b""
        assert await stream.read() == b""
        if how:  # it is told
            assert (await asyncio.to_thread(client.recv, 100))[:1] == b"\x88"
            with pytest.raises(ConnectionResetError):
                await stream.send(b"x")

    run(scenario)


def test_nothing_can_be_sent_to_a_client_that_is_gone_or_behind_the_close() -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        client.close()
        with pytest.raises(ConnectionResetError):
            await stream.send(b"x")

    run(scenario)

    async def closed(stream: WebSocketStream, client: socket.socket) -> None:
        closing = asyncio.create_task(stream.close())
        assert await asyncio.to_thread(read_all, client) == CLOSE
        client.close()
        await closing
        with pytest.raises(ConnectionResetError):
            await stream.send(b"x")

    run(closed)


def test_an_answer_to_a_ping_waits_for_a_client_that_does_not_keep_up() -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sending = asyncio.create_task(stream.send(bytes(1_000_000)))
        await asyncio.sleep(0)
        client.sendall(masked(Opcode.PING, b"p"))
        reading = asyncio.create_task(stream.read())
        while stream._pong == b"":  # noqa: ASYNC110 - no event announces it
            await asyncio.sleep(0)
        client.sendall(masked(Opcode.BINARY, b"x"))  # has no answer, and comes by itself
        assert await reading == b"x"
        assert not sending.done()
        message = Frame(Opcode.BINARY, bytes(1_000_000)).serialize(mask=False)
        expected = message + Frame(Opcode.PONG, b"p").serialize(mask=False)
        received = b""
        while len(received) < len(expected):
            received += await asyncio.to_thread(client.recv, 1 << 16)
        assert received == expected
        await sending

    run(scenario)


def test_a_client_that_types_much_leaves_others_their_turn() -> None:
    async def scenario(stream: WebSocketStream, client: socket.socket) -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        client.sendall(
            masked(Opcode.BINARY, b"") * (4 * DECODE_SIZE // 6) + masked(Opcode.BINARY, b"x")
        )
        assert await stream.read() == b"x"
        beside.cancel()
        assert turns >= 4

    run(scenario)


def test_a_message_whose_sender_is_cancelled_is_sent_whole() -> None:
    """The socket has taken a part of it when the sender is cancelled, as it is at a detach."""

    async def give_up() -> bytes:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            stream = WebSocketStream(
                RawStream(ours, b"", asyncio.get_running_loop().create_future()), text=False
            )
            sending = asyncio.create_task(stream.send(bytes(100_000)))
            first = await asyncio.to_thread(theirs.recv, 100)
            sending.cancel()
            ending = asyncio.create_task(stream.close())
            rest = await asyncio.to_thread(read_all, theirs)
            theirs.close()
            await ending
            return first + rest

    message = Frame(Opcode.BINARY, bytes(100_000)).serialize(mask=False)
    assert asyncio.run(asyncio.wait_for(give_up(), TIMEOUT)) == message + b"\x88\x02\x03\xe8"


def read_all(sock: socket.socket) -> bytes:
    sock.settimeout(TIMEOUT)
    data = b""
    while piece := sock.recv(1 << 16):
        data += piece
    return data
