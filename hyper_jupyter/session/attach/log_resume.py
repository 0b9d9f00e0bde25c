"""Continues a log with times where an earlier reading of it was cut.

Layer: session, attach. I/O thread, except :attr:`LogResume.found`, which any thread may wait for.

A log is one sequence of entries, and every entry has the engine's time. So the place is known: the
time of the last entry that came, and how many bytes with just that time came.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, Times

__all__ = ["LogPlace", "LogResume", "last_place"]


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A place in a log.

    Attributes:
        time: the engine's time of the last entry before it, in seconds since the epoch.
        sizes: how many bytes with that time come before it.
    """

    time: float
    sizes: Mapping[StreamType, int] = field(default_factory=dict)


def last_place(
    before: LogPlace | None, outputs: Sequence[Output], times: Sequence[float | None]
) -> LogPlace | None:
    """Return the place after some entries.

    Args:
        before: the place before them; ``None`` if they are the first ones.
        outputs: their bytes.
        times: their times; ``None`` is that of the one before.
    """
    last = next((time for time in reversed(times) if time is not None), None)
    if last is None:
        last = None if before is None else before.time
    if last is None:
        return before
    sizes: dict[StreamType, int] = {}
    for (stream, data), time in zip(reversed(outputs), reversed(times), strict=True):
        if time is not None and time != last:
            break
        sizes[stream] = sizes.get(stream, 0) + len(data)
    else:
        if before is not None and before.time == last:
            for stream, size in before.sizes.items():
                sizes[stream] = sizes.get(stream, 0) + size
    return LogPlace(last, sizes)


class LogResume:
    """Passes on what a log has after a place.

    Args:
        subscriber: receives it.
        place: where to begin.

    Attributes:
        found: set once it is known whether the log still has the place.
        proven: whether it has.
    """

    def __init__(self, subscriber: Subscriber, place: LogPlace) -> None:
        self.found = threading.Event()
        self.proven = False
        self._subscriber = subscriber
        self._time = place.time
        self._left = dict(place.sizes)

    def receive_output(self, outputs: Sequence[Output], times: Times = None, /) -> None:
        """Pass on what comes after the place."""
        if self.found.is_set() or times is None:
            self._subscriber.receive_output(outputs, times)
            return
        rest: list[Output] = []
        moments: list[float | None] = []
        now = 0.0
        for (stream, piece), time in zip(outputs, times, strict=True):
            data = piece
            now = now if time is None else time
            if not self.found.is_set():
                if now < self._time:
                    continue
                if now > self._time:
                    self.found.set()  # the place itself is gone
                else:
                    skipped = min(len(data), self._left.get(stream, 0))
                    self._left[stream] = self._left.get(stream, 0) - skipped
                    data = data[skipped:]
                    if not any(left > 0 for left in self._left.values()):
                        self.proven = True
                        self.found.set()
                    if not data:
                        continue
            rest.append(Output(stream, data))
            moments.append(time)
        if rest:
            self._subscriber.receive_output(rest, moments)

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Pass on the end of the log."""
        self.found.set()
        self._subscriber.receive_end(connection, error)
