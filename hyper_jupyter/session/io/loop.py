"""The I/O thread: one selector for the streams of all sessions.

Layer: session, io. Any thread may use :meth:`Loop.call_soon`, :meth:`Loop.call_later`,
:meth:`Loop.add_stall_listener`, :meth:`Loop.discard_stall_listener`, :meth:`Loop.is_current` and
:meth:`Loop.close`. The other methods, and all callbacks, run on the I/O thread.

The thread starts with the first call. It ends when nothing is registered, scheduled or queued.
Callbacks must not block: while one runs, no stream is read.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from io import FileIO
from typing import Final, Protocol

from hyper_jupyter.session.io.stall_detector import HEARTBEAT, StallDetector

__all__ = ["BUFFER", "Loop", "StallListener", "Timer"]

BUFFER: Final = 1024 * 1024
"""Bytes that one read can take at most."""

_CROWDED: Final = 32
"""Timers from which on cancelled ones are looked for before they would have been due."""

logger = logging.getLogger(__name__)


class StallListener(Protocol):
    """Wants to know when the I/O thread was kept from running."""

    def receive_stall(self, begin: float, end: float, /) -> object:
        """Take such a time, once it is over, by ``time.monotonic``. I/O thread."""


class Timer:
    """A scheduled callback; any thread may cancel it."""

    __slots__ = ("callback", "cancelled")

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Keep the callback from running; no effect if it has run."""
        self.cancelled = True
        # The loop may keep the timer until it would have been due. What it was for may be large.
        self.callback = _nothing


