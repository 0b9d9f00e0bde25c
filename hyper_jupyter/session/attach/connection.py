"""A connection that carries a target's stdio. Several sessions may share it.

Layer: session, attach. Any thread. :meth:`Connection.open` and :meth:`Connection.await_opened`
block, and :meth:`Connection.write` blocks up to its timeout. Subscribers are called on the I/O
thread.

:mod:`hyper_jupyter.session.attach.kept_connections` has those that stay open when sessions leave.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from typing import Final, Protocol, cast

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, ProtocolError
from hyper_jupyter.protocol import (
    Event,
    Fault,
    FrameDecoder,
    Piece,
    ResponseHead,
    StreamType,
    SystemErr,
)
from hyper_jupyter.protocol.frame_scanner import FrameScanner
from hyper_jupyter.protocol.log_entries import LogDecoder, LogEvent, LogTimes, TimedOutput
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.attach.target import Framing, StreamRequest
from hyper_jupyter.session.io.reader import lasts
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream
from hyper_jupyter.session.io.waiting import Waiting
from hyper_jupyter.session.store.frame_record import FrameRecord

__all__ = ["Connection", "Subscriber"]

_HOLD: Final = 0.2
"""Seconds after which what may be the beginning of a log's timestamp is delivered."""

INPUT_LIMIT: Final = 1024 * 1024
"""Bytes of stdin that may be queued for a container that does not read."""

logger = logging.getLogger(__name__)


class Subscriber(Protocol):
    """Receives what a connection carries. I/O thread."""

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Take the output of one read, in order. Called once per read, not once per frame.

        Args:
            outputs: what came. Large ones may be views of all that was read: whoever keeps little
                of it has to copy that.
            times: for a log with timestamps the time of each output.
        """

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of the connection; ``error`` is ``None`` if it was orderly.

        Nothing follows.
        """


