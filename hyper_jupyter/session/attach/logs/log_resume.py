"""Continues a log with times where an earlier reading of it was cut.

Layer: session, attach. I/O thread, except :attr:`LogResume.found`, which any thread may wait for.

The entries of one stream are in the order of the engine's times. So the place in it is known: the
time of the last entry that came, and how many bytes with just that time came.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Piece, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, Times

__all__ = ["LogPlace", "LogResume", "last_places"]


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A place in one stream of a log.

    Attributes:
        time: the engine's time of the last entry before it, in seconds since the epoch.
        size: how many bytes with that time come before it.
    """

    time: float
    size: int


Places = Mapping[StreamType, LogPlace]


def last_places(
    before: Places, outputs: Sequence[Piece], times: Sequence[float | None]
) -> dict[StreamType, LogPlace]:
    """Return the places after some entries.

    Args:
        before: the places before them.
        outputs: their bytes.
        times: their times; one without a time does not change the places.
    """
    found: dict[StreamType, LogPlace] = {}
    done: set[StreamType] = set()
    for (stream, data), time in zip(reversed(outputs), reversed(times), strict=True):
        if time is None or stream in done:
            continue
        place = found.get(stream)
        if place is None or place.time == time:
            found[stream] = LogPlace(time, len(data) + (0 if place is None else place.size))
        else:
            done.add(stream)
            if len(done) == 2:
                break
    for stream, place in before.items():
        new = found.get(stream)
        if new is None:
            found[stream] = place
        elif new.time == place.time and stream not in done:
            found[stream] = LogPlace(new.time, new.size + place.size)
    return found


class LogResume:
    """Passes on what a log has after a place in each stream.

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

    def receive_output(self, outputs: Sequence[Piece], times: Times = None, /) -> None:
        """Pass on what comes after the places."""
        if not self._open or times is None:
            self._subscriber.receive_output(outputs, times)
            return
        rest: list[Piece] = []
        moments: list[float | None] = []
        for (stream, data), time in zip(outputs, times, strict=True):
            new = data if time is None else self._after(stream, bytes(data), time)
            if new:
                rest.append((stream, new))
                moments.append(time)
        if rest:
            self._subscriber.receive_output(rest, moments)

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
