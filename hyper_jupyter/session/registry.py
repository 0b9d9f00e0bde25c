"""Sessions by name.

Layer: session, below its top. Any thread. A session that has ended is held weakly: it lives, with
its transcript, only as long as something else refers to it.
"""

from __future__ import annotations

import threading
import weakref
from typing import Generic, Protocol, TypeVar

from hyper_jupyter.session.rules.state import ENDED, State

__all__ = ["Registered", "Registry"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class Registered(Protocol):
    """What a registry needs of a session."""

    name: str

    @property
    def container(self) -> _Named:
        """What names it."""

    @property
    def state(self) -> State:
        """Where it stands."""


_S = TypeVar("_S", bound=Registered)


class Registry(Generic[_S]):
    """The sessions of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, _S] = {}
        self._named: dict[str, weakref.ref[_S]] = {}  # all of them, oldest first

    def register(self, session: _S) -> str:
        """Give a session its name: its container's, with ``-2`` appended for the second one.

        A session that has ended gives its name up to the next one.
        """
        base = session.container.name
        with self._lock:
            number = 1
            while True:
                name = base if number == 1 else f"{base}-{number}"
                holder = self._find(name)
                if holder is None or holder.state in ENDED:
                    self._named.pop(name, None)
                    self._named[name] = weakref.ref(session)
                    self._held[name] = session
                    session.name = name
                    return name
                number += 1

    def hold_weakly(self, session: _S) -> None:
        """Keep a session that has ended no longer than others do."""
        with self._lock:
            if self._held.get(session.name) is session:
                del self._held[session.name]

    def discard(self, session: _S) -> None:
        """Take a session out of the list."""
        with self._lock:
            if self._find(session.name) is session:
                del self._named[session.name]
                self._held.pop(session.name, None)

    def sessions(self) -> list[_S]:
        """Return all sessions that have a name, oldest first."""
        with self._lock:
            found = [(name, reference()) for name, reference in self._named.items()]
            for name, session in found:
                if session is None:
                    del self._named[name]
            return [session for _, session in found if session is not None]

    def find(self, name: str) -> _S | None:
        """Return the session of that name."""
        with self._lock:
            return self._find(name)

    def _find(self, name: str) -> _S | None:
        reference = self._named.get(name)
        return reference() if reference is not None else None
