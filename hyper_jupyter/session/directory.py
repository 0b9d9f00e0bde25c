"""The sessions of this process, by name.

Layer: session. Any thread.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hyper_jupyter.session.state import ENDED

if TYPE_CHECKING:
    from hyper_jupyter.session.session import Session

__all__ = ["find", "forget", "register", "sessions"]

_lock = threading.Lock()
_sessions: dict[str, Session] = {}


def register(session: Session) -> str:
    """Give a session its name: its container's, with ``-2`` appended for the second one.

    A session that has ended gives its name up to the next one.
    """
    base = session.container.name
    with _lock:
        number = 1
        while True:
            name = base if number == 1 else f"{base}-{number}"
            holder = _sessions.get(name)
            if holder is None or holder.state in ENDED:
                _sessions.pop(name, None)
                _sessions[name] = session
                session.name = name  # before anybody can list it
                return name
            number += 1


def forget(session: Session) -> None:
    """Take it out of the list."""
    with _lock:
        if _sessions.get(session.name) is session:
            del _sessions[session.name]


def sessions() -> list[Session]:
    """All that have a name, oldest first."""
    with _lock:
        return list(_sessions.values())


def find(name: str) -> Session | None:
    """The session of that name."""
    with _lock:
        return _sessions.get(name)
