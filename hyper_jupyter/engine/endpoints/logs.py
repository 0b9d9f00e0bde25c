"""The log of a container: whole, in part, or followed.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import time

from hyper_jupyter.engine.containers.attachment import FRAME_SIZE
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.moments import parse_moment
from hyper_jupyter.engine.endpoints.streams import content_type, requested_streams
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Send, Streamed
from hyper_jupyter.engine.http.routes import Answer, Routes
from hyper_jupyter.engine.program.lines import Lines
from hyper_jupyter.engine.program.piece import LogGap
from hyper_jupyter.exceptions import ApiError

__all__ = ["add_logs"]


def add_logs(routes: Routes, store: Store) -> None:
    """Add the route."""

    async def logs(request: Request, reference: str) -> Answer:
        streams = requested_streams(request)
        if not streams:
            raise ApiError(400, "Bad parameters: you must choose at least one stream")
        since, until = parse_moment(request, "since"), parse_moment(request, "until")
        container = store.find(reference)
        if container.spec.host.log_driver == "none":
            raise ApiError(500, "configured logging driver does not support reading")
        framed = not container.spec.tty
        reader = _LogReader(
            container,
            streams,
            Lines(
                framed=framed,
                timestamps=request.flag("timestamps"),
                details=request.flag("details"),
            ),
            follow=request.flag("follow"),
            tail=_parse_tail(request.text("tail")),
            since=since,
            until=until,
        )
        return Streamed(reader.produce, content_type(request, framed=framed))

    routes.add("GET", "/containers/{}/logs", logs)


def _parse_tail(text: str) -> int | None:
    # moby takes all that is not a number as "all".
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class _LogReader:
    """Reads a log for one client of ``/logs``."""

    def __init__(
        self,
        container: Container,
        streams: frozenset[int],
        lines: Lines,
        *,
        follow: bool,
        tail: int | None,
        since: int | None,
        until: int | None,
    ) -> None:
        self._container = container
        self._streams = streams
        self._lines = lines
        self._follow = follow
        self._tail = tail
        self._since = since
        self._until = until

    async def produce(self, send: Send) -> None:
        log = self._container.log
        log.retain()
        try:
            await self._copy(send)
        finally:
            log.close()

    async def _copy(self, send: Send) -> None:
        container, log = self._container, self._container.log
        run = container.run
        follow = self._follow and container.running
        end = log.end
        position = log.start
        if self._since is not None:
            position = max(position, log.position_at(self._since))
        if self._until is not None and self._until <= time.time_ns():
            follow = False
            end = log.position_at(self._until + 1)
        floors = {}
        if self._tail is not None:
            floors = log.tail(self._tail, self._streams, end)
            position = max(position, min(floors.values()))
        cursor = log.cursor(self._streams, position, floors)
        while True:
            stop = end if not follow else run.log_end
            try:
                piece = cursor.read(FRAME_SIZE, stop)
            except LogGap as gap:
                for mark in gap.pieces():
                    await send(self._lines.encode(mark))
                continue
            if piece is not None:
                if self._until is not None and piece.time > self._until:
                    return
                if self._since is not None and piece.time < self._since:
                    continue  # it came before a moment that is still to come
                await send(self._lines.encode(piece))
                continue
            at_end = stop is not None and cursor.position >= stop
            if at_end or (cursor.position >= log.end and not await self._wait_for_more()):
                return

    async def _wait_for_more(self) -> bool:
        """Wait for more output; return false if the time that was asked for is over."""
        changed = self._container.log.changed()
        if self._until is None:
            await changed
            return True
        left = (self._until - time.time_ns()) / 1e9
        try:
            async with asyncio.timeout(max(0.0, left)):
                await changed
        except TimeoutError:
            return False
        return True
