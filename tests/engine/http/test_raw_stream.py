"""A raw stream over a pair of sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from hyper_jupyter.engine.http.raw_stream import RawStream
from tests.engine.driver import TIMEOUT


def run(scenario: Callable[[RawStream, socket.socket], Awaitable[None]], received: bytes) -> None:
    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.settimeout(TIMEOUT)
            hung_up = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(scenario(RawStream(ours, received, hung_up), theirs), TIMEOUT)

    asyncio.run(main())


def test_bytes_that_came_with_the_head_are_read_first() -> None:
    async def scenario(stream: RawStream, client: socket.socket) -> None:
        client.sendall(b"later")
        client.shutdown(socket.SHUT_WR)
        assert [await stream.read() for _ in range(4)] == [b"early", b"later", b"", b""]

    run(scenario, b"early")


def test_what_the_client_sent_can_be_read_after_sending_failed() -> None:
    async def scenario(stream: RawStream, client: socket.socket) -> None:
        client.sendall(b"last words")
        client.close()
        with pytest.raises(ConnectionError):
            await stream.send(b"x")
        assert await stream.read() == b"last words"

    run(scenario, b"")


def test_a_broken_connection_reads_as_the_end() -> None:
    async def scenario(stream: RawStream, client: socket.socket) -> None:
        await stream.send(b"never read")
        client.close()  # so this is a reset
        assert await stream.read() == b""

    run(scenario, b"")


def test_close_ends_our_half_and_reads_the_client_s_to_its_end() -> None:
    async def scenario(stream: RawStream, client: socket.socket) -> None:
        closing = asyncio.create_task(stream.close())
        assert await asyncio.to_thread(client.recv, 1) == b""
        await asyncio.to_thread(client.sendall, b"x" * 1_000_000)
        assert not closing.done()
        client.shutdown(socket.SHUT_WR)
        await closing

    run(scenario, b"unread")


def test_a_fast_client_does_not_keep_the_loop_for_itself() -> None:
    async def scenario(stream: RawStream, client: socket.socket) -> None:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(other())
        for _ in range(16):  # each is taken immediately: the client's buffer holds it
            await stream.send(bytes(32 * 1024))
            assert len(client.recv(1 << 20)) == 32 * 1024
        beside.cancel()
        assert turns >= 2

    run(scenario, b"")
