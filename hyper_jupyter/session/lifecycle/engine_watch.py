"""Whether the embedded engine has ended since a session has, and the container with it.

Layer: session, lifecycle. Any thread; later looks are on the calls worker.

The streams of an attached session end with the engine. After that nothing says so: it is looked for
when somebody asks, and from time to time while a view shows a session that was detached. Other
engines are no processes of ours.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.session.attach.target import Target, engine_end
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.state import State

__all__ = ["EngineWatch"]

_PERIOD: Final = 5.0
"""Seconds between two looks."""


class EngineWatch:
    """Looks after the engine of one session that is over.

    Args:
        client: the engine.
        target: what the session was attached to.
        lifecycle: the session's state.
    """

    __slots__ = ("__weakref__", "_client", "_lifecycle", "_lock", "_scheduled", "_target", "_users")

    def __init__(self, client: EngineClient, target: Target, lifecycle: Lifecycle) -> None:
        self._client = client
        self._target = target
        self._lifecycle = lifecycle
        self._lock = lifecycle.lock
        self._users: tuple[object, ...] = ()
        self._scheduled = False

    @property
    def ended(self) -> bool:
        """Whether the session is over, and its engine has ended while the kernel goes on."""
        error = engine_end(self._target) if self._lifecycle.ended else None
        return error is not None and not error.kernel_ended

    def begin(self) -> Callable[[], None]:
        """Notify the session's subscribers, from now on, if it was detached and the engine ends.

        Returns:
            A function that ends this.
        """
        user = object()
        with self._lock:
            self._users = (*self._users, user)
        self.look_later()
        return partial(self._leave, user)

    def _leave(self, user: object) -> None:
        with self._lock:
            self._users = tuple(each for each in self._users if each is not user)

    def look_later(self) -> None:
        """Look in some seconds, if the session was detached and somebody wants to know."""
        detached = self._lifecycle.state is State.DETACHED
        with self._lock:
            if self._client.instance is None or not (detached and self._users) or self._scheduled:
                return
            self._scheduled = True
        runtime().calls.call_later(_PERIOD, partial(_look, weakref.ref(self)))

    def _look(self) -> None:
        with self._lock:
            self._scheduled = False
        if self.ended:
            self._lifecycle.notify()
        else:
            self.look_later()


def _look(watch: weakref.ref[EngineWatch]) -> None:
    """Look, unless nothing refers to the session any more. Calls worker."""
    if (found := watch()) is not None:
        found._look()
