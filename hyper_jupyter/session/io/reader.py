"""Reads one stream's socket, with few turns for the GIL where those are what costs.

Layer: session. The I/O thread only.

Strategy: a read lets go of the GIL, and beside a cell that computes it comes back only at the next
switch interval (5 ms), for which the cell in turn has to wait for us. A unix socket holds about 200
KB, so at 30 MB/s that is 150 times a second. Where a read of a flood is seen to have waited so, the
next few are *gathered*: the system collects what the buffer takes (1 MiB), for at most 25 ms,
before it wakes us. Other streams wait that long, so it ends by itself, and goes on if the GIL is
still kept.
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
"""Bytes that are read at once: what the processor's cache holds, and more than a unix socket."""

_GATHER_SECONDS: Final = 0.025
"""Between two messages to a page there is as much, so nobody sees the wait."""

_GATHERS: Final = 8
"""Gathering reads until it is seen again whether the GIL is kept."""

_FLOOD: Final = 64 * 1024
"""Bytes of a read behind which more is expected at once."""

_READS: Final = 4
_GATHERS_AT_ONCE: Final = 2
"""Reads of a flood until the other streams have their turn. While a cell computes, each call that
waits costs up to 5 ms, so a turn of the selector between two reads would halve what can be read."""


class SocketReader:
    """A non-blocking socket, to be read.

    Args:
        sock: connected. Only what the system alone reads can be gathered, and only where it was
            tried.
        buffer: what was read is at its start.
        most: bytes that are read in one turn; ``None`` is no bound but the buffer's.
    """

    def __init__(self, sock: socket.socket, buffer: memoryview, *, most: int | None = None) -> None:
        self._socket = sock
        self._size = _READ_SIZE if most is None else most
        self._reads = _READS if most is None else 1
        self._buffer = buffer
        self._left = 0  # gathering reads to go; meanwhile the socket blocks, for a while
        plain = most is None and not isinstance(sock, TlsSocket | SshSocket)
        self._can_gather = sys.platform == "linux" and plain
        if self._can_gather:
            micros = int(_GATHER_SECONDS * 1_000_000)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 0, micros))

    @property
    def reads(self) -> int:
        """How many reads are to follow one another, at most."""
        return _GATHERS_AT_ONCE if self._left else self._reads

    def receive(self) -> tuple[int, bool]:
        """Read once.

        Returns:
            Bytes that are in the buffer now, 0 at the end; and whether more is expected at once.

        Raises:
            BlockingIOError: nothing is there.
            OSError: the connection broke.
        """
        if self._left:
            return self._gather()
        if not self._can_gather:
            count = self._socket.recv_into(self._buffer, self._size)
            return count, count >= _FLOOD
        waits, began = _waits(), time.monotonic()
        count = self._socket.recv_into(self._buffer, self._size)
        flood = count >= _FLOOD
        # It does not wait for data, so if it has waited it was for the GIL. Whose processor was
        # only taken away has not: gathering would slow down what is as fast as it can be.
        if flood and time.monotonic() - began >= _kept() and _waits() > waits:
            self._socket.setblocking(True)
            self._left = _GATHERS
        return count, flood

    def _gather(self) -> tuple[int, bool]:
        count = 0
        try:
            count = self._socket.recv_into(self._buffer, 0, socket.MSG_WAITALL)
        finally:
            if count < _FLOOD or self._left == 1:
                self.be_prompt()
            else:
                self._left -= 1
        return count, count >= _FLOOD

    def be_prompt(self) -> None:
        """Gather no more: the next call on the socket, a write perhaps, must not wait."""
        if self._left:
            self._left = 0
            self._socket.setblocking(False)


if sys.platform == "linux":
    import resource

    def _waits() -> int:
        """How often this thread has waited for anything."""
        return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw

else:

    def _waits() -> int:
        return 0


def _kept() -> float:
    """Seconds of a read from which on another thread has kept the GIL meanwhile."""
    return 0.8 * sys.getswitchinterval()
