"""The starts and ends of a container that its engine has kept.

Layer: session, attach. :func:`past_lives` blocks its caller, a worker, for some seconds at most.

Events that nobody was listening to are not lost at once: Docker and the embedded engine keep the
newest 256, Podman keeps all. So what happened while a connection was cut can be asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.client import EngineClient, open_events
from hyper_jupyter.client.records import Event
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.rules.lives.between import LifeEvent

__all__ = ["LEFT", "PastLives", "life_event", "past_lives"]

LEFT: Final = "cleanup"
"""Podman's event for a container that has ended and that it does not start again by itself."""

_MOST: Final = 5.0
"""Seconds after which no more is read."""

_EARLIER: Final = 0.001
"""Seconds before a start from which on events are asked for: its own is to be among them."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PastLives:
    """What an engine has kept.

    Attributes:
        events: starts and ends, in order.
        reaches: whether it has something from before the first end. Engines drop the oldest events
            first, so nothing is missing after that.
        left: when the engine has last left the container as it is, after an end; ``None`` if it has
            not, or does not say so.
    """

    events: Sequence[LifeEvent] = ()
    reaches: bool = False
    left: float | None = None


def life_event(event: Event) -> LifeEvent | None:
    """Return a container's event as a start or an end; ``None`` if it is neither."""
    if event.action not in ("start", "die"):
        return None
    code = event.attributes.get("exitCode", "")
    known = int(code) if code.isascii() and code.isdigit() else None
    return LifeEvent(event.action == "start", event.time, known)


def past_lives(client: EngineClient, container_id: str, since: float | None) -> PastLives:
    """Ask for the starts and ends of a container up to now. Blocks. It raises no engine's error.

    Args:
        client: the engine.
        container_id: the container.
        since: from when on, in seconds since the epoch, by the engine's clock; ``None`` asks
            nothing, as events of long ago prove nothing.
    """
    if since is None:
        return PastLives()
    found: list[LifeEvent] = []
    reaches: bool | None = None
    left: float | None = None
    try:
        now = seconds(client.info().raw.get("SystemTime")) if client.over_network else time.time()
        stream = open_events(
            client,
            since=int((since - _EARLIER) * 1e9),
            until=int((now or time.time()) * 1e9),
            filters={"type": "container", "container": container_id},
        )
        late = runtime().calls.call_later(_MOST, stream.close)
        with stream:
            for event in stream:
                life = life_event(event)
                if reaches is None:
                    reaches = life is None or life.starts
                if life is not None:
                    found.append(life)
                if event.action == LEFT:
                    left = event.time
        late.cancel()
    except HyperJupyterError as error:
        logger.info("! what became of %s meanwhile is not known: %s", container_id[:12], error)
        return PastLives()
    return PastLives(found, bool(reaches), left)
