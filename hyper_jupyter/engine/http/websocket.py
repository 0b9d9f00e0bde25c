"""Attach by WebSocket: messages are input, and each piece of output is a message.

Layer: engine. Event loop only. The frames are :mod:`hyper_jupyter.protocol.messages`'; what is
answered, and when, was seen on Docker (``docs/engines-seen.md``).

Strategy: one task at a time writes whole frames, so that an output that is given up in the middle
of one leaves nothing half, and a pong waits for the output in front of it without holding up what
is read. Whatever the client sends, no more than a message, a frame and a pong of it are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Side

from hyper_jupyter.engine.http.connection import LINGER, RawStream
from hyper_jupyter.protocol.messages import Messages, accept_key

__all__ = ["WebSocketStream", "handshake"]

PIECE: Final = 4096
"""Bytes taken in one turn of the loop: 700 empty frames in them cost 7 ms."""


def handshake(headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """Answer the request for a WebSocket, in Docker's bytes.

    Returns:
        The answer, and whether a WebSocket follows it; else the end of the connection does.
    """
    key = headers.get("sec-websocket-key", "")
    protocol = headers.get("sec-websocket-protocol", "").strip()
    fields, refusal = "", None
    if (
        headers.get("upgrade", "").lower() != "websocket"
        or "upgrade" not in headers.get("connection", "").lower()
    ):
        refusal = "not websocket protocol"
    elif not key:
        refusal = "mismatch challenge/response"
    elif headers.get("sec-websocket-version") != "13":
        fields, refusal = "Sec-WebSocket-Version: 13\r\n", "missing or bad WebSocket Version"
    elif "," in protocol:
        refusal = ""
    if refusal is not None:
        return f"HTTP/1.1 400 Bad Request\r\n{fields}\r\n{refusal}".encode(), False
    if protocol:
        fields = f"Sec-WebSocket-Protocol: {protocol}\r\n"
    head = (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept_key(key.encode('latin-1'))}\r\n{fields}\r\n"
    )
    return head.encode("latin-1"), True


class WebSocketStream:
    """A client behind the handshake, as an attachment sees it."""

    half_closes = False

    def __init__(self, client: RawStream, *, text: bool) -> None:
        """Args:
        client: its connection.
        text: whether output goes in text messages, valid UTF-8 or not; else in binary ones.
        """
        self.hung_up = client.hung_up
        self._client = client
        self._opcode = Opcode.TEXT if text else Opcode.BINARY
        self._messages = Messages(Side.SERVER)
        self._unread = b""
        self._pong = self._frame = self._close = b""
        self._writing: asyncio.Task[None] | None = None
        self._closing = self._gone = False

    async def read(self) -> bytes:
        """What the client typed; ``b""`` behind its close frame, a fault of it, or its end."""
        while not self._messages.ended:
            if not self._unread:
                self._unread = await self._client.read()
                if not self._unread:
                    break
            piece, self._unread = self._unread[:PIECE], self._unread[PIECE:]
            data = b"".join(self._messages.receive_data(piece))
            reply = self._messages.take_reply()
            if self._messages.broken:
                self._say_last(reply)
            elif reply and not self._messages.ended and not self._gone:
                self._pong = reply
                self._write()
            # There may be more at once, and as much work in it: the others have their turn.
            await asyncio.sleep(0)
            if data:
                return data
        return b""

    async def send(self, data: bytes) -> None:
        """Send a message, and wait while the client does not keep up.

        Raises:
            ConnectionError: where it is gone, or has broken the rules.
        """
        if not self._closing:
            self._frame = Frame(self._opcode, data).serialize(mask=False)
            await asyncio.shield(self._write())
        if self._gone or self._closing:
            raise ConnectionResetError("nobody receives this message")

    async def end(self) -> None:
        """Send what was begun and the close frame, then as :meth:`RawStream.end`."""
        self._say_last(Frame(Opcode.CLOSE, Close(1000, "").serialize()).serialize(mask=False))
        writing = self._write()
        try:
            async with asyncio.timeout(LINGER):
                await asyncio.shield(writing)
        except TimeoutError:
            pass
        finally:
            writing.cancel()
        await self._client.end()

    def _say_last(self, close: bytes) -> None:
        if not self._closing:
            self._closing = True
            self._close = close
            self._write()

    def _write(self) -> asyncio.Task[None]:
        """Have what waits written, by a task that ends when nothing does."""
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._flush())
        return self._writing

    async def _flush(self) -> None:
        while data := self._frame + self._pong + self._close:
            self._frame = self._pong = self._close = b""
            try:
                await self._client.send(data)
            except ConnectionError:
                self._gone = True
                return