class Connection:
    """A request and the stream that answers it.

    Args:
        client: the engine.
        request: the request.
        discard: is called with the connection once it has ended, maybe more than once, so that
            nobody finds it again; ``None`` for one that is not kept.

    Attributes:
        input_ended: whether we have half-closed it.
        closed: whether we have closed it, while it was open.
    """

    __slots__ = (
        "_client",
        "_condition",
        "_decoder",
        "_discard",
        "_early",
        "_early_size",
        "_ended",
        "_error",
        "_framed",
        "_head",
        "_log",
        "_reads",
        "_records",
        "_request",
        "_stream",
        "_subscribers",
        "_taps",
        "_upgrades",
        "closed",
        "input_ended",
    )

    def __init__(
        self,
        client: EngineClient,
        request: StreamRequest,
        *,
        discard: Callable[[Connection], object] | None = None,
    ) -> None:
        self._client = client
        self._request: StreamRequest | None = request  # until it is sent
        self._framed = request.framing is Framing.FRAMES
        self._upgrades = request.upgrade
        self._discard = discard
        self._decoder = FrameDecoder() if self._framed and request.stamps is None else None
        self._log = (
            LogDecoder(
                framed=self._framed,
                entries=request.stamps.entries,
                keep_stamps=request.stamps.keep,
                details=request.stamps.details,
                joined=request.stamps.joined,
            )
            if request.stamps is not None
            else None
        )
        self._condition = Waiting()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._stream: Stream | None = None
        self._head: ResponseHead | None = None
        self._reads = 0  # of a log with timestamps
        self._early: list[bytes] = []  # input written before the stream was made
        self._early_size = 0
        self._records: tuple[FrameRecord, ...] = ()  # get what we write
        self._taps: tuple[tuple[FrameRecord, FrameScanner | None], ...] = ()  # I/O thread's
        self._ended = False
        self._error: HyperJupyterError | None = None
        self.input_ended = False
        self.closed = False

    # -- any thread ---------------------------------------------------------------------

    @property
    def kept(self) -> bool:
        """Whether its end would end the container's input."""
        return self._discard is not None

    @property
    def opened(self) -> bool:
        """Whether the engine has answered with the stream."""
        return self._head is not None

    @property
    def upgraded(self) -> bool:
        """``False`` if an upgrade was requested and the engine has answered without it."""
        head = self._head
        return head is None or not self._upgrades or head.status == 101

    @property
    def ended(self) -> bool:
        """Whether the connection has ended: nothing more will come."""
        return self._ended

    @property
    def gone(self) -> bool:
        """Whether it has ended, or is closed and its end is just being reported."""
        stream = self._stream
        return self._ended or (stream is not None and stream.closed)

    def open(self, deadline: Deadline) -> None:
        """Dial, send the request and wait for the answer's head, once. Blocks.

        Raises:
            HyperJupyterError: it could not be opened.
        """
        request, self._request = self._request, None
        assert request is not None
        try:
            sock, exchange = request.dial(self._client, deadline)
        except BaseException as error:
            # Also after Ctrl-C: a later session must not find a connection that nobody opens.
            self.receive_end(
                error
                if isinstance(error, HyperJupyterError)
                else ConnectionLost("opening the connection was interrupted")
            )
            raise
        stream = Stream(
            runtime().loop,
            sock,
            exchange,
            self,
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
            self._condition.notify_all()  # wakes threads that wait for room in the early input
        self.await_opened(deadline)

    def await_opened(self, deadline: Deadline) -> None:
        """Wait for the answer's head; any thread may have sent the request. Blocks.

        Raises:
            HyperJupyterError: it could not be opened.
        """
        with self._condition:
            # The stream ends by itself at the deadline; the margin allows for thread latency.
            self._condition.wait_for(
                lambda: self._head is not None or self._ended, _margin(deadline)
            )
            if self._head is None:
                # A copy: the traceback refers to this object, which must not refer to it.
                raise copy(self._error) or ConnectionLost("the connection ended before it was open")

    def subscribe(self, subscriber: Subscriber) -> bool:
        """Deliver to ``subscriber`` from now on; return ``False`` if the connection has ended."""
        with self._condition:
            if self._ended:
                return False
            self._subscribers = (*self._subscribers, subscriber)
            return True

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Stop delivering to ``subscriber``; without subscribers, close unless it is kept."""
        with self._condition:
            self._subscribers = tuple(s for s in self._subscribers if s is not subscriber)
            parked = self.kept or self._subscribers
        if not parked:
            self.close()

    def tap(self, record: FrameRecord) -> None:
        """Keep the frames from now on in ``record``, and what is written."""
        with self._condition:
            if record in self._records:
                return
            self._records = (*self._records, record)
            if self._stream is None:
                self._install(record)
                return
        # The decoder is the I/O thread's: only there it is known where it is.
        runtime().loop.call_soon(partial(self._install, record))

    def untap(self, record: FrameRecord) -> None:
        """Keep nothing more in ``record``."""
        with self._condition:
            self._records = tuple(each for each in self._records if each is not record)
        runtime().loop.call_soon(partial(self._remove, record))

    def write(self, data: bytes, timeout: float | None) -> bool:
        """Send input, in order, once the engine has answered.

        Args:
            data: any number of bytes.
            timeout: seconds to wait for room (1 MiB may be queued); ``None`` is no limit.

        Returns:
            ``False`` if there was no room in time, or the connection or its input has ended.
        """
        written = self._write(data, timeout)
        if written:
            for record in self._records:
                record.add_bytes("input", data)
        return written

    def _write(self, data: bytes, timeout: float | None) -> bool:
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
        """Half-close once everything written has been sent."""
        with self._condition:
            self.input_ended = True
            stream = self._stream
        if stream is not None:
            stream.end_writing()

    @property
    def error(self) -> HyperJupyterError | None:
        """The error that ended it; ``None`` if it is open or its end was orderly."""
        return self._error

    def close(self) -> None:
        """Close it, even if sessions still use it; they get the end on the I/O thread."""
        error = ConnectionLost("another session of this notebook closed the connection")
        with self._condition:
            if not self._ended:
                self._error = error  # before `_ended`, as in `receive_end`
                self.closed = True
            self._ended = True
            subscribers, self._subscribers = self._subscribers, ()
            stream = self._stream
            self._condition.notify_all()
        if self._discard is not None:
            self._discard(self)
        if stream is not None:
            stream.close()
        for subscriber in subscribers:
            runtime().loop.call_soon(partial(subscriber.receive_end, self, error))

    # -- the I/O thread -----------------------------------------------------------------

    def receive_head(self, head: ResponseHead) -> None:
        """Take the head of the answer: it is open."""
        with self._condition:
            self._head = head
            self._condition.notify_all()

    def _install(self, record: FrameRecord) -> None:
        if record not in self._records:
            return  # it was removed meanwhile
        decoder = (self._decoder or self._log) if self._framed else None
        scanner = FrameScanner(decoder.pending) if decoder is not None else None
        self._taps = (*self._taps, (record, scanner))

    def _remove(self, record: FrameRecord) -> None:
        self._taps = tuple(tap for tap in self._taps if tap[0] is not record)

    def _record(self, data: bytes | memoryview) -> None:
        for record, scanner in self._taps:
            if scanner is None:
                record.add_bytes("raw", data)
            else:
                record.add(scanner.receive_data(data))

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take what was read, and deliver the output in it."""
        if self._taps:
            self._record(data)
        if self._log is not None:
            try:
                self._receive_entries(self._log.receive_data(data))
            except ProtocolError as error:
                self._break(error)
            self._reads += 1
            if self._log.holds:
                runtime().loop.call_later(_HOLD, partial(self._release_old, self._reads))
            return
        if self._decoder is None:
            piece = data if lasts(data) else bytes(data)
            self._deliver([(StreamType.STDOUT, piece)])
            return
        events: Sequence[Event | Piece]
        try:
            events = self._decoder.cut(data) if lasts(data) else self._decoder.receive_data(data)
        except ProtocolError as error:
            self._break(error)
            return
        if not events:
            return
        last = events[-1]
        if isinstance(last, tuple):  # then all others are too
            self._deliver(cast("list[Piece]", events))
            return
        self._deliver(cast("list[Piece]", events[:-1]))
        self._receive_fault(last)

    def _receive_entries(self, events: Sequence[LogEvent]) -> None:
        """Deliver a log's output with its times."""
        if not events:
            return
        entries = events if isinstance(events[-1], TimedOutput) else events[:-1]
        if entries:  # in few steps, not in some for each line: a log may have millions
            streams, data, moments = zip(*cast("Sequence[TimedOutput]", entries), strict=True)
            assert self._log is not None
            times = LogTimes(moments, self._log.places)
            self._deliver(list(zip(streams, data, strict=True)), times)
        if len(entries) < len(events):
            self._receive_fault(events[-1])

    def _receive_fault(self, last: object) -> None:
        """Take the event that ends the stream."""
        if isinstance(last, SystemErr):
            text = printable(last.message.decode("utf-8", "replace"))
            self._break(ConnectionLost(f"the engine reports: {text}"))
        elif isinstance(last, Fault):
            self._break(ProtocolError(last.reason))

    def _deliver(self, outputs: Sequence[Piece], times: LogTimes | None = None) -> None:
        if outputs:
            for subscriber in self._subscribers:
                subscriber.receive_output(outputs, times)

    def _break(self, error: HyperJupyterError) -> None:
        """Close it because of a fault: nothing after the fault can be trusted."""
        if self._stream is not None:
            self._stream.close()
        self.receive_end(error)

    def _release_old(self, reads: int) -> None:
        """Deliver what is held back, unless more has come since: that may be a stamp's rest."""
        if self._reads == reads:
            self._release_held()

    def _release_held(self) -> None:
        """Deliver what a log's decoder holds back: a prompt is not to wait for what is typed."""
        if self._log is not None and not self._ended:
            self._receive_entries(self._log.release())

    def _ends_inside_a_frame(self) -> bool:
        """Take the end of the data, and deliver what a decoder has held back until now."""
        if self._log is not None:
            events, end = self._log.receive_eof()
            self._receive_entries(events)
            return end.truncated
        return self._decoder is not None and self._decoder.receive_eof().truncated

    def receive_end(self, error: HyperJupyterError | None) -> None:
        """Take the end, and report it to the subscribers."""
        if error is not None:
            self._release_held()
        elif self._ends_inside_a_frame():
            error = ConnectionLost("the stream ended inside a frame")
        with self._condition:
            if self._ended:
                return
            # Set this before `_ended`: readers without the lock look at `_ended` first.
            self._error = error
            self._ended = True
            subscribers, self._subscribers = self._subscribers, ()
            self._condition.notify_all()
        if self._discard is not None:
            self._discard(self)
        for subscriber in subscribers:
            subscriber.receive_end(self, error)


def _margin(deadline: Deadline) -> float | None:
    remaining = deadline.remaining()
    return None if remaining is None else remaining + 2.0
