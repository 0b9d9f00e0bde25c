"""Reads one stream's socket: a flood without copying it, and less often while the GIL is wanted.

Layer: session, io. I/O thread only.

Strategy: what comes now and then is read into one buffer for all streams, and copied by the caller.
A flood is read into new memory each time, which belongs to the caller: the journal keeps large
payloads as they are. (Without the reading itself, a session takes 115 µs of processor time for a
MiB of 32 KiB frames, and 178 if it has to copy them.)

Each read releases the GIL. Beside a cell that computes, the thread gets it back only at
the next switch interval (5 ms), and then the cell has to wait for us. A unix socket holds about
200 KB, so at 30 MB/s this happens 150 times a second. When a read of a flood is seen to have
waited for the GIL, the next few reads *gather*: the system collects as much as the buffer takes
(1 MiB), for at most 25 ms, before it wakes us. Other streams wait that long. So gathering stops
after a few reads, and starts again if the GIL is still kept.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from typing import Final

from hyper_jupyter.client import SshSocket, TlsSocket

__all__ = ["SocketReader"]

_READ_SIZE: Final = 256 * 1024
"""Bytes that one read takes at most. They fit into the processor's cache, and are more than a unix
socket holds."""

_GATHER_SECONDS: Final = 0.025
"""How long a gathering read may wait. Messages to a page are as far apart, so nobody sees it."""

_GATHERS: Final = 8
"""Gathering reads before we check again whether the GIL is kept."""

_FLOOD: Final = 64 * 1024
"""After a read of this many bytes, more is expected immediately."""

_READS: Final = 4
_GATHERS_IN_A_ROW: Final = 2
"""Reads of a flood before the other streams have their turn. While a cell computes, each call that
waits costs up to 5 ms, so one selector call between two reads would halve the throughput."""


class SocketReader:
    """Reads a non-blocking socket.

    Args:
        sock: connected. Only plain sockets are read in these ways (not TLS or ssh), and only on
            Linux, where this was tried.
        buffer: receives the bytes, from its start on.
        most: bytes that may be read in one turn; ``None`` is no limit of its own.
    """

    def __init__(self, sock: socket.socket, buffer: memoryview, *, most: int | None = None) -> None:
        self._socket = sock
        self._size = _READ_SIZE if most is None else most
        self._reads = _READS if most is None else 1
        self._buffer = buffer
        self._left = 0  # gathering reads to go; until then the socket blocks for up to 25 ms
        plain = most is None and not isinstance(sock, TlsSocket | SshSocket)
        self._is_plain = sys.platform == "linux" and plain
        self._is_flood = False  # the last read was one of a flood
        if self._is_plain:
            micros = int(_GATHER_SECONDS * 1_000_000)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, micros))

    @property
    def reads(self) -> int:
        """How many reads may follow one another."""
        return _GATHERS_IN_A_ROW if self._left else self._reads

    def receive(self) -> tuple[bytes | memoryview, bool]:
        """Read once.

        Returns:
            What came, nothing at the end of the stream; and whether more bytes are expected
            immediately. A view is valid until the next read of any stream.

        Raises:
            BlockingIOError: there is nothing to read.
            OSError: the connection broke.
        """
        if self._left:
            return self._gather()
        if not self._is_plain:
            count = self._socket.recv_into(self._buffer, self._size)
            return self._buffer[:count], count >= _FLOOD
        waits, began = _waits(), time.monotonic()
        data: bytes | memoryview
        if self._is_flood:
            data = self._socket.recv(self._size)
        else:
            data = self._buffer[: self._socket.recv_into(self._buffer, self._size)]
        self._is_flood = len(data) >= _FLOOD
        # This read does not wait for data. So if the thread has waited, it was for the GIL. A
        # thread that only lost its processor has not waited: then gathering would slow it down.
        if self._is_flood and time.monotonic() - began >= _kept() and _waits() > waits:
            self._socket.setblocking(True)
            self._left = _GATHERS
        return data, self._is_flood

    def _gather(self) -> tuple[bytes, bool]:
        data = b""
        try:
            data = self._socket.recv(len(self._buffer), socket.MSG_WAITALL)
        finally:
            if len(data) < _FLOOD or self._left == 1:
                self.be_prompt()
            else:
                self._left -= 1
        return data, len(data) >= _FLOOD

    def be_prompt(self) -> None:
        """Stop gathering, so that the next call on the socket (a write, perhaps) does not wait."""
        if self._left:
            self._left = 0
            self._socket.setblocking(False)


if sys.platform == "linux":
    import resource

    def _waits() -> int:
        """Return how often this thread has waited for anything."""
        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw

else:

    def _waits() -> int:
        return 0


def _kept() -> float:
    """Return how many seconds a read takes at least if another thread kept the GIL meanwhile."""
    return 0.8 * sys.getswitchinterval()
