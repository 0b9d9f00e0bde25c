"""One request for each engine's events about containers, however many sessions want them.

Layer: session, attach. Any thread may listen. Listeners are called on the I/O thread, which they
must not block, and on the calls worker, where the engine is asked.

Neither the stream nor the wait request says that a container stands still, or is started again. So
one request for the events of each client is open as long as anything listens there. Events before
it, or between two requests, are missed: then the listeners are asked to look for themselves. Where
events cannot be had (a proxy that refuses them, an engine that keeps none), nothing is said.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.client.records import Event
from hyper_jupyter.client.resources.events import EVENTS_PATH, EventRequest
from hyper_jupyter.exceptions import ApiError, HyperJupyterError
from hyper_jupyter.protocol import Exchange, ResponseHead
from hyper_jupyter.session.attach.target import StreamRequest, Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.stream import Stream
from hyper_jupyter.session.rules.retrying import pause_after

__all__ = ["ACTIONS", "Listener", "listen", "watch_pauses"]

ACTIONS: Final = ("pause", "unpause", "start", "die", "rename", "destroy", "cleanup")
"""What is asked for, in Docker's words, of which ``cleanup`` is none."""

_LONGEST: Final = 64 * 1024
"""Bytes of one event that are kept; longer ones are not read."""

_PAUSED: Final = {"pause": True, "unpause": False}

logger = logging.getLogger(__name__)

OnPause = Callable[[bool], object]


class Listener(Protocol):
    """Wants to know what happens to containers."""

    def receive_event(self, event: Event) -> object:
        """Take an event of any container. I/O thread."""

    def look(self) -> object:
        """See for yourself, once: events may have been missed. Calls worker."""


def listen(client: EngineClient, listener: Listener) -> Callable[[], None]:
    """Report the events :data:`ACTIONS` of all containers from now on.

    Args:
        client: the engine.
        listener: is asked to look once the events are there.

    Returns:
        A function that ends this.
    """
    with _lock:
        watch = _watches.get(client)
        if watch is None:
            watch = _watches[client] = EventWatch(client)
    return watch.add(listener)


def watch_pauses(client: EngineClient, target: Target, on_change: OnPause) -> Callable[[], None]:
    """Call ``on_change(paused)`` whenever a container may have been paused or continued.

    Args:
        client: the engine.
        target: the container.
        on_change: called with whether the container is paused now, also if that is nothing new.

    Returns:
        A function that ends this.
    """
    return listen(client, _PauseListener(client, target, on_change))


class _PauseListener:
    def __init__(self, client: EngineClient, target: Target, on_change: OnPause) -> None:
        self._client = weakref.ref(client)
        self._target = target
        self._on_change = on_change
        self._events = 0  # what an inspect says may be older than the last one

    def receive_event(self, event: Event) -> None:
        """Take an event. I/O thread."""
        if event.action in _PAUSED and event.id == self._target.container.id:
            self._events += 1
            self._on_change(_PAUSED[event.action])

    def look(self) -> None:
        """Inspect the container. Calls worker."""
        client, events = self._client(), self._events
        if client is None:
            return
        try:
            state = client.inspect(self._target.container.id).get("State") or {}
        except HyperJupyterError as error:
            what = self._target.describe()
            logger.info("! whether %s is paused is not known: %s", what, error)
            return
        if self._events == events:  # no event has overtaken it
            self._on_change(bool(state.get("Paused")) or state.get("Status") == "paused")


class _Answer:
    """Receives for a watch what one of its requests brings."""

    def __init__(self, watch: EventWatch, sock: socket.socket, exchange: Exchange) -> None:
        self._watch = watch
        # An engine may hold back the head until the first event.
        self._stream = Stream(runtime().loop, sock, exchange, self, deadline=None)

    def start(self) -> None:
        """Send the request."""
        self._stream.start()

    def close(self) -> None:
        """End the request. Its end may still be reported, if it is on its way."""
        self._stream.close()

    def receive_head(self, _: ResponseHead) -> None:
        """Report that the events are there."""
        self._watch.receive_head()

    def receive_data(self, data: bytes | memoryview) -> None:
        """Pass on events."""
        self._watch.receive_data(data)

    def receive_end(self, error: HyperJupyterError | None) -> None:
        """Report the end, and of which one."""
        self._watch.receive_end(self, error)


