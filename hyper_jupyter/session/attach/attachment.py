"""The connections that carry one session, laid out as its plan says.

Layer: session. :meth:`Attachment.open` blocks its caller; the rest returns at once, in any thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial
from urllib.parse import quote

from hyper_jupyter.client import Deadline, EngineClient, check_websocket
from hyper_jupyter.exceptions import ConnectionFailed, ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.connection import Connection, Subscriber, kept_connection
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.rules.overlap import overlap
from hyper_jupyter.session.rules.plan import Layout, Plan

__all__ = ["Attachment"]

logger = logging.getLogger(__name__)


class Attachment:
    """A session's way to its container.

    Args:
        client: the engine.
        container_id: whose stdio.
        plan: which connections.
        subscriber: the session.

    Attributes:
        output: the connection whose end is the session's, ``None`` until it is opened.
    """

    def __init__(
        self, client: EngineClient, container_id: str, plan: Plan, subscriber: Subscriber
    ) -> None:
        self.output: Connection | None = None
        self._client = client
        self._id = container_id
        self._plan = plan
        self._subscriber = subscriber
        self._lock = threading.Lock()
        self._input: Connection | None = None
        self._left = False
        self._websocket = plan.options.ws
        self._path = f"/containers/{quote(container_id, safe='')}/attach"
        if self._websocket:
            self._path += "/ws"

    def open(self, deadline: Deadline, *, follow: bool = False, tail: int | None = None) -> None:
        """Open what carries the output.

        Args:
            deadline: for the engine's answer.
            follow: for a log: what comes from now on, too.
            tail: for a log: so many of its last lines; ``None`` is all.

        Raises:
            HyperJupyterError: whatever kept it from being opened; nothing is left open.
        """
        plan = self._plan
        is_new = True
        if plan.layout is Layout.LOGS:
            output = self._log(follow=follow, tail=tail)
        elif plan.layout is Layout.SHARED:
            output, is_new = kept_connection(
                self._client,
                self._id,
                "stdio",
                self._path,
                plan.output_params(),
                websocket=self._websocket,
            )
        else:
            output = Connection(
                self._client,
                self._path,
                plan.output_params(),
                tty=plan.tty,
                websocket=self._websocket,
            )
        if plan.layout in (Layout.ONE, Layout.SHARED) and not plan.stdin_reason:
            self._input = output
        self.output = output
        merge = _Merge(self._subscriber) if plan.reads_log_apart else None
        if not output.subscribe(merge or self._subscriber):
            raise ConnectionLost("the connection to the container has just ended")
        try:
            if is_new:
                if self._websocket:
                    check_websocket(self._client, self._id, deadline)
                output.open(deadline)
            else:
                output.await_opened(deadline)  # another thread may be at it
            if merge is not None:
                self._read_log(merge.log, deadline)
        except BaseException as error:
            output.unsubscribe(merge or self._subscriber)
            if is_new and not output.opened:
                output.close()  # it may be kept, and then the next session would wait for it
            if isinstance(error, HyperJupyterError):
                error.hint = error.hint or plan.other_way(error)
            raise
        if merge is not None:
            runtime().loop.call_soon(partial(self._release, merge, output))

    def input(self) -> Connection:
        """What carries stdin; the stdin-only connection is made with its first use.

        Only where the plan has no reason against stdin.
        """
        with self._lock:
            if self._input is not None:
                return self._input
            connection, is_new = kept_connection(
                self._client,
                self._id,
                "stdin",
                self._path,
                self._plan.stdin_params(),
                websocket=self._websocket,
            )
            if not connection.subscribe(self._subscriber):
                raise ConnectionLost("the connection to the container's stdin has just ended")
            self._input = connection
        if is_new:
            # Not in this thread: dialling may take long, and typing must not wait for it.
            runtime().calls.submit(lambda: self._open_input(connection))
        return connection

    @property
    def input_used(self) -> bool:
        """Whether there is a connection whose end may end the container's input."""
        return self._plan.layout is not Layout.SPLIT or self._input is not None

    @property
    def input_ended(self) -> str:
        """Why nothing can be typed any more, while output may still come; empty where it can."""
        connection = self._input
        if connection is None:
            return ""
        if connection.input_ended:
            return "the end of input was sent"
        if connection.ended and connection is not self.output:
            error = connection.error
            return "the connection to its stdin has ended" + (f": {error}" if error else "")
        return ""

    def end_input(self) -> None:
        """The container has ended: so has its stdin, which engines keep open nevertheless.

        Kept, it would be found again when the container is started anew, and lead nowhere.
        """
        with self._lock:
            connection = self._input
        if connection is not None and connection is not self.output:
            connection.close()

    def kept(self) -> list[Connection]:
        """The connections whose end would end the container's input."""
        used = {id(c): c for c in (self.output, self._input) if c is not None}
        return [c for c in used.values() if c.kept and not c.ended]

    def leave(self) -> None:
        """Go; kept connections stay open and are drained."""
        with self._lock:
            self._left = True
        for connection in (self.output, self._input):
            if connection is not None:
                connection.unsubscribe(self._subscriber)

    def leave_output(self) -> None:
        """Take no more output, where its connection is open."""
        if self.output is not None:
            self.output.unsubscribe(self._subscriber)

    def _read_log(self, log: _Log, deadline: Deadline) -> None:
        """Read the log so far; blocks."""
        connection = self._log(follow=False, tail=None)
        connection.subscribe(log)
        try:
            connection.open(deadline)
            complete = log.done.wait(deadline.remaining())
        finally:
            connection.unsubscribe(log)
        if not complete:
            raise ConnectionFailed("the engine did not send the container's log in time")
        if log.error is not None:
            raise log.error

    def _release(self, merge: _Merge, output: Connection) -> None:
        """On the I/O thread: let the merged output through, where nobody has left meanwhile."""
        with self._lock:
            left = self._left
        if not left:
            merge.release(output)
            with self._lock:
                left = self._left
        if left:
            output.unsubscribe(merge)
            output.unsubscribe(self._subscriber)

    def _log(self, *, follow: bool, tail: int | None) -> Connection:
        options = self._plan.options
        params = {
            "stdout": str(int(options.stdout)),
            "stderr": str(int(options.stderr)),
            "follow": str(int(follow)),
            "tail": "all" if tail is None else str(tail),
        }
        path = f"/containers/{quote(self._id, safe='')}/logs"
        return Connection(self._client, path, params, tty=self._plan.tty, upgrade=False)

    def _open_input(self, connection: Connection) -> None:
        try:
            connection.open(Deadline(self._client.timeout))
        except HyperJupyterError as error:
            logger.info("! stdin could not be opened: %s", error)


