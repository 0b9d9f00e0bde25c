"""The connections that carry one session; the session's plan says which.

Layer: session, attach. Any thread. :meth:`Attachment.open` blocks its caller; the other methods
do not block.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from hyper_jupyter.client import Container, Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import Output, Piece
from hyper_jupyter.protocol.log_entries import LogTimes
from hyper_jupyter.session.attach.connection import Connection, Subscriber
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.kept_connections import kept_connection
from hyper_jupyter.session.attach.logs.log_section import LogSection, read_section
from hyper_jupyter.session.attach.opening import Opening, steady
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.store.frame_record import FrameRecord

__all__ = ["Attachment"]

logger = logging.getLogger(__name__)


class _Nobody:
    """Receives what nobody wants any more."""

    def receive_output(self, outputs: Sequence[Piece], times: LogTimes | None = None, /) -> None:
        """Discard output."""

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Discard an end."""


_NOBODY: Final = _Nobody()


class Attachment:
    """A session's connections to its target.

    Args:
        client: the engine.
        target: what the session is attached to.
        plan: says which connections to open.
        subscriber: receives what they carry.
        lock: the session's.

    Attributes:
        plan: the plan, the newest one if it was renewed.
        output: the connection that carries the output; its end is the end of the session. ``None``
            until it is opened.
        opening: when that was opened; ``None`` until then.
    """

    __slots__ = (
        "_client",
        "_input",
        "_key",
        "_lock",
        "_no_input",
        "_record",
        "_subscriber",
        "_target",
        "_unsubscribed",
        "opening",
        "output",
        "plan",
    )

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        subscriber: Subscriber,
        lock: threading.RLock,
    ) -> None:
        self.output: Connection | None = None
        self.opening: Opening | None = None
        self._client = client
        self._target = target
        self._key = target.key
        self.plan = plan
        self._subscriber: Subscriber = subscriber
        self._lock = lock
        self._input: Connection | None = None
        self._unsubscribed = False
        self._record: FrameRecord | None = None
        self._no_input = ""  # why nothing can be typed into any connection

    def renew(self, plan: Plan, subscriber: Subscriber, *, cut: bool = False) -> None:
        """Prepare to be opened again, after :meth:`unsubscribe`.

        A connection that carries only stdin and goes on is used further.

        Args:
            plan: says which connections to open.
            subscriber: receives what they carry.
            cut: whether the connections were cut while the container ran on. What that has done to
                its input holds for the new connections, too.
        """
        self._target.renew(plan)
        parked = self.parked_input()
        self._no_input = self._reason_against_input(parked) if cut else ""
        if parked is not None and not (parked.kept and parked.subscribe(subscriber)):
            parked = None
        with self._lock:
            self.plan = plan
            self.output, self._input = None, parked
            self._subscriber = subscriber
            self._unsubscribed = False
        if parked is not None:
            self._tap(parked)

    def move(self, container: Container) -> None:
        """Be of another container, after :meth:`unsubscribe`."""
        self._target.move(container)
        self._key = self._target.key
        with self._lock:
            self._input = None

    def _reason_against_input(self, parked: Connection | None) -> str:
        """Return why nothing more can be typed after a cut; empty if it can.

        Args:
            parked: the stdin-only connection, if it goes on.
        """
        used, scheme = self._input, self.plan.scheme
        if self._no_input:
            return self._no_input
        if used is not None and used.input_ended:
            return "the end of input was sent"
        ends_with_its_connection = used is not None and parked is None
        if scheme is ConnectionScheme.SHARED:
            ends_with_its_connection = self.plan.has_input
        if not ends_with_its_connection or scheme is ConnectionScheme.ONE:
            return ""
        return "its connection was cut, and that ends the container's input"

    @property
    def lost_input(self) -> bool:
        """Whether a cut has ended the container's input."""
        return "cut" in self._no_input

    def open(self, deadline: Deadline) -> None:
        """Open the connection that carries the output. Blocks.

        Args:
            deadline: for the engine's answer.

        Raises:
            HyperJupyterError: it could not be opened. Nothing is left open.
        """
        plan = self.plan
        request, is_new = self._target.attach_request(), True
        if plan.scheme is ConnectionScheme.SHARED:
            output, is_new = kept_connection(self._client, self._key, "stdio", request)
        else:
            output = Connection(self._client, request)
        if plan.scheme in (ConnectionScheme.ONE, ConnectionScheme.SHARED) and not plan.stdin_reason:
            self._input = output
        self.output = output
        self._tap(output)
        gate = log = None
        if plan.reads_log_apart:
            self._subscriber = gate = Gate(self._subscriber)
        subscriber = self._subscriber
        self.opening, sent = None, time.time()
        if not output.subscribe(subscriber):
            raise ConnectionLost(f"the connection to {plan.subject} has just ended")
        try:
            if is_new:
                self._target.check(deadline)
                output.open(deadline)
            else:
                output.await_opened(deadline)  # another thread may be opening it
            self.opening = Opening(sent, time.time(), steady(), live=not plan.options.logs)
            if gate is not None:
                log = read_section(self._client, self._target, deadline, most=None)
                if not log.covers:
                    raise ConnectionFailed("the engine did not send the container's log in time")
        except BaseException as error:
            output.unsubscribe(subscriber)
            if is_new and not output.opened:
                # It may be a kept connection: the next session would find it and wait for it.
                output.close()
            if isinstance(error, HyperJupyterError) and self._client.instance is None:
                # On the way to an engine that is a process of ours, there is nothing in between.
                error.hint = plan.other_way(error)
            raise
        if gate is not None and log is not None:
            runtime().loop.call_soon(partial(self._release, gate, log))

    def record(self, record: FrameRecord) -> None:
        """Keep the frames of its connections from now on, and what is written to them."""
        with self._lock:
            self._record = record
            if self._unsubscribed:
                return
            connections = (self.output, self._input)
        for connection in {id(c): c for c in connections if c is not None}.values():
            self._tap(connection)

    def _tap(self, connection: Connection) -> None:
        if self._record is not None:
            connection.tap(self._record)

    def input(self) -> Connection:
        """Return the connection that carries stdin.

        A stdin-only connection is made when it is first needed. Call this only if the plan has no
        reason against stdin.

        Raises:
            ConnectionLost: the connection has just ended.
        """
        with self._lock:
            if self._input is not None:
                return self._input
            if self._unsubscribed:
                raise ConnectionLost(f"the session has left {self.plan.subject}")
            connection, is_new = kept_connection(
                self._client, self._key, "stdin", self._target.input_request()
            )
            if not connection.subscribe(self._subscriber):
                raise ConnectionLost("the connection to the container's stdin has just ended")
            self._input = connection
            self._tap(connection)
        if is_new:
            # On a worker: dialling may take long, and typing must not wait for it.
            runtime().calls.submit(lambda: self._open_input(connection))
        return connection

    @property
    def input_used(self) -> bool:
        """Whether there is a connection whose end may end the container's input."""
        return self.plan.scheme is not ConnectionScheme.SPLIT or self._input is not None

    @property
    def input_ended(self) -> str:
        """Why nothing more can be typed, although output may still come; empty if it can."""
        connection = self._input
        if self._no_input or connection is None:
            return self._no_input
        if connection.input_ended:
            return "the end of input was sent"
        if connection.ended and connection is not self.output:
            error = connection.error
            return "the connection to its stdin has ended" + (f": {error}" if error else "")
        return ""

    def end_input(self) -> None:
        """Close the stdin-only connection after the container's end: engines keep it open.

        If it stayed open, a session of the restarted container would find it, and input sent on it
        would go nowhere.
        """
        connection = self.parked_input()
        if connection is not None:
            connection.close()

    def parked_input(self) -> Connection | None:
        """Return the stdin-only connection; ``None`` if there is none, or it has ended."""
        with self._lock:
            connection = self._input
        if connection is None or connection is self.output or connection.ended:
            return None
        return connection

    def kept(self) -> list[Connection]:
        """Return the open connections whose end would end the container's input."""
        used = {id(c): c for c in (self.output, self._input) if c is not None}
        return [c for c in used.values() if c.kept and not c.ended]

    def unsubscribe(self) -> None:
        """Stop receiving from all connections; kept ones stay open and are drained."""
        with self._lock:
            self._unsubscribed = True
            # The receiver refers to this object. A circle would live until it is collected.
            subscriber, self._subscriber = self._subscriber, _NOBODY
        for connection in (self.output, self._input):
            if connection is not None:
                connection.unsubscribe(subscriber)
                if self._record is not None:
                    connection.untap(self._record)

    def unsubscribe_output(self) -> None:
        """Stop receiving output."""
        if self.output is not None:
            self.output.unsubscribe(self._subscriber)

    def _release(self, gate: Gate, log: LogSection) -> None:
        """Deliver the log and what comes live, unless the session was detached. I/O thread."""
        with self._lock:
            unsubscribed = self._unsubscribed
        if not unsubscribed:
            gate.open_after([Output(stream, data) for stream, data, _ in log.entries])

    def _open_input(self, connection: Connection) -> None:
        try:
            connection.open(Deadline(self._client.timeout))
        except HyperJupyterError as error:
            logger.info("! stdin could not be opened: %s", error)
