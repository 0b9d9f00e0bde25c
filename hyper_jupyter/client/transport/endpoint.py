"""Where an engine is: its address, read and written.

Layer: client. No threads, no I/O: an address says nothing about whether somebody is there.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

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
"""Users and hosts as ssh may be given them: never the start of an option."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one engine.

    Attributes:
        scheme: ``"local"``, ``"unix"``, ``"tcp"`` or ``"ssh"``.
        path: of the socket, over ssh that on the other machine; empty for tcp, for local until
            the engine runs, and over ssh where the other machine's docker command knows it.
        host: name or address without brackets; empty for unix and local.
        port: 0 for unix and local, and over ssh where ssh's own configuration says.
        base_path: path prefix of a tcp endpoint, without a trailing slash.
        tls: how a tcp endpoint's connections are protected; ``None`` for not at all.
        user: over ssh; empty where ssh's own configuration says.
        identity: file with the key for ssh, which no address has; empty where ssh's own
            configuration says.
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
        """Read an address.

        ``local:``, ``unix:///path``, ``tcp://host[:port][/base]`` (port 2375), ``https://`` alike
        (443), ``ssh://[user@]host[:port][/path]``, a path alone, ``host[:port]`` alone.

        Raises:
            ConnectionFailed: at any other form, with the forms that are known.
        """
        text = url.strip()
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
            # Before anything else, and without the URL: it holds somebody's password, wherever
            # a strange character makes a parser see its end.
            raise ConnectionFailed("an engine's address must not hold a user name or password")
        try:
            # A colon without a port, "" and "unix:/path" are left over.
            parts = urlsplit(text if scheme else f"tcp://{text}")
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
        user, host = unquote(parts.username or ""), parts.hostname or ""
        if parts.password is not None or "@" in user or "@" in parts.path:
            raise ConnectionFailed(
                "an ssh:// address must not hold a password",
                hint="Use a key, and ssh's own agent and configuration.",
            )
        names = [name for name in (user, host) if name]
        if not host or not all(_SSH_NAME.fullmatch(name) for name in names):
            raise _unusable(url, secret=True)
        if parts.query or parts.fragment or not parts.path.isprintable():
            raise _unusable(url, secret=True)
        # Upper case matters: the name may be one of ssh's own configuration.
        spelled = parts.netloc.rpartition("@")[2]
        at = spelled.lower().find(host)
        path = "" if parts.path == "/" else parts.path
        return cls("ssh", path, spelled[at : at + len(host)], parts.port or 0, user=user)

    def __str__(self) -> str:
        """The URL, as ``client.host`` shows it."""
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
        """What the ``Host`` header says."""
        if self.scheme != "tcp":
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _unusable(url: str, *, secret: bool = False) -> ConnectionFailed:
    # What has a user may have a password too, wherever the parser thinks it is.
    shown = "this ssh:// address" if secret and "@" in url else repr(url)
    return ConnectionFailed(
        f"{shown} is not the address of an engine", hint=f"Use {ADDRESS_FORMS}."
    )
