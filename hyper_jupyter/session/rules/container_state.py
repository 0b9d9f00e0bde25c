"""What inspect says of a container's life.

Layer: session. No threads; ``inspect_state`` and ``inspect_settled`` block their caller.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import NotFound

__all__ = ["has_ended", "inspect_settled", "inspect_state", "is_unstarted"]

_SETTLE_STEP: Final = 0.05


def inspect_settled(client: EngineClient, c: str) -> dict[str, Any]:
    """Inspect a container that may just have ended, once the engine has cleaned up after it.

    Raises:
        NotFound: no such container.
        ConnectionFailed: the engine is not there, or did not answer in time.
    """
    until = time.monotonic() + client.profile.settles_after
    while True:
        inspected = client.inspect(c)
        status = (inspected.get("State") or {}).get("Status")
        if status not in ("stopped", "stopping") or time.monotonic() > until:
            return inspected
        time.sleep(_SETTLE_STEP)


def inspect_state(client: EngineClient, container_id: str) -> Mapping[str, Any] | None:
    """Inspect's ``State``, ``None`` where the container is gone. Blocks.

    Raises:
        HyperJupyterError: where the engine cannot say.
    """
    try:
        return client.inspect(container_id).get("State") or {}
    except NotFound:
        return None


def is_unstarted(state: Mapping[str, Any]) -> bool:
    """Whether ``State`` is that of a container that has not run yet."""
    return state.get("Status") in ("created", "configured", "initialized")


def has_ended(state: Mapping[str, Any]) -> bool:
    """Whether ``State`` is that of a container whose process is over.

    One that is being restarted is ``Running`` too; its exit code is the last one.
    """
    if state.get("Restarting"):
        return True
    alive = state.get("Running") or state.get("Status") in ("running", "paused")
    return not alive and not is_unstarted(state)
