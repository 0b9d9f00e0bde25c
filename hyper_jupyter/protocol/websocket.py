"""Attach by WebSocket (RFC 6455): the same exchange, with the stream cut into messages.

Layer: protocol. No I/O, no clock, no threads here; one exchange belongs to one connection.

The head is :mod:`hyper_jupyter.protocol.exchange`'s, the frames behind it are
:mod:`hyper_jupyter.protocol.messages`'. Text and binary messages alike are output: engines send
text below API 1.28 and binary above, and never say which of the container's streams it was.
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

__all__ = ["WebSocketExchange"]

_PIECE: Final = 32 * 1024
"""Bytes taken at once, so that the small frames among them cost little memory, and bytes of input
in one message, so that the answer to a ping does not wait long."""

_NORMAL: Final = (1000, 1005)
"""Codes of an orderly end: said to be one, or no code at all."""


class WebSocketExchange(Exchange):
    """Asks for a WebSocket and reads its messages; see :class:`Exchange`.

    Attributes:
        ended: also behind the server's close frame, and behind a fault.
    """

    most = 64 * 1024  # of empty frames, which take longest: a tenth of a second or two

    def __init__(
        self,
        target: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]],
        *,
        key: bytes | None = None,
    ) -> None:
        """Args:
        target: path and query, percent-encoded.
        headers: with ``Host``; those of the handshake are put in their place.
        key: 16 random bytes; ``None`` makes some.
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
        """The request; then, behind each call of :meth:`receive_data`, what it wants answered."""
        request = super().data_to_send()
        if request:
            return request
        return b"" if self._messages is None else self._messages.take_reply()

    def receive_data(self, data: bytes | memoryview) -> bytes | memoryview:
        """Take what the connection gave.

        Returns:
            What the messages hold, as much of it as can be delivered now.

        Raises:
            ProtocolError: where the answer is no handshake, or a frame breaks the rules. Where
                something can be delivered before the fault, this call returns that, and
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
            ConnectionLost: the server's close frame says why.
            ProtocolError: the head had not come, or a frame broke the rules.
        """
        if self._broken:
            raise ProtocolError(self._broken)
        if self._messages is None:
            return super().receive_eof()
        close = self._messages.close
        if close is None:
            return EndOfStream(truncated=True)
        if close.code not in _NORMAL:
            reason = "".join(c if c.isprintable() else " " for c in close.reason).strip()
            raise ConnectionLost(
                f"the engine closed the WebSocket with code {close.code}"
                + (f": {reason}" if reason else "")
            )
        return EndOfStream(truncated=False)

    def encode(self, data: bytes) -> Sequence[bytes]:
        """Input as masked binary messages. Any thread: it depends on nothing that came before."""
        return [
            Frame(Opcode.BINARY, data[start : start + _PIECE]).serialize(mask=True)
            for start in range(0, len(data), _PIECE)
        ]

    def farewell(self) -> bytes:
        """The close frame, where none was sent; nothing can be sent behind it."""
        return b"" if self._messages is None else self._messages.farewell()

    def _check(self, head: ResponseHead) -> None:
        if head.status != 101:
            self._broken = f"the answer is {head.status} and no WebSocket"
        accept = (head.header("Sec-WebSocket-Accept") or "").strip()
        if not self._broken and (
            accept != accept_key(self._key)
            or (head.header("Upgrade") or "").strip().lower() != "websocket"
            or head.header("Sec-WebSocket-Extensions")
        ):
            self._broken = "the answer is no WebSocket handshake to this request"
        if self._broken:
            self.ended = True
            raise ProtocolError(self._broken)
