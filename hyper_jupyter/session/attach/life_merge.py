"""Holds the output of a container's new life back until it is known what was printed before.

Layer: session, attach. The I/O thread delivers; any thread looks at what has come.

A container that its engine starts again cannot be attached before it runs. So its first lines are
in the log only, and have to come first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, Times

__all__ = ["LifeMerge"]


class LifeMerge:
    """Receives for a subscriber that is not ready yet.

    Args:
        subscriber: gets everything in the end.
    """

    def __init__(self, subscriber: Subscriber) -> None:
        self._subscriber = subscriber
        self._lock = threading.Lock()
        self._live: list[Output] = []
        self._ended = False

    def receive_output(self, outputs: Sequence[Output], _times: Times = None, /) -> None:
        """Hold output back."""
        with self._lock:
            self._live += outputs

    def receive_end(self, _: Connection, __: HyperJupyterError | None) -> None:
        """Hold the end back; the connection keeps its error."""
        self._ended = True

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self._ended

    def received(self, most: int) -> Mapping[StreamType, tuple[bytes, int]]:
        """Return the first bytes of each stream that are held, and how many there are in all.

        Args:
            most: bytes of each stream.
        """
        with self._lock:
            live = list(self._live)
        found: dict[StreamType, tuple[bytearray, int]] = {}
        for stream, data in live:
            first, count = found.get(stream, (bytearray(), 0))
            first += data[: max(0, most - len(first))]
            found[stream] = first, count + len(data)
        return {stream: (bytes(first), count) for stream, (first, count) in found.items()}

    def release(self, connection: Connection, before: Callable[[], object]) -> None:
        """Deliver what is held, and leave the connection to the subscriber. I/O thread.

        Args:
            connection: what it receives from.
            before: is called first: delivers what was printed before.
        """
        before()
        with self._lock:
            live, self._live = self._live, []
        if live:
            self._subscriber.receive_output(live)
        # Subscribe it first: a connection without subscribers is closed.
        subscribed = not self._ended and connection.subscribe(self._subscriber)
        connection.unsubscribe(self)
        if not subscribed:
            self._subscriber.receive_end(connection, connection.error)
