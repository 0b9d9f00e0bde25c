"""The newest frames of a session, kept for those who want to look at the protocol.

Layer: session, store. The I/O thread adds, and threads that write; any thread reads. There is none
unless it is asked for.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from hyper_jupyter.protocol.frame_scanner import PAYLOAD_START, ScannedFrame

__all__ = ["FRAMES", "Frame", "FrameRecord"]

FRAMES: Final = 1000
"""How many frames are kept, if nothing else is said."""

_STREAMS: Final = {0: "stdin", 1: "stdout", 2: "stderr", 3: "systemerr"}


class Frame(NamedTuple):
    r"""A frame as it came, or bytes without one.

    Attributes:
        time: when its header came, in seconds since the epoch.
        stream: ``"stdout"``, ``"stderr"``, ``"systemerr"`` or ``"stdin"`` by its type, or ``"type
            7"``; ``"raw"`` for what is read where there are no frames; ``"input"`` for what we
            wrote.
        header: its eight bytes; empty for ``"raw"`` and ``"input"``.
        length: the payload's length, as the header says it. It may be more than has come.
        payload_start: the first 64 bytes of the payload.
    """

    time: float
    stream: str
    header: bytes
    length: int
    payload_start: bytes


class _Entry:
    """A frame that may still grow."""

    __slots__ = ("number", "scanned", "stream", "time")

    def __init__(self, number: int, when: float, stream: str, scanned: ScannedFrame) -> None:
        self.number = number
        self.time = when
        self.stream = stream
        self.scanned = scanned


class FrameRecord:
    """The newest frames of a session.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = FRAMES) -> None:
        self._lock = threading.Lock()
        self._entries: deque[_Entry] = deque(maxlen=most)
        self._count = 0
        self._stopped = False
        self._subscribers: dict[object, Callable[[], None]] = {}

    @property
    def revision(self) -> int:
        """How many frames came in all."""
        return self._count

    @property
    def stopped(self) -> bool:
        """Whether :meth:`stop` was called."""
        return self._stopped

    def stop(self) -> None:
        """Keep nothing more. What is kept stays."""
        self._stopped = True
        self._wake()

    def add(self, frames: Iterable[ScannedFrame]) -> None:
        """Add frames, in order. The last one may grow."""
        now = time.time()
        if self._stopped:
            return
        with self._lock:
            for frame in frames:
                self._count += 1
                name = _STREAMS.get(frame.type, f"type {frame.type}")
                self._entries.append(_Entry(self._count, now, name, frame))
        self._wake()

    def add_bytes(self, stream: str, data: bytes | bytearray | memoryview) -> None:
        """Add bytes that have no frame: a read of a raw stream, or what was written."""
        if self._stopped:
            return
        piece = ScannedFrame(bytes(8))
        piece.header = b""
        piece.length = piece.received = len(data)
        piece.start = bytes(data[:PAYLOAD_START])
        with self._lock:
            self._count += 1
            self._entries.append(_Entry(self._count, time.time(), stream, piece))
        self._wake()

    def frames(self) -> list[Frame]:
        """Return what is kept, oldest first."""
        return [frame for _, frame in self.after(0)]

    def after(self, number: int) -> list[tuple[int, Frame]]:
        """Return the frames after one, with their numbers, counted from 1."""
        with self._lock:
            entries = [entry for entry in self._entries if entry.number > number]
        return [
            (
                entry.number,
                Frame(
                    entry.time,
                    entry.stream,
                    entry.scanned.header,
                    entry.scanned.length,
                    entry.scanned.start,
                ),
            )
            for entry in entries
        ]

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after frames were added. It must return immediately.

        Returns:
            A function that ends this.
        """
        key = object()
        with self._lock:
            self._subscribers[key] = wake

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return unsubscribe

    def _wake(self) -> None:
        with self._lock:
            subscribers = list(self._subscribers.values())
        for wake in subscribers:
            wake()
