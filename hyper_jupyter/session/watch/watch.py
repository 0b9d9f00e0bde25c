"""What all watches have in common: a state, subscribers, an end.

Layer: session, watch. Any thread. Subscribers are called on whatever thread brings the news, often
the I/O thread, and must not block.
"""

from __future__ import annotations

import enum
import logging
import threading
import weakref
from collections.abc import Callable
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.rules.retrying import pause_after

__all__ = ["OVER", "Watch", "WatchState", "watches"]

logger = logging.getLogger(__name__)


class WatchState(enum.StrEnum):
    """Where a watch stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    GONE = "gone"
    """The engine is not there, or does not answer. It is asked again and again."""
    STOPPED = "stopped"
    ENDED = "ended"
    """There is no more to come: the time that was asked for has passed."""
    FAILED = "failed"
    """The engine refuses, so it is not asked again."""


OVER: Final = frozenset({WatchState.STOPPED, WatchState.ENDED, WatchState.FAILED})


class Watch:
    """Follows what an engine reports, until it is stopped.

    Args:
        client: the engine.
    """

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self._lock = threading.RLock()
        self._state = WatchState.CONNECTING
        self._error: HyperJupyterError | None = None
        self._failures = 0
        self._subscribers: dict[object, Callable[[], None]] = {}

    @property
    def state(self) -> WatchState:
        """Where it stands."""
        return self._state

    @property
    def error(self) -> HyperJupyterError | None:
        """Why the engine is gone, or refuses."""
        return self._error

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change. It must return immediately.

        Returns:
            A function that ends the subscription.
        """
        key = object()
        with self._lock:
            self._subscribers[key] = wake

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return unsubscribe

    def stop(self) -> None:
        """End all requests. What was received stays. A second call does nothing."""
        self._finish(WatchState.STOPPED)

    # -- for those that watch -----------------------------------------------------------

    def _begin(self) -> None:
        with _lock:
            _watches.add(self)

    def _end_requests(self) -> None:
        """End what is open and what is scheduled. The lock is held."""
        raise NotImplementedError

    def _finish(self, state: WatchState, error: HyperJupyterError | None = None) -> None:
        with self._lock:
            if self._state in OVER:
                return
            self._state, self._error = state, error
            self._end_requests()
        with _lock:
            _watches.discard(self)
        self._changed()

    def _enter(self, state: WatchState, error: HyperJupyterError | None = None) -> bool:
        """Enter a state that more may follow; return ``False`` if the watch is over already."""
        with self._lock:
            if self._state in OVER:
                return False
            # Compare texts: each attempt to reach an engine makes a new error of the same kind.
            changed = self._state is not state or str(self._error) != str(error)
            self._state, self._error = state, error
            if state is WatchState.LIVE:
                self._failures = 0
        if changed:
            self._changed()
        return True

    def _next_delay(self) -> float:
        """Return the seconds until the engine is asked again. The lock is held."""
        delay = pause_after(self._failures)
        self._failures += 1
        return delay

    def _changed(self) -> None:
        with self._lock:
            subscribers = list(self._subscribers.values())
        for wake in subscribers:
            try:
                wake()
            except Exception:  # a user's function must not keep a watch from its next request
                logger.exception("! a function that was subscribed failed")


_lock = threading.Lock()
_watches: weakref.WeakSet[Watch] = weakref.WeakSet()


def watches() -> list[Watch]:
    """Return the watches that are not over."""
    with _lock:
        return list(_watches)