class EventWatch:
    """The events of one engine.

    Args:
        client: the engine.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = weakref.ref(client)
        self._lock = threading.Lock()
        self._listeners: dict[object, Listener] = {}
        self._answer: _Answer | None = None
        self._request = EventRequest({}, {}, 0.0, ())
        self._opening = False
        self._failures = 0
        self._line = bytearray()

    def add(self, listener: Listener) -> Callable[[], None]:
        """Report to a listener; return a function that ends this."""
        key = object()
        with self._lock:
            self._listeners[key] = listener
            connected = self._answer is not None
        runtime().calls.submit(lambda: self._look(key) if connected else self._open())
        return lambda: self._remove(key)

    def _remove(self, key: object) -> None:
        with self._lock:
            self._listeners.pop(key, None)
            if self._listeners:
                return
            answer, self._answer = self._answer, None
            self._failures = 0
        if answer is not None:
            answer.close()

    def _open(self) -> None:
        """Ask for the events, unless that is done or nothing listens. Calls worker."""
        client = self._client()
        with self._lock:
            if self._opening or self._answer is not None or not self._listeners or client is None:
                return
            self._opening = True
        try:
            deadline = Deadline(client.timeout)
            filters = {"type": "container", "event": ACTIONS}
            asked = EventRequest.of(client.profile, filters=filters)
            request = StreamRequest("GET", EVENTS_PATH, asked.params)
            sock, exchange = request.dial(client, deadline)
        except HyperJupyterError as error:
            with self._lock:
                self._opening = False
            self.receive_end(None, error)
            return
        answer = _Answer(self, sock, exchange)
        with self._lock:
            self._opening = False
            self._line.clear()
            self._request = asked
            wanted = bool(self._listeners)
            if wanted:
                self._answer = answer
        if not wanted:
            sock.close()
            return
        answer.start()

    # -- the I/O thread -----------------------------------------------------------------

    def receive_head(self) -> None:
        """Have everything looked at once: an event may have been missed."""
        with self._lock:
            self._failures = 0
            keys = list(self._listeners)
        for key in keys:
            runtime().calls.submit(partial(self._look, key))

    def receive_data(self, data: bytes | memoryview) -> None:
        """Report the events in what was read."""
        *lines, rest = bytes(data).split(b"\n")
        for line in lines:
            self._line += line[: _LONGEST - len(self._line)]
            self._take(bytes(self._line))
            self._line.clear()
        self._line += rest[: _LONGEST - len(self._line)]

    def _take(self, line: bytes) -> None:
        try:
            event = self._request.read(json.loads(line))
        except (ValueError, HyperJupyterError, RecursionError):
            return
        if event is None or event.action not in ACTIONS:
            return
        with self._lock:
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener.receive_event(event)

    def receive_end(self, answer: _Answer | None, error: HyperJupyterError | None) -> None:
        """Ask again later, unless the engine refuses. Also called on the calls worker."""
        with self._lock:
            if answer is not None and self._answer is not answer:
                return  # it was closed because nothing listens
            self._answer = None
            delay = pause_after(self._failures)
            self._failures += 1
            if not self._listeners:
                return
        if isinstance(error, ApiError) and error.status < 500:
            logger.info("! no events, so pauses are not seen: %s", error)
            return
        runtime().calls.call_later(delay, self._open)

    # -- the calls worker ---------------------------------------------------------------

    def _look(self, key: object) -> None:
        with self._lock:
            listener = self._listeners.get(key)
        if listener is not None:
            listener.look()


_lock = threading.Lock()
_watches: weakref.WeakKeyDictionary[EngineClient, EventWatch] = weakref.WeakKeyDictionary()
