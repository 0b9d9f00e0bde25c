"""The states of a session, and which may follow which.

Layer: session, rules. No I/O, no threads: data.

``connecting`` → ``attached`` → ``exited`` | ``detached`` | ``lost``. Users see ``failed`` only if
something broke after ``attach()`` returned and nothing was ever received. While a session whose
connection was cut looks for a new one it is ``reconnecting``; then it is ``attached`` again, or it
ends.

Nothing follows an end by itself. Only an explicit renewal (:meth:`Lifecycle.renew`) lets a session
that has ended begin again: it is ``connecting`` then.
"""

from __future__ import annotations

import enum
from typing import Final

__all__ = ["ENDED", "TRANSITIONS", "State"]


class State(enum.StrEnum):
    """Where a session stands."""

    CONNECTING = "connecting"
    """The engine has not answered yet."""
    ATTACHED = "attached"
    """The stream is open; the container runs, or the session waits for its start."""
    RECONNECTING = "reconnecting"
    """The connection was cut, and a new one is being opened, again and again if need be; or the
    container has ended, and the session waits for its next start."""
    EXITED = "exited"
    """The container's process has ended, and so has its output."""
    DETACHED = "detached"
    """The session was detached; the container runs on."""
    LOST = "lost"
    """The connection or the stream broke; ``error`` says how."""
    FAILED = "failed"
    """It broke before anything was received; ``error`` says how."""


_AN_END: Final[frozenset[State]] = frozenset()

TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CONNECTING: frozenset(
        {
            State.ATTACHED,
            State.RECONNECTING,
            State.EXITED,
            State.DETACHED,
            State.LOST,
            State.FAILED,
        }
    ),
    State.ATTACHED: frozenset(
        {State.RECONNECTING, State.EXITED, State.DETACHED, State.LOST, State.FAILED}
    ),
    State.RECONNECTING: frozenset(
        {State.ATTACHED, State.EXITED, State.DETACHED, State.LOST, State.FAILED}
    ),
    State.EXITED: _AN_END,
    State.DETACHED: _AN_END,
    State.LOST: _AN_END,
    State.FAILED: _AN_END,
}
"""The states that may follow each state. :meth:`Lifecycle.move` allows no other change."""

ENDED: Final = frozenset({State.EXITED, State.DETACHED, State.LOST, State.FAILED})
"""The states that a session does not leave by itself; a renewal begins again from any of them."""
