"""Reads the last lines of a container's log with the engine's times, for a session's history.

Layer: session, attach. :func:`read_history_log` blocks its caller.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import Output
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.attach.connection import Connection, Times
from hyper_jupyter.session.attach.logs.log_request import read_request
from hyper_jupyter.session.attach.target import Stamps, Target
from hyper_jupyter.session.rules.plan import Plan

__all__ = ["HistoryLog", "read_history_log"]

_MOST: Final = 16 * 1024 * 1024
"""Bytes that are kept of a log."""

_MOST_LINES: Final = 500_000
"""Lines that are kept of a log, or parts of lines. Each costs more than 100 bytes besides its own,
so a log of empty lines would take gigabytes."""


@dataclass(frozen=True, slots=True)
class HistoryLog:
    """The end of a log.

    Attributes:
        entries: its output in order; each of one line, or a part of one.
        whole: whether nothing is missing at its beginning.
        covers: whether it was read to the end that it had when it was requested.
    """

    entries: Sequence[TimedOutput]
    whole: bool
    covers: bool


class _Reader:
    """Receives a log until enough is there. I/O thread.

    Args:
        newest: keep the newest bytes; otherwise the oldest ones, and stop when they are enough.
        stop_after: a time of the engine; a line that was printed later ends the reading.
    """

    def __init__(self, *, newest: bool, stop_after: float | None) -> None:
        self.entries: deque[TimedOutput] = deque()
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()
        self.ended = False
        self.late = False
        self.dropped = False
        self._lock = threading.Lock()  # for a reading that did not end in time
        self._newest = newest
        self._stop_after = stop_after
        self._size = 0

    def receive_output(self, outputs: Sequence[Output], times: Times = None, /) -> None:
        """Take the output of one read."""
        with self._lock:
            if not self.done.is_set():
                self._keep(outputs, times)

    def close(self) -> list[TimedOutput]:
        """Return what was kept; nothing is added any more. Any thread."""
        with self._lock:
            self.done.set()
            return list(self.entries)

    def _keep(self, outputs: Sequence[Output], times: Times) -> None:
        moments = times if times is not None else [None] * len(outputs)
        for (stream, data), moment in zip(outputs, moments, strict=True):
            self.entries.append(TimedOutput(stream, data, moment))
            self._size += len(data)
            if moment is not None and self._stop_after is not None and moment > self._stop_after:
                self.late = True
        while self._newest and self._is_full():
            self._size -= len(self.entries.popleft().data)
            self.dropped = True
        if self.late or self._is_full():
            self.done.set()

    def _is_full(self) -> bool:
        return self._size > _MOST or len(self.entries) > _MOST_LINES

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the log."""
        if not self.done.is_set():
            self.error, self.ended = error, error is None
            self.done.set()


def read_history_log(
    client: EngineClient,
    target: Target,
    plan: Plan,
    deadline: Deadline,
    *,
    tail: int | None,
    since: float | None = None,
    stop_after: float | None = None,
) -> HistoryLog:
    """Read the last lines of a log. Blocks.

    Args:
        client: the engine.
        target: whose log.
        plan: the session's plan.
        deadline: for all of it. If it passes, what has come by then is returned.
        tail: how many lines; ``None`` is all. The newest 16 MiB are kept, at most 500,000 lines.
        since: only what was printed then or later: seconds since the epoch, by the engine's clock.
        stop_after: seconds since the epoch, by the engine's clock. What was printed later is not
            needed: a program that prints fast may keep an engine from ever reaching the log's end.

    Raises:
        HyperJupyterError: the log cannot be read.
    """
    request = target.log_request(follow=False, tail=tail)
    stamps = Stamps(plan.profile.log_entries, keep=False)
    wanted = {"timestamps": "1", "tail": "all" if tail is None else str(tail)}
    if since is not None:
        wanted["since"] = plan.profile.log_moment("since", max(0, int(since * 1e9)))
    request = replace(request, params={**request.params, **wanted}, stamps=stamps)
    reader = _Reader(newest=tail is None, stop_after=stop_after)
    try:
        read_request(client, request, reader, deadline, "end of the log")
    except ConnectionFailed:
        if not reader.entries:
            raise
    entries = reader.close()
    finished = sum(entry.data.endswith(b"\n") for entry in entries)
    last = {entry.stream: entry.data.endswith(b"\n") for entry in entries}
    lines = finished + sum(not ends for ends in last.values())
    whole = not reader.dropped and (tail is None or lines < tail)
    return HistoryLog(entries, whole, reader.ended or reader.late)
