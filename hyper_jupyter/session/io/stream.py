"""One connection whose answer is a stream, on the I/O thread.

Layer: session, io. Any thread may make one and call :meth:`Stream.write`,
:meth:`Stream.end_writing` and :meth:`Stream.close`. After :meth:`Stream.start` the socket belongs
to the I/O thread, and callbacks are called there. :meth:`Stream.write` blocks up to its timeout.

Strategy: send the request, read until the head is complete, then deliver every byte. Engines throw
away input that comes before their head, so early input waits in the queue. After an error status,
collect the body and report the error. The end is reported exactly once, and nothing after it.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections import deque
from typing import Final, Protocol

from hyper_jupyter.client import Deadline, SshSocket, TlsSocket, api_error, break_reason
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.protocol import Exchange, ResponseHead
from hyper_jupyter.session.io.loop import Loop, Timer
from hyper_jupyter.session.io.reader import SocketReader

__all__ = ["Stream", "StreamReceiver"]

_NOTHING: Final = memoryview(b"")

logger = logging.getLogger(__name__)

_MAX_ERROR_BODY: Final = 64 * 1024
_RECEIVE_BUFFER: Final = 1024 * 1024
"""Size of the kernel's buffer: it fills while Python code keeps the GIL and nothing is read."""


class StreamReceiver(Protocol):
    """Takes what a stream brings. I/O thread."""

    def receive_head(self, head: ResponseHead, /) -> object:
        """Take the head, once, if the status is below 300."""

    def receive_data(self, data: bytes | memoryview, /) -> object:
        """Take at least one byte. What does not last (:func:`.reader.lasts`) is valid until the
        call returns.
        """

    def receive_end(self, error: HyperJupyterError | None, /) -> object:
        """Take the end, once, and the error; ``None`` after an orderly end."""


class _Nobody:
    """Receives what comes after the end."""

    def receive_head(self, head: ResponseHead) -> None:
        """Discard a head."""

    def receive_data(self, data: bytes | memoryview) -> None:
        """Discard data."""

    def receive_end(self, error: HyperJupyterError | None) -> None:
        """Discard an end."""


_NOBODY: Final = _Nobody()