class _Log:
    """Receives a whole log. I/O thread, but for :attr:`done`."""

    def __init__(self) -> None:
        self.pieces: dict[StreamType, list[bytes]] = {StreamType.STDOUT: [], StreamType.STDERR: []}
        self.error: HyperJupyterError | None = None
        self.done = threading.Event()

    def receive_output(self, outputs: Sequence[Output]) -> None:
        for stream, data in outputs:
            self.pieces[stream].append(data)

    def receive_end(self, _: Connection, error: HyperJupyterError | None) -> None:
        self.error = error
        self.done.set()


class _Merge:
    """Holds live output back until the log before it is here. I/O thread."""

    def __init__(self, subscriber: Subscriber) -> None:
        self.log = _Log()
        self._subscriber = subscriber
        self._live: list[Output] = []
        self._end: tuple[Connection, HyperJupyterError | None] | None = None

    def receive_output(self, outputs: Sequence[Output]) -> None:
        self._live += outputs

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        self._end = (connection, error)

    def release(self, connection: Connection) -> None:
        """Hand on the log, then what of the live output it does not hold, then all that comes."""
        for stream, pieces in self.log.pieces.items():
            before = b"".join(pieces)
            live = b"".join(data for kind, data in self._live if kind is stream)
            merged = before + live[overlap(before, live) :]
            if merged:
                self._subscriber.receive_output([Output(stream, merged)])
        # The session first: a connection that nobody uses is closed.
        subscribed = self._end is None and connection.subscribe(self._subscriber)
        connection.unsubscribe(self)
        if not subscribed:
            self._subscriber.receive_end(connection, self._end[1] if self._end else None)
