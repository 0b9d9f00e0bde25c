"""One client's connection: HTTP requests one after the other, until one takes it over.

Layer: engine. Event loop only. h11 parses and writes HTTP; this module moves the bytes and keeps
the limits of size and time. After a request has hijacked the connection, its bytes belong to a
:class:`~hyper_jupyter.engine.http.raw_stream.RawStream`.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import tempfile
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Final, TypeVar

import h11

from hyper_jupyter.engine.http.raw_stream import READ_SIZE, YIELD_AFTER, RawStream
from hyper_jupyter.engine.http.request import Message
from hyper_jupyter.engine.http.response import Response, Streamed, reason_phrase

__all__ = ["BadRequest", "Connection"]

MAX_HEAD: Final = 64 * 1024
"""The most bytes of a request's head."""

MAX_BODY: Final = 1024 * 1024
"""The most bytes of a request's body; that of a PUT, an archive, goes to the disk."""

HEAD_TIME: Final = 10.0
"""Seconds from a head's first byte (for the first head: from connecting) to its end."""

BODY_TIME: Final = 30.0
"""Seconds that a request's body may take, and of a PUT each part of it."""

DISCARD_TIME: Final = 5.0
"""Seconds in which the rest of a refused request is read."""

EVENTS_PER_TURN: Final = 32
"""Events of one connection before other tasks run: a read may hold 10,000 chunks of one byte, and
each takes some 10 µs."""

T = TypeVar("T")


