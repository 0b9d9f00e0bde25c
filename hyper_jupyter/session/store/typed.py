"""What was sent to a session's program, for recordings: kept only if the user asked for it.

Layer: session, store. Any thread adds and reads. No callbacks.

Input may be a password. So nothing is kept unless :meth:`Typed.begin` was called, what was sent as
hidden is never passed to :meth:`Typed.add`, and it is in memory only: no page, no log and no
``repr`` shows it.
"""

from __future__ import annotations

import threading
import time
from typing import Final, NamedTuple

from hyper_jupyter.session.store.journal import Journal

__all__ = ["Sent", "Typed"]

MOST: Final = 1024 * 1024
"""Bytes that are kept; the oldest go first."""

_EACH: Final = 128
"""What one entry counts for, besides its bytes: keys are single bytes."""


class Sent(NamedTuple):
    """Bytes that were sent.

    Attributes:
        time: when, in seconds since the epoch.
        position: how many bytes of both streams had come by then.
        data: the bytes.
    """

    time: float
    position: int
    data: bytes

    def __repr__(self) -> str:
        return f"<{len(self.data)} bytes of input>"


class Typed:
    """The input of one session, once it is to be kept.

    Args:
        journal: what the session received.
        lock: the session's.

    Attributes:
        keeps: whether input is kept from now on.
        dropped: how many bytes were kept and are not any more.
    """

    __slots__ = ("_journal", "_lock", "_sent", "_size", "dropped", "keeps")

    def __init__(self, journal: Journal, lock: threading.RLock) -> None:
        self.keeps = False
        self.dropped = 0
        self._journal = journal
        self._lock = lock
        self._sent: tuple[Sent, ...] = ()
        self._size = 0

    def begin(self) -> None:
        """Keep what is sent from now on."""
        self.keeps = True

    def place(self) -> tuple[float, int]:
        """Return the time, and how many bytes of both streams have come, for :meth:`add`."""
        return time.time(), len(self._journal)

    def add(self, data: bytes, place: tuple[float, int]) -> None:
        """Keep bytes that were sent, if that was asked for.

        Args:
            data: the bytes.
            place: when and where they began to be sent, from :meth:`place`.
        """
        if not self.keeps or not data:
            return
        with self._lock:
            self._size += len(data) + _EACH
            gone = 0
            while self._size > MOST and gone < len(self._sent):
                self._size -= len(self._sent[gone].data) + _EACH
                self.dropped += len(self._sent[gone].data)
                gone += 1
            self._sent = (*self._sent[gone:], Sent(*place, data))

    @property
    def all(self) -> tuple[Sent, ...]:
        """What is kept, oldest first."""
        return self._sent
