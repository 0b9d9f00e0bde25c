"""Reads one stream's socket: a flood without copying it, and less often while the GIL is wanted.

Layer: session, io. I/O thread only.

Strategy: what comes now and then is read into one buffer for all streams, and copied by the caller.
A flood is read into memory that belongs to the caller: the journal keeps large payloads as they
are. (Without the reading itself, a session takes 115 µs of processor time for a MiB of 32 KiB
frames, and 178 if it has to copy them.) A long flood gets it in long pieces, because new memory
costs more than reading does (:mod:`.flood_memory`).

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
from hyper_jupyter.session.io.flood_memory import FloodMemory

__all__ = ["SocketReader", "lasts"]

_READ_SIZE: Final = 256 * 1024
"""Bytes that one read takes at most. They fit into the processor's cache, and are more than a unix
socket holds."""

_GATHER_SECONDS: Final = 0.025
"""How long a gathering read may wait. Messages to a page are as far apart, so nobody sees it."""

_GATHERS: Final = 8
"""Gathering reads before we check again whether the GIL is kept."""

_FLOOD: Final = 64 * 1024
"""After a read of this many bytes, more is expected immediately."""

_LONG: Final = 512 * 1024
"""Bytes of floods after which a stream gets memory in long pieces."""

_MUCH: Final = 16 * 1024
_OVER: Final = 1.0
"""A long flood is over if so many seconds bring no read of so many bytes."""

_READS: Final = 4
_GATHERS_IN_A_ROW: Final = 2
"""Reads of a flood before the other streams have their turn. While a cell computes, each call that
waits costs up to 5 ms, so one selector call between two reads would halve the throughput."""


def lasts(data: bytes | memoryview) -> bool:
    """Return whether what was read never changes: bytes and read-only views do not."""
    return isinstance(data, bytes) or data.readonly


class SocketReader:
    """Reads a non-blocking socket.

    Args:
        sock: connected. Only plain sockets are read in these ways (not TLS or ssh), and only on
            Linux, where this was tried.
        buffer: receives the bytes, from its start on.
        most: bytes that may be read in one turn; ``None`` is no limit of its own.
    """

    __slots__ = (
        "_buffer",
        "_flooded",
        "_is_flood",
        "_is_plain",
        "_left",
        "_memory",
        "_much_at",
        "_reads",
        "_size",
        "_socket",
    )

    def __init__(self, sock: socket.socket, buffer: memoryview, *, most: int | None = None) -> None:
        self._socket = sock
        self._size = _READ_SIZE if most is None else most
        self._reads = _READS if most is None else 1
        self._buffer = buffer
        self._left = 0  # gathering reads to go; until then the socket blocks for up to 25 ms
        plain = most is None and not isinstance(sock, TlsSocket | SshSocket)
        self._is_plain = sys.platform == "linux" and plain
        self._is_flood = False  # the last read was one of a flood
        self._flooded = 0  # bytes that floods have brought, up to a long one
        self._memory: FloodMemory | None = None  # made for a long flood
        self._much_at = 0.0  # when much was read into it last
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
            immediately. What does not :func:`last <lasts>` is valid until the next read of any
            stream.

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
        data = self._read(self._size)
        self._is_flood = len(data) >= _FLOOD
        # This read does not wait for data. So if the thread has waited, it was for the GIL. A
        # thread that only lost its processor has not waited: then gathering would slow it down.
        if self._is_flood and time.monotonic() - began >= _kept() and _waits() > waits:
            self._socket.setblocking(True)
            self._left = _GATHERS
        return data, self._is_flood

    def _read(self, size: int, flags: int = 0) -> bytes | memoryview:
        if self._flooded >= _LONG:
            return self._read_long_flood(size, flags)
        if not self._is_flood:
            return self._buffer[: self._socket.recv_into(self._buffer, size, flags)]
        data = self._socket.recv(size, flags)
        self._flooded += len(data)
        return data

    def _read_long_flood(self, size: int, flags: int) -> memoryview:
        if self._memory is None:
            self._memory = FloodMemory()
        count = self._socket.recv_into(self._memory.room(size), 0, flags)
        data = self._memory.take(count)
        now = time.monotonic()
        if count >= _MUCH:
            self._much_at = now
        elif now - self._much_at > _OVER:
            self._flooded = 0
            self._memory = None  # else what is no longer kept would not be given back
        return data

    def _gather(self) -> tuple[bytes | memoryview, bool]:
        data: bytes | memoryview = b""
        try:
            data = self._read(len(self._buffer), socket.MSG_WAITALL)
        finally:
            if len(data) < _FLOOD or self._left == 1:
                self.be_prompt()
            else:
                self._left -= 1
        return data, len(data) >= _FLOOD

    def close(self) -> None:
        """Give the memory back: nothing more is read."""
        self.be_prompt()
        self._memory = None

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
