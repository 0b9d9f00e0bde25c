"""What a session waits for whose container has ended.

Layer: session, rules. No I/O, no clock, no threads: pure functions, tested as tables; any thread.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from hyper_jupyter.session.rules.lives.between import starts_by_itself
from hyper_jupyter.session.rules.lives.succession import count_of, life_of

__all__ = ["Prospect", "prospect_in", "prospect_of", "prospect_sentence", "prospect_text"]


class Prospect(enum.Enum):
    """Who may start the container again."""

    RESTART = "the engine may: it does, or nobody knows yet"
    START = "a client only"
    GIVEN_UP = "a client only, because the container's restart policy has given up"
    NAME = "nobody, the container is gone: another one may take its name"


_TEXTS = {
    Prospect.RESTART: "waiting for its next start",
    Prospect.START: "waiting for a start by hand",
    Prospect.GIVEN_UP: "its restart policy gave up, waiting for a start by hand",
    Prospect.NAME: "waiting for another container with its name",
}

_SENTENCES = {
    Prospect.RESTART: "Waiting for the container's next start.",
    Prospect.START: (
        "The engine does not start the container again by itself. "
        "If it is started by hand, the session goes on."
    ),
    Prospect.GIVEN_UP: (
        "The container's restart policy has given up: the engine does not start it again. "
        "If it is started by hand, the session goes on."
    ),
    Prospect.NAME: (
        "The container was removed. If another one takes its name, the session goes on."
    ),
}


def prospect_of(policy: Mapping[str, Any], *, code: int | None, count: int) -> Prospect:
    """Return why an engine leaves a container at its end.

    Args:
        policy: its restart policy, as inspect has it.
        code: its exit code; ``None`` if it is not known.
        count: how often the engine has started it by itself since a client did.
    """
    most = policy.get("MaximumRetryCount")
    limit = most if isinstance(most, int) and policy.get("Name") == "on-failure" else 0
    return Prospect.GIVEN_UP if limit and code and count >= limit else Prospect.START


def prospect_in(inspected: Mapping[str, Any], *, shown: bool) -> Prospect:
    """Return what is waited for at the end of a container, as far as inspect says.

    Args:
        inspected: the container, which has ended.
        shown: whether the engine has a state for a container that it starts again.
    """
    policy = (inspected.get("HostConfig") or {}).get("RestartPolicy") or {}
    state = inspected.get("State") or {}
    code, count = life_of(state).exit_code, count_of(inspected)
    again = starts_by_itself(policy, state, code=code, count=count, shown=shown)
    return prospect_of(policy, code=code, count=count) if again is False else Prospect.RESTART


def prospect_text(prospect: Prospect) -> str:
    """Say what is waited for, in a few words that follow how the container has ended."""
    return _TEXTS[prospect]


def prospect_sentence(prospect: Prospect) -> str:
    """Say what is waited for, and why."""
    return _SENTENCES[prospect]
