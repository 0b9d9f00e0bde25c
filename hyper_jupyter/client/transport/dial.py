"""Dialling connections to an engine, for calls and for streams alike.

Layer: client. Any thread; blocks its caller until the deadline at most, which the sockets
themselves keep to.
"""

from __future__ import annotations

import http.client
import os
import socket
from functools import partial
from typing import Any, Final

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from hyper_jupyter.client.secret import Environment
from hyper_jupyter.client.transport.child import Schedule
from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import EXHAUSTED, dial_failure
from hyper_jupyter.client.transport.proxy import Proxy, open_tunnel, proxy_for
from hyper_jupyter.client.transport.ssh import SshSocket
from hyper_jupyter.client.transport.tls import TlsSocket
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.ownership import peer_user

__all__ = ["EndpointAdapter", "dial"]

_KEEP_ALIVE: Final = {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPALIVE": 30,  # the same on macOS
    "TCP_KEEPINTVL": 10,
    "TCP_KEEPCNT": 3,
}
"""Seconds of silence before the first probe and between two, and probes until it is given up.

So a dead peer is noticed in about a minute.
"""


def dial(
    endpoint: Endpoint, deadline: Deadline, schedule: Schedule | None = None
) -> DeadlineSocket:
    """Connect to an engine.

    Args:
        endpoint: the engine's.
        deadline: of the connection, until the caller replaces it.
        schedule: the clock that waits for the end of an ssh process; without one ``close`` waits.

    Returns:
        A connected, blocking socket that keeps to ``deadline``.

    Raises:
        ConnectionFailed: with what is wrong and the next step.
    """
    try:
        if endpoint.scheme == "ssh":
            return SshSocket(endpoint, deadline, schedule)
        if endpoint.scheme == "tcp":
            proxy = proxy_for(endpoint, Environment())
            connection = _tcp(endpoint, proxy, deadline)
            try:
                if proxy is not None:
                    open_tunnel(connection, proxy, endpoint.authority)
                if endpoint.tls is None:
                    return connection
                return TlsSocket(connection, endpoint.tls.context(), endpoint.host)
            except BaseException:
                connection.close()
                raise
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
            if endpoint.scheme == "local":
                _check_peer(connection, endpoint)
        except BaseException:
            connection.close()
            raise
        return connection
    except (OSError, UnicodeError) as error:  # the latter from an invalid host name
        raise dial_failure(endpoint, error) from error


def _check_peer(connection: socket.socket, endpoint: Endpoint) -> None:
    """Check that our own engine listens there, before anything is sent."""
    user = peer_user(connection)
    if user is not None and user != os.geteuid():
        raise ConnectionFailed(f"{endpoint} is not your engine: user {user} listens at its socket")


def _tcp(endpoint: Endpoint, proxy: Proxy | None, deadline: Deadline) -> DeadlineSocket:
    """Connect to the engine's host, or to the proxy on the way."""
    if proxy is None:
        dialled = _connect(endpoint.host, endpoint.port, deadline)
    else:
        try:
            dialled = _connect(proxy.host, proxy.port, deadline)
        except (OSError, UnicodeError) as error:
            if getattr(error, "errno", None) in EXHAUSTED:
                raise  # that is no fault of the proxy
            reason = getattr(error, "strerror", None) or error
            raise ConnectionFailed(f"no connection to {proxy}: {reason}") from error
    connection = DeadlineSocket(fileno=dialled.detach())
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _keep_alive(connection)
    connection.deadline = deadline
    return connection


def _keep_alive(connection: socket.socket) -> None:
    """Send something while nothing is printed or typed: devices in between forget idle connections.

    The system's own pause is two hours. A proxy that counts bytes is not kept awake by this.
    """
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE.items():
        option = getattr(socket, name, None)
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


def _connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first address of a host that answers.

    ``socket.create_connection`` gives each address the whole timeout. Here they share it: each gets
    its part of the time that is left, so a silent address takes neither the others' time nor more
    than the deadline allows. The system resolves the name, without a limit.

    Raises:
        OSError: the error of the last address.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
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


