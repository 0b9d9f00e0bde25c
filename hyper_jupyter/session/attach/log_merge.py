"""Puts a container's log in front of the output of an attachment that was opened before it.

Layer: session, attach. I/O thread, except :attr:`LogReader.done`, which any thread may wait for.

Strategy: the attachment is opened first, so nothing is missed, and its output held back. Then the
log is read by a request of its own. What came in between is in both, and is cut out of the live
output by content (:mod:`hyper_jupyter.session.rules.overlap`).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber
from hyper_jupyter.session.rules.overlap import overlap

__all__ = ["LogMerge", "LogReader"]


class LogReader:
    """Receives a whole log.

    Attributes:
        pieces: what it holds, per stream.
        error: what broke it.
        done: set at its end.
    """

    def __init__(self) -> None:
        self.pieces: dict[StreamType, list[bytes]] = {StreamType.STDOUT: [], StreamType.STDERR: []}
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()

    def receive_output(self, outputs: Sequence[Output]) -> None:
        """Take what one read gave."""
        for stream, data in outputs:
            self.pieces[stream].append(data)

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        self.error = error
        self.done.set()


class LogMerge:
    """Holds live output back until the log before it is here.

    Args:
        subscriber: receives the log, and then the live output.

    Attributes:
        log: the log.
    """

    def __init__(self, subscriber: Subscriber) -> None:
        self.log = LogReader()
        self._subscriber = subscriber
        self._live: list[Output] = []
        self._end: tuple[Connection, HyperJupyterError | None] | None = None

    def receive_output(self, outputs: Sequence[Output]) -> None:
        """Keep live output."""
        self._live += outputs

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Keep the end of the live output."""
        self._end = (connection, error)

    def release(self, connection: Connection) -> None:
        """Hand on the log, then the live output that the log does not hold, then all that comes."""
        for stream, pieces in self.log.pieces.items():
            before = b"".join(pieces)
            live = b"".join(data for kind, data in self._live if kind is stream)
            merged = before + live[overlap(before, live) :]
            if merged:
                self._subscriber.receive_output([Output(stream, merged)])
        # The session first: a connection that nobody uses is closed.
        subscribed = self._end is None and connection.subscribe(self._subscriber)
        connection.unsubscribe(self)
        if not subscribed:
            self._subscriber.receive_end(connection, self._end[1] if self._end else None)
