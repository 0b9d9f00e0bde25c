"""Holds back what a new connection carries until what came before it is known.

Layer: session, attach. The I/O thread delivers and opens it; any thread takes snapshots.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, Times

__all__ = ["Gate", "Held"]

_MOST: Final = 32 * 1024 * 1024
"""Bytes that are held back. Then it opens by itself: the container must not wait for a log."""


class Held:
    """What had come of each stream at a moment.

    Attributes:
        begins: the first bytes of each stream.
        sizes: the number of all its bytes.
    """

    def __init__(self, begins: Mapping[StreamType, bytes], sizes: Mapping[StreamType, int]) -> None:
        self.begins = begins
        self.sizes = sizes


class Gate:
    """Receives for a session in its place, until it is opened.

    Args:
        subscriber: receives everything in the end.
        on_full: called with it on the I/O thread when too much has come; it has to open it.
        probe: how many of the first bytes a snapshot has.
    """

    def __init__(
        self, subscriber: Subscriber, on_full: Callable[[Gate], object], probe: int
    ) -> None:
        self._subscriber = subscriber
        self._on_full = on_full
        self._probe = probe
        self._lock = threading.Lock()
        self._held: list[tuple[Sequence[Output], Times]] | None = []
        self._begins = {stream: bytearray() for stream in (StreamType.STDOUT, StreamType.STDERR)}
        self._sizes = dict.fromkeys(self._begins, 0)
        self._end: tuple[Connection, HyperJupyterError | None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        return self._held is None

    def snapshot(self) -> Held:
        """Return what has come so far."""
        with self._lock:
            begins = {stream: bytes(data) for stream, data in self._begins.items()}
            return Held(begins, dict(self._sizes))

    def receive_output(self, outputs: Sequence[Output], times: Times = None, /) -> None:
        """Hold output back, or pass it on."""
        with self._lock:
            held = self._held
            if held is not None:
                held.append((outputs, times))
                for stream, data in outputs:
                    begin = self._begins[stream]
                    if len(begin) < self._probe:
                        begin += data[: self._probe - len(begin)]
                    self._sizes[stream] += len(data)
            full = sum(self._sizes.values()) > _MOST
        if held is None:
            self._subscriber.receive_output(outputs, times)
        elif full:
            self._on_full(self)

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Hold the end of the output back, or pass it on."""
        with self._lock:
            if self._held is not None:
                self._end = connection, error
                return
        self._subscriber.receive_end(connection, error)

    def open(self) -> None:
        """Deliver what was held back, and pass on everything from now on. I/O thread."""
        with self._lock:
            held, self._held = self._held or [], None
            end, self._end = self._end, None
        for outputs, times in held:
            self._subscriber.receive_output(outputs, times)
        if end is not None:
            self._subscriber.receive_end(*end)