class _Response(http.client.HTTPResponse):
    """http.client's response, which marks its connection as reusable when it is complete."""

    def __init__(self, connection: _Connection, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._connection: _Connection | None = connection

    def _close_conn(self) -> None:
        """Called by ``http.client`` when all was read, or the rest is not wanted."""
        connection, self._connection = self._connection, None
        final = isinstance(self.status, int) and self.status >= 200  # not a number before the head
        if final and connection is not None and isinstance(connection.sock, DeadlineSocket):
            # http.client may already have buffered bytes that follow the response.
            connection.sock.deadline = None
            connection.sock.settimeout(0.0)
            try:
                connection.reusable = not self.fp.peek(1)
            except OSError:
                pass
        super()._close_conn()  # type: ignore[misc]


class _Connection(HTTPConnection):
    """http.client's connection over :func:`dial`.

    Attributes:
        reusable: whether the response is complete and nothing follows it.
    """

    endpoint: Endpoint
    deadline: Deadline
    dialling: Deadline
    schedule: Schedule | None
    kept: DeadlineSocket | None
    reusable = False

    @property
    def response_class(self) -> Any:  # type: ignore[override]
        """Makes the response (called by ``http.client``)."""
        return partial(_Response, self)  # as an attribute it would be a circle of references

    def _new_conn(self) -> socket.socket:
        kept, self.kept = self.kept, None
        if kept is not None:
            kept.deadline = self.deadline
            return kept
        connection = dial(self.endpoint, self.dialling, self.schedule)
        connection.deadline = self.deadline
        return connection


class _Pool(HTTPConnectionPool):
    """A pool for one call, so that no deadline outlives its call."""

    ConnectionCls = _Connection

    def __init__(self, **properties: Any) -> None:
        super().__init__(host="localhost", maxsize=1, retries=False)
        self._properties = properties
        self.connection: Any = None

    def _new_conn(self) -> Any:
        self.connection = super()._new_conn()
        for name, value in self._properties.items():
            setattr(self.connection, name, value)
        return self.connection

    def _validate_conn(self, conn: Any) -> None:
        # Connect here, not when the first byte is sent: then functions on the way would have the
        # request with its signature as a variable, and tracebacks may show variables.
        conn.connect()


class EndpointAdapter(HTTPAdapter):
    """Carries one call of ``requests`` to an endpoint.

    Args:
        endpoint: where the request goes, whatever host its URL names.
        deadline: for the call.
        dialling: for the connection alone; ``None`` is ``deadline``.
        schedule: as for :func:`dial`.
        kept: a connection to use instead of a new one. The adapter owns it from then on.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        deadline: Deadline,
        schedule: Schedule | None = None,
        kept: DeadlineSocket | None = None,
        *,
        dialling: Deadline | None = None,
    ) -> None:
        self._kept = kept
        self._pool = _Pool(
            endpoint=endpoint,
            deadline=deadline,
            dialling=dialling or deadline,
            schedule=schedule,
            kept=kept,
        )
        super().__init__(max_retries=urllib3.Retry(0, read=False))

    def get_connection_with_tls_context(
        self, *_request_and_tls: Any, **_proxies_and_more: Any
    ) -> Any:
        """Return the only pool (called by ``requests``)."""
        return self._pool

    def take_connection(self) -> DeadlineSocket | None:
        """Hand the connection to the caller; ``None`` if it cannot carry another call."""
        connection = self._pool.connection
        if connection is None or not connection.reusable or connection.sock is None:
            return None
        self._kept = None
        sock, connection.sock = connection.sock, None
        assert isinstance(sock, DeadlineSocket)
        return sock

    def close(self) -> None:
        """Close the connection, unless it was taken."""
        self._pool.close()
        if self._pool.connection is not None:
            self._pool.connection.close()
        if self._kept is not None:
            self._kept.close()
        super().close()
