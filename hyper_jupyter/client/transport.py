"""Connections to an engine: dialled here, for calls and for streams alike.

Layer: client. No threads; everything runs, and blocks at most until its deadline, in the
caller's thread.

``requests`` bounds each read, not the whole answer: a server that sends its header a byte a
second is never late. So the deadline is kept by the socket itself, for every read and write.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from hyper_jupyter.client.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Deadline", "EndpointAdapter", "dial"]


class Deadline:
    """A point in time, shared by the steps of one operation.

    Args:
        seconds: from now; ``None`` is never.
    """

    __slots__ = ("_at", "seconds")

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._at = None if seconds is None else time.monotonic() + seconds

    def remaining(self) -> float | None:
        """Seconds left, never negative; ``None`` without a limit."""
        return None if self._at is None else max(0.0, self._at - time.monotonic())

    def check(self) -> float | None:
        """Seconds left.

        Raises:
            TimeoutError: where none are.
        """
        left = self.remaining()
        if left is not None and left <= 0:
            raise TimeoutError("timed out")
        return left


class DeadlineSocket(socket.socket):
    """A socket whose reads and writes all together must end by :attr:`deadline`."""

    deadline: Deadline | None = None

    def _bound(self) -> None:
        if self.deadline is not None:
            super().settimeout(self.deadline.check())

    def connect(self, address: Any) -> None:
        """Connect to a unix socket (:func:`dial` makes tcp's connections otherwise).

        With a timeout Python makes the socket non-blocking, and then Linux refuses where a busy
        server's queue is full. A blocking connect waits for room, as long as the socket may send.
        """
        left = None if self.deadline is None else self.deadline.check()
        self._set_send_timeout(left or 0.0)
        try:
            super().connect(address)
        except BlockingIOError as error:
            raise TimeoutError("timed out") from error
        self._set_send_timeout(0.0)

    def _set_send_timeout(self, seconds: float) -> None:
        """Of the system; 0 is for ever."""
        whole = int(seconds)
        micros = int((seconds - whole) * 1_000_000)
        if seconds and not whole:
            micros = max(1, micros)
        self.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", whole, micros))

    def recv(self, *args: Any) -> bytes:
        self._bound()
        return super().recv(*args)

    def recv_into(self, *args: Any) -> int:
        self._bound()
        return super().recv_into(*args)

    def send(self, *args: Any) -> int:
        self._bound()
        return super().send(*args)

    def sendall(self, *args: Any) -> None:
        self._bound()
        super().sendall(*args)


def dial(endpoint: Endpoint, deadline: Deadline) -> DeadlineSocket:
    """Connect to an engine.

    Returns:
        A connected, blocking socket that keeps to ``deadline``.

    Raises:
        ConnectionFailed: with what is wrong and the next step.
    """
    try:
        if endpoint.scheme == "tcp":
            connection = DeadlineSocket(fileno=_connect(endpoint, deadline).detach())
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection.deadline = deadline
            return connection
        family = getattr(socket, "AF_UNIX", None)
        if family is None:
            raise ConnectionFailed(
                f"{endpoint} is a unix socket, which Python does not support on this system",
                hint="Name the engine as tcp://host:port.",
            )
        connection = DeadlineSocket(family, socket.SOCK_STREAM)
        try:
            connection.deadline = deadline
            connection.connect(endpoint.path)
        except BaseException:
            connection.close()
            raise
        return connection
    except (OSError, UnicodeError) as error:  # the latter from a host name that none can be
        raise _explain(endpoint, error) from error


def _connect(endpoint: Endpoint, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that answers.

    ``socket.create_connection`` gives each address the whole timeout. Here they share it: each has
    its part of what is left, so one that is silent neither takes the others' time nor more than
    the deadline allows. Looking the name up is the system's, and not bounded.

    Raises:
        OSError: that of the last address.
    """
    addresses = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    refusal: OSError | None = None
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        connection = socket.socket(family, kind, protocol)
        try:
            left = deadline.check()
            connection.settimeout(None if left is None else left / (len(addresses) - number))
            connection.connect(address)
        except OSError as error:
            connection.close()
            refusal = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise refusal or OSError("the host has no address")


def _explain(endpoint: Endpoint, error: OSError | UnicodeError) -> ConnectionFailed:
    where = str(endpoint)
    match error:
        case FileNotFoundError():
            return ConnectionFailed(
                f"no engine at {where}: the socket does not exist",
                hint="Start the engine, name another with %hyper_connect HOST, or use "
                "%hyper_connect local:",
            )
        case PermissionError():
            return ConnectionFailed(
                f"permission denied on {where}",
                hint="Your user may not use this socket: join its group (usually: sudo usermod -aG "
                "docker $USER, then log in again), or use a rootless engine.",
            )
        case ConnectionRefusedError():
            return ConnectionFailed(
                f"no engine at {where}: nobody listens there",
                hint="Start the engine (Docker Desktop, systemctl start docker, podman system "
                "service), or use %hyper_connect local:",
            )
        case TimeoutError():
            return ConnectionFailed(
                f"no answer from {where}: timed out",
                hint="Check that the engine is up, or give connect() a longer timeout.",
            )
        case socket.gaierror() | UnicodeError():
            return ConnectionFailed(
                f"the host name {endpoint.host!r} is not known", hint="Check its spelling."
            )
    reason = getattr(error, "strerror", None) or error
    return ConnectionFailed(f"no connection to {where}: {reason}")


class _Connection(HTTPConnection):
    """http.client's connection over :func:`dial`."""

    endpoint: Endpoint
    deadline: Deadline

    def _new_conn(self) -> socket.socket:
        return dial(self.endpoint, self.deadline)


class _Pool(HTTPConnectionPool):
    """A pool of one call: no connection is kept, so no deadline outlives its call."""

    ConnectionCls = _Connection

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        super().__init__(host="localhost", maxsize=1, retries=False)
        self._endpoint = endpoint
        self._deadline = deadline

    def _new_conn(self) -> Any:
        connection: Any = super()._new_conn()
        connection.endpoint = self._endpoint
        connection.deadline = self._deadline
        return connection

    def _validate_conn(self, conn: Any) -> None:
        # Not with the first byte: then the request, with its signature, is among the variables of
        # the functions on the way, and tracebacks may show those.
        conn.connect()


class EndpointAdapter(HTTPAdapter):
    """Carries the calls of a ``requests.Session`` to one endpoint.

    Args:
        endpoint: where every request goes, whatever host its URL names.
        deadline: of the one call that this adapter is mounted for.
    """

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        self._pool = _Pool(endpoint, deadline)
        super().__init__(max_retries=urllib3.Retry(0, read=False))

    def get_connection_with_tls_context(
        self, *_request_and_tls: Any, **_proxies_and_more: Any
    ) -> Any:
        """The one pool (called by ``requests``)."""
        return self._pool

    def close(self) -> None:
        """Drop the connection."""
        self._pool.close()
        super().close()
