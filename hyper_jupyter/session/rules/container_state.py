"""What inspect's ``State`` says of a container.

Layer: session, rules. No I/O, no threads: pure functions, any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["has_ended", "is_later_run", "is_settling", "is_stopping", "is_unstarted"]


def is_unstarted(state: Mapping[str, Any]) -> bool:
    """Return whether the container has not run yet."""
    return state.get("Status") in ("created", "configured", "initialized")


def is_stopping(state: Mapping[str, Any]) -> bool:
    """Return whether somebody stops the container just now: there is no exit code yet (Podman)."""
    return state.get("Status") == "stopping"


def is_settling(state: Mapping[str, Any]) -> bool:
    """Return whether the container has ended and the engine is still cleaning up after it."""
    return state.get("Status") in ("stopped", "stopping")


def is_later_run(state: Mapping[str, Any], run: str, finished: str = "") -> bool:
    """Return whether inspect is about another run than one that was seen before.

    Args:
        state: inspect's ``State``.
        run: its ``StartedAt`` as it was then; empty if that is not known.
        finished: where it is not: ``FinishedAt`` before that run began. It stays until the run has
            ended, and is in the year 1 before a first run has.
    """
    if is_unstarted(state):
        return False
    if run:
        started = str(state.get("StartedAt") or "")
        return bool(started) and started != run
    return bool(finished) and not has_ended(state) and str(state.get("FinishedAt") or "") > finished


def has_ended(state: Mapping[str, Any]) -> bool:
    """Return whether the container's process has ended.

    A container that is being restarted has ended, although ``Running`` is true; its exit code is
    that of the last run.
    """
    if state.get("Restarting"):
        return True
    alive = state.get("Running") or state.get("Status") in ("running", "paused")
    return not alive and not is_unstarted(state)
