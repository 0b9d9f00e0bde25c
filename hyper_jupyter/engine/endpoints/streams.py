"""What streams: attach, wait.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection

from hyper_jupyter.engine.containers.attachment import Attachment, Wishes
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.spec import Spec
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from hyper_jupyter.engine.http.routes import HIJACKED, Answer, Routes
from hyper_jupyter.exceptions import ApiError, Conflict, InvalidDetachKeys
from hyper_jupyter.protocol import (
    DEFAULT_DETACH_KEYS,
    parse_detach_keys,
)

__all__ = [
    "add_streams",
    "content_type",
    "parse_keys",
    "serve",
    "upgraded_head",
    "wanted_streams",
]

MULTIPLEXED_FROM = (1, 42)
"""The version from which the content type tells framed from raw streams."""

BINARY_FROM = (1, 28)
"""The version from which output by WebSocket goes in binary messages; below it in text."""

CHOOSES_FROM = (1, 42)
"""The version from which an attachment by WebSocket has the streams asked for, not all."""

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
    routes.add("GET", "/containers/{}/attach/ws", streams.attach_by_websocket)
    routes.add("POST", "/containers/{}/wait", streams.wait)


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


def wanted_streams(request: Request) -> frozenset[int]:
    """Of 1 (stdout) and 2 (stderr), what a request asks for."""
    return frozenset(
        number for number, name in ((1, "stdout"), (2, "stderr")) if request.flag(name)
    )


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
        try:
            keys, container = self._attachable(request, reference)
        except ApiError as error:
            await _refuse(request.hijack(), error)
            return HIJACKED
        spec = container.spec
        wishes = _wishes(
            request,
            spec,
            keys,
            streams=wanted_streams(request),
            stdin=request.flag("stdin"),
            framed=not spec.tty,
        )
        client = request.hijack()
        attachment = Attachment(client, container.run, wishes)
        container.publish("attach")
        head = upgraded_head(request, framed=wishes.framed)
        if await serve(request, client, head, attachment):
            container.publish("detach")
        await client.close()
        return HIJACKED

    async def attach_by_websocket(self, request: Request, reference: str) -> Answer:
        # With the first use: loading it would make the engine's start a quarter longer.
        from hyper_jupyter.engine.http.websocket import WebSocketStream, handshake

        keys, container = self._attachable(request, reference)
        head, accepted = handshake(request.headers)
        connection = request.hijack()
        if not accepted:
            await _say(connection, head)
            return HIJACKED
        chooses = request.version >= CHOOSES_FROM
        wishes = _wishes(
            request,
            container.spec,
            keys,
            streams=wanted_streams(request) if chooses else (1, 2),
            stdin=not chooses or request.flag("stdin"),
            framed=False,
        )
        client = WebSocketStream(connection, text=request.version < BINARY_FROM)
        attachment = Attachment(client, container.run, wishes)
        container.publish("attach")
        if await serve(request, connection, head, attachment):
            container.publish("detach")
        await client.close()
        return HIJACKED

    def _attachable(self, request: Request, reference: str) -> tuple[bytes, Container]:
        """The detach keys and the container of a request to attach.

        Raises:
            ApiError: 400, 404, 409; the order of the checks is moby's: keys, lookup, state.
        """
        keys = parse_keys(request.text("detachKeys"))
        container = self._store.find(reference)
        if container.status == "paused":
            raise Conflict(
                409, f"container {reference} is paused, unpause the container before attach"
            )
        if container.status == "removing":
            raise Conflict(409, f"container {reference} is being removed")
        return keys, container

    async def wait(self, request: Request, reference: str) -> Answer:
        container = self._store.find(reference)
        if request.version < IMMEDIATE_WAIT_FROM:
            code = await request.connection.while_connected(container.wait("not-running"))
            return Response(200, {"StatusCode": code})
        condition = request.text("condition") or "not-running"
        if condition not in _CONDITIONS:
            raise ApiError(400, f'invalid condition: "{condition[:100]}"')

        async def produce(send: Send) -> None:
            code = await container.wait(condition)
            await send(json.dumps({"StatusCode": code}).encode() + b"\n")

        return Streamed(produce)


async def _refuse(client: RawStream, error: ApiError) -> None:
    """An error of attach: a head of its own, plain text, and the end."""
    reason = _REASONS.get(error.status, "Internal Server Error")
    text = f"HTTP/1.1 {error.status} {reason}\r\nContent-Type: {_RAW}\r\n\r\n{error.message}\r\n"
    await _say(client, text.encode("utf-8", "backslashreplace"))


async def _say(client: RawStream, answer: bytes) -> None:
    """An answer, and the end."""
    try:
        await client.send(answer)
    except ConnectionError:
        return
    await client.close()


def _wishes(
    request: Request,
    spec: Spec,
    keys: bytes,
    *,
    streams: Collection[int],
    stdin: bool,
    framed: bool,
) -> Wishes:
    stdin = stdin and spec.open_stdin
    return Wishes(
        streams=streams,
        stdin=stdin,
        stream=request.flag("stream"),
        logs=request.flag("logs"),
        framed=framed,
        once=spec.stdin_once and not spec.tty,
        keys=keys if spec.tty and stdin else b"",
    )
