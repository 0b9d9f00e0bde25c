"""Attach by WebSocket: messages are input, and each piece of output is a message.

Layer: engine. Event loop only. :mod:`hyper_jupyter.protocol.messages` decodes the frames. Which
responses are sent, and when, was seen on Docker (``docs/engines-seen.md``).

Strategy: one task at a time writes whole frames. So a sender that is cancelled in the middle of a
frame does not leave half of it, and a pong waits for the output before it without delaying reads.
Whatever the client sends, at most one message, one frame and one pong of it are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Side

from hyper_jupyter.engine.http.raw_stream import LINGER, RawStream
from hyper_jupyter.protocol.messages import Messages, accept_key

__all__ = ["WebSocketStream", "handshake"]

DECODE_SIZE: Final = 4096
"""Bytes decoded in one turn of the loop: the 700 empty frames that fit in them cost 7 ms."""


def handshake(headers: Mapping[str, str]) -> tuple[bytes, bool]:
    """Answer the request for a WebSocket, in Docker's bytes.

    Returns:
        The response, and whether a WebSocket follows it; if not, the connection ends.
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
    """A client after the handshake, as an attachment sees it."""

    half_closes = False

    def __init__(self, client: RawStream, *, text: bool) -> None:
        """Args:
        client: its connection.
        text: whether output is sent in text messages, even if it is not valid UTF-8; otherwise
            it is sent in binary ones.
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
        """Return what the client typed; ``b""`` after its close frame, a bad frame or its end."""
        while not self._messages.ended:
            if not self._unread:
                self._unread = await self._client.read()
                if not self._unread:
                    break
            piece, self._unread = self._unread[:DECODE_SIZE], self._unread[DECODE_SIZE:]
            data = b"".join(self._messages.receive_data(piece))
            reply = self._messages.take_reply()
            if self._messages.broken:
                self._send_close(reply)
            elif reply and not self._messages.ended and not self._gone:
                self._pong = reply
                self._write()
            # More may be there already, and cost as much time: let other tasks run first.
            await asyncio.sleep(0)
            if data:
                return data
        return b""

    async def send(self, data: bytes) -> None:
        """Send a message, and wait while the client does not keep up.

        Raises:
            ConnectionError: the client is gone, or has broken the protocol.
        """
        if not self._closing:
            self._frame = Frame(self._opcode, data).serialize(mask=False)
            await asyncio.shield(self._write())
        if self._gone or self._closing:
            raise ConnectionResetError("nobody receives this message")

    async def close(self) -> None:
        """Send the rest of a begun frame and the close frame, then close the connection."""
        self._send_close(Frame(Opcode.CLOSE, Close(1000, "").serialize()).serialize(mask=False))
        writing = self._write()
        try:
            async with asyncio.timeout(LINGER):
                await asyncio.shield(writing)
        except TimeoutError:
            pass
        finally:
            writing.cancel()
        await self._client.close()

    def _send_close(self, close: bytes) -> None:
        if not self._closing:
            self._closing = True
            self._close = close
            self._write()

    def _write(self) -> asyncio.Task[None]:
        """Return the task that writes what is waiting; it ends when nothing is left."""
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
