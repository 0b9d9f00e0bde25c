"""What containers use, until the watch is stopped.

Layer: session, watch. Any thread. Readings arrive on the I/O thread; the rows follow the engine's
list on the calls worker.

Strategy, as docker's command: one request per container that runs, whose answer has a reading each
second. Engines whose answer does not have that (the profile says so) are asked for each. Which
containers those are is in the engine's list. It is also read after a request has ended, and every
few seconds where the engine has no events.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import Container, EngineClient
from hyper_jupyter.client.records import Stats
from hyper_jupyter.client.resources.requests import container_path
from hyper_jupyter.exceptions import ApiError, HyperJupyterError, NotFound
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.rules.retrying import pause_after
from hyper_jupyter.session.watch.json_feed import JsonFeed
from hyper_jupyter.session.watch.live_containers import LiveContainers
from hyper_jupyter.session.watch.watch import OVER, WatchState

__all__ = ["KEPT", "MOST", "LiveStats", "Reading", "Row"]

KEPT: Final = 120
"""Readings of each container that are kept: two minutes."""

MOST: Final = 100
"""Containers that are watched at once. Each one costs a connection."""

_CHECK: Final = 5.0
"""Seconds between two looks at whether readings come. Where there are no events, the list is read
as often."""

_INTERVAL: Final = 1.0
"""Seconds between two readings, where each has to be asked for."""

_SILENCE: Final = 15.0
"""Seconds without a reading after which a request is made anew."""

_RUNNING: Final = ("running", "paused", "")
"""States of containers that have readings."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading, with its number among all of a watch. Its ``stats`` have no ``raw``."""

    number: int
    stats: Stats


@dataclass(slots=True)
class Row:
    """One container.

    Attributes:
        id: the container's.
        name: the container's.
        state: in the engine's words, such as ``running``; ``removed`` for one that is gone.
        problem: why there are no readings though it runs; empty if there are.
        readings: the newest ones, oldest first.
    """

    id: str
    name: str
    state: str = ""
    problem: str = ""
    readings: deque[Reading] = field(default_factory=lambda: deque(maxlen=KEPT))
    before: Stats | None = None
    feed: JsonFeed | None = None
    failures: int = 0
    retry: Job | None = None

    @property
    def running(self) -> bool:
        """Whether the engine has readings of it."""
        return self.state in _RUNNING

    @property
    def latest(self) -> Stats | None:
        """The newest reading; ``None`` before the first, and of one that does not run."""
        return self.readings[-1].stats if self.readings and self.running else None

    def copy(self) -> Row:
        """Return it as it is now, for another thread."""
        readings = deque(self.readings, maxlen=KEPT)
        return Row(self.id, self.name, self.state, self.problem, readings)


def is_complete(row: Row) -> bool:
    """Whether there is a reading with all figures. A first one has no percentage."""
    return row.latest is not None and row.latest.cpu_percent is not None


