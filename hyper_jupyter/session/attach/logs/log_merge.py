"""Puts a container's log in front of live output.

Layer: session, attach. I/O thread, except :attr:`LogReader.done`, which any thread may wait for.

Strategy: open the attachment first, so that nothing is missed, and hold its output back. Then read
the log with a request of its own. Output printed in between is in both; compare the bytes and cut
it out of the live output (:mod:`hyper_jupyter.session.rules.log.overlap`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, Times
from hyper_jupyter.session.rules.log.overlap import overlap

__all__ = ["LogMerge", "LogReader"]


class LogReader:
    """Receives a whole log.

    Attributes:
        pieces: the log's content, per stream.
        error: the error that ended it; ``None`` if its end was orderly.
        done: set at its end.
    """

    def __init__(self) -> None:
        self.pieces: dict[StreamType, list[bytes]] = {StreamType.STDOUT: [], StreamType.STDERR: []}
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()

    def receive_output(self, outputs: Sequence[Output], _times: Times = None, /) -> None:
        """Take the output of one read."""
        for stream, data in outputs:
            self.pieces[stream].append(data)

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        self.error = error
        self.done.set()


class LogMerge:
    """Holds live output back until the log has been read.

    Args:
        subscriber: receives the log, and then the live output.

    Attributes:
        log: the log.
    """

    def __init__(self, subscriber: Subscriber) -> None:
        self.log = LogReader()
        self._subscriber = subscriber
        self._live: list[Output] = []
        self._ended = False

    def receive_output(self, outputs: Sequence[Output], _times: Times = None, /) -> None:
        """Hold live output back."""
        self._live += outputs

    def receive_end(self, _: Connection, __: HyperJupyterError | None) -> None:
        """Hold the end of the live output back; the connection keeps its error."""
        self._ended = True

    def release(self, connection: Connection) -> None:
        """Deliver the log, then the live output that is not in it, then everything that comes."""
        for stream, pieces in self.log.pieces.items():
            before = b"".join(pieces)
            live = b"".join(data for kind, data in self._live if kind is stream)
            merged = before + live[overlap(before, live) :]
            if merged:
                self._subscriber.receive_output([Output(stream, merged)])
        # Subscribe the session first: a connection without subscribers is closed.
        subscribed = not self._ended and connection.subscribe(self._subscriber)
        connection.unsubscribe(self)
        if not subscribed:
            self._subscriber.receive_end(connection, connection.error)

    def leave(self, connection: Connection) -> None:
        """Deliver nothing more from a connection."""
        connection.unsubscribe(self)
        connection.unsubscribe(self._subscriber)
