"""Events of containers: past ones, and those to come.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Final

from hyper_jupyter.engine.containers.events import matches
from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.moments import parse_moment
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Send, Streamed
from hyper_jupyter.engine.http.routes import Answer, Routes

__all__ = ["add_events"]

_FILTERS: Final = (
    "config", "container", "daemon", "event", "image", "label", "network", "node", "plugin",
    "scope", "secret", "service", "type", "volume",
)  # fmt: skip


def add_events(routes: Routes, store: Store) -> None:
    """Add the route."""

    async def listen(request: Request) -> Answer:
        since, until = parse_moment(request, "since"), parse_moment(request, "until")
        filters = Filters.parse(request.text("filters"), _FILTERS)
        events = store.events

        async def produce(send: Send) -> None:
            with events.listen() as queue:
                for past in events.past(since, until) if since is not None else []:
                    if matches(past, filters):
                        await send(json.dumps(past).encode() + b"\n")
                while True:
                    left = None if until is None else (until - time.time_ns()) / 1e9
                    try:
                        async with asyncio.timeout(None if left is None else max(0.0, left)):
                            event = await queue.get()
                    except TimeoutError:
                        return
                    if event is None:
                        return
                    if matches(event, filters):
                        await send(json.dumps(event).encode() + b"\n")

        return Streamed(produce)

    routes.add("GET", "/events", listen)
