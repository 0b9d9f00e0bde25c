"""A time limit that many steps share, and a socket whose reads and writes keep to it.

Layer: client. Any thread; blocks its caller, never longer than the limit.

``requests`` limits each read, not the whole response: a server that sends its header at one byte a
second is never late. So the socket itself keeps to the deadline, at every read and write.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from typing import Any, Final

__all__ = ["Deadline", "DeadlineSocket"]

_NEVER: Final = 1e8
"""Seconds."""


class Deadline:
    """A point in time, shared by the steps of one operation.

    Args:
        seconds: from now; ``None`` is never, and so are more than three years: the system takes no
            such limits.

    Raises:
        TypeError: ``seconds`` is no number.
        ValueError: it is NaN.
    """

    __slots__ = ("_at", "seconds")

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        try:
            limited = seconds is not None and seconds < _NEVER
        except TypeError:
            raise TypeError(f"{seconds!r} is neither a number of seconds nor None") from None
        if seconds is not None and math.isnan(seconds):
            raise ValueError(f"{seconds!r} is not a number of seconds")
        self._at = time.monotonic() + seconds if seconds is not None and limited else None

    def remaining(self) -> float | None:
        """Return the seconds left, never negative; ``None`` without a limit."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())

    def check(self) -> float | None:
        """Return the seconds left; ``None`` without a limit.

        Raises:
            TimeoutError: no time is left.
        """
        left = self.remaining()
        if left is not None and left <= 0:
            raise TimeoutError("timed out")
        return left


class DeadlineSocket(socket.socket):
    """A socket whose reads and writes must all end by :attr:`deadline`."""

    __slots__ = ("deadline",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.deadline: Deadline | None = None
        super().__init__(*args, **kwargs)

    def _bound(self) -> None:
        if self.deadline is not None:
            super().settimeout(self.deadline.check())

    def is_quiet(self) -> bool:
        """Whether it is open and has nothing to read. Leaves it non-blocking."""
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
        """Whether it is known to have ended, without reading from it."""
        return False

    def connect(self, address: Any) -> None:
        """Connect to a unix socket (:func:`dial` connects over tcp in another way).

        With a timeout Python makes the socket non-blocking, and then Linux refuses the connection
        while a busy server's queue is full. A blocking connect waits for room, for as long as the
        socket's send timeout allows.
        """
        left = None if self.deadline is None else self.deadline.check()
        self._set_send_timeout(left or 0.0)
        try:
            super().connect(address)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error
        self._set_send_timeout(0.0)

    def _set_send_timeout(self, seconds: float) -> None:
        """Set the system's own timeout for sending; 0 is no limit."""
        whole = int(seconds)
        micros = int((seconds - whole) * 1_000_000)
        if seconds and not whole:
            micros = max(1, micros)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", whole, micros))

    def recv(self, *args: Any) -> bytes:
        """Do what the socket's own method does, until the deadline."""
        self._bound()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        """Do what the socket's own method does, until the deadline."""
        self._bound()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        """Do what the socket's own method does, until the deadline."""
        self._bound()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        """Do what the socket's own method does, until the deadline."""
        self._bound()
        super().sendall(*args)
