"""What streams: attach, logs, wait.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
import re
import time

from hyper_jupyter.engine.attachment import FRAME_SIZE, Attachment, Wishes
from hyper_jupyter.engine.connection import RawStream
from hyper_jupyter.engine.container import Container
from hyper_jupyter.engine.lines import Lines
from hyper_jupyter.engine.log import LogGap
from hyper_jupyter.engine.request import Body, Request, Response, Streamed
from hyper_jupyter.engine.routes import HIJACKED, Answer, Routes
from hyper_jupyter.engine.store import Store
from hyper_jupyter.exceptions import ApiError, Conflict, InvalidDetachKeys
from hyper_jupyter.protocol import (
    DEFAULT_DETACH_KEYS,
    StreamType,
    encode_frame,
    parse_detach_keys,
)

__all__ = ["add_streams", "content_type", "parse_keys", "parse_moment", "serve", "upgraded_head"]

MULTIPLEXED_FROM = (1, 42)
"""The version from which the content type tells framed from raw streams."""

IMMEDIATE_WAIT_FROM = (1, 30)
"""The version from which wait sends its head at once and knows conditions."""

READS_AHEAD = "docker-sdk-python"
"""docker-py drops stream bytes that it receives together with the head."""

READ_AHEAD_PAUSE = 0.05
"""Seconds between head and stream for clients of that kind."""

_RAW = "application/vnd.docker.raw-stream"
_MULTIPLEXED = "application/vnd.docker.multiplexed-stream"
_CONDITIONS = ("not-running", "next-exit", "removed")
_REASONS = {400: "Bad Request", 404: "Not Found", 409: "Conflict"}


def add_streams(routes: Routes, store: Store) -> None:
    """Add the routes."""
    streams = _Streams(store)
    routes.add("POST", "/containers/{}/attach", streams.attach)
    routes.add("POST", "/containers/{}/wait", streams.wait)
    routes.add("GET", "/containers/{}/logs", streams.logs)


def content_type(request: Request, *, framed: bool) -> str:
    """Of a stream; below 1.42 it is always said to be raw."""
    return _MULTIPLEXED if framed and request.version >= MULTIPLEXED_FROM else _RAW


def upgraded_head(request: Request, *, framed: bool, extra: str = "") -> bytes:
    """Moby's bytes, exactly; without an Upgrade header a 200 that is always said to be raw.

    Args:
        request: with or without that header.
        framed: whether frames follow.
        extra: further header lines, each with its end.
    """
    if request.upgrade:
        return (
            f"HTTP/1.1 101 UPGRADED\r\nContent-Type: {content_type(request, framed=framed)}\r\n"
            f"Connection: Upgrade\r\nUpgrade: tcp\r\n{extra}\r\n"
        ).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: {_RAW}\r\n{extra}\r\n".encode()


def parse_keys(spec: str) -> bytes:
    """Detach keys; the default where none are given.

    Raises:
        ApiError: 400.
    """
    if not spec:
        return DEFAULT_DETACH_KEYS
    try:
        return parse_detach_keys(spec)
    except InvalidDetachKeys as error:
        raise ApiError(400, f"Invalid detach keys ({spec[:300]}) provided") from error


def parse_moment(request: Request, name: str) -> int | None:
    """A parameter in seconds since 1970, perhaps with a fraction, as nanoseconds.

    Raises:
        ApiError: 400.
    """
    text = request.text(name)
    if text in ("", "0"):
        return None
    match = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{0,9})[0-9]*)?", text, re.ASCII)
    if not match:
        raise ApiError(400, f'invalid value for "{name}": {text[:50]!r} is not a time')
    return int(match[1]) * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))


async def serve(request: Request, client: RawStream, head: bytes, attachment: Attachment) -> bool:
    """Send the head, then serve the attachment until its end.

    Args:
        request: who asks.
        client: the connection.
        head: of the answer.
        attachment: gets released.

    Returns:
        Whether the client used the detach keys.
    """
    try:
        await client.send(head)
        if request.headers.get("user-agent", "").startswith(READS_AHEAD):
            await asyncio.sleep(READ_AHEAD_PAUSE)
        return await attachment.serve()
    except ConnectionError:
        return False
    finally:
        attachment.release()


class _Streams:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def attach(self, request: Request, reference: str) -> Answer:
        # The order of these checks is moby's: keys, lookup, state; all of them in plain text.
        try:
            keys = parse_keys(request.text("detachKeys"))
            container = self._store.find(reference)
            if container.status == "paused":
                raise Conflict(
                    409,
                    f"container {reference} is paused, unpause the container before attach",
                )
            if container.status == "removing":
                raise Conflict(409, f"container {reference} is being removed")
        except ApiError as error:
            await _refuse(request.hijack(), error)
            return HIJACKED
        spec = container.spec
        stdin = request.flag("stdin") and spec.open_stdin
        wishes = Wishes(
            streams=_streams(request),
            stdin=stdin,
            stream=request.flag("stream"),
            logs=request.flag("logs"),
            framed=not spec.tty,
            once=spec.stdin_once and not spec.tty,
            keys=keys if spec.tty and stdin else b"",
        )
        client = request.hijack()
        attachment = Attachment(client, container.run, wishes)
        container.publish("attach")
        head = upgraded_head(request, framed=wishes.framed)
        if await serve(request, client, head, attachment):
            container.publish("detach")
        await client.end()
        return HIJACKED

    async def wait(self, request: Request, reference: str) -> Answer:
        container = self._store.find(reference)
        if request.version < IMMEDIATE_WAIT_FROM:
            code = await request.connection.while_here(container.wait("not-running"))
            return Response(200, {"StatusCode": code})
        condition = request.text("condition") or "not-running"
        if condition not in _CONDITIONS:
            raise ApiError(400, f'invalid condition: "{condition[:100]}"')

        async def produce(send: Body) -> None:
            code = await container.wait(condition)
            await send(json.dumps({"StatusCode": code}).encode() + b"\n")

        return Streamed(produce)

    async def logs(self, request: Request, reference: str) -> Answer:
        streams = _streams(request)
        if not streams:
            raise ApiError(400, "Bad parameters: you must choose at least one stream")
        since, until = parse_moment(request, "since"), parse_moment(request, "until")
        container = self._store.find(reference)
        framed = not container.spec.tty
        reading = _LogReading(
            container,
            streams,
            Lines(framed=framed, timestamps=request.flag("timestamps")),
            follow=request.flag("follow"),
            tail=_tail(request.text("tail")),
            since=since,
            until=until,
        )
        return Streamed(reading.produce, content_type(request, framed=framed))


async def _refuse(client: RawStream, error: ApiError) -> None:
    """An error of attach: a head of its own, plain text, and the end."""
    reason = _REASONS.get(error.status, "Internal Server Error")
    text = f"HTTP/1.1 {error.status} {reason}\r\nContent-Type: {_RAW}\r\n\r\n{error.message}\r\n"
    try:
        await client.send(text.encode("utf-8", "backslashreplace"))
    except ConnectionError:
        return
    await client.end()


def _streams(request: Request) -> frozenset[int]:
    return frozenset(
        number for number, name in ((1, "stdout"), (2, "stderr")) if request.flag(name)
    )


def _tail(text: str) -> int | None:
    # moby takes everything that is no number for "all".
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class _LogReading:
    """One client of ``/logs``."""

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

    async def produce(self, send: Body) -> None:
        log = self._container.log
        log.keep()
        try:
            await self._copy(send)
        except LogGap as gap:
            text = f"hyper engine: {gap}\n".encode()
            framed = not self._container.spec.tty
            await send(encode_frame(StreamType.SYSTEMERR, text) if framed else text)
        finally:
            log.release()

    async def _copy(self, send: Body) -> None:
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
            stop = end if not follow else run.end
            piece = cursor.read(FRAME_SIZE, stop)
            if piece is not None:
                if self._until is not None and piece.time > self._until:
                    return
                await send(self._lines.encode(piece))
                continue
            at_end = stop is not None and cursor.position >= stop
            if at_end or (cursor.position >= log.end and not await self._change()):
                return

    async def _change(self) -> bool:
        """Wait for more; whether there may be some that is wanted."""
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
