"""The environment's proxy for connections over tcp.

Layer: client. Any thread; blocks its caller until the connection's deadline at most.

``HTTPS_PROXY`` is for TLS and ``HTTP_PROXY`` for other connections, except to hosts of ``NO_PROXY``
and to this machine. These are the rules of Go's net/http, which the docker command follows. Both
kinds of connections go through a tunnel (``CONNECT``): streams need one anyway, because a proxy
that reads HTTP does not pass an upgrade on.
"""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

import h11

from hyper_jupyter.client.secret import Secret, SecretBytes
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol.printable import printable

__all__ = ["Proxy", "open_tunnel", "proxy_for"]

_MAX_HEAD: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that opens tunnels.

    Attributes:
        variable: the variable that names it.
        host: its name or address.
        port: its port.
        authorization: value of the header ``Proxy-Authorization``; empty for none.
    """

    variable: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"the proxy {self.host}:{self.port} ({self.variable})"


def proxy_for(endpoint: Endpoint, env: Mapping[str, str]) -> Proxy | None:
    """Find the proxy for an endpoint; ``None`` for direct connections.

    Raises:
        ConnectionFailed: the variable does not hold the address of a supported proxy.
    """
    if endpoint.scheme != "tcp" or _is_direct(endpoint, env):
        return None
    name = "HTTPS_PROXY" if endpoint.tls is not None else "HTTP_PROXY"
    for variable in (name, name.lower()):
        if value := Secret(env.get(variable, "").strip()):
            return _parse(variable, value)
    return None


def _parse(variable: str, value: Secret) -> Proxy:
    # No text shows the value: it may hold a password.
    unusable = ConnectionFailed(
        f"{variable} is not the address of a proxy",
        hint="Use http://host:port, or name the engine's host in NO_PROXY.",
    )
    try:
        scheme, host, port, authorization = _split(value)
    except ValueError:
        raise unusable from None
    if scheme != "http":
        raise ConnectionFailed(
            f"{variable} names a proxy that is not http://, and no other kind is supported",
            hint="Use http://host:port, or name the engine's host in NO_PROXY.",
        )
    if not host or not host.isprintable() or " " in host:
        raise unusable
    return Proxy(variable, host, port or 80, authorization)


def _split(value: str) -> tuple[str, str | None, int | None, Secret]:
    """Split an address into scheme, host, port and the value of ``Proxy-Authorization``.

    Raises:
        ValueError: it is not an address. Our own error is raised by the caller: a traceback from
            here would show the password.
    """
    parts = urlsplit(value if "://" in value else f"http://{value}")
    if parts.username is None:
        return parts.scheme, parts.hostname, parts.port, Secret()
    plain = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    encoded = base64.b64encode(plain.encode("utf-8", "replace")).decode()
    return parts.scheme, parts.hostname, parts.port, Secret(f"Basic {encoded}")


def _is_direct(endpoint: Endpoint, env: Mapping[str, str]) -> bool:
    """Whether an endpoint is reached directly: it is this machine, or ``NO_PROXY`` lists it.

    ``NO_PROXY`` lists names (with all names below them), addresses, networks or ``*``.
    """
    host = endpoint.host.lower().rstrip(".")
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    listed = (env.get("NO_PROXY", "") or env.get("no_proxy", "")).lower()
    for entry in (part.strip() for part in listed.split(",")):
        name, _, port = entry.rpartition(":") if entry.count(":") == 1 else (entry, "", "")
        if port and port != str(endpoint.port):
            continue
        if entry == "*":
            return True
        if address is not None:
            try:
                if address in ipaddress.ip_network(name.strip("[]"), strict=False):
                    return True
            except ValueError:
                pass
            continue
        below = name.removeprefix("*").lstrip(".")
        exact = host == below and not name.startswith((".", "*"))
        if below and (exact or host.endswith("." + below)):
            return True
    return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def open_tunnel(connection: DeadlineSocket, proxy: Proxy, authority: str) -> None:
    """Ask a proxy for a tunnel, on a connection to the proxy.

    Afterwards the connection is one to the engine.

    Args:
        connection: to the proxy.
        proxy: its credentials, and its name for error texts.
        authority: host and port of the engine.

    Raises:
        ConnectionFailed: the proxy refuses, or its answer is not HTTP.
        OSError: the connection broke, or the deadline has passed.
        UnicodeError: the host name cannot be sent.
    """
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
    # As the system's resolver encodes it where the connection is direct.
    target = authority.encode("idna").decode("ascii")
    connection.sendall(_connect_request(http, proxy, target))
    response = _receive_response(connection, http, proxy)
    if response.status_code == 407:
        raise ConnectionFailed(
            f"{proxy} requires a user name and a password",
            hint=f"Put them into {proxy.variable}: http://user:password@host:port.",
        )
    if response.status_code >= 300:
        reason = response.reason.decode("latin-1")[:200]
        shown = printable(reason)
        raise ConnectionFailed(
            f"{proxy} does not connect to {authority}: {response.status_code} {shown}".rstrip(),
            hint="Name the engine's host in NO_PROXY if it can be reached directly.",
        )
    # After the head the bytes are the engine's, and an engine never speaks first.
    if http.trailing_data[0]:
        raise ConnectionFailed(f"{proxy} sent data before the engine could")


def _connect_request(http: h11.Connection, proxy: Proxy, target: str) -> SecretBytes:
    """Write a ``CONNECT`` request.

    Raises:
        ConnectionFailed: no request can have this target.
    """
    headers = [("Host", target)]
    if proxy.authorization:
        headers.append(("Proxy-Authorization", proxy.authorization))
    try:
        head = http.send(h11.Request(method="CONNECT", target=target, headers=headers))
        end = http.send(h11.EndOfMessage())
    except h11.LocalProtocolError:
        # Without this error's traceback: the header is among the variables there.
        raise ConnectionFailed(f"{proxy} cannot be asked for {target!r}") from None
    return SecretBytes((head or b"") + (end or b""))


def _receive_response(
    connection: DeadlineSocket, http: h11.Connection, proxy: Proxy
) -> h11.Response:
    """Receive the head of the final response. Interim responses (1xx) are skipped.

    Raises:
        ConnectionFailed: it is not HTTP/1, is cut off, or is longer than 16 KiB in total.
        OSError: the connection broke, or the deadline has passed.
    """
    received = 0
    while True:
        try:
            event = http.next_event()
        except (h11.RemoteProtocolError, ValueError):
            break
        if isinstance(event, h11.Response):
            if event.http_version not in (b"1.0", b"1.1"):
                break
            return event
        if event is h11.NEED_DATA:
            data = connection.recv(4096)
            received += len(data)
            if not data or received > _MAX_HEAD:
                break
            http.receive_data(data)
    raise ConnectionFailed(f"{proxy} does not answer as a proxy does")
