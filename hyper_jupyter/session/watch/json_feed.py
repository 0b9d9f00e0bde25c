"""One long request whose answer is lines of JSON.

Layer: session, watch. Any thread opens and closes one. It is dialled on the calls worker, and then
belongs to the I/O thread, which calls the callbacks. They must not block.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError
from hyper_jupyter.protocol import ResponseHead
from hyper_jupyter.protocol.json_lines import JsonLines
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream

__all__ = ["JsonFeed"]

logger = logging.getLogger(__name__)


class JsonFeed:
    """Requests a stream of JSON values, and hands them over one by one.

    Args:
        client: the engine.
        path: of the request.
        params: its query.
        on_head: called when the engine has accepted the request. Some hold that back until there
            is a first value.
        on_value: called with each value.
        on_end: called once when there is no more, with the error if there is one. Also called on
            the calls worker, where the engine could not be dialled.

    Attributes:
        heard_at: when something came last, by the monotonic clock; before that, when it was made.
        sent: whether the engine was dialled, and gets the request.
    """

    def __init__(
        self,
        client: EngineClient,
        path: str,
        params: Mapping[str, str],
        *,
        on_value: Callable[[Any], object],
        on_end: Callable[[HyperJupyterError | None], object],
        on_head: Callable[[], object] = lambda: None,
    ) -> None:
        self.heard_at = time.monotonic()
        self.sent = False
        self._client = client
        self._path = path
        self._params = params
        self._on_head = on_head
        self._on_value = on_value
        self._on_end = on_end
        self._lines = JsonLines()
        self._stream: Stream | None = None
        self._closed = False

    def open(self) -> None:
        """Dial the engine, soon."""
        runtime().calls.submit(self._open)

    def close(self) -> None:
        """End the request. No callback is called after the one that may be running."""
        self._closed = True
        stream = self._stream
        if stream is not None:
            stream.close()

    def _open(self) -> None:
        if self._closed:
            return
        try:
            sock, exchange = self._client.open(
                "GET",
                self._path,
                self._params,
                headers={},
                body=None,
                deadline=Deadline(self._client.timeout),
                websocket=False,
            )
        except HyperJupyterError as error:
            self._end(error)
            return
        self._stream = Stream(
            runtime().loop,
            sock,
            exchange,
            self,
            deadline=None,
        )
        if self._closed:  # by another thread, which did not see the stream
            self._stream.close()
        else:
            self._stream.start()
            self.sent = True

    # -- the I/O thread -----------------------------------------------------------------

    def receive_head(self, _: ResponseHead) -> None:
        """Take the head of the answer."""
        self.heard_at = time.monotonic()
        if not self._closed:
            self._on_head()

    def receive_data(self, data: bytes | memoryview) -> None:
        """Take what was read, and pass on the values in it."""
        self.heard_at = time.monotonic()
        try:
            values = self._lines.receive_data(data)
        except ProtocolError as error:
            self._break(error)
            return
        self._pass_on(values)

    def receive_end(self, error: HyperJupyterError | None) -> None:
        """Take the end of the answer."""
        if error is None:
            try:
                self._pass_on(self._lines.receive_eof())
            except ProtocolError as fault:
                error = fault
        self._end(error)

    def _pass_on(self, values: list[Any]) -> None:
        for value in values:
            if self._closed:
                return
            try:
                self._on_value(value)
            except ProtocolError as error:
                self._break(error)
                return

    def _break(self, error: ProtocolError) -> None:
        """End a request whose answer is not understood."""
        if self._stream is not None:
            self._stream.close()
        self._end(error)

    def _end(self, error: HyperJupyterError | None) -> None:
        if not self._closed:
            self._closed = True
            self._on_end(error)
