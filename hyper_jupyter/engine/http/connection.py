"""One client's connection: HTTP requests one after the other, until one takes it over.

Layer: engine. Event loop only. HTTP is h11's work; a hijacked connection is raw bytes both
ways, and what the client sent behind its request's head is the beginning of those (moby
loses it).
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Coroutine, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final, TypeVar

import h11

from hyper_jupyter.engine.http.request import Response, Streamed

__all__ = ["LINGER", "BadRequest", "Connection", "Message", "RawStream"]

MAX_HEAD: Final = 64 * 1024
"""Bytes of a request's head."""

MAX_BODY: Final = 1024 * 1024
"""Bytes of a request's body."""

HEAD_TIME: Final = 10.0
"""Seconds from a head's first byte (the first head: from connecting) to its end."""

BODY_TIME: Final = 30.0
"""Seconds for a request's body."""

LINGER: Final = 60.0
"""Seconds that a client may take to close after we sent the end of a raw stream."""

READ_SIZE: Final = 64 * 1024

T = TypeVar("T")

TURN: Final = 256 * 1024
"""Bytes sent to one fast client before the others have their turn; sending alone need not yield."""


class BadRequest(Exception):
    """What came is no request that can be answered by a route.

    Attributes:
        status: 400, 408, 413, 431, 501, 505.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Message:
    """A request's head and body, as they came.

    Attributes:
        method: as sent.
        target: path and query, encoded.
        headers: names in lower case; the first of each.
        body: complete.
    """

    __slots__ = ("body", "headers", "method", "target")

    def __init__(self, event: h11.Request, body: bytes) -> None:
        self.method = event.method.decode("latin-1")
        self.target = bytes(event.target)
        self.headers: dict[str, str] = {}
        for name, value in event.headers:
            self.headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
        self.body = body


class RawStream:
    """A hijacked connection.

    Both ways are independent of each other: where sending fails, what the client sent before it
    left can still be read.

    Attributes:
        half_closes: whether the end of its input leaves a client there for the output.
        hung_up: ends with the client.
    """

    half_closes = True

    def __init__(self, peer: socket.socket, early: bytes, hung_up: asyncio.Future[None]) -> None:
        """Args:
        peer: the connection, non-blocking.
        early: bytes that came behind the request's head.
        hung_up: ends with the client.
        """
        self.hung_up = hung_up
        self._peer = peer
        self._early = early
        self._turn = 0

    async def read(self) -> bytes:
        """What the client sent; ``b""`` at the end, or where the connection broke."""
        if self._early:
            early, self._early = self._early, b""
            return early
        try:
            return await asyncio.get_running_loop().sock_recv(self._peer, READ_SIZE)
        except OSError:
            return b""

    async def send(self, data: bytes) -> None:
        """Send, and wait while the client does not keep up.

        Raises:
            ConnectionError: where it is gone.
        """
        await asyncio.get_running_loop().sock_sendall(self._peer, data)
        self._turn += len(data)
        if self._turn >= TURN:
            self._turn = 0
            await asyncio.sleep(0)

    async def end(self) -> None:
        """Close our half, then wait a while for the client to close its own.

        What the client still sends is read and dropped: a close with unread bytes would be an
        error to it instead of an end.
        """
        try:
            self._peer.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(LINGER):
                while await self.read():
                    pass
        except (OSError, TimeoutError):
            pass


class Connection:
    """Reads requests and writes answers."""

    def __init__(
        self, peer: socket.socket, hung_up: asyncio.Future[None], headers: Mapping[str, str]
    ) -> None:
        """Args:
        peer: an accepted connection, non-blocking.
        hung_up: ends with the client.
        headers: of every answer.
        """
        self.hijacked = False
        self._peer = peer
        self._hung_up = hung_up
        self._headers = dict(headers)
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._first = True

    async def receive(self) -> Message | None:
        """The next request; ``None`` where the client has no more.

        Raises:
            BadRequest: where it cannot be answered by a route; the connection is of no further use.
            ConnectionError: where it broke.
        """
        if not self._first and not self._http.trailing_data[0]:
            await self._read()  # idle, for as long as the client likes
        self._first = False
        try:
            async with asyncio.timeout(HEAD_TIME):
                head = await self._next()
        except TimeoutError:
            raise BadRequest(408, "the request's head did not come in time") from None
        if not isinstance(head, h11.Request):
            return None
        _check_head(head)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_TIME):
                if self._http.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                while isinstance(event := await self._next(), h11.Data):
                    body += event.data
                    if len(body) > MAX_BODY:
                        raise BadRequest(413, f"the body has more than {MAX_BODY} bytes")
        except TimeoutError:
            raise BadRequest(408, "the request's body did not come in time") from None
        return Message(head, bytes(body))

    async def respond(self, response: Response | Streamed, method: str = "GET") -> bool:
        """Send an answer.

        Returns:
            Whether another request may follow.

        Raises:
            ConnectionError: where the client is gone.
        """
        if isinstance(response, Streamed):
            await self._stream(response)
        else:
            await self._send_whole(response, method)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    def can_respond(self) -> bool:
        """Whether no answer was begun."""
        return not self.hijacked and self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    async def while_here(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something, but only for as long as the client is there.

        Raises:
            ConnectionError: where it left first.
        """
        task = asyncio.ensure_future(work)
        try:
            waiting: set[asyncio.Future[Any]] = {task, self._hung_up}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise ConnectionResetError("the client is gone")
            return task.result()
        finally:
            task.cancel()

    def hijack(self) -> RawStream:
        """From now on raw bytes."""
        self.hijacked = True
        early, _ = self._http.trailing_data
        return RawStream(self._peer, bytes(early), self._hung_up)

    async def _next(self) -> type[h11.PAUSED | h11.NEED_DATA] | h11.Event:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise BadRequest(error.error_status_hint, str(error)[:200]) from error
            if event is not h11.NEED_DATA:
                return event
            await self._read()

    async def _read(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._peer, READ_SIZE)
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint, str(error)[:200]) from error

    async def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            await self._write(data)

    async def _write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._peer, data)

    async def _send_whole(self, response: Response, method: str) -> None:
        headers = self._all_headers() | dict(response.headers)
        body = b""
        if isinstance(response.value, bytes):
            body = response.value
        elif response.value is not None:
            body = json.dumps(response.value, separators=(",", ":")).encode() + b"\n"
            headers.setdefault("Content-Type", "application/json")
        if response.status not in (204, 304):
            headers["Content-Length"] = str(len(body))
        head = self._http.send(_head(response.status, headers)) or b""
        if body and method != "HEAD" and response.status not in (204, 304):
            head += self._http.send(h11.Data(data=body)) or b""
        head += self._http.send(h11.EndOfMessage()) or b""
        await self._write(head)

    async def _stream(self, response: Streamed) -> None:
        headers = self._all_headers() | {"Content-Type": response.content_type}
        await self._send(_head(response.status, headers))

        turn = 0

        async def send(data: bytes) -> None:
            nonlocal turn
            if data:
                await self._send(h11.Data(data=data))
            turn += len(data)
            if turn >= TURN:
                turn = 0
                await asyncio.sleep(0)

        await self.while_here(response.produce(send))
        await self._send(h11.EndOfMessage())

    def _all_headers(self) -> dict[str, str]:
        return {**self._headers, "Date": formatdate(usegmt=True)}


def _check_head(head: h11.Request) -> None:
    if head.http_version not in (b"1.1", b"1.0"):
        raise BadRequest(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    # h11 bounds what it buffers, not a long head that came quickly.
    size = len(head.target) + sum(len(name) + len(value) + 4 for name, value in head.headers)
    if size > MAX_HEAD:
        raise BadRequest(431, f"the head has more than {MAX_HEAD} bytes")


def _head(status: int, headers: Mapping[str, str]) -> h11.Response:
    try:
        reason = HTTPStatus(status).phrase
    except ValueError:
        reason = ""
    return h11.Response(status_code=status, headers=list(headers.items()), reason=reason)
