"""Whether the container of one session is paused, as long as a view shows the session.

Layer: session, lifecycle. Any thread; changes are reported on the I/O thread or the calls worker.
"""

from __future__ import annotations

from collections.abc import Callable

from hyper_jupyter.client import EngineClient
from hyper_jupyter.session.attach.event_watch import watch_pauses
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle

__all__ = ["Pauses"]


class Pauses:
    """Follows the container as long as somebody uses that, until :meth:`end`.

    Args:
        client: the engine.
        target: what the session is attached to.
        lifecycle: is notified of each change.

    Attributes:
        paused: whether the container is paused, as far as the engine has said.
    """

    __slots__ = (
        "_client",
        "_ended",
        "_lifecycle",
        "_lock",
        "_remove",
        "_target",
        "_users",
        "paused",
    )

    def __init__(self, client: EngineClient, target: Target, lifecycle: Lifecycle) -> None:
        self.paused = False
        self._client = client
        self._target = target
        self._lifecycle = lifecycle
        self._lock = lifecycle.lock
        self._remove: Callable[[], None] | None = None
        self._users: tuple[object, ...] = ()
        self._ended = False

    def begin(self) -> Callable[[], None]:
        """Follow it for one more user.

        Returns:
            A function that ends this; after the last one it is followed no longer.
        """
        user = object()
        with self._lock:
            self._users = (*self._users, user)
            if self._remove is None and not self._ended:
                self._remove = watch_pauses(self._client, self._target, self._change)
        return lambda: self._leave(user)

    def _leave(self, user: object) -> None:
        with self._lock:
            self._users = tuple(each for each in self._users if each is not user)
            if self._users:
                return
            remove, self._remove = self._remove, None
            self.paused = False
        if remove is not None:
            remove()

    def end(self) -> None:
        """Stop for good: the session has ended."""
        with self._lock:
            self._ended = True
            remove, self._remove = self._remove, None
            self.paused = False
        if remove is not None:
            remove()

    def _change(self, paused: bool) -> None:
        with self._lock:
            if self._remove is None or paused == self.paused:
                return
            self.paused = paused
        self._lifecycle.notify()
