"""A hijacked connection: raw bytes both ways instead of HTTP.

Layer: engine. Event loop only. moby loses what the client sent right after its request's head; here
those bytes are the beginning of what is read.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

__all__ = ["LINGER", "READ_SIZE", "YIELD_AFTER", "RawStream"]

LINGER: Final = 60.0
"""Seconds that a client may take to close after we sent the end of a raw stream."""

READ_SIZE: Final = 64 * 1024
"""Bytes per read of a connection."""

YIELD_AFTER: Final = 256 * 1024
"""Bytes sent to one fast client before other tasks run: sending alone need not yield."""


class RawStream:
    """Bytes from and to one client.

    The two directions are independent: after sending has failed, what the client sent before it
    left can still be read.

    Attributes:
        half_closes: whether a client can close its sending half alone and still read output.
        hung_up: ends when the client is gone.
    """

    half_closes = True

    def __init__(self, peer: socket.socket, received: bytes, hung_up: asyncio.Future[None]) -> None:
        """Args:
        peer: the connection, non-blocking.
        received: bytes that were read from it after the request's head.
        hung_up: ends when the client is gone.
        """
        self.hung_up = hung_up
        self._peer = peer
        self._received = received
        self._sent = 0

    async def read(self) -> bytes:
        """Return what the client sent; ``b""`` at the end, or if the connection broke."""
        if self._received:
            received, self._received = self._received, b""
            return received
        try:
            data = await asyncio.get_running_loop().sock_recv(self._peer, READ_SIZE)
        except OSError:
            return b""
        await asyncio.sleep(0)  # sock_recv does not wait where there is something to read
        return data

    async def send(self, data: bytes) -> None:
        """Send, and wait while the client does not keep up.

        Raises:
            ConnectionError: the client is gone.
        """
        await asyncio.get_running_loop().sock_sendall(self._peer, data)
        self._sent += len(data)
        if self._sent >= YIELD_AFTER:
            self._sent = 0
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Close our half, then wait up to :data:`LINGER` for the client to close its own.

        What the client still sends is read and discarded: if we closed with unread bytes, the
        client would see an error instead of the end.
        """
        try:
            self._peer.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(LINGER):
                while await self.read():
                    pass
        except (OSError, TimeoutError):
            pass
