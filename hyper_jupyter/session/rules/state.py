"""The states of a session, and which may follow which.

Layer: session, rules. No I/O, no threads: data.

``connecting`` → ``attached`` → ``exited`` | ``detached`` | ``lost``. Users see ``failed`` only if
something broke after ``attach()`` returned and nothing was ever received.

A state that nothing follows is an end. The name ``reconnecting`` is reserved for a session that
goes on after its connection was cut. It would follow ``attached``, and ``attached`` and all ends
would follow it. It does not exist yet. ``lost`` stays an end.
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
        {State.ATTACHED, State.EXITED, State.DETACHED, State.LOST, State.FAILED}
    ),
    State.ATTACHED: frozenset({State.EXITED, State.DETACHED, State.LOST, State.FAILED}),
    State.EXITED: _AN_END,
    State.DETACHED: _AN_END,
    State.LOST: _AN_END,
    State.FAILED: _AN_END,
}
"""The states that may follow each state. :meth:`Lifecycle.move` allows no other change."""

ENDED: Final = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""The states that a session never leaves."""
