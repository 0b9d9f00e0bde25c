"""Attaching to a container that its engine may call paused by mistake.

Layer: session, attach. Any thread; :func:`unless_paused` blocks its caller.

Docker notes a pause when it has made it, and again when containerd's event of it arrives. If that
is after the container was unpaused, inspect says "paused" and attach answers 409, until the event
of the unpausing has arrived, too. ``docker commit`` pauses a container for a moment as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import Conflict

__all__ = ["unless_paused"]

_STEP: Final = 0.05
"""Seconds between two attempts."""

T = TypeVar("T")


def unless_paused(client: EngineClient, attach: Callable[[], T]) -> T:
    """Call ``attach()``, and again while it finds the container paused and that may be wrong.

    Blocks for as long as the engine's profile allows, and as long as the last call takes.

    Args:
        client: the engine.
        attach: changes nothing where it raises ``Conflict`` for a container that is paused.

    Raises:
        Conflict: the container is paused.
    """
    until = time.monotonic() + client.profile.unpause_lags
    while True:
        try:
            return attach()
        except Conflict as error:
            # The words of our own refusal, and those of Docker's.
            if "is paused" not in error.message or time.monotonic() >= until:
                raise
        time.sleep(_STEP)
