"""Reads the last lines of a container's log, and keeps the end of each stream.

Layer: session, attach. :func:`read_log_end` blocks its caller, so call it on a worker.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Times
from hyper_jupyter.session.attach.logs.log_request import read_log
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.rules.log.completeness import KEPT, Ends

__all__ = ["read_log_end"]

_LINES: Final = 200
"""Lines that are requested: a program's last words, and not a whole log."""

_MOST: Final = 16 * 1024 * 1024
"""Bytes that are read at most: lines may be long."""


class _EndReader:
    """Receives a log, and keeps the end of each stream."""

    def __init__(self, streams: Iterable[StreamType]) -> None:
        self.data = {stream: bytearray() for stream in streams}
        self.sizes = dict.fromkeys(self.data, 0)
        self.lines = 0
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()

    def receive_output(self, outputs: Sequence[Output], _times: Times = None, /) -> None:
        """Take the output of one read."""
        for stream, piece in outputs:
            if stream in self.data:
                kept = self.data[stream]
                kept += piece
                del kept[: max(0, len(kept) - KEPT)]
                self.sizes[stream] += len(piece)
                self.lines += piece.count(b"\n")
        if sum(self.sizes.values()) > _MOST:
            self.error = ConnectionFailed("the last lines of the log are too long to be read")
            self.done.set()

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        self.error = self.error or error
        self.done.set()


def read_log_end(
    client: EngineClient, target: Target, streams: Iterable[StreamType], deadline: Deadline
) -> Mapping[StreamType, Ends]:
    """Read the last 200 lines of a log. Blocks.

    Args:
        client: the engine.
        target: whose log.
        streams: what to return.
        deadline: for all of it.

    Returns:
        The end of each stream. It is ``whole`` if there were fewer lines.

    Raises:
        HyperJupyterError: the log cannot be read, or not in time, or its lines are too long.
    """
    reader = _EndReader(streams)
    read_log(client, target, reader, deadline, tail=_LINES)
    unfinished = sum(not data.endswith(b"\n") for data in reader.data.values() if data)
    whole = reader.lines + unfinished < _LINES
    return {
        stream: Ends(bytes(data), reader.sizes[stream], whole)
        for stream, data in reader.data.items()
    }
