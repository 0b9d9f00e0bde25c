"""Events of containers: sent to all listeners, and the latest kept for later ones.

Layer: engine. Event loop only. Source: moby's ``/events``, type ``container``.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Protocol

from hyper_jupyter.engine.containers.filters import Filters

__all__ = ["Event", "Events", "Publish", "matches"]

KEPT: Final = 256
"""Number of past events that ``since`` can ask for, as in moby."""

QUEUED: Final = 4096
"""Number of events that may wait for a slow listener before it is disconnected."""

Event = dict[str, Any]


class Publish(Protocol):
    """Reports an event of one container."""

    def __call__(self, action: str, /, **attributes: str) -> None:
        """Report that `action` happened; `attributes` describe it."""


class Events:
    """Passes events on to listeners."""

    def __init__(self) -> None:
        self._past: deque[Event] = deque(maxlen=KEPT)
        self._queues: set[asyncio.Queue[Event | None]] = set()

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return len(self._queues)

    def publish(
        self, action: str, container_id: str, image: str, attributes: Mapping[str, str]
    ) -> None:
        """Report that `action` happened to a container.

        Args:
            action: ``start``, ``die``, ``exec_start: sh -c …`` and so on.
            container_id: the full id.
            image: its image.
            attributes: describe it; labels, ``name`` and ``image`` are among them.
        """
        now = time.time_ns()
        event: Event = {
            "status": action,
            "id": container_id,
            "from": image,
            "Type": "container",
            "Action": action,
            "Actor": {"ID": container_id, "Attributes": dict(attributes)},
            "scope": "local",
            "time": now // 1_000_000_000,
            "timeNano": now,
        }
        self._past.append(event)
        for queue in list(self._queues):
            if queue.qsize() >= QUEUED:
                self._queues.discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    def past(self, since: int, until: int | None) -> list[Event]:
        """Return the kept events between two times (nanoseconds)."""
        return [
            event
            for event in self._past
            if event["timeNano"] >= since and (until is None or event["timeNano"] <= until)
        ]

    @contextmanager
    def listen(self) -> Iterator[asyncio.Queue[Event | None]]:
        """Give a queue of events from now on; ``None`` in it: it was too slow and missed some."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


def matches(event: Event, filters: Filters) -> bool:
    """Whether an event passes: it has to match one of the values of each key."""
    attributes = event["Actor"]["Attributes"]
    action = event["Action"]
    return (
        filters.accepts("type", event["Type"])
        and filters.accepts("scope", event["scope"])
        and (filters.accepts("event", action) or filters.accepts("event", action.split(":")[0]))
        and filters.accepts("image", event["from"])
        and (
            filters.accepts("container", event["id"])
            or filters.accepts("container", attributes.get("name", ""))
            or any(event["id"].startswith(value) for value in filters.values("container") if value)
        )
        and filters.accepts_labels(attributes)
    )
