"""A time limit that many steps share, and a socket whose reads and writes keep to it.

Layer: client. No threads; whoever waits is the caller, and never longer than the limit.

``requests`` bounds each read, not the whole answer: a server that sends its header a byte a
second is never late. So the deadline is kept by the socket itself, for every read and write.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

__all__ = ["Deadline", "DeadlineSocket"]


class Deadline:
    """A point in time, shared by the steps of one operation.

    Args:
        seconds: from now; ``None`` is never.
    """

    __slots__ = ("_at", "seconds")

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._at = None if seconds is None else time.monotonic() + seconds

    def remaining(self) -> float | None:
        """Seconds left, never negative; ``None`` without a limit."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())

    def check(self) -> float | None:
        """Seconds left.

        Raises:
            TimeoutError: where none are.
        """
        left = self.remaining()
        if left is not None and left <= 0:
            raise TimeoutError("timed out")
        return left


class DeadlineSocket(socket.socket):
    """A socket whose reads and writes all together must end by :attr:`deadline`."""

    deadline: Deadline | None = None

    def _bound(self) -> None:
        if self.deadline is not None:
            super().settimeout(self.deadline.check())

    def is_quiet(self) -> bool:
        """Whether it is open and nothing has come that was not read. Leaves it non-blocking."""
        self.deadline = None
        self.settimeout(0.0)
        try:
            self.recv(1)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def has_ended(self) -> bool:
        """Whether it is known to have ended, without reading."""
        return False

    def connect(self, address: Any) -> None:
        """Connect to a unix socket (:func:`dial` makes tcp's connections otherwise).

        With a timeout Python makes the socket non-blocking, and then Linux refuses where a busy
        server's queue is full. A blocking connect waits for room, as long as the socket may send.
        """
        left = None if self.deadline is None else self.deadline.check()
        self._set_send_timeout(left or 0.0)
        try:
            super().connect(address)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error
        self._set_send_timeout(0.0)

    def _set_send_timeout(self, seconds: float) -> None:
        """Of the system; 0 is for ever."""
        whole = int(seconds)
        micros = int((seconds - whole) * 1_000_000)
        if seconds and not whole:
            micros = max(1, micros)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", whole, micros))

    def recv(self, *args: Any) -> bytes:
        """As the socket's, until the deadline."""
        self._bound()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """As the socket's, until the deadline."""
        self._bound()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        """As the socket's, until the deadline."""
        self._bound()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        """As the socket's, until the deadline."""
        self._bound()
        super().sendall(*args)
