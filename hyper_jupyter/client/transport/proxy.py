"""The environment's proxy for connections over tcp.

Layer: client. No threads; blocks at most until the connection's deadline.

``HTTPS_PROXY`` for TLS, ``HTTP_PROXY`` else, but for hosts of ``NO_PROXY`` and this machine, by the
rules of Go's net/http, which the docker command follows. Both kinds go through a tunnel (CONNECT):
a stream needs one anyway, since a proxy that reads HTTP does not pass an upgrade on.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from hyper_jupyter.client.secret import Secret
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Proxy", "open_tunnel", "proxy_for"]

_MAX_HEAD: Final = 16 * 1024
_STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3})(?: ([^\r\n]*))?\r\n")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a tunnel begins.

    Attributes:
        variable: that names it.
        host: name or address.
        port: its port.
        authorization: value of the header that proves who we are; empty for none.
    """

    variable: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"the proxy {self.host}:{self.port} ({self.variable})"


def proxy_for(endpoint: Endpoint, env: Mapping[str, str]) -> Proxy | None:
    """The proxy of an endpoint; ``None`` where connections are direct.

    Raises:
        ConnectionFailed: the variable holds no address of a proxy that is supported.
    """
    if endpoint.scheme != "tcp" or _is_direct(endpoint, env):
        return None
    name = "HTTPS_PROXY" if endpoint.tls is not None else "HTTP_PROXY"
    for variable in (name, name.lower()):
        if value := Secret(env.get(variable, "").strip()):
            return _parse(variable, value)
    return None


def _parse(variable: str, value: Secret) -> Proxy:
    # Never the value itself in a text: it may hold a password.
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
            f"{variable} names a proxy that is not an http:// one, which is not supported",
            hint="Use http://host:port, or name the engine's host in NO_PROXY.",
        )
    if not host or not host.isprintable() or " " in host:
        raise unusable
    return Proxy(variable, host, port or 80, authorization)


def _split(value: str) -> tuple[str, str | None, int | None, Secret]:
    """Scheme, host, port, and what proves who we are.

    Raises:
        ValueError: it is no address. Not our error: its traceback would show the password.
    """
    parts = urlsplit(value if "://" in value else f"http://{value}")
    if parts.username is None:
        return parts.scheme, parts.hostname, parts.port, Secret()
    plain = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    encoded = base64.b64encode(plain.encode("utf-8", "replace")).decode()
    return parts.scheme, parts.hostname, parts.port, Secret(f"Basic {encoded}")


def _is_direct(endpoint: Endpoint, env: Mapping[str, str]) -> bool:
    """Whether ``NO_PROXY`` has it: names with all below them, addresses, networks, ``*``."""
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


def _request(proxy: Proxy, authority: str) -> bytes:
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def open_tunnel(connection: DeadlineSocket, proxy: Proxy, authority: str) -> None:
    """Ask a proxy to connect us, on a connection to it.

    Args:
        connection: to the proxy; from then on it is one to the engine.
        proxy: for its credentials, and its name in texts.
        authority: host and port of the engine.

    Raises:
        ConnectionFailed: it refuses, or answers something else than HTTP.
        OSError: the connection broke, or the deadline has passed.
    """
    connection.sendall(_request(proxy, authority))
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        head += piece
        if not piece or len(head) > _MAX_HEAD:
            raise ConnectionFailed(f"{proxy} does not answer as a proxy does")
    match = _STATUS.match(head)
    if match is None:
        raise ConnectionFailed(f"{proxy} does not answer as a proxy does")
    status = int(match[1])
    if status == 407:
        raise ConnectionFailed(
            f"{proxy} wants a user name and a password",
            hint=f"Put them into {proxy.variable}: http://user:password@host:port.",
        )
    if not 200 <= status < 300:
        reason = (match[2] or b"").decode("latin-1")[:200]
        said = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
        raise ConnectionFailed(
            f"{proxy} does not connect to {authority}: {status} {said}".rstrip(),
            hint="Name the engine's host in NO_PROXY where it can be reached directly.",
        )
    if not head.endswith(b"\r\n\r\n") or head.count(b"\r\n\r\n") > 1:
        raise ConnectionFailed(f"{proxy} sends something before the engine could")
