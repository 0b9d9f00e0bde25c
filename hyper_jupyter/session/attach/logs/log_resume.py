"""Continues a log with times where an earlier reading of it was cut.

Layer: session, attach. I/O thread, except :attr:`LogResume.found`, which any thread may wait for.

The entries of one stream are in the order of the engine's times. So the place in it is known: the
time of the last entry that came, and how many bytes with just that time came.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.protocol.log_entries import LogPlace, LogTimes
from hyper_jupyter.session.attach.connection import Connection, Subscriber

__all__ = ["LogResume"]


Places = Mapping[StreamType, LogPlace]


class LogResume:
    """Passes on what a log has after a place in each stream. Its lines must not be joined.

    Args:
        subscriber: receives it.
        places: where to begin.
        since: from which time on the log is read. A stream whose place is earlier has nothing to
            skip.

    Attributes:
        found: set once it is known whether the log still has the places.
    """

    def __init__(self, subscriber: Subscriber, places: Places, since: float) -> None:
        self.found = threading.Event()
        self._subscriber = subscriber
        self._open = {s: place for s, place in places.items() if place.time >= since}
        self._left = {stream: place.size for stream, place in self._open.items()}
        self._gone: set[StreamType] = set()
        if not self._open:
            self.found.set()

    @property
    def proven(self) -> bool:
        """Whether the log still has the places."""
        return self.found.is_set() and not self._open and not self._gone

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Pass on what comes after the places."""
        if not self._open or times is None:
            self._subscriber.receive_output(outputs, times)
            return
        rest: list[Piece] = []
        moments: list[float | None] = []
        for (stream, data), time in zip(outputs, times.moments, strict=True):
            new = data if time is None else self._after(stream, bytes(data), time)
            if new:
                rest.append((stream, new))
                moments.append(time)
        if rest:  # a stream that has not come to its place again stays where it was
            places = {s: place for s, place in times.places.items() if s not in self._open}
            self._subscriber.receive_output(rest, LogTimes(moments, places))

    def _after(self, stream: StreamType, data: bytes, time: float) -> bytes:
        """Return what of an entry comes after the place in its stream."""
        place = self._open.get(stream)
        if place is None:
            return data
        if time < place.time:
            return b""
        if time > place.time:  # the place itself is gone
            self._gone.add(stream)
            self._close(stream)
            return data
        skipped = min(len(data), self._left[stream])
        self._left[stream] -= skipped
        if not self._left[stream]:
            self._close(stream)
        return data[skipped:]

    def _close(self, stream: StreamType) -> None:
        del self._open[stream]
        if not self._open:
            self.found.set()

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Pass on the end of the log."""
        self.found.set()
        self._subscriber.receive_end(connection, error)
