"""The sessions of this process, by name.

Layer: session. Any thread. One that has ended is held weakly: whoever still shows or uses it
keeps it, and nobody else has to keep its transcript.
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from hyper_jupyter.session.rules.state import ENDED

if TYPE_CHECKING:
    from hyper_jupyter.session.session import Session

__all__ = ["find", "forget", "register", "sessions"]

_lock = threading.Lock()
_held: dict[str, Session] = {}
_named: dict[str, weakref.ref[Session]] = {}  # all of them, oldest first


def register(session: Session) -> str:
    """Give a session its name: its container's, with ``-2`` appended for the second one.

    A session that has ended gives its name up to the next one.
    """
    base = session.container.name
    with _lock:
        number = 1
        while True:
            name = base if number == 1 else f"{base}-{number}"
            holder = _find(name)
            if holder is None or holder.state in ENDED:
                _named.pop(name, None)
                _named[name] = weakref.ref(session)
                _held[name] = session
                session.name = name
                return name
            number += 1


def let_go(session: Session) -> None:
    """It has ended: do not keep it any longer than others do."""
    with _lock:
        if _held.get(session.name) is session:
            del _held[session.name]


def forget(session: Session) -> None:
    """Take it out of the list."""
    with _lock:
        if _find(session.name) is session:
            del _named[session.name]
            _held.pop(session.name, None)


def sessions() -> list[Session]:
    """All that have a name, oldest first."""
    with _lock:
        found = [(name, reference()) for name, reference in _named.items()]
        for name, session in found:
            if session is None:
                del _named[name]
        return [session for _, session in found if session is not None]


def find(name: str) -> Session | None:
    """The session of that name."""
    with _lock:
        return _find(name)


def _find(name: str) -> Session | None:
    reference = _named.get(name)
    return reference() if reference is not None else None
