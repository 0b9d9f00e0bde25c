"""The states of a session, and what may follow what.

Layer: session, rules. No threads, no I/O: data that the session keeps to.

``connecting`` → ``attached`` → ``exited`` | ``detached`` | ``lost``; ``failed`` only where
something broke after ``attach()`` returned and nothing was ever received.

Every state from which nothing follows is an end. A session that goes on after a cut passes through
a state of its own, ``reconnecting``, which is reserved for that: between ``attached`` on one side
and ``attached`` and all ends on the other. It is not there yet. ``lost`` stays an end.
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
    """The stream is open; the container runs, or its start is waited for."""
    EXITED = "exited"
    """The container's process has ended, and so has its output."""
    DETACHED = "detached"
    """We left; the container runs on."""
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
"""What may follow each state; :meth:`Lifecycle.move` allows nothing else."""

ENDED: Final = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""The states that a session does not leave any more."""
