"""Requests that stay open: attach, by upgrade and by WebSocket, and wait.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection

from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.attachment import Attachment, AttachOptions
from hyper_jupyter.engine.containers.container import Container
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
    "requested_streams",
    "serve",
    "upgraded_head",
]

MULTIPLEXED_FROM = (1, 42)
"""The version from which the content type distinguishes framed from raw streams."""

BINARY_FROM = (1, 28)
"""The version from which WebSocket output is in binary messages; below it, in text messages."""

STREAM_CHOICE_FROM = (1, 42)
"""The version from which a WebSocket has only the streams asked for; below it, all."""

IMMEDIATE_WAIT_FROM = (1, 30)
"""The version from which wait sends its head immediately and knows conditions."""

READS_AHEAD = "docker-sdk-python"
"""docker-py's user agent; it loses stream bytes that it receives together with the head."""

READ_AHEAD_PAUSE = 0.05
"""Seconds between head and stream for docker-py."""

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
    """Return a stream's content type; below 1.42 it is always the raw one."""
    return _MULTIPLEXED if framed and request.version >= MULTIPLEXED_FROM else _RAW


def upgraded_head(request: Request, *, framed: bool, extra: str = "") -> bytes:
    """Return the head of a hijacked response, in moby's bytes.

    Without an Upgrade header it is a 200, always with the raw content type.

    Args:
        request: with or without an Upgrade header.
        framed: whether frames follow.
        extra: more header lines, each with its line end.
    """
    if request.upgrade:
        return (
            f"HTTP/1.1 101 UPGRADED\r\nContent-Type: {content_type(request, framed=framed)}\r\n"
            f"Connection: Upgrade\r\nUpgrade: tcp\r\n{extra}\r\n"
        ).encode()
    return f"HTTP/1.1 200 OK\r\nContent-Type: {_RAW}\r\n{extra}\r\n".encode()


def requested_streams(request: Request) -> frozenset[int]:
    """Return the streams that a request asks for, of 1 (stdout) and 2 (stderr)."""
    return frozenset(
        number for number, name in ((1, "stdout"), (2, "stderr")) if request.flag(name)
    )


def parse_keys(spec: str) -> bytes:
    """Read detach keys; return the default ones if none are given.

    Raises:
        ApiError: 400 if they are invalid.
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
        request: the request to attach.
        client: its connection.
        head: of the response.
        attachment: is closed at the end.

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
        attachment.close()


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
        options = _attach_options(
            request,
            spec,
            keys,
            streams=requested_streams(request),
            stdin=request.flag("stdin"),
            framed=not spec.tty,
        )
        client = request.hijack()
        attachment = Attachment(client, container.run, options)
        container.publish("attach")
        head = upgraded_head(request, framed=options.framed)
        if await serve(request, client, head, attachment):
            container.publish("detach")
        await client.close()
        return HIJACKED

    async def attach_by_websocket(self, request: Request, reference: str) -> Answer:
        # Imported on first use: it would make the engine's start a quarter longer.
        from hyper_jupyter.engine.http.websocket import WebSocketStream, handshake

        keys, container = self._attachable(request, reference)
        head, accepted = handshake(request.headers)
        connection = request.hijack()
        if not accepted:
            await _send_and_close(connection, head)
            return HIJACKED
        has_choice = request.version >= STREAM_CHOICE_FROM
        options = _attach_options(
            request,
            container.spec,
            keys,
            streams=requested_streams(request) if has_choice else (1, 2),
            stdin=not has_choice or request.flag("stdin"),
            framed=False,
        )
        client = WebSocketStream(connection, text=request.version < BINARY_FROM)
        attachment = Attachment(client, container.run, options)
        container.publish("attach")
        if await serve(request, connection, head, attachment):
            container.publish("detach")
        await client.close()
        return HIJACKED

    def _attachable(self, request: Request, reference: str) -> tuple[bytes, Container]:
        """Return the detach keys and the container of a request to attach.

        Raises:
            ApiError: 400, 404 or 409. The checks are in moby's order: keys, lookup, state.
        """
        keys = parse_keys(request.text("detachKeys"))
        container = self._store.find(reference)
        if container.status == "paused":
            raise Conflict(
                409, f"container {reference} is paused, unpause the container before attach"
            )
        if container.status == "restarting":
            raise Conflict(
                409,
                f"container {reference} is restarting, wait until the container is running",
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
    """Send an error of attach: plain text with a head of its own, then the end."""
    reason = _REASONS.get(error.status, "Internal Server Error")
    text = f"HTTP/1.1 {error.status} {reason}\r\nContent-Type: {_RAW}\r\n\r\n{error.message}\r\n"
    await _send_and_close(client, text.encode("utf-8", "backslashreplace"))


async def _send_and_close(client: RawStream, response: bytes) -> None:
    try:
        await client.send(response)
    except ConnectionError:
        return
    await client.close()


def _attach_options(
    request: Request,
    spec: Spec,
    keys: bytes,
    *,
    streams: Collection[int],
    stdin: bool,
    framed: bool,
) -> AttachOptions:
    stdin = stdin and spec.open_stdin
    return AttachOptions(
        streams=streams,
        stdin=stdin,
        stream=request.flag("stream"),
        logs=request.flag("logs"),
        framed=framed,
        once=spec.stdin_once and not spec.tty,
        keys=keys if spec.tty and stdin else b"",
    )
