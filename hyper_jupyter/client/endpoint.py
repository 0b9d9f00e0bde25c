"""Where an engine is, and which one is meant when nobody says.

Layer: client. No threads; reads the environment and the file system, opens no connection
but the probes of :func:`discover`.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Discovery", "Endpoint", "discover"]

_FORMS: Final = "local:, unix:///path/to/socket or tcp://host:port"
_PLAIN_PORT: Final = 2375
_DOCKER_SOCKET: Final = "/var/run/docker.sock"
_PODMAN_SOCKET: Final = "/run/podman/podman.sock"
_PROBE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of one engine.

    Attributes:
        scheme: ``"local"``, ``"unix"`` or ``"tcp"``.
        path: of the socket; empty for tcp and, until the engine runs, for local.
        host: name or address without brackets; empty for unix and local.
        port: 0 for unix and local.
        base_path: path prefix of a tcp endpoint, without a trailing slash.
    """

    scheme: str
    path: str = ""
    host: str = ""
    port: int = 0
    base_path: str = ""

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read ``local:``, ``unix:///path``, ``tcp://host[:port][/base]`` or ``host:port``.

        Raises:
            ConnectionFailed: at any other form, with the forms that are known.
        """
        text = url.strip()
        if text in ("local", "local:", "local://"):
            return cls("local")
        if text.startswith("/"):
            return cls("unix", path=text)
        if text.lower().startswith("ssh://"):
            raise ConnectionFailed("ssh:// is not supported", hint=f"Use {_FORMS}.")
        if "@" in text and not text.startswith("unix:///"):
            # Before anything else, and without the URL: it holds somebody's password, wherever
            # a strange character makes a parser see its end.
            raise ConnectionFailed("an engine's address must not hold a user name or password")
        if "://" not in text:
            text = "tcp://" + text
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise _unusable(url) from error
        if text == "tcp://" != url.strip() or parts.netloc.endswith(":"):  # "" and "unix:/path"
            raise _unusable(url)
        if parts.scheme == "unix":
            path = (parts.netloc + parts.path) or _DOCKER_SOCKET
            return cls("unix", path=path)
        if parts.scheme in ("tcp", "http"):
            host = parts.hostname or "127.0.0.1"
            return cls("tcp", host=host, port=port or _PLAIN_PORT, base_path=parts.path.rstrip("/"))
        raise _unusable(url)

    def __str__(self) -> str:
        """The URL, as ``client.host`` shows it."""
        if self.scheme == "local":
            return "local:"
        if self.scheme == "unix":
            return f"unix://{self.path}"
        return f"tcp://{self.authority}{self.base_path}"

    @property
    def authority(self) -> str:
        """What the ``Host`` header says."""
        if self.scheme != "tcp":
            return "localhost"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _unusable(url: str) -> ConnectionFailed:
    return ConnectionFailed(f"{url!r} is not the address of an engine", hint=f"Use {_FORMS}.")


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which engine was found, and how.

    Attributes:
        endpoint: the one to use.
        why: where its address came from, one phrase.
        tried: ``(address, what came of it)`` of those before it.
    """

    endpoint: Endpoint
    why: str
    tried: tuple[tuple[str, str], ...] = ()


def discover(environ: Mapping[str, str] | None = None) -> Discovery:
    """Find the engine of the user's own command line.

    ``HYPER_JUPYTER_HOST``, then ``DOCKER_HOST`` (empty and blank count as unset), then the
    sockets that Docker, its desktop variants and Podman use. A socket counts when it takes a
    connection. Never ``local:`` by itself, for that runs commands of this machine.

    Raises:
        ConnectionFailed: where nothing is there; the text lists what was tried.
    """
    env = os.environ if environ is None else environ
    for variable in ("HYPER_JUPYTER_HOST", "DOCKER_HOST"):
        if value := env.get(variable, "").strip():
            return Discovery(Endpoint.parse(value), f"{variable} is set")
    tried: list[tuple[str, str]] = []
    for path in _well_known_sockets(env):
        endpoint = Endpoint("unix", path=path)
        outcome = _probe(path)
        if not outcome:
            return Discovery(endpoint, "first well-known socket that answers", tuple(tried))
        tried.append((str(endpoint), outcome))
    looked = "; ".join(f"{address} ({outcome})" for address, outcome in tried)
    raise ConnectionFailed(
        f"no engine was found; tried {looked}",
        hint="Start Docker or Podman, name one with %hyper_connect HOST, or use the engine that "
        "comes with this package: %hyper_connect local:",
    )


def _well_known_sockets(env: Mapping[str, str]) -> list[str]:
    home = env.get("HOME") or str(Path.home())
    runtime = env.get("XDG_RUNTIME_DIR") or (
        f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else ""
    )
    paths = [_DOCKER_SOCKET]
    if runtime:
        paths.append(f"{runtime}/docker.sock")
    paths += [
        f"{home}/.docker/run/docker.sock",
        f"{home}/.docker/desktop/docker.sock",
        f"{home}/.colima/default/docker.sock",
        f"{home}/.orbstack/run/docker.sock",
        f"{home}/.rd/docker.sock",
    ]
    if runtime:
        paths.append(f"{runtime}/podman/podman.sock")
    paths.append(_PODMAN_SOCKET)
    return paths


def _probe(path: str) -> str:
    """Empty where the socket takes a connection, else what is wrong in two or three words."""
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return "not supported on this system"
    probe = socket.socket(family, socket.SOCK_STREAM)
    try:
        probe.settimeout(_PROBE_SECONDS)
        probe.connect(path)
    except FileNotFoundError:
        return "not there"
    except PermissionError:
        return "permission denied"
    except ConnectionRefusedError:
        return "nobody listens"
    except OSError as error:
        return error.strerror or type(error).__name__
    finally:
        probe.close()
    return ""
