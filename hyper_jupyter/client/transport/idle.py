"""Connections that wait for the next call.

Layer: client. Any thread; no thread of its own. Connections are kept only where the layer above
lends a clock (:data:`Schedule`): without one nothing would close them in time.

Over ssh a connection is an ssh process, which takes a second or more to reach a distant machine;
TLS and a proxy's tunnel take round trips. So the connection of a call that leaves this machine
waits up to half a minute for the next call. Unix sockets cost nothing and are not kept. Streams
always dial their own connection, which is never kept.

A request is never sent twice if the engine may have acted on it. A connection is checked before it
is used again, and closed if it has ended, if there are bytes that no request asked for, or if its
ssh has ended. :mod:`hyper_jupyter.client.http.calls` deals with a connection that ends after the
check.

A ``ControlMaster`` of ssh (``auto``, with ``ControlPersist``) would make streams faster too. But it
is a process in the background that this package can neither end nor wait for. Its ``ControlPath``
would replace the user's, so a master that the user opened by hand (for a key with a touch, a second
factor) would no longer be used. sshd allows ten sessions in one connection (``MaxSessions``), and
all share one TCP window: a container that floods would delay the keystrokes of the others. A user
who wants a master can have one with three lines in ssh's configuration, and it is used here.
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
"""Connections that wait at most, of each client."""

MAX_SECONDS: Final = 30.0
"""Seconds that a connection waits: less than servers and routers keep one (nginx 75 s, NAT some
minutes)."""

CHECK_SECONDS: Final = 1.0
"""Seconds between two checks, while connections wait."""


class IdleConnections:
    """The waiting connections of one client.

    Args:
        owner: when it is garbage, the connections are closed. A finalizer cannot do that: it may
            run at any time, even in a thread that holds the lock that the clock needs.
        schedule: the clock; without one no connection is kept.
    """

    def __init__(self, owner: object, schedule: Schedule | None) -> None:
        self._owner = weakref.ref(owner)
        self._schedule = schedule
        self._pid = os.getpid()
        self._due = 0.0  # time of the next check
        self._waiting: deque[tuple[float, DeadlineSocket]] = deque()  # its methods are atomic
        with _lock:
            _all.add(self)

    def take(self) -> DeadlineSocket | None:
        """Hand the newest usable connection to the caller; ``None`` if there is none."""
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
        """Keep a connection for the next call, for half a minute at most."""
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
        """Close all connections that wait."""
        self._due = 0.0
        while self._waiting:
            self._close_oldest()

    def _schedule_check(self) -> None:
        assert self._schedule is not None
        self._due = time.monotonic() + CHECK_SECONDS
        try:
            self._schedule(CHECK_SECONDS, self._close_expired)
        except RuntimeError:
            self.close()  # the interpreter is ending: no thread can be started any more

    def _close_expired(self) -> None:
        """Close the connections whose time is up or that have ended. Never blocks."""
        self._due = 0.0
        if self._owner() is None:
            self.close()
        for entry in list(self._waiting):
            if now() - entry[0] > MAX_SECONDS or entry[1].has_ended():
                with contextlib.suppress(ValueError):  # another thread took it first
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
                # A fork may have it open too: the peer must see the end without waiting for that.
                connection.shutdown(socket.SHUT_RDWR)
        connection.close()


_all: weakref.WeakSet[IdleConnections] = weakref.WeakSet()
_lock = threading.Lock()


def close_idle_connections() -> None:
    """Close those of all clients. For the layer above before its clock ends, and at exit."""
    with _lock:
        found = list(_all)
    for each in found:
        each.close()


atexit.register(close_idle_connections)


def now() -> float:
    """Return seconds of a clock that also counts while the machine sleeps.

    So no connection outlives a night.
    """
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)
