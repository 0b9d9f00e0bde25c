"""Whether a container that has ended is just being started again by its restart policy.

Layer: session, attach. Any thread; :func:`is_between_lives` blocks its caller for some seconds.

Podman has no state for that, and starts a container again within a second of its end. If it leaves
the container at its end instead, an event says so.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.session.attach.past_lives import past_lives
from hyper_jupyter.session.rules.container_state import has_ended, is_later_run
from hyper_jupyter.session.rules.planning import may_return

__all__ = ["is_between_lives"]

_STEP: Final = 0.1
"""Seconds between two inspects."""


def is_between_lives(client: EngineClient, inspected: Mapping[str, Any]) -> bool:
    """Return whether a container is started again now, or has been since it was inspected. Blocks.

    It returns at once where the engine has a state for that, or the policy does not want a start.
    Otherwise the engine's events take a second, and a start is waited for as long as its profile
    allows.

    Args:
        client: the engine.
        inspected: the container.

    Raises:
        NotFound: it is gone since.
        HyperJupyterError: the engine did not answer.
    """
    state = inspected.get("State") or {}
    if client.profile.shows_restarts or not has_ended(state):
        return False
    if not may_return(inspected, client.profile):
        return False
    run, container = str(state.get("StartedAt") or ""), str(inspected.get("Id") or "")
    past = past_lives(client, container, seconds(run) or None)
    if past.left is not None:
        return False
    until = time.monotonic() + client.profile.settles_after
    while True:
        state = client.inspect(container).get("State") or {}
        if not has_ended(state) or is_later_run(state, run):
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(_STEP)
