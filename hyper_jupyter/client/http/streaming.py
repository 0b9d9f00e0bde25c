"""A response that is read as it comes: events, statistics, progress, archives.

Layer: client. A response is read in its user's thread, which it blocks; any thread may close it.
No thread of its own, and no more memory than one piece.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.transport.failure import break_reason, call_failure
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, ProtocolError
from hyper_jupyter.protocol import Exchange
from hyper_jupyter.protocol.json_lines import JsonLines

__all__ = ["Closing", "StreamingResponse"]

_READ: Final = 64 * 1024
_MAX_ERROR: Final = 64 * 1024
"""Bytes of an error's body that are read."""


class Closing:
    """Something that a ``with`` closes at its end."""

    def close(self) -> None:
        """Release what is held. A second call does nothing."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class StreamingResponse(Closing):
    """One request and its response, whose body is iterated over in pieces.

    The end of the body closes it, an error too. After :meth:`close`, from whatever thread,
    iteration ends without an error.

    Attributes:
        status: of the response, once :meth:`read_head` has returned.

    Args:
        connection: connected; the response owns it from now on.
        exchange: the request, of which nothing was sent yet.
        host: the engine's address, for error texts.
        idle: the longest time in seconds without a byte of a body; ``None`` is no limit.
    """

    def __init__(
        self, connection: DeadlineSocket, exchange: Exchange, host: str, *, idle: float | None
    ) -> None:
        self._socket = connection
        self._exchange = exchange
        self._host = host
        self._idle = idle
        self._lock = threading.Lock()
        self._busy = False  # a thread is in a read or write: it closes the socket afterwards
        self._closed = False
        self._complete = False  # the whole body was read
        self._early = b""  # bytes of the body that came with the head
        self.status = 0
        self._finalizer = weakref.finalize(self, connection.close)
        self._finalizer.atexit = False

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers, names in lower case; the last one of a name."""
        return dict(self._exchange.head.headers) if self._exchange.head is not None else {}

    @property
    def closed(self) -> bool:
        """Whether nothing more can be read."""
        return self._closed

    def close(self) -> None:
        """End the connection. A thread that reads from it returns at once."""
        with self._lock:
            self._closed = True
            if self._busy:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                return
        self._finalizer()

    # -- the request --------------------------------------------------------------------

    def send_request(self, upload: Iterable[bytes] | None = None) -> None:
        """Send the request.

        Args:
            upload: the pieces of a chunked body.

        Raises:
            ConnectionLost: the connection broke, and no answer says why. With an answer nothing is
                raised: :meth:`read_head` finds it.
        """
        goes_on = self._send(self._exchange.data_to_send())
        if upload is None:
            return
        for piece in upload:  # errors in here are the caller's own
            if not goes_on:
                return
            goes_on = self._send(self._exchange.encode_body(piece))
        if goes_on:
            self._send(self._exchange.end_body())

    def _send(self, data: bytes) -> bool:
        """Send a part of the request; returns whether the engine wants more."""
        try:
            with self._using():
                self._socket.deadline = Deadline(self._idle)
                self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            # The engine refuses the rest: it has answered, or is gone.
            try:
                self.read_head(Deadline(self._idle))
            except HyperJupyterError:
                raise self._lost(error) from error
            return False
        except OSError as error:
            raise self._lost(error) from error
        return True

    # -- the response -------------------------------------------------------------------

    def read_head(self, deadline: Deadline) -> None:
        """Read until the head is complete.

        Raises:
            ConnectionFailed: it did not come in time, or the connection ended.
            ProtocolError: this is not HTTP.
        """
        try:
            while self._exchange.head is None:
                data = self._receive(deadline)
                if not data:
                    raise ConnectionResetError("the connection ended before the answer")
                self._early += bytes(self._exchange.receive_data(data))
        except OSError as error:
            raise call_failure(self._host, error, deadline) from error
        self.status = self._exchange.head.status

    def read_error(self, deadline: Deadline) -> bytes:
        """Read the body of an error, at most 64 KiB, or as much of it as comes in time."""
        body, self._early = self._early, b""
        with contextlib.suppress(OSError, ProtocolError):
            while not self._exchange.ended and len(body) < _MAX_ERROR:
                data = self._receive(deadline)
                if not data:
                    break
                body += bytes(self._exchange.receive_data(data))
        return body

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body in pieces as they come.

        Raises:
            ConnectionLost: the connection broke before the body was complete, or nothing came for
                longer than the idle limit.
            ProtocolError: the response is malformed.
        """
        try:
            early, self._early = self._early, b""
            if early:
                yield early
            while not self._exchange.ended:
                try:
                    data = self._receive(Deadline(self._idle))
                    if not data:
                        if self._closed:
                            return
                        if self._exchange.receive_eof().truncated:
                            raise self._lost(None)
                        break
                except OSError as error:
                    if self._closed:
                        return
                    raise self._lost(error) from error
                piece = bytes(self._exchange.receive_data(data))
                if piece:
                    yield piece
            self._complete = True
        finally:
            self.close()

    def values(self) -> Iterator[Any]:
        """Yield the JSON values of the body's lines as they come.

        Raises:
            ConnectionLost: as for iteration.
            ProtocolError: a line is not JSON, or longer than 1 MiB.
        """
        decoder = JsonLines()
        with contextlib.closing(self):
            for piece in self:
                yield from decoder.receive_data(piece)
            if self._complete:
                yield from decoder.receive_eof()

    def _receive(self, deadline: Deadline) -> bytes:
        with self._using():
            self._socket.deadline = deadline
            return self._socket.recv(_READ)

    @contextlib.contextmanager
    def _using(self) -> Iterator[None]:
        """Keep :meth:`close` from closing the socket while this thread uses it."""
        with self._lock:
            if self._closed:
                raise ConnectionAbortedError("the response was closed")
            self._busy = True
        try:
            yield
        finally:
            with self._lock:
                self._busy = False
                closed = self._closed
            if closed:
                self._finalizer()

    def _lost(self, error: OSError | None) -> ConnectionLost:
        if isinstance(error, TimeoutError):
            return ConnectionLost(f"nothing came from {self._host} for {self._idle:g} s")
        reason = break_reason(error) if error is not None else ""
        return ConnectionLost(
            f"the connection to {self._host} ended before the answer was complete"
            + (f": {reason}" if reason else "")
        )
