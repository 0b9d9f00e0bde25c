"""The WebSocket stream over a pair of sockets."""

from __future__ import annotations

import asyncio
import socket

from websockets.frames import Frame, Opcode

from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.engine.http.websocket import WebSocketStream
from tests.engine.driver import TIMEOUT


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