class LiveStats(LiveContainers):
    """Follows what containers use.

    Args:
        client: the engine.
        containers: names or ids; without any, all that run are followed, as they come and go.
        all: without names, also those that do not run.
        once: one complete reading of each is enough.

    Attributes:
        left_out: how many containers are not followed, because there are too many.
        revision: counts readings and changes of the list.
    """

    def __init__(
        self,
        client: EngineClient,
        containers: Sequence[str] = (),
        *,
        all: bool = False,  # noqa: A002 - docker's word
        once: bool = False,
    ) -> None:
        super().__init__(client, containers, all=all)
        self.once = once
        self._single = once or not client.profile.stats_are_streamed  # each reading is asked for
        self.left_out = 0
        self.revision = 0
        self._rows: dict[str, Row] = {}
        self._check_job: Job | None = None

    def start(self) -> None:
        """Begin, as the base class does; then see now and then whether readings come."""
        super().start()
        with self._lock:
            if self._state not in OVER:
                self._check_job = runtime().calls.call_later(_CHECK, self._check)

    def rows(self) -> list[Row]:
        """Return copies of all rows, in the order in which the containers came."""
        with self._lock:
            return [row.copy() for row in self._rows.values()]

    def latest(self) -> list[Stats]:
        """Return the newest reading of each container that runs."""
        with self._lock:
            return [row.latest for row in self._rows.values() if row.latest is not None]

    def history(self, container: str) -> list[Stats]:
        """Return the readings of a container that are kept, oldest first.

        Args:
            container: its name, or the beginning of its id.

        Raises:
            KeyError: it is not followed.
        """
        with self._lock:
            for row in self._rows.values():
                if row.name == container or (container and row.id.startswith(container)):
                    return [each.stats for each in row.readings]
        raise KeyError(container)

    @property
    def complete(self) -> bool:
        """Whether each container that runs has a reading with all its figures, or cannot have."""
        with self._lock:
            return all(
                not row.running or bool(row.problem) or is_complete(row)
                for row in self._rows.values()
            )

    # -- rows: calls worker -----------------------------------------------------------------

    def _use(self, listed: Mapping[str, Container]) -> None:
        """Bring the rows up to date with the engine's list."""
        opened: list[JsonFeed] = []
        closed: list[JsonFeed] = []
        with self._lock:
            if self._state in OVER:
                return
            changed = self._keep_rows(listed, closed)
            for row in self._rows.values():
                done = self.once and is_complete(row)
                if row.running and row.feed is None and row.retry is None and not done:
                    row.feed = self._feed(row)
                    opened.append(row.feed)
                elif not row.running and row.feed is not None:
                    closed.append(row.feed)
                    row.feed = None
        for feed in closed:
            feed.close()
        for feed in opened:
            feed.open()
        if not self._enter(WatchState.LIVE):
            return
        if changed:
            self._changed()

    def _keep_rows(self, listed: Mapping[str, Container], closed: list[JsonFeed]) -> bool:
        """Add, remove and rename rows; returns whether there is anything new. Lock held."""
        before = [(row.id, row.name, row.state) for row in self._rows.values()], self.left_out
        for identifier in [each for each in self._rows if each not in listed]:
            row = self._rows[identifier]
            if self.named:
                row.state = "removed"
            else:
                del self._rows[identifier]
                if row.feed is not None:
                    closed.append(row.feed)
                if row.retry is not None:
                    row.retry.cancel()
        self.left_out = 0
        for identifier, container in listed.items():
            found = self._rows.get(identifier)
            if found is None:
                if len(self._rows) >= MOST:
                    self.left_out += 1
                    continue
                found = self._rows[identifier] = Row(identifier, container.name)
            found.name, found.state = container.name, container.state
        after = [(row.id, row.name, row.state) for row in self._rows.values()], self.left_out
        if before != after:
            self.revision += 1
        return before != after

    def _check(self) -> None:
        """See whether readings come, every few seconds. Calls worker."""
        now = time.monotonic()
        with self._lock:
            self._check_job = None
            if self._state in OVER:
                return
            silent = [
                row
                for row in self._rows.values()
                if row.feed is not None and now - row.feed.heard_at > _SILENCE
            ]
            feeds = [row.feed for row in silent]
            for row in silent:
                row.feed, row.before = None, None
            if silent or not self._has_events:
                self._look_soon(0.0)
            self._check_job = runtime().calls.call_later(_CHECK, self._check)
        for feed in feeds:
            if feed is not None:
                feed.close()

    # -- readings: I/O thread ---------------------------------------------------------------

    def _feed(self, row: Row) -> JsonFeed:
        feed = JsonFeed(
            self.client,
            container_path(row.id, "/stats"),
            {"stream": "0" if self._single else "1"},
            on_value=lambda value: self._receive(row, feed, value),
            on_end=lambda error: self._end_feed(row, feed, error),
        )
        return feed

    def _receive(self, row: Row, feed: JsonFeed, value: Any) -> None:
        stats = Stats.from_answer(value, row.before)
        with self._lock:
            if row.feed is not feed or self._state in OVER:
                return
            row.before = stats
            if stats is None:
                return  # it does not run, as an event says too
            self.revision += 1
            row.failures, row.problem = 0, ""
            # Without the engine's own object, which is large. ``before`` has the last one.
            kept = replace(stats, id=row.id, name=row.name, raw={})
            row.readings.append(Reading(self.revision, kept))
        self._changed()

    def _end_feed(self, row: Row, feed: JsonFeed, error: HyperJupyterError | None) -> None:
        with self._lock:
            if row.feed is not feed or self._state in OVER:
                return
            row.feed = None
            if self._single and error is None:
                if not (self.once and is_complete(row)):
                    row.retry = runtime().calls.call_later(_INTERVAL, partial(self._ask, row))
                return
            row.before = None
            delay = pause_after(row.failures)
            row.failures += 1
            refused = isinstance(error, ApiError) and not isinstance(error, NotFound)
            if refused or row.failures > 1:
                row.problem = str(error or "the engine ends its readings")
                self.revision += 1
            # Where it does not run any more, the list says so, and nothing is asked again.
            row.retry = runtime().calls.call_later(delay, partial(self._retry, row))
            self._look_soon()
        self._changed()

    def _ask(self, row: Row) -> None:
        """Ask for the next reading of a container, where each has to be asked for."""
        with self._lock:
            row.retry = None
            if self._state in OVER or row.feed is not None or not row.running:
                return
            feed = row.feed = self._feed(row)
        feed.open()

    def _retry(self, row: Row) -> None:
        with self._lock:
            row.retry = None
            self._look_soon(0.0)

    # -- the end ----------------------------------------------------------------------------

    def _end_requests(self) -> None:
        for row in self._rows.values():
            if row.feed is not None:
                row.feed.close()
            if row.retry is not None:
                row.retry.cancel()
            row.feed = row.retry = row.before = None
        if self._check_job is not None:
            self._check_job.cancel()
        self._check_job = None
        super()._end_requests()
