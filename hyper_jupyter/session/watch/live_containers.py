"""Which containers there are, until the watch is stopped.

Layer: session, watch. Any thread. Events arrive on the I/O thread; the engine is asked for its list
on the calls worker.

Strategy: the engine's list says it. It is read at the start, and soon after each event that may
change it. Where the engine has no events, it is read when a subclass wants it. If it cannot be
read, the engine is gone, and is asked again later.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from hyper_jupyter.client import Container, EngineClient
from hyper_jupyter.client.resources.events import EVENTS_PATH
from hyper_jupyter.exceptions import ApiError, HyperJupyterError
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.rules.retrying import pause_after
from hyper_jupyter.session.watch.json_feed import JsonFeed
from hyper_jupyter.session.watch.watch import OVER, Watch, WatchState

__all__ = ["LiveContainers"]

_SETTLE: Final = 0.1
"""Seconds after an event until the list is read: events often come several at a time."""

_NEWS: Final = frozenset(
    {"create", "start", "die", "died", "destroy", "remove", "rename", "pause", "unpause", "restart"}
)
"""Actions after which the list may be another one."""

logger = logging.getLogger(__name__)


class LiveContainers(Watch):
    """Follows which containers there are, and calls :meth:`_use` with each list of them.

    Args:
        client: the engine.
        containers: names or ids; without any, all that run are followed, as they come and go.
        all: without names, also those that do not run.
    """

    def __init__(
        self,
        client: EngineClient,
        containers: Sequence[str] = (),
        *,
        all: bool = False,  # noqa: A002 - docker's word
    ) -> None:
        super().__init__(client)
        self.named = tuple(containers)
        self.all = all
        self._ids: tuple[str, ...] = ()
        self._events: JsonFeed | None = None
        self._has_events = True
        self._looking = self._look_again = False
        self._look_job: Job | None = None
        self._events_job: Job | None = None

    def start(self) -> None:
        """Begin. Blocks for the engine's list.

        Raises:
            NotFound: there is no such container; the hint has similar names.
            HyperJupyterError: the engine cannot be reached, or refuses.
        """
        if self.named:
            found = [self.client.inspect(name) for name in self.named]
            self._ids = tuple(dict.fromkeys(str(each["Id"]) for each in found))
        listed = self._list()
        self._begin()
        self._open_events()
        self._use(listed)
        with self._lock:
            self._look_soon()  # what happened before the engine noted our request for events

    def _use(self, listed: Mapping[str, Container]) -> None:
        """Take a list, by id, and enter ``LIVE``. Calls worker; the first one: caller's thread."""
        raise NotImplementedError

    # -- the list: calls worker -----------------------------------------------------------

    def _list(self) -> dict[str, Container]:
        """Ask which containers are followed. Blocks."""
        listed = self.client.containers(all=self.all or bool(self.named))
        if self.named:
            found = {each.id: each for each in listed}
            return {name: found[name] for name in self._ids if name in found}
        return {each.id: each for each in reversed(listed)}  # oldest first: new ones come last

    def _look_soon(self, delay: float = _SETTLE) -> None:
        """Read the list in a moment; once for all that happens until then. The lock is held."""
        if self._look_job is None and self._state not in OVER:
            self._look_job = runtime().calls.call_later(delay, self._look)

    def _look(self) -> None:
        with self._lock:
            self._look_job = None
            if self._looking:
                self._look_again = True
                return
            if self._state in OVER:
                return
            self._looking = True
        try:
            self._use(self._list())
        except HyperJupyterError as error:
            self._lose(error)
        finally:
            with self._lock:
                self._looking = False
                if self._look_again:
                    self._look_again = False
                    self._look_soon()

    def _lose(self, error: HyperJupyterError) -> None:
        """Note that the engine is not there, and ask again later."""
        if isinstance(error, ApiError) and error.status < 500:
            self._finish(WatchState.FAILED, error)
            return
        with self._lock:
            if self._state in OVER:
                return
            delay = self._next_delay()
            self._look_soon(delay)
        self._enter(WatchState.GONE, error)

    # -- events ---------------------------------------------------------------------------

    def _open_events(self) -> None:
        with self._lock:
            self._events_job = None
            if self._state in OVER or self._events is not None:
                return
            feed = self._events = JsonFeed(
                self.client,
                EVENTS_PATH,
                {"filters": '{"type":["container"]}'},
                on_head=self._hear_of_change,
                on_value=self._receive_event,
                on_end=lambda error: self._end_events(feed, error),
            )
        feed.open()

    def _hear_of_change(self) -> None:
        with self._lock:
            self._look_soon()

    def _receive_event(self, event: Any) -> None:
        action = event.get("Action") or event.get("status") if isinstance(event, dict) else None
        if isinstance(action, str) and action in _NEWS:
            self._hear_of_change()

    def _end_events(self, feed: JsonFeed, error: HyperJupyterError | None) -> None:
        with self._lock:
            if self._events is not feed or self._state in OVER:
                return
            self._events = None
            if isinstance(error, ApiError):
                logger.info("! no events, so the list is read again and again: %s", error)
                self._has_events = False
            else:
                self._look_soon()  # it finds out whether the engine is there
                self._events_job = runtime().calls.call_later(pause_after(0), self._open_events)

    # -- the end ----------------------------------------------------------------------------

    def _end_requests(self) -> None:
        if self._events is not None:
            self._events.close()
        for job in (self._look_job, self._events_job):
            if job is not None:
                job.cancel()
        self._events = self._look_job = self._events_job = None
