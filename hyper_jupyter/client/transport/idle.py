"""Connections that wait for the next call.

Layer: client. Any thread; no thread of its own. Connections are kept only where the layer above
lends a clock (:data:`Schedule`): without one nothing would close them in time.

Over ssh a connection is an ssh process, which takes a second or more to a far machine; TLS and a
proxy's tunnel take round trips. So the connection of a call that leaves this machine may wait a
while for the next one. Unix sockets cost nothing, and streams always dial their own: they never
give one back.

A request is never sent twice where it may have been acted on. A connection is looked at before it
is used again: its end, or bytes that nobody asked for, or an ssh that has ended, and it is dropped.
What ends behind that look is the business of :mod:`hyper_jupyter.client.calls`.

A master of ssh's own (``ControlMaster=auto``, ``ControlPersist``) would make streams faster, too.
But it is a process in the background that nobody here can end or wait for. Its ``ControlPath``
takes the place of the user's, so a master that they opened by hand (for a key with a touch, a
second factor) would not be used any more. sshd grants ten sessions in one connection
(``MaxSessions``), and all share one TCP window: a container that floods holds up the others' keys.
Who wants one has it by three lines in ssh's configuration, and then it is used here.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import threading
import time
import weakref
from collections import deque
from typing import Final

from hyper_jupyter.client.transport.child import Schedule
from hyper_jupyter.client.transport.deadline import DeadlineSocket

__all__ = ["IdleConnections", "close_idle_connections"]

MAX_WAITING: Final = 2
"""Connections that wait, of each client."""

MAX_SECONDS: Final = 30.0
"""How long: less than servers and routers keep one (nginx 75 s, NAT some minutes)."""

CHECK_SECONDS: Final = 1.0
"""Seconds between two looks at those that wait, while there are any."""


class IdleConnections:
    """The waiting connections of one client.

    Args:
        owner: when it is garbage, they end. No finalizer does it: it may run at any time, also
            in a thread that holds the very lock that the clock needs.
        schedule: the clock; ``None`` keeps nothing.
    """

    def __init__(self, owner: object, schedule: Schedule | None) -> None:
        self._owner = weakref.ref(owner)
        self._schedule = schedule
        self._pid = os.getpid()
        self._due = 0.0  # of the next look
        self._waiting: deque[tuple[float, DeadlineSocket]] = deque()  # its methods are atomic
        with _lock:
            _all.add(self)

    def take(self) -> DeadlineSocket | None:
        """The newest one on which nothing has come, which is the caller's now."""
        if self._pid != os.getpid():
            self.close()
            self._pid = os.getpid()
        while True:
            try:
                since, connection = self._waiting.pop()
            except IndexError:
                return None
            if now() - since <= MAX_SECONDS and connection.is_quiet():
                return connection
            self._close(connection)

    def put(self, connection: DeadlineSocket) -> None:
        """Have it wait for the next call, for half a minute at most."""
        if self._schedule is None or self._pid != os.getpid():
            self._close(connection)
            return
        connection.deadline = None
        self._waiting.append((now(), connection))
        while len(self._waiting) > MAX_WAITING:
            self._close_oldest()
        if time.monotonic() > self._due:
            self._schedule_check()

    def close(self) -> None:
        """End all that wait."""
        self._due = 0.0
        while self._waiting:
            self._close_oldest()

    def _schedule_check(self) -> None:
        assert self._schedule is not None
        self._due = time.monotonic() + CHECK_SECONDS
        try:
            self._schedule(CHECK_SECONDS, self._close_expired)
        except RuntimeError:
            self.close()  # no thread can be started any more: the interpreter ends

    def _close_expired(self) -> None:
        """End those that are due. Never blocks."""
        self._due = 0.0
        if self._owner() is None:
            self.close()
        for entry in list(self._waiting):
            if now() - entry[0] > MAX_SECONDS or entry[1].has_ended():
                with contextlib.suppress(ValueError):  # another thread was faster
                    self._waiting.remove(entry)
                    self._close(entry[1])
        if self._waiting:
            self._schedule_check()

    def _close_oldest(self) -> None:
        with contextlib.suppress(IndexError):
            self._close(self._waiting.popleft()[1])

    def _close(self, connection: DeadlineSocket) -> None:
        if self._pid == os.getpid():
            with contextlib.suppress(OSError):
                # A fork may have it, too: its end is not to wait for that one's.
                connection.shutdown(socket.SHUT_RDWR)
        connection.close()


_all: weakref.WeakSet[IdleConnections] = weakref.WeakSet()
_lock = threading.Lock()


def close_idle_connections() -> None:
    """End those of all clients: for who ends the clock, and at the interpreter's end."""
    with _lock:
        found = list(_all)
    for each in found:
        each.close()


atexit.register(close_idle_connections)


def now() -> float:
    """Seconds, those in which the machine slept among them: connections do not outlive a night."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
