"""A connection that carries a target's stdio, which several sessions may share.

Layer: session, attach. :meth:`Connection.open` blocks its caller; everything else returns at once
and may be called from any thread. Subscribers are called on the I/O thread.

A *kept* connection is one whose end would end the container's input: it stays open and is
drained when the last session has left (it is *parked*), and the next session of the same
container finds it again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol, cast

from hyper_jupyter.client import Deadline, EngineClient, printable
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, ProtocolError
from hyper_jupyter.protocol import (
    Fault,
    FrameDecoder,
    Output,
    ResponseHead,
    StreamType,
    SystemErr,
)
from hyper_jupyter.session.attach.target import Framing, StreamRequest
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream

__all__ = ["Connection", "Subscriber", "kept_connection", "release_kept"]

INPUT_LIMIT: Final = 1024 * 1024
"""Bytes of stdin that may wait for a container that does not read."""

logger = logging.getLogger(__name__)


class Subscriber(Protocol):
    """Receives what a connection carries. I/O thread."""

    def receive_output(self, outputs: Sequence[Output]) -> None:
        """Take what one read gave, in order: called once per read, not per frame."""

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the connection, ``None`` in order; nothing follows."""


class Connection:
    """A request and the stream that answers it.

    Args:
        client: the engine.
        request: what is asked for.
        key: for a kept connection: what it is found by.
    """

    def __init__(
        self,
        client: EngineClient,
        request: StreamRequest,
        *,
        key: tuple[str, str, str] | None = None,
    ) -> None:
        self._client = client
        self._request = request
        self._key = key
        self._decoder = FrameDecoder() if request.framing is Framing.FRAMES else None
        self._condition = threading.Condition()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._stream: Stream | None = None
        self._head: ResponseHead | None = None
        self._early: list[bytes] = []  # input from before the stream was made
        self._early_size = 0
        self._ended = False
        self._error: HyperJupyterError | None = None
        self.input_ended = False

    # -- any thread ---------------------------------------------------------------------

    @property
    def kept(self) -> bool:
        """Whether its end would end the container's input."""
        return self._key is not None

    @property
    def opened(self) -> bool:
        """Whether the engine has answered with the stream."""
        return self._head is not None

    @property
    def upgraded(self) -> bool:
        """Whether the engine's answer is the one that was asked for; true until it is here."""
        head = self._head
        return head is None or not self._request.upgrade or head.status == 101

    @property
    def ended(self) -> bool:
        """Whether nothing will come any more."""
        return self._ended

    def open(self, deadline: Deadline) -> None:
        """Dial, send the request and wait for the answer's head.

        Raises:
            HyperJupyterError: whatever kept it from being opened.
        """
        try:
            sock, exchange = self._request.dial(self._client, deadline)
        except BaseException as error:
            # Also after Ctrl-C: a kept connection that nobody opens must not be found again.
            self._receive_end(
                error
                if isinstance(error, HyperJupyterError)
                else ConnectionLost("opening the connection was interrupted")
            )
            raise
        stream = Stream(
            runtime().loop,
            sock,
            exchange,
            on_head=self._receive_head,
            on_data=self._receive_data,
            on_end=self._receive_end,
            deadline=deadline,
        )
        with self._condition:
            if self._ended:
                sock.close()
                raise ConnectionLost("the connection was closed while it was opened")
            self._stream = stream
            early, self._early = self._early, []
            stream.start()
            for data in early:
                stream.write(data, 0, 2 * INPUT_LIMIT)
            if self.input_ended:
                stream.end_writing()
            self._condition.notify_all()  # threads that wait for room among the early input
        self.await_opened(deadline)

    def await_opened(self, deadline: Deadline) -> None:
        """Wait for the answer's head, whichever thread asked for it.

        Raises:
            HyperJupyterError: whatever kept it from being opened.
        """
        with self._condition:
            # The stream ends by itself at the deadline; the margin is for the thread's latency.
            self._condition.wait_for(
                lambda: self._head is not None or self._ended, _margin(deadline)
            )
            if self._head is None:
                raise self._error or ConnectionLost("the connection ended before it was open")

    def subscribe(self, subscriber: Subscriber) -> bool:
        """Deliver to ``subscriber`` from now on; ``False`` where the connection has ended."""
        with self._condition:
            if self._ended:
                return False
            self._subscribers = (*self._subscribers, subscriber)
            return True

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Deliver to it no more; the last one closes a connection that is not kept."""
        with self._condition:
            self._subscribers = tuple(s for s in self._subscribers if s is not subscriber)
            parked = self.kept or self._subscribers
        if not parked:
            self.close()

    def write(self, data: bytes, timeout: float | None) -> bool:
        """Send input, in order, once the engine has answered.

        Args:
            data: any number of bytes.
            timeout: seconds to wait for room (1 MiB may wait); ``None`` is no limit.

        Returns:
            ``False`` where there was no room in time, or the connection has ended.
        """
        deadline = Deadline(timeout)
        with self._condition:
            self._condition.wait_for(
                lambda: (
                    self._ended
                    or self._stream is not None
                    or not self._early
                    or self._early_size + len(data) <= INPUT_LIMIT
                ),
                timeout,
            )
            if self._ended or self.input_ended:
                return False
            if self._stream is None:
                if self._early_size + len(data) > INPUT_LIMIT and self._early:
                    return False
                self._early.append(data)
                self._early_size += len(data)
                return True
            stream = self._stream
        return stream.write(data, deadline.remaining(), INPUT_LIMIT)

    def end_input(self) -> None:
        """Half-close after everything that was written."""
        with self._condition:
            self.input_ended = True
            stream = self._stream
        if stream is not None:
            stream.end_writing()

    @property
    def queued(self) -> int:
        """Bytes of input that wait here."""
        with self._condition:
            stream = self._stream
            early = self._early_size
        return stream.queued if stream is not None else early

    @property
    def error(self) -> HyperJupyterError | None:
        """What broke it."""
        return self._error

    def close(self) -> None:
        """Close it, whatever still uses it; its subscribers get the end on the I/O thread."""
        error = ConnectionLost("another session of this notebook closed the connection")
        with self._condition:
            self._ended = True
            subscribers, self._subscribers = self._subscribers, ()
            stream = self._stream
            self._condition.notify_all()
        _discard(self)
        if stream is not None:
            stream.close()
        for subscriber in subscribers:
            runtime().loop.call_soon(partial(subscriber.receive_end, self, error))

    # -- the I/O thread -----------------------------------------------------------------

    def _receive_head(self, head: ResponseHead) -> None:
        with self._condition:
            self._head = head
            self._condition.notify_all()

    def _receive_data(self, data: bytes | memoryview) -> None:
        if self._decoder is None:
            self._deliver([Output(StreamType.STDOUT, bytes(data))])
            return
        try:
            events = self._decoder.receive_data(data)
        except ProtocolError as error:
            self._break(error)
            return
        if not events:
            return
        last = events[-1]
        if isinstance(last, Output):  # then so are all others
            self._deliver(cast("list[Output]", events))
            return
        self._deliver(cast("list[Output]", events[:-1]))
        if isinstance(last, SystemErr):
            text = printable(last.message.decode("utf-8", "replace"))
            self._break(ConnectionLost(f"the engine reports: {text}"))
        elif isinstance(last, Fault):
            self._break(ProtocolError(last.reason))

    def _deliver(self, outputs: Sequence[Output]) -> None:
        if outputs:
            for subscriber in self._subscribers:
                subscriber.receive_output(outputs)

    def _break(self, error: HyperJupyterError) -> None:
        """End it from our side: nothing after a fault can be trusted."""
        if self._stream is not None:
            self._stream.close()
        self._receive_end(error)

    def _receive_end(self, error: HyperJupyterError | None) -> None:
        if error is None and self._decoder is not None and self._decoder.receive_eof().truncated:
            error = ConnectionLost("the stream ended inside a frame")
        with self._condition:
            if self._ended:
                return
            # Set this before `_ended`: readers without the lock look at `_ended` first.
            self._error = error
            self._ended = True
            subscribers, self._subscribers = self._subscribers, ()
            self._condition.notify_all()
        _discard(self)
        for subscriber in subscribers:
            subscriber.receive_end(self, error)


def _margin(deadline: Deadline) -> float | None:
    remaining = deadline.remaining()
    return None if remaining is None else remaining + 2.0


_kept: dict[tuple[str, str, str], Connection] = {}
_kept_lock = threading.Lock()


def kept_connection(
    client: EngineClient, container_id: str, purpose: str, request: StreamRequest
) -> tuple[Connection, bool]:
    """Return the kept connection of a container, or a new one.

    Args:
        client: the engine.
        container_id: whose.
        purpose: ``"stdin"`` or ``"stdio"``.
        request: for a new one. A connection of another kind (a WebSocket, say) is not found.

    Returns:
        The connection, and whether it is new and must be opened.
    """
    websocket = request.framing is Framing.MESSAGES
    key = (client.host, container_id, f"{purpose} by WebSocket" if websocket else purpose)
    with _kept_lock:
        connection = _kept.get(key)
        if connection is not None and not connection.ended:
            return connection, False
        connection = Connection(client, request, key=key)
        _kept[key] = connection
        return connection, True


def release_kept() -> None:
    """Close all kept connections: their containers' input ends."""
    with _kept_lock:
        connections = list(_kept.values())
    for connection in connections:
        connection.close()


def _discard(connection: Connection) -> None:
    key = connection._key
    if key is not None:
        with _kept_lock:
            if _kept.get(key) is connection:
                del _kept[key]