class BadRequest(Exception):
    """What was received is no request that a route can answer.

    Attributes:
        status: 400, 408, 413, 431, 501, 505.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Connection:
    """Reads requests and writes responses."""

    def __init__(
        self, peer: socket.socket, hung_up: asyncio.Future[None], headers: Mapping[str, str]
    ) -> None:
        """Args:
        peer: an accepted connection, non-blocking.
        hung_up: ends when the client is gone.
        headers: of every response.
        """
        self.hijacked = False
        self._peer = peer
        self._hung_up = hung_up
        self._headers = dict(headers)
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._first = True
        self._events = 0

    async def receive_head(self) -> Message | None:
        """Return the next request without its body; ``None`` if the client sends no more.

        Raises:
            BadRequest: no route can answer it; the connection is of no further use.
            ConnectionError: the connection broke.
        """
        if not self._first:
            await asyncio.sleep(0)  # let others run: for a fast client nothing else here waits
            if not self._http.trailing_data[0]:
                await self._read()  # between two requests a client may take any time
        self._first = False
        try:
            async with asyncio.timeout(HEAD_TIME):
                head = await self._next_event()
        except TimeoutError:
            raise BadRequest(408, "the request's head did not come in time") from None
        if not isinstance(head, h11.Request):
            return None
        _check_head(head)
        return _message(head)

    async def receive_body(self, head: Message) -> Message:
        """Return the request that a head begins, with its body.

        Raises:
            BadRequest: no route can answer it; the connection is of no further use.
            ConnectionError: the connection broke.
        """
        if head.method == "PUT":
            return await self._receive_file(head)
        body = bytearray()
        try:
            async with asyncio.timeout(BODY_TIME):
                if self._http.they_are_waiting_for_100_continue:
                    await self._send(h11.InformationalResponse(status_code=100, headers=[]))
                while isinstance(event := await self._next_event(), h11.Data):
                    body += event.data
                    if len(body) > MAX_BODY:
                        raise BadRequest(413, f"the body has more than {MAX_BODY} bytes")
        except TimeoutError:
            raise BadRequest(408, "the request's body did not come in time") from None
        return replace(head, body=bytes(body))

    async def _receive_file(self, head: Message) -> Message:
        """Receive a body of any size into a file that has no name; whoever takes it closes it."""
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it outlives this function
        digest = hashlib.sha256()
        try:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            while True:
                async with asyncio.timeout(BODY_TIME):
                    event = await self._next_event()
                if not isinstance(event, h11.Data):
                    return replace(head, file=file, digest=digest.hexdigest())
                digest.update(event.data)
                file.write(event.data)
        except TimeoutError:
            file.close()
            raise BadRequest(408, "the request's body did not come in time") from None
        except OSError as error:
            file.close()
            if isinstance(error, ConnectionError):
                raise
            raise BadRequest(500, f"the body cannot be kept: {error.strerror}") from error
        except BaseException:
            file.close()
            raise

    async def respond(self, response: Response | Streamed, method: str = "GET") -> bool:
        """Send a response.

        Returns:
            Whether another request may follow.

        Raises:
            ConnectionError: the client is gone.
        """
        if isinstance(response, Streamed):
            await self._send_streamed(response)
        else:
            await self._send_whole(response, method)
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            return True
        return False

    async def discard(self) -> None:
        """Read and drop what the client still sends, up to a body's size and for a short time.

        A client that gets an answer in the middle of its request may look for it only when it has
        sent all. If we closed first, it would see a broken connection instead.
        """
        left = MAX_BODY
        try:
            self._peer.shutdown(socket.SHUT_WR)
            async with asyncio.timeout(DISCARD_TIME):
                while left > 0 and (data := await self._receive()):
                    left -= len(data)
        except OSError:
            pass  # it has left, or the time is over (TimeoutError)

    def can_respond(self) -> bool:
        """Whether no response has been begun."""
        return not self.hijacked and self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE)

    async def while_connected(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something, but only while the client is there.

        Raises:
            ConnectionError: the client left first.
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
        """Switch to raw bytes from now on."""
        self.hijacked = True
        received, _ = self._http.trailing_data
        return RawStream(self._peer, bytes(received), self._hung_up)

    async def _next_event(self) -> type[h11.PAUSED | h11.NEED_DATA] | h11.Event:
        while True:
            self._events += 1
            if self._events % EVENTS_PER_TURN == 0:
                await asyncio.sleep(0)
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise BadRequest(error.error_status_hint, str(error)[:200]) from error
            if event is not h11.NEED_DATA:
                return event
            await self._read()

    async def _read(self) -> None:
        data = await self._receive()
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError as error:
            raise BadRequest(error.error_status_hint, str(error)[:200]) from error

    async def _receive(self) -> bytes:
        data = await asyncio.get_running_loop().sock_recv(self._peer, READ_SIZE)
        await asyncio.sleep(0)  # sock_recv does not wait where there is something to read
        return data

    async def _send(self, event: h11.Event) -> None:
        data = self._http.send(event)
        if data:
            await self._write(data)

    async def _write(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._peer, data)

    async def _send_whole(self, response: Response, method: str) -> None:
        headers, body = response.encode(method, self._common_headers())
        data = self._http.send(_head(response.status, headers)) or b""
        if body:
            data += self._http.send(h11.Data(data=body)) or b""
        data += self._http.send(h11.EndOfMessage()) or b""
        await self._write(data)

    async def _send_streamed(self, response: Streamed) -> None:
        headers = {
            **self._common_headers(),
            "Content-Type": response.content_type,
            **response.headers,
        }
        await self._send(_head(response.status, headers))

        sent = 0

        async def send(data: bytes) -> None:
            nonlocal sent
            if data:
                await self._send(h11.Data(data=data))
            sent += len(data)
            if sent >= YIELD_AFTER:
                sent = 0
                await asyncio.sleep(0)

        await self.while_connected(response.produce(send))
        await self._send(h11.EndOfMessage())

    def _common_headers(self) -> dict[str, str]:
        return {**self._headers, "Date": formatdate(usegmt=True)}


def _check_head(head: h11.Request) -> None:
    if head.http_version not in (b"1.1", b"1.0"):
        raise BadRequest(505, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    # h11 limits what it buffers, not a long head that arrives quickly.
    size = len(head.target) + sum(len(name) + len(value) + 4 for name, value in head.headers)
    if size > MAX_HEAD:
        raise BadRequest(431, f"the head has more than {MAX_HEAD} bytes")


def _message(head: h11.Request) -> Message:
    headers: dict[str, str] = {}
    for name, value in head.headers:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return Message(head.method.decode("latin-1"), bytes(head.target), headers, b"")


def _head(status: int, headers: Mapping[str, str]) -> h11.Response:
    return h11.Response(
        status_code=status, headers=list(headers.items()), reason=reason_phrase(status)
    )
