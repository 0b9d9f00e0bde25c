"""Holds live output back until it is known what came before it.

Layer: session, attach. The I/O thread delivers and opens it; any thread takes snapshots.

What was printed before is in the engine's log only, and has to come first. Whoever opens a
connection first and reads the log second has a gate in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.protocol.log_entries import LogTimes
from hyper_jupyter.session.attach.connection import Connection, Subscriber
from hyper_jupyter.session.rules.log.joint import PROBE, Snapshot
from hyper_jupyter.session.rules.log.overlap import overlap

__all__ = ["Gate"]

_MOST: Final = 32 * 1024 * 1024
"""Bytes that are held back. Then somebody has to open it: the container must not wait for a log."""


class Gate:
    """Receives for a session in its place, until it is opened; then it passes everything on.

    Args:
        subscriber: receives everything in the end.
        on_full: called with it on the I/O thread when too much has come; it has to open it.
    """

    def __init__(
        self, subscriber: Subscriber, on_full: Callable[[Gate], object] = lambda _: None
    ) -> None:
        self._subscriber = subscriber
        self._on_full = on_full
        self._lock = threading.Lock()
        self._held: list[tuple[Sequence[Piece], LogTimes | None]] | None = []
        self._begins = {stream: bytearray() for stream in (StreamType.STDOUT, StreamType.STDERR)}
        self._sizes = dict.fromkeys(self._begins, 0)
        self._ends: list[tuple[Connection, HyperJupyterError | None]] = []

    @property
    def is_open(self) -> bool:
        """Whether it was opened."""
        return self._held is None

    @property
    def is_full(self) -> bool:
        """Whether so much was held back that it has to be opened soon."""
        return sum(self._sizes.values()) > _MOST

    def has_ended(self, connection: Connection | None) -> bool:
        """Whether nothing more comes from a connection, while it is not open."""
        return any(each is connection for each, _ in self._ends)

    def snapshot(self) -> Snapshot:
        """Return what has come so far."""
        with self._lock:
            begins = {stream: bytes(data) for stream, data in self._begins.items()}
            return Snapshot(begins, dict(self._sizes))

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Hold output back, or pass it on."""
        if self._held is None:
            self._subscriber.receive_output(outputs, times)
            return
        with self._lock:
            self._held.append((outputs, times))
            for stream, data in outputs:
                begin = self._begins[stream]
                if len(begin) < PROBE:
                    begin += data[: PROBE - len(begin)]
                self._sizes[stream] += len(data)
        if self.is_full:
            self._on_full(self)

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Hold the end of a connection back, or pass it on."""
        if self._held is None:
            self._subscriber.receive_end(connection, error)
        else:
            self._ends.append((connection, error))

    def open(self) -> None:
        """Deliver what was held back, and pass on everything from now on. I/O thread."""
        with self._lock:
            held, self._held = self._held or [], None
            ends, self._ends = self._ends, []
        for outputs, times in held:
            self._subscriber.receive_output(outputs, times)
        for end in ends:
            self._subscriber.receive_end(*end)

    def open_after(self, log: Sequence[Piece]) -> None:
        """Deliver a log first, and then, of what was held back, what is not in it. I/O thread.

        Args:
            log: all that the log had after the connection was opened.
        """
        skip: dict[StreamType, int] = {}
        for stream in self._sizes:
            before = b"".join(data for kind, data in log if kind is stream)
            live = b"".join(d for outs, _ in self._held or () for kind, d in outs if kind is stream)
            skip[stream] = overlap(before, live)
        if log:
            self._subscriber.receive_output(log)
        with self._lock:
            held, self._held = self._held or [], []
            for outputs, _ in held:
                rest: list[Piece] = []
                for stream, data in outputs:
                    count = min(skip[stream], len(data))
                    skip[stream] -= count
                    if count < len(data):
                        rest.append((stream, data[count:]))
                if rest:
                    self._held.append((rest, None))
        self.open()
