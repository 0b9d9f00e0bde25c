"""Sessions by name.

Layer: session, directly below ``session``. Any thread. A session that has ended is held weakly: it
lives, with its transcript, only as long as something else references it.
"""

from __future__ import annotations

import threading
import weakref
from collections import deque
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from hyper_jupyter.session.rules.state import ENDED, State

__all__ = ["Registered", "Registry"]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class Registered(Protocol):
    """What a registry needs from a session."""

    name: str

    @property
    def container(self) -> _Named:
        """The container: the session is named after it."""

    @property
    def state(self) -> State:
        """The session's state."""


_S = TypeVar("_S", bound=Registered)


class _Reference(weakref.ref[_S]):
    """Refers weakly to the session of a name."""

    __slots__ = ("name",)
    name: str


class Registry(Generic[_S]):
    """The sessions of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, _S] = {}
        self._named: dict[str, _Reference[_S]] = {}  # all sessions, oldest first
        self._gone: deque[str] = deque()  # names whose sessions are gone; no lock is needed
        self._note_gone = partial(_note_gone, self._gone)

    def register(self, session: _S) -> None:
        """Set the session's name: its container's, with ``-2`` appended for the second session.

        The next session may take the name of a session that has ended.
        """
        base = session.container.name
        with self._lock:
            self._forget_the_gone()
            number = 1
            while True:
                name = base if number == 1 else f"{base}-{number}"
                holder = self._find(name)
                if holder is None or holder.state in ENDED:
                    self._named.pop(name, None)
                    self._named[name] = reference = _Reference(session, self._note_gone)
                    reference.name = name
                    self._held[name] = session
                    session.name = name
                    return
                number += 1

    def hold(self, session: _S) -> None:
        """Hold a session that begins again; it gets a new name if another one has its own now."""
        with self._lock:
            if self._find(session.name) is session:
                self._held[session.name] = session
                return
        self.register(session)

    def hold_weakly(self, session: _S) -> None:
        """Hold a session that has ended weakly from now on."""
        with self._lock:
            if self._held.get(session.name) is session:
                del self._held[session.name]

    def discard(self, session: _S) -> None:
        """Remove a session."""
        with self._lock:
            if self._find(session.name) is session:
                del self._named[session.name]
                self._held.pop(session.name, None)

    def sessions(self) -> list[_S]:
        """Return all registered sessions, oldest first."""
        with self._lock:
            found = [(name, reference()) for name, reference in self._named.items()]
            for name, session in found:
                if session is None:
                    del self._named[name]
            return [session for _, session in found if session is not None]

    def seen(self) -> list[_S]:
        """Return the sessions without waiting for the lock; one that just comes may be missing."""
        found = [reference() for reference in list(self._named.values())]
        return [session for session in found if session is not None]

    def find(self, name: str) -> _S | None:
        """Return the session of that name; ``None`` if there is none."""
        with self._lock:
            return self._find(name)

    def _forget_the_gone(self) -> None:
        """Discard the names of sessions that nothing refers to any more."""
        while self._gone:
            name = self._gone.popleft()
            if self._find(name) is None:
                self._named.pop(name, None)

    def _find(self, name: str) -> _S | None:
        reference = self._named.get(name)
        return reference() if reference is not None else None


def _note_gone(gone: deque[str], reference: _Reference[Any]) -> None:
    """Note that a session is gone: in any thread, whatever locks it holds."""
    gone.append(reference.name)
