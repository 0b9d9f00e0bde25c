"""Reads a container's log in order, without times, as far as it is needed to find a place in it.

Layer: session, attach. :func:`read_log_view` blocks its caller, so call it on a worker.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Times
from hyper_jupyter.session.attach.logs.log_request import read_request
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.rules.log.continuation import ALTERED, LogBytes

__all__ = ["LogView", "read_log_view"]

_MOST: Final = 48 * 1024 * 1024
"""Bytes that are kept of a log, the newest ones."""

_MOST_PIECES: Final = 500_000

_MORE: Final = 256 * 1024
"""Bytes that are read after what was looked for: those of the other stream may come later."""


@dataclass(frozen=True, slots=True)
class LogView:
    """The newest part of a log.

    Attributes:
        outputs: its output in order.
        starts: how many bytes of each stream came before that.
        exact: the streams of which no byte may have been altered.
        covers: whether it was read to the end that it had, or as far as was needed.
    """

    outputs: Sequence[Output]
    starts: Mapping[StreamType, int]
    exact: frozenset[StreamType]
    covers: bool

    def of(self, stream: StreamType, *, whole: bool, exact: bool) -> LogBytes:
        """Return the bytes of one stream.

        Args:
            stream: the stream.
            whole: whether the log was asked for from its beginning, and has not lost it.
            exact: whether the engine keeps every byte as it is.
        """
        data = b"".join(data for kind, data in self.outputs if kind is stream)
        start = self.starts[stream]
        return LogBytes(data, start, whole, exact or stream in self.exact)

    def cut(self, places: Mapping[StreamType, tuple[int, int]]) -> list[Output]:
        """Return what is between two places of each stream, in the log's order."""
        found = []
        offsets = dict.fromkeys(self.starts, 0)
        for stream, data in self.outputs:
            at = offsets[stream]
            offsets[stream] = at + len(data)
            begin, end = places.get(stream, (0, 0))
            if at < end and at + len(data) > begin:
                found.append(Output(stream, data[max(0, begin - at) : end - at]))
        return found


class _Reader:
    """Keeps the newest part of a log. I/O thread.

    Args:
        wanted: first bytes of a stream; the reading may end soon after they were found.
    """

    def __init__(self, wanted: tuple[StreamType, bytes] | None) -> None:
        self.outputs: deque[Output] = deque()
        self.starts = {StreamType.STDOUT: 0, StreamType.STDERR: 0}
        self.altered: set[StreamType] = set()
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()
        self.ended = False
        self._wanted = wanted
        self._recent = b""
        self._left = _MORE
        self._size = 0

    def receive_output(self, outputs: Sequence[Output], _times: Times = None, /) -> None:
        """Take the output of one read."""
        if self.done.is_set():
            return
        for output in outputs:
            self.outputs.append(output)
            self._size += len(output.data)
            if output.stream not in self.altered and ALTERED in output.data:
                self.altered.add(output.stream)
        while self._size > _MOST or len(self.outputs) > _MOST_PIECES:
            stream, data = self.outputs.popleft()
            self._size -= len(data)
            self.starts[stream] += len(data)
        if self._wanted is not None:
            self._look_for(*self._wanted, outputs)

    def _look_for(self, wanted: StreamType, begin: bytes, outputs: Sequence[Output]) -> None:
        data = b"".join(data for stream, data in outputs if stream is wanted)
        if self._left == _MORE:
            self._recent += data
            if begin not in self._recent:
                self._recent = self._recent[-len(begin) :]
                return
            self._recent = b""
        self._left -= sum(len(data) for _, data in outputs)
        if self._left < 0:
            self.ended = True
            self.done.set()

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        if not self.done.is_set():
            self.error, self.ended = error, error is None
            self.done.set()


def read_log_view(
    client: EngineClient,
    target: Target,
    deadline: Deadline,
    *,
    tail: int | None = None,
    since: str = "",
    wanted: tuple[StreamType, bytes] | None = None,
) -> LogView:
    """Read a log. Blocks.

    Args:
        client: the engine.
        target: whose log.
        deadline: for all of it.
        tail: how many of the last lines; ``None`` is all.
        since: only what was printed then or later, as the engine writes it.
        wanted: a stream and first bytes of it; the log need not be read much further than to them.

    Raises:
        HyperJupyterError: it cannot be read, or not in time.
    """
    request = target.log_request(follow=False, tail=tail)
    more = {"tail": "all" if tail is None else str(tail)}
    if since:
        more["since"] = since
    request = replace(request, params={**request.params, **more})
    reader = _Reader(wanted)
    read_request(client, request, reader, deadline, "log")
    exact = frozenset(stream for stream in reader.starts if stream not in reader.altered)
    return LogView(tuple(reader.outputs), dict(reader.starts), exact, reader.ended)