class Stream:
    """Owns a socket from its request to its end.

    Args:
        loop: the I/O thread.
        sock: connected; owned by the stream from now on.
        exchange: the request.
        receiver: takes what comes.
        deadline: for the head; ``None`` is no limit.
    """

    __slots__ = (
        "_closing",
        "_cut",
        "_deadline",
        "_error_body",
        "_exchange",
        "_lock",
        "_loop",
        "_outgoing",
        "_queued",
        "_reader",
        "_receiver",
        "_reply",
        "_request",
        "_room",
        "_socket",
        "_started",
        "_timer",
        "_write_end",
        "_write_ended",
    )

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        exchange: Exchange,
        receiver: StreamReceiver,
        *,
        deadline: Deadline | None,
    ) -> None:
        self._loop = loop
        self._socket: socket.socket | None = sock
        self._reader = SocketReader(sock, loop.buffer, most=exchange.most)
        self._exchange = exchange
        self._receiver = receiver
        self._deadline = deadline
        self._timer: Timer | None = None
        self._error_body: bytearray | None = None
        self._lock = threading.Lock()
        self._request = _NOTHING  # the unsent rest of the request, or of a reply
        self._outgoing: deque[memoryview] | None = None  # made when something is written
        self._queued = 0  # bytes in _outgoing
        self._cut = False  # the first piece of _outgoing is sent in part
        self._reply = b""  # sent before _outgoing: the exchange's own reply, such as a pong
        self._room: threading.Condition | None = None  # made for the first that waits for room
        self._write_end = False  # half-close wanted
        self._write_ended = False  # half-close done
        self._started = False
        self._closing = False

    # -- any thread ---------------------------------------------------------------------

    def start(self) -> None:
        """Hand the socket to the I/O thread and send the request."""
        self._loop.call_soon(self._start)

    def write(self, data: bytes, timeout: float | None, limit: int) -> bool:
        """Queue bytes for the connection.

        Args:
            data: sent after the head has come, in order.
            timeout: seconds to wait for room in the queue; ``None`` is no limit.
            limit: bytes that may be queued. If one call has more than that, it is taken when the
                queue is empty.

        Returns:
            ``False`` if there was no room in time, or the stream or its writing side has ended.
        """

        def fits() -> bool:
            return self._socket is None or not self._queued or self._queued + len(data) <= limit

        with self._lock:
            if not fits():
                self._room = self._room or threading.Condition(self._lock)
                if not self._room.wait_for(fits, timeout):
                    return False
            if self._socket is None or self._write_end:
                return False
            if self._outgoing is None:
                self._outgoing = deque()
            for piece in self._exchange.encode(data):
                self._outgoing.append(memoryview(piece))
                self._queued += len(piece)
        self._loop.call_soon(self._flush)
        return True

    @property
    def closed(self) -> bool:
        """Whether the connection is closed; the end may not have been reported yet."""
        return self._socket is None

    def end_writing(self) -> None:
        """Half-close once everything queued is sent."""
        with self._lock:
            self._write_end = True
        self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Close the connection; the end is not reported after this."""
        self._closing = True
        self._loop.call_soon(self._close)

    # -- the I/O thread -----------------------------------------------------------------

    def _start(self) -> None:
        sock = self._socket
        if sock is None:
            return
        sock.setblocking(False)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        except OSError:
            pass
        if self._deadline is not None:
            self._timer = self._loop.call_later(self._deadline.remaining() or 0.0, self._expire)
        self._request = memoryview(self._exchange.data_to_send())
        self._started = True
        self._loop.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self._ready)
        if isinstance(sock, SshSocket):
            self._loop.register(sock.errors, selectors.EVENT_READ, lambda _: self._hear(sock))

    def _ready(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            self._flush()
        if events & selectors.EVENT_READ:
            self._read()

    def _hear(self, sock: SshSocket) -> None:
        if not sock.read_stderr():
            self._loop.unregister(sock.errors)

    def _flush(self) -> None:
        sock = self._socket
        if sock is None or not self._started:
            return
        self._reader.be_prompt()
        try:
            while True:
                if self._reply and not self._request and not self._cut:
                    self._request, self._reply = memoryview(self._reply), b""
                if self._request:
                    # No empty view: it would keep all of the request.
                    self._request = self._request[sock.send(self._request) :] or _NOTHING
                elif self._exchange.head is not None and (piece := self._first()) is not None:
                    self._sent(piece, sock.send(piece))
                else:
                    break
            if isinstance(sock, TlsSocket):
                sock.flush()  # it may have taken more than the system did
        except (BlockingIOError, InterruptedError):
            self._watch(sock, writing=True)
            return
        except OSError as error:
            # Not the end yet: bytes that the peer sent before are still to be read.
            logger.debug("! write failed: %s", error)
            self._request = _NOTHING
            with self._lock:
                self._write_end = self._write_ended = True
                self._drop_queue()
        self._watch(sock, writing=False)
        with self._lock:
            half_close = self._write_end and not self._write_ended and not self._outgoing
        if half_close and self._exchange.head is not None:
            self._write_ended = True
            try:
                sock.shutdown(socket.SHUT_WR)
            except BlockingIOError:  # TLS has to send an alert, and the socket has no room for it
                self._write_ended = False
                self._watch(sock, writing=True)
            except OSError as error:
                logger.debug("! half-close failed: %s", error)

    def _first(self) -> memoryview | None:
        with self._lock:
            return self._outgoing[0] if self._outgoing else None

    def _sent(self, piece: memoryview, count: int) -> None:
        with self._lock:
            assert self._outgoing
            self._queued -= count
            self._cut = count != len(piece)
            if count == len(piece):
                self._outgoing.popleft()
            else:
                self._outgoing[0] = piece[count:]
            self._tell_of_room()

    def _drop_queue(self) -> None:
        """Forget what is not sent. Requires the lock."""
        self._outgoing = None
        self._queued = 0
        self._tell_of_room()

    def _tell_of_room(self) -> None:
        """Wake whoever waits for room. Requires the lock."""
        if self._room is not None:
            self._room.notify_all()

    def _watch(self, sock: socket.socket, *, writing: bool) -> None:
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writing else 0)
        self._loop.modify(sock, events)

    def _read(self) -> None:
        for _ in range(self._reader.reads):
            if not self._receive() or self._closing:
                break
        if isinstance(self._socket, TlsSocket) and self._socket.pending and not self._closing:
            self._loop.call_soon(self._read)  # the selector cannot see what TLS has decrypted

    def _receive(self) -> bool:
        """Read once and deliver the bytes; return whether more are expected immediately."""
        if self._socket is None:
            return False
        try:
            data, more = self._reader.receive()
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self._finish(self._broken(error))
            return False
        if not data:
            self._receive_eof()
            return False
        exchange = self._exchange
        waiting = exchange.head is None
        try:
            payload = exchange.receive_data(data)
        except ProtocolError as error:
            self._finish(error)
            return False
        if waiting and exchange.head is not None:
            self._receive_head(exchange.head)
        if reply := exchange.data_to_send():
            self._reply = reply  # replaces a reply that is not sent yet: that one is out of date
            self._flush()
        if payload and self._socket is not None:
            if self._error_body is not None:
                self._error_body += payload[: _MAX_ERROR_BODY - len(self._error_body)]
                if len(self._error_body) >= _MAX_ERROR_BODY:
                    self._finish_status()
                    return False
            else:
                try:
                    self._receiver.receive_data(payload)
                except MemoryError:
                    self._finish(ConnectionLost("this process has no memory left"))
                    return False
                except BaseException:
                    # Going on would hide that these bytes are missing.
                    self._finish(ConnectionLost("what came could not be taken"))
                    raise
                if self._closing:  # by the callback
                    return False
            try:
                exchange.receive_data(b"")  # raises now if a fault followed the payload
            except ProtocolError as error:
                self._finish(error)
                return False
        if exchange.ended:
            self._receive_eof()
        return more

    def _receive_head(self, head: ResponseHead) -> None:
        if head.status >= 300:
            self._error_body = bytearray()  # the deadline also covers the body
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._deadline = None
        self._flush()
        self._receiver.receive_head(head)

    def _receive_eof(self) -> None:
        if self._error_body is not None:
            self._finish_status()
            return
        try:
            end = self._exchange.receive_eof()
        except ProtocolError as error:
            if self._exchange.head is None:
                self._finish(ConnectionFailed(f"the engine closed the connection: {error}"))
            else:
                self._finish(error)
            return
        except ConnectionLost as error:
            self._finish(error)
            return
        self._finish(ConnectionLost("the engine's answer was cut short") if end.truncated else None)

    def _finish_status(self) -> None:
        assert self._exchange.head is not None
        assert self._error_body is not None
        self._finish(api_error(self._exchange.head.status, bytes(self._error_body)))

    def _expire(self) -> None:
        if self._error_body is not None:
            self._finish_status()
        else:
            seconds = self._deadline.seconds if self._deadline else 0
            self._finish(ConnectionFailed(f"the engine did not answer within {seconds:g} s"))

    def _broken(self, error: OSError) -> HyperJupyterError:
        kind = ConnectionFailed if self._exchange.head is None else ConnectionLost
        return kind(f"the connection to the engine broke: {break_reason(error) or error}")

    def _finish(self, error: HyperJupyterError | None) -> None:
        receiver = self._receiver
        if self._close():
            receiver.receive_end(error)

    def _close(self) -> bool:
        """Close the socket; return ``False`` if it was closed already."""
        with self._lock:
            sock, self._socket = self._socket, None
            self._drop_queue()
        if sock is None:
            return False
        if self._timer is not None:
            self._timer.cancel()
        for each in (sock, sock.errors) if isinstance(sock, SshSocket) else (sock,):
            try:
                self._loop.unregister(each)
            except (KeyError, ValueError):
                pass  # not registered: never started, or unregistered at its end, maybe closed too
        self._reader.close()
        whole = self._started and not self._cut and not self._request
        if whole and (farewell := self._exchange.farewell()):
            try:
                sock.send(farewell)
                if isinstance(sock, TlsSocket):
                    sock.flush()
            except OSError:
                pass  # no room, or the peer is gone: closing the socket says the same
        sock.close()
        # Whoever made the stream refers to it, and must not be referred to for ever in return.
        self._receiver = _NOBODY
        return True
