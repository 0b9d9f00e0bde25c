"""Addresses of engines: parsing and writing them.

Layer: client. No threads, no I/O: an address says nothing about whether an engine answers there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from hyper_jupyter.client.secret import Secret
from hyper_jupyter.client.transport.tls import Tls
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["ADDRESS_FORMS", "DOCKER_SOCKET", "Endpoint"]

DOCKER_SOCKET: Final = "/var/run/docker.sock"

ADDRESS_FORMS: Final = (
    "local:, unix:///path/to/socket, tcp://host:port, https://host:port or ssh://user@host"
)
_PLAIN_PORT: Final = 2375
_SECURE_PORT: Final = 443
_SSH_NAME: Final = re.compile(r"[A-Za-z0-9_.:%][A-Za-z0-9_.:%+@\\-]*")
"""Users and hosts that are safe to pass to ssh: none can be taken for an option."""

_SSH_PASSWORD: Final = re.compile(r"(?i:ssh)://[^@]*:[^@]*@|(?i:ssh)://[^@]*@.*@", re.DOTALL)


class _Parts(SplitResult):
    """The parts of an address; a traceback with variables does not show them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def _spelled_host(parts: SplitResult) -> str:
    """Return the host in its own spelling, which ``hostname`` changes.

    The case matters: the name may be an entry of ssh's own configuration, or a zone's.
    """
    spelled = parts.netloc.rpartition("@")[2]
    if spelled.startswith("["):
        return spelled[1:].partition("]")[0]
    return spelled.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one engine.

    Attributes:
        scheme: ``"local"``, ``"unix"``, ``"tcp"`` or ``"ssh"``.
        path: of the socket; for ssh, the one on the other machine. Empty for tcp, for local until
            the engine runs, and for ssh if the other machine's docker command knows it.
        host: name or address without brackets; empty for unix and local.
        port: 0 for unix and local, and for ssh if ssh's own configuration decides.
        base_path: path prefix of a tcp endpoint, without a trailing slash.
        tls: the TLS of a tcp endpoint; ``None`` for none.
        user: for ssh; empty if ssh's own configuration decides.
        identity: file with the key for ssh, which is not part of an address; empty if ssh's own
            configuration decides.
    """

    scheme: str
    path: str = ""
    host: str = ""
    port: int = 0
    base_path: str = ""
    tls: Tls | None = None
    user: str = ""
    identity: str = ""

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Parse an address.

        It is ``local:``, ``unix:///path``, ``tcp://host[:port][/base]`` (port 2375), the same with
        ``https://`` (port 443), ``ssh://[user@]host[:port][/path]``, a path alone, or
        ``host[:port]`` alone.

        Raises:
            ConnectionFailed: it has another form; the hint lists the forms.
        """
        text = Secret(url.strip())  # it may hold a password, which tracebacks must not show
        if text in ("local", "local:", "local://"):
            return cls("local")
        if text.startswith("/"):
            return cls("unix", path=text)
        scheme = text.partition("://")[0].lower() if "://" in text else ""
        if scheme == "npipe":
            raise ConnectionFailed(
                "npipe:// is not supported",
                hint="Docker Desktop can also listen on tcp://localhost:2375: see its settings.",
            )
        if "@" in text and scheme != "ssh" and not text.startswith("unix:///"):
            # Checked first, and the error does not show the URL: it holds a password, even where
            # a strange character makes a parser see the end of the password elsewhere.
            raise ConnectionFailed("an engine's address must not hold a user name or password")
        if _SSH_PASSWORD.match(text):
            raise ConnectionFailed(
                "an ssh:// address must not hold a password",
                hint="Use a key, and ssh's own agent and configuration.",
            )
        try:
            # A colon without a port, "" and "unix:/path" are rejected below.
            parts = _Parts(*urlsplit(text if scheme else f"tcp://{text}"))
            port = parts.port
        except ValueError as error:
            raise _unusable(url, secret=scheme == "ssh") from (None if scheme == "ssh" else error)
        if scheme == "ssh":
            return cls._over_ssh(parts, url)
        if not (text and (scheme or ":/" not in text)) or parts.netloc.endswith(":"):
            raise _unusable(url)
        if parts.query or parts.fragment:
            raise _unusable(url)
        if parts.scheme == "unix":
            return cls("unix", path=(parts.netloc + parts.path) or DOCKER_SOCKET)
        if parts.scheme not in ("tcp", "http", "https"):
            raise _unusable(url)
        secure = parts.scheme == "https"
        return cls(
            "tcp",
            host=parts.hostname or "127.0.0.1",
            port=port or (_SECURE_PORT if secure else _PLAIN_PORT),
            base_path=parts.path.rstrip("/"),
            tls=Tls() if secure else None,
        )

    @classmethod
    def _over_ssh(cls, parts: SplitResult, url: str) -> Endpoint:
        if os.name != "posix":
            raise ConnectionFailed(
                "ssh:// is not supported on Windows",
                hint="Forward a port (ssh -L 2375:/var/run/docker.sock HOST), and use "
                "tcp://localhost:2375.",
            )
        user, host = Secret(unquote(parts.username or "")), _spelled_host(parts)
        if "@" in user or "@" in parts.path:
            raise _unusable(url, secret=True)
        names = [name for name in (user, host) if name]
        if not host or not all(_SSH_NAME.fullmatch(name) for name in names):
            raise _unusable(url, secret=True)
        if parts.query or parts.fragment or not parts.path.isprintable():
            raise _unusable(url, secret=True)
        path = "" if parts.path == "/" else parts.path
        return cls("ssh", path, host, parts.port or 0, user=str(user))

    def __str__(self) -> str:
        """Return the URL, as ``client.host`` shows it."""
        if self.scheme == "local":
            return "local:"
        if self.scheme == "unix":
            return f"unix://{self.path}"
        if self.scheme == "ssh":
            host = f"[{self.host}]" if ":" in self.host else self.host
            user = f"{self.user}@" if self.user else ""
            port = f":{self.port}" if self.port else ""
            return f"ssh://{user}{host}{port}{self.path}"
        scheme = "https" if self.tls else "tcp"
        return f"{scheme}://{self.authority}{self.base_path}"

    @property
    def authority(self) -> str:
        """The value of the ``Host`` header."""
        if self.scheme != "tcp":
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _unusable(url: str, *, secret: bool = False) -> ConnectionFailed:
    # An address with a user may also have a password, wherever the parser sees it.
    shown = "this ssh:// address" if secret and "@" in url else repr(str(url))
    return ConnectionFailed(
        f"{shown} is not the address of an engine", hint=f"Use {ADDRESS_FORMS}."
    )
