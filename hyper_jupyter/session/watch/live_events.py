"""What happens on an engine, until the watch is stopped.

Layer: session, watch. Any thread. Events arrive on the I/O thread.

One request has them all. Where it breaks, the next one asks for what came since the last event, and
leaves out what is there already: times in events are the engine's own, so clocks do not matter.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Event
from hyper_jupyter.client.records.fields import number
from hyper_jupyter.client.resources.events import EVENTS_PATH, EventRequest
from hyper_jupyter.exceptions import ApiError, ConnectionLost, HyperJupyterError
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.watch.json_feed import JsonFeed
from hyper_jupyter.session.watch.watch import OVER, Watch, WatchState

__all__ = ["KEPT", "KEPT_CHARACTERS", "Entry", "LiveEvents"]

KEPT: Final = 1000
"""Events that are kept; of older ones only the number is known."""

KEPT_CHARACTERS: Final = 2 * 1024 * 1024
"""Characters of all their texts. One with many labels may have thousands."""

_ACCEPTED: Final = 1.0
"""Seconds that the engine has to refuse a request. Some say nothing before the first event."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, with its number among all of a watch. It has no ``raw``."""

    number: int
    event: Event
    size: int


class LiveEvents(Watch):
    """Follows what happens on an engine.

    Args:
        client: the engine.
        filters: as the engine takes them: names and lists of values.
        since: nanoseconds since the epoch; ``None`` begins now.
        until: nanoseconds since the epoch, when it ends; ``None`` is never.
    """

    def __init__(
        self,
        client: EngineClient,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> None:
        super().__init__(client)
        self.filters = {name: list(values) for name, values in (filters or {}).items()}
        self.since = since
        self.until = until
        self.revision = 0  # the number of the newest event
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._feed: JsonFeed | None = None
        self._job: Job | None = None
        self._accepted = threading.Event()
        self._resumes_at = 0  # nanoseconds: what is not newer was received before
        # Hashes of the events of the last moment that had some: their texts may be 1 MiB each.
        self._last: deque[int] = deque(maxlen=256)
        self._last_time = 0

    def start(self) -> None:
        """Begin. Blocks until the engine has accepted, or one second has passed.

        Raises:
            HyperJupyterError: the engine cannot be reached, or refuses.
        """
        self._begin()
        self._open()
        self._accepted.wait(self.client.timeout + _ACCEPTED)
        if self._state in (WatchState.FAILED, WatchState.GONE) and self._error is not None:
            error = self._error
            self.stop()
            raise error

    @property
    def dropped(self) -> int:
        """How many events are not kept any more."""
        with self._lock:
            return self.revision - len(self._entries)

    def entries(self, after: int = 0) -> list[Entry]:
        """Return the events that are kept and have a number above ``after``, oldest first."""
        with self._lock:
            count = min(len(self._entries), max(0, self.revision - after))
            return list(self._entries)[len(self._entries) - count :]

    # -- requests -------------------------------------------------------------------------

    def _open(self) -> None:
        with self._lock:
            self._job = None
            if self._state in OVER:
                return
            since = self.since
            self._resumes_at = self._last_time
            if self._last_time:
                # Whole seconds: some engines read a fraction as a float, which has no nanoseconds.
                since = self._last_time // 10**9 * 10**9
            request = EventRequest.of(
                self.client.profile, since=since, until=self.until, filters=self.filters
            )
            feed = self._feed = JsonFeed(
                self.client,
                EVENTS_PATH,
                request.params,
                on_head=self._accept,
                on_value=lambda value: self._receive(feed, request, value),
                on_end=lambda error: self._end(feed, error),
            )
            # An engine that holds back the head has accepted if it says nothing for a while.
            self._job = runtime().calls.call_later(_ACCEPTED, lambda: self._presume(feed))
        feed.open()

    def _accept(self) -> None:
        self._enter(WatchState.LIVE)
        self._accepted.set()

    def _presume(self, feed: JsonFeed) -> None:
        with self._lock:
            self._job = None
            pending = self._feed is feed and feed.sent
        if pending:
            self._accept()

    # -- the I/O thread -------------------------------------------------------------------

    def _receive(self, feed: JsonFeed, request: EventRequest, value: Any) -> None:
        event = request.read(value)
        if event is None:
            return
        text = json.dumps(value)
        time = number(value, "timeNano") or number(value, "time") * 10**9
        with self._lock:
            if self._feed is not feed or self._state in OVER or self._is_known(time, text):
                return
            if time > self._last_time:
                self._last_time = time
                self._last.clear()
            if time == self._last_time:
                self._last.append(hash(text))
            self.revision += 1
            self._entries.append(Entry(self.revision, replace(event, raw={}), len(text)))
            self._size += len(text)
            while len(self._entries) > KEPT or (
                self._size > KEPT_CHARACTERS and len(self._entries) > 1
            ):
                self._size -= self._entries.popleft().size
        self._changed()

    def _is_known(self, time: int, text: str) -> bool:
        """Whether an event was received before the request was made anew."""
        return time < self._resumes_at or (time == self._resumes_at and hash(text) in self._last)

    def _end(self, feed: JsonFeed, error: HyperJupyterError | None) -> None:
        with self._lock:
            if self._feed is not feed or self._state in OVER:
                return
            self._feed = None
            if self._job is not None:
                self._job.cancel()
                self._job = None
        if isinstance(error, ApiError) and (error.status < 500 or error.status == 501):
            self._finish(WatchState.FAILED, error)
        elif error is None and self.until is not None:
            self._finish(WatchState.ENDED)
        else:
            with self._lock:
                if self._state not in OVER:
                    self._job = runtime().calls.call_later(self._next_delay(), self._open)
            lost = ConnectionLost("the engine has ended its list of events")
            self._enter(WatchState.GONE, error or lost)
        self._accepted.set()

    def _end_requests(self) -> None:
        if self._feed is not None:
            self._feed.close()
        if self._job is not None:
            self._job.cancel()
        self._feed = self._job = None
