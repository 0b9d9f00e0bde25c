"""One end of an open WebSocket (RFC 6455), the client's or the server's: frames in, payloads out.

Layer: protocol. No I/O, no clock, no threads here; one object belongs to one connection.
``websockets``' core parses the frames.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import Final

from websockets.frames import Close, Frame, Opcode
from websockets.protocol import Protocol, Side, State

__all__ = ["MAX_MESSAGE", "SILENT", "Messages", "accept_key"]

MAX_MESSAGE: Final = 1024 * 1024
"""Bytes of one message at most, in any number of frames."""

SILENT: Final = logging.getLogger(__name__)
"""A silent logger for ``websockets``: it would log what containers print and users type."""
SILENT.setLevel(logging.CRITICAL + 1)

_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_DATA: Final = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


def accept_key(key: bytes) -> str:
    """Return the ``Sec-WebSocket-Accept`` of a server that has read this ``Sec-WebSocket-Key``."""
    digest = hashlib.sha1(key + _GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


class Messages:
    """Reads what the other end sends after the handshake.

    Attributes:
        broken: the rule that a frame broke; empty if none did.
        ended: whether all further bytes are ignored: after a close frame, and after a fault.
    """

    def __init__(self, side: Side) -> None:
        """Args:
        side: our side.
        """
        self.broken = ""
        self.ended = False
        self._frames = Protocol(side, max_size=MAX_MESSAGE, logger=SILENT)
        self._reply = b""

    @property
    def close(self) -> Close | None:
        """The other end's close frame; ``None`` until it has come."""
        return self._frames.close_rcvd

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take the next bytes from the connection, and return the payloads of its data frames.

        Args:
            data: any number of bytes. Its length limits what many small frames cost: some 100
                bytes and 10 microseconds for each.
        """
        self._frames.receive_data(data)
        pieces = [
            bytes(event.data)
            for event in self._frames.events_received()
            if isinstance(event, Frame) and event.opcode in _DATA and event.data
        ]
        # Only the last ping needs an answer (section 5.5.3): so a peer that sends many pings
        # cannot make us store many answers.
        for reply in self._frames.data_to_send():
            self._reply = reply or self._reply
        if self._frames.parser_exc is not None:
            self.broken = f"not a valid WebSocket frame: {str(self._frames.parser_exc)[:200]}"
        self.ended = bool(self.broken) or self._frames.close_rcvd is not None
        return pieces

    def take_reply(self) -> bytes:
        """Return the reply to send, once: a pong, or a close frame if the other end has closed."""
        reply, self._reply = self._reply, b""
        return reply

    def farewell(self) -> bytes:
        """Return the close frame; empty if one was sent. Nothing can be sent after it."""
        if self._frames.state is not State.OPEN:
            return b""
        self._frames.send_close(1000)
        return b"".join(self._frames.data_to_send())
