"""Attach by WebSocket (RFC 6455): the same exchange, with the stream cut into messages.

Layer: protocol. No I/O, no clock, no threads here; one exchange belongs to one connection.

:mod:`hyper_jupyter.protocol.exchange` reads the head, and :mod:`hyper_jupyter.protocol.messages`
reads the frames after it. Text and binary messages are both output: engines send text below API
1.28 and binary from there on. They never say which of the container's streams it was.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from websockets.frames import Frame, Opcode
from websockets.protocol import Side

from hyper_jupyter.exceptions import ConnectionLost, ProtocolError
from hyper_jupyter.protocol.exchange import Exchange, ResponseHead
from hyper_jupyter.protocol.frames import EndOfStream
from hyper_jupyter.protocol.messages import Messages, accept_key
from hyper_jupyter.protocol.printable import printable

__all__ = ["WebSocketExchange"]

_PIECE: Final = 32 * 1024
"""Bytes that are parsed in one step, so that small frames among them cost little memory. Also the
bytes of input in one message, so that the answer to a ping does not wait long."""

_NORMAL: Final = (1000, 1005)
"""Codes of an orderly end: 1000 says so, and 1005 stands for no code at all."""


class WebSocketExchange(Exchange):
    """Asks for a WebSocket and reads its messages; see :class:`Exchange`.

    Attributes:
        ended: also true after the server's close frame, and after a fault.
    """

    __slots__ = ("_broken", "_key", "_messages")

    most = 64 * 1024  # so many bytes of empty frames, the slowest kind, take 0.1 to 0.2 s

    def __init__(
        self,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        *,
        key: bytes | None = None,
    ) -> None:
        """Args:
        target: path and query, percent-encoded.
        headers: including ``Host``; the handshake's own headers replace those given here.
        key: 16 random bytes; ``None`` makes new ones.
        """
        self._key = base64.b64encode(secrets.token_bytes(16) if key is None else key)
        fields = [
            (name, value)
            for name, value in (headers.items() if isinstance(headers, Mapping) else headers)
            if name.lower() not in ("connection", "upgrade")
        ]
        fields += [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", self._key.decode()),
        ]
        super().__init__("GET", target, fields)
        self._messages: Messages | None = None
        self._broken = ""

    def data_to_send(self) -> bytes:
        """Return the request; after each later :meth:`receive_data`, the reply that it needs."""
        request = super().data_to_send()
        if request:
            return request
        return b"" if self._messages is None else self._messages.take_reply()

    def receive_data(self, data: bytes | memoryview) -> bytes | memoryview:
        """Take the next bytes from the connection.

        Returns:
            The messages' content, as much of it as can be delivered now.

        Raises:
            ProtocolError: the answer is not a WebSocket handshake, or a frame breaks the rules. If
                something can be delivered before the fault, this call returns it, and
                :meth:`receive_eof` raises.
        """
        if self._broken:
            raise ProtocolError(self._broken)
        messages = self._messages
        if messages is None:
            data = super().receive_data(data)
            if self.head is None or self.head.status >= 300:
                return data
            self._check(self.head)
            messages = self._messages = Messages(Side.CLIENT)
        pieces: list[bytes] = []
        for start in range(0, len(data), _PIECE):
            if self.ended:
                break
            pieces += messages.receive_data(bytes(data[start : start + _PIECE]))
            self._broken, self.ended = messages.broken, messages.ended
        if self._broken and not pieces:
            raise ProtocolError(self._broken)
        return b"".join(pieces)

    def receive_eof(self) -> EndOfStream:
        """Take the end of the connection.

        Raises:
            ConnectionLost: the server's close frame has the code of an error.
            ProtocolError: the head has not come, or a frame broke the rules.
        """
        if self._broken:
            raise ProtocolError(self._broken)
        if self._messages is None:
            return super().receive_eof()
        close = self._messages.close
        if close is None:
            return EndOfStream(truncated=True)
        if close.code not in _NORMAL:
            reason = printable(close.reason)
            raise ConnectionLost(
                f"the engine closed the WebSocket with code {close.code}"
                + (f": {reason}" if reason else "")
            )
        return EndOfStream(truncated=False)

    def encode(self, data: bytes) -> Sequence[bytes]:
        """Return input as masked binary messages. Any thread: it uses no state."""
        return [
            Frame(Opcode.BINARY, data[start : start + _PIECE]).serialize(mask=True)
            for start in range(0, len(data), _PIECE)
        ]

    def farewell(self) -> bytes:
        """Return the close frame; empty if one was sent. Nothing can be sent after it."""
        return b"" if self._messages is None else self._messages.farewell()

    def _check(self, head: ResponseHead) -> None:
        if head.status != 101:
            self._broken = f"the answer is {head.status} and not a WebSocket"
        accept = (head.header("Sec-WebSocket-Accept") or "").strip()
        if not self._broken and (
            accept != accept_key(self._key)
            or (head.header("Upgrade") or "").strip().lower() != "websocket"
            or head.header("Sec-WebSocket-Extensions")
        ):
            self._broken = "the answer is not a WebSocket handshake for this request"
        if self._broken:
            self.ended = True
            raise ProtocolError(self._broken)
