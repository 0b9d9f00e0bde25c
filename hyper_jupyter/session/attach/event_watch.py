"""Learns from the engine's events that containers are paused and continued.

Layer: session, attach. Any thread may watch; callbacks are called on the I/O thread or on the calls
worker, and must not block. The engine is asked on the calls worker.

Neither the stream nor the wait request says that a container stands still. So one request for the
events of each client is open as long as anything is watched there. Events before it, or between two
requests, are missed: then the container is inspected. Where events cannot be had (a proxy that
refuses them, an engine that keeps none), nothing is said.
"""

from __future__ import annotations

import json
import logging
import threading
import weakref
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.client.resources.events import EVENTS_PATH
from hyper_jupyter.exceptions import ApiError, HyperJupyterError
from hyper_jupyter.session.attach.target import StreamRequest, Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream

__all__ = ["watch_pauses"]

_LONGEST: Final = 64 * 1024
"""Bytes of one event that are kept; longer ones are not read."""

_AGAIN: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds until the next request, after one that broke."""

_REQUEST: Final = StreamRequest(
    "GET",
    EVENTS_PATH,
    {"filters": json.dumps({"type": ["container"], "event": ["pause", "unpause"]})},
)

_PAUSED: Final = {"pause": True, "unpause": False}

logger = logging.getLogger(__name__)

OnPause = Callable[[bool], object]


def watch_pauses(client: EngineClient, target: Target, on_change: OnPause) -> Callable[[], None]:
    """Call ``on_change(paused)`` whenever a container may have been paused or continued.

    Args:
        client: the engine.
        target: the container.
        on_change: called with whether the container is paused now, also if that is nothing new.

    Returns:
        A function that ends this.
    """
    with _lock:
        watch = _watches.get(client)
        if watch is None:
            watch = _watches[client] = EventWatch(client)
    return watch.add(target, on_change)


class EventWatch:
    """The events of one engine.

    Args:
        client: the engine.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = weakref.ref(client)
        self._events: Counter[str] = Counter()  # by container: what an inspect says may be older
        self._lock = threading.Lock()
        self._watched: dict[object, tuple[Target, OnPause]] = {}
        self._stream: Stream | None = None
        self._opening = False
        self._failures = 0
        self._line = bytearray()

    def add(self, target: Target, on_change: OnPause) -> Callable[[], None]:
        """Watch a container; return a function that ends this."""
        key = object()
        with self._lock:
            self._watched[key] = target, on_change
            connected = self._stream is not None
        runtime().calls.submit(lambda: self._inspect(key) if connected else self._open())
        return lambda: self._remove(key)

    def _remove(self, key: object) -> None:
        with self._lock:
            self._watched.pop(key, None)
            if self._watched:
                return
            self._events.clear()
            stream, self._stream = self._stream, None
            self._failures = 0
        if stream is not None:
            stream.close()

    def _open(self) -> None:
        """Ask for the events, unless that is done or nothing is watched. Calls worker."""
        client = self._client()
        with self._lock:
            if self._opening or self._stream is not None or not self._watched or client is None:
                return
            self._opening = True
        try:
            deadline = Deadline(client.timeout)
            sock, exchange = _REQUEST.dial(client, deadline)
        except HyperJupyterError as error:
            with self._lock:
                self._opening = False
            self._receive_end(None, error)
            return
        stream: Stream = Stream(
            runtime().loop,
            sock,
            exchange,
            on_head=lambda _: self._receive_head(),
            on_data=self._receive,
            on_end=lambda error: self._receive_end(stream, error),
            deadline=None,  # an engine may hold back the head until the first event
        )
        with self._lock:
            self._opening = False
            self._line.clear()
            wanted = bool(self._watched)
            if wanted:
                self._stream = stream
        if not wanted:
            sock.close()
            return
        stream.start()

    # -- the I/O thread -----------------------------------------------------------------

    def _receive_head(self) -> None:
        """Look once at everything that is watched: an event may have been missed."""
        with self._lock:
            self._failures = 0
            keys = list(self._watched)
        for key in keys:
            runtime().calls.submit(partial(self._inspect, key))

    def _receive(self, data: bytes | memoryview) -> None:
        *lines, rest = bytes(data).split(b"\n")
        for line in lines:
            self._line += line[: _LONGEST - len(self._line)]
            self._take(bytes(self._line))
            self._line.clear()
        self._line += rest[: _LONGEST - len(self._line)]

    def _take(self, line: bytes) -> None:
        try:
            event: Any = json.loads(line)
            paused = _PAUSED.get(event.get("Action") or event.get("status"))
            container = event.get("id") or event["Actor"]["ID"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return
        if paused is None:
            return
        with self._lock:
            watched = [each for each in self._watched.values() if each[0].container.id == container]
            if watched:
                self._events[container] += 1
        for _, on_change in watched:
            on_change(paused)

    def _receive_end(self, stream: Stream | None, error: HyperJupyterError | None) -> None:
        """Ask again later, unless the engine refuses. Also called on the calls worker."""
        with self._lock:
            if stream is not None and self._stream is not stream:
                return  # it was closed because nothing is watched
            self._stream = None
            delay = _AGAIN[min(self._failures, len(_AGAIN) - 1)]
            self._failures += 1
            if not self._watched:
                return
        if isinstance(error, ApiError) and error.status < 500:
            logger.info("! no events, so pauses are not seen: %s", error)
            return
        runtime().calls.call_later(delay, self._open)

    # -- the calls worker ---------------------------------------------------------------

    def _inspect(self, key: object) -> None:
        client = self._client()
        with self._lock:
            watched = self._watched.get(key)
            if watched is None or client is None:
                return
            target, on_change = watched
            events = self._events[target.container.id]
        try:
            state = client.inspect(target.container.id).get("State") or {}
        except HyperJupyterError as error:
            logger.info("! whether %s is paused is not known: %s", target.describe(), error)
            return
        with self._lock:
            overtaken = self._events[target.container.id] != events
        if not overtaken:  # by an event, which is newer
            on_change(bool(state.get("Paused")) or state.get("Status") == "paused")


_lock = threading.Lock()
_watches: weakref.WeakKeyDictionary[EngineClient, EventWatch] = weakref.WeakKeyDictionary()
