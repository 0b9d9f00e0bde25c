"""The states of a session, and what may follow what.

Layer: session. No threads, no I/O: data that the session keeps to.

``connecting`` → ``attached`` → ``exited`` | ``detached`` | ``lost``; ``failed`` only where
something broke after ``attach()`` returned and nothing was ever received.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

__all__ = ["ENDED", "TRANSITIONS", "Controls", "State"]


class State(enum.StrEnum):
    """Where a session stands."""

    CONNECTING = "connecting"
    """The engine has not answered yet."""
    ATTACHED = "attached"
    """The stream is open; the container runs, or is waited for."""
    EXITED = "exited"
    """The container's process has ended and all its output is here."""
    DETACHED = "detached"
    """We left; the container runs on."""
    LOST = "lost"
    """The connection or the stream broke; ``error`` says how."""
    FAILED = "failed"
    """It broke before anything was received."""


TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.CONNECTING: frozenset(
        {State.ATTACHED, State.EXITED, State.DETACHED, State.LOST, State.FAILED}
    ),
    State.ATTACHED: frozenset({State.EXITED, State.DETACHED, State.LOST, State.FAILED}),
    State.LOST: frozenset({State.ATTACHED, State.EXITED}),
    State.DETACHED: frozenset(),
    State.EXITED: frozenset(),
    State.FAILED: frozenset(),
}

ENDED: Final = frozenset({State.EXITED, State.DETACHED, State.LOST, State.FAILED})


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be done with a session now.

    Attributes:
        stdin: why nothing can be typed; empty where it can.
        eof: why the input cannot be ended; empty where it can.
        detach: why there is nothing to leave; empty where there is.
        signal: why no signal can be sent; empty where one can.
        again: why the container cannot be attached again as it is; empty where it can.
        start: why it cannot be started and attached; empty where it can.
        leave: one line, what happens when the user leaves, and then what has; else empty.
    """

    stdin: str = ""
    eof: str = ""
    detach: str = ""
    signal: str = ""
    again: str = ""
    start: str = ""
    leave: str = ""