class Loop:
    """Runs callbacks for ready sockets, due timers and other threads' calls.

    Attributes:
        buffer: shared by all code that reads on the I/O thread. Its content is valid until the
            callback returns.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Callable[[], object]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._crowded = _CROWDED  # so many timers are enough to look for cancelled ones
        self._order = itertools.count()
        self._thread: threading.Thread | None = None
        self._ending_thread: threading.Thread | None = None  # the last one that was discarded
        self._closing = False
        self._waker: socket.socket | None = None
        self._selector: selectors.BaseSelector | None = None
        self._stall_detector = StallDetector()
        self._stall_listeners: tuple[StallListener, ...] = ()
        # One buffer for all reads: the allocator would return a new one of this size to the system
        # each time, and the next one would be faulted in page by page.
        self.buffer = memoryview(bytearray(BUFFER))

    # -- any thread ---------------------------------------------------------------------

    def call_soon(self, callback: Callable[[], object]) -> None:
        """Run ``callback()`` on the I/O thread, in the order of the calls."""
        with self._lock:
            self._calls.append(callback)
            self._wake()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Run ``callback()`` on the I/O thread in ``delay`` seconds."""
        timer = Timer(callback)
        with self._lock:
            if len(self._timers) >= self._crowded:
                self._discard_cancelled()
            heapq.heappush(self._timers, (time.monotonic() + delay, next(self._order), timer))
            self._wake()
        return timer

    def _discard_cancelled(self) -> None:
        """Forget cancelled timers: each stream leaves one, for its head. Requires the lock.

        So there are at most twice as many timers as were wanted when this was called last.
        """
        assert self._lock.locked()
        self._timers = [each for each in self._timers if not each[2].cancelled]
        heapq.heapify(self._timers)
        self._crowded = max(_CROWDED, 2 * len(self._timers))

    def add_stall_listener(self, listener: StallListener) -> None:
        """Report from now on when this thread was kept from running.

        While there is a listener and the thread runs, it wakes up at least four times a second.
        """
        with self._lock:
            self._stall_listeners = (*self._stall_listeners, listener)
            if self._thread is not None:
                # Its current wait may have no timeout: wake it, so that a stall cannot hide in it.
                self._stall_detector.wake()
                self._wake()

    def discard_stall_listener(self, listener: StallListener) -> None:
        """Report to a listener no more, after a stall that is just over."""
        with self._lock:
            running = self._thread is not None
            if running:
                self._calls.append(partial(self._end_stalls, listener))
                self._wake()
        if not running:
            self._discard_listener(listener)

    def _end_stalls(self, listener: StallListener) -> None:
        self._lap(0.0)
        self._discard_listener(listener)

    def _discard_listener(self, listener: StallListener) -> None:
        with self._lock:
            others = (each for each in self._stall_listeners if each is not listener)
            self._stall_listeners = tuple(others)

    def is_current(self) -> bool:
        """Whether the caller is on the I/O thread."""
        return threading.current_thread() is self._thread

    def close(self, timeout: float = 5.0) -> None:
        """Run the queued calls, close the registered sockets, and end the thread. Blocks."""
        with self._lock:
            self._closing = True
            # One that has found nothing to do any more may not have ended yet.
            thread = self._thread or self._ending_thread
            if self._thread is not None:
                self._wake()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        with self._lock:
            self._closing = False
            self._ending_thread = None

    def _wake(self) -> None:
        """Start the thread, or interrupt its wait. Requires the lock."""
        assert self._lock.locked()
        if self._thread is None:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            theirs.setblocking(False)
            self._waker = ours
            self._selector = selectors.DefaultSelector()
            self._selector.register(theirs, selectors.EVENT_READ, lambda _: _drain(theirs))
            thread = threading.Thread(
                target=self._run,
                args=(self._selector,),
                name="hyper_jupyter I/O",
                daemon=True,
            )
            try:
                thread.start()  # the new thread waits for the lock
            except BaseException as error:
                if isinstance(error, Exception):  # there is no thread
                    self._selector.close()
                    theirs.close()
                # Else Ctrl-C came while it began: it sees that it is not wanted, and closes both.
                self._discard_thread()
                raise
            self._thread = thread
        elif threading.current_thread() is not self._thread:
            assert self._waker is not None
            try:
                self._waker.send(b"\0")
            except BlockingIOError:
                pass  # the socket is full of wake-ups: the thread will wake

    # -- the I/O thread -----------------------------------------------------------------

    def register(
        self, sock: socket.socket | FileIO, events: int, callback: Callable[[int], object]
    ) -> None:
        """Call ``callback(ready events)`` whenever ``sock`` (or a pipe) is ready."""
        assert self.is_current()
        assert self._selector is not None
        self._selector.register(sock, events, callback)

    def modify(self, sock: socket.socket, events: int) -> None:
        """Change the events that a registered socket is watched for."""
        assert self.is_current()
        assert self._selector is not None
        key = self._selector.get_key(sock)
        if key.events != events:
            self._selector.modify(sock, events, key.data)

    def unregister(self, sock: socket.socket | FileIO) -> None:
        """Stop watching a socket. Call this before closing it."""
        assert self.is_current()
        assert self._selector is not None
        self._selector.unregister(sock)

    def _run(self, selector: selectors.BaseSelector) -> None:
        self._stall_detector.reset()
        try:
            while True:
                due, wait = self._due(selector)
                if due is None:
                    return
                # No variable of this loop may hold a callback while the thread waits: it would
                # keep whatever the callback is about, such as a whole session that has ended.
                _run_all((callback, ()) for callback in due)
                due.clear()
                if self._stall_listeners:
                    wait = HEARTBEAT if wait is None else min(wait, HEARTBEAT)
                ready = selector.select(wait)
                self._lap(wait)
                _run_all((key.data, (events,)) for key, events in ready)
                ready.clear()
        finally:
            with self._lock:
                # If this thread crashes, the next call must start a new one.
                if self._thread is threading.current_thread():
                    self._discard_thread()
            for key in list(selector.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            selector.close()

    def _lap(self, allowed: float | None) -> None:
        """Measure the time since the last call, and report a stall to the listeners."""
        stall = self._stall_detector.lap(allowed)
        if stall is not None:
            for listener in self._stall_listeners:
                _guard(listener.receive_stall, *stall)

    def _due(
        self, selector: selectors.BaseSelector
    ) -> tuple[list[Callable[[], object]] | None, float | None]:
        """Return the callbacks to run now, and the seconds to wait if there are none.

        ``None`` in place of the callbacks ends the thread.
        """
        with self._lock:
            if self._selector is not selector:
                return None, None
            due = list(self._calls)
            self._calls.clear()
            now = time.monotonic()
            while self._timers and (self._timers[0][2].cancelled or self._timers[0][0] <= now):
                timer = heapq.heappop(self._timers)[2]
                if not timer.cancelled:
                    due.append(timer.callback)
            if due:
                return due, 0.0
            idle = not self._timers and len(selector.get_map()) == 1
            if self._closing or idle:
                self._timers.clear()
                self._discard_thread()
                return None, None
            return [], self._timers[0][0] - now if self._timers else None

    def _discard_thread(self) -> None:
        """Let the next call start a new thread. Requires the lock."""
        assert self._lock.locked()
        self._ending_thread, self._thread = self._thread, None
        self._selector = None
        if self._waker is not None:
            self._waker.close()
            self._waker = None


def _nothing() -> None:
    """Do what a cancelled timer does."""


def _drain(wakeups: socket.socket) -> None:
    try:
        while len(wakeups.recv(4096)) == 4096:
            pass
    except BlockingIOError:
        pass


def _run_all(calls: Iterable[tuple[Callable[..., object], tuple[object, ...]]]) -> None:
    for callback, arguments in calls:
        _guard(callback, *arguments)


def _guard(callback: Callable[..., object], *args: object) -> None:
    """Run a callback and log its exceptions: one stream's fault must not end all other streams."""
    try:
        callback(*args)
    except Exception:
        logger.exception("! a callback on the I/O thread failed")
