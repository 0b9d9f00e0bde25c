"""Which engine is meant: the named one, else that of the user's own command line.

Layer: client. No threads; reads the environment and docker's configuration, and opens no connection
but the probes of well-known sockets.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from hyper_jupyter.client.context import context_endpoint, current_context, docker_folder
from hyper_jupyter.client.endpoint import DOCKER_SOCKET, Endpoint
from hyper_jupyter.client.hidden import Environment
from hyper_jupyter.client.tls import Tls
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Discovery", "TlsChoice", "discover", "named", "well_known_sockets"]

TlsChoice = str | os.PathLike[str] | bool | Mapping[str, str] | None
"""A folder with ``ca.pem``, ``cert.pem`` and ``key.pem``; ``True`` for the system's CAs; ``False``
for no TLS; a mapping with ``ca``, ``cert`` and ``key``; ``None`` for what the environment says."""

_PODMAN_SOCKET: Final = "/run/podman/podman.sock"
_PROBE_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which engine was found, and how.

    Attributes:
        endpoint: the one to use.
        why: where its address came from, one phrase.
        tried: ``(what, what came of it)`` of those before it.
    """

    endpoint: Endpoint
    why: str
    tried: tuple[tuple[str, str], ...] = ()


def named(
    host: str,
    *,
    tls: TlsChoice = None,
    verify: bool = True,
    environ: Mapping[str, str] | None = None,
) -> Discovery:
    """The engine of an address that somebody named.

    Args:
        host: its address.
        tls: how it is protected.
        verify: whether the engine has to prove who it is.
        environ: instead of the process's environment.

    Raises:
        ConnectionFailed: it is no address, or ``tls`` does not fit.
    """
    env = Environment(environ)
    return Discovery(_protected(host, tls, verify, env), "it was named")


def discover(
    environ: Mapping[str, str] | None = None,
    *,
    context: str | None = None,
    configured: str = "",
    hyper: tuple[str, str] | None = None,
    tls: TlsChoice = None,
    verify: bool = True,
) -> Discovery:
    """Find the engine of the user's own command line.

    ``HYPER_JUPYTER_HOST``, the configuration's ``Client.default_host``, ``DOCKER_HOST``,
    ``DOCKER_CONTEXT``, docker's current context, ``CONTAINER_HOST`` (Podman's); what is empty or
    blank counts as unset. Then the sockets that Docker, its desktop variants and Podman use: the
    first that takes a connection. Then a Hyper endpoint, where one is configured. Never ``local:``
    by itself, for that runs commands of this machine.

    Args:
        environ: instead of the process's environment.
        context: the name of a docker context: that one, and nothing else.
        configured: an address that IPython's configuration has.
        hyper: address of the configured Hyper endpoint, and where it came from.
        tls: how a tcp endpoint is protected; ``None`` for what the environment says.
        verify: whether the engine has to prove who it is.

    Raises:
        ConnectionFailed: where nothing is there; the text lists what was tried.
    """
    env = Environment(environ)
    if context:
        return Discovery(_of_context(context, tls, verify, env), f"context {context!r} was named")
    unset: list[str] = []
    asked = env.get("DOCKER_CONTEXT", "").strip()
    for name, text, is_context in (
        ("HYPER_JUPYTER_HOST", env.get("HYPER_JUPYTER_HOST", ""), False),
        ("c.Client.default_host", configured, False),
        ("DOCKER_HOST", env.get("DOCKER_HOST", ""), False),
        ("DOCKER_CONTEXT", "" if asked == "default" else asked, True),
        ("docker's current context", "" if asked else current_context(env), True),
        ("CONTAINER_HOST", env.get("CONTAINER_HOST", ""), False),
    ):
        value = text.strip()
        if not value:
            unset.append(name)
            continue
        try:
            endpoint = (_of_context if is_context else _protected)(value, tls, verify, env)
        except ConnectionFailed as error:
            error.args = (f"{error} ({name})",)
            raise
        why = f"{name} is {value!r}" if is_context else f"{name} is set"
        tried = ((", ".join(unset), "not set"),) if unset else ()
        return Discovery(endpoint, why, tried)
    sockets: list[tuple[str, str]] = [(", ".join(unset), "not set")]
    for path in well_known_sockets(env):
        endpoint = Endpoint("unix", path=path)
        outcome = _probe(path)
        if not outcome:
            return Discovery(endpoint, "first well-known socket that answers", tuple(sockets))
        sockets.append((str(endpoint), outcome))
    if hyper is not None:
        return Discovery(_protected(hyper[0], tls, verify, env), hyper[1], tuple(sockets))
    looked = "; ".join(f"{address} ({outcome})" for address, outcome in sockets[1:])
    raise ConnectionFailed(
        f"no engine was found; tried {looked}",
        hint="Start Docker or Podman, name one with %hyper_connect HOST, or use the engine that "
        "comes with this package: %hyper_connect local:",
    )


def _of_context(name: str, tls: TlsChoice, verify: bool, env: Mapping[str, str]) -> Endpoint:
    return _with_choice(context_endpoint(name, env), tls, verify)


def _protected(host: str, tls: TlsChoice, verify: bool, env: Mapping[str, str]) -> Endpoint:
    """An address with the TLS that belongs to it, as the docker command decides.

    ``tcp://`` is TLS where ``DOCKER_TLS_VERIFY`` or ``DOCKER_TLS`` is not empty, with the files of
    ``DOCKER_CERT_PATH`` or docker's own folder. Other than the docker command, certificates are
    verified even where only the latter is set.
    """
    endpoint = Endpoint.parse(host)
    if endpoint.scheme != "tcp" or tls is not None:
        return _with_choice(endpoint, tls, verify)
    plain = host.strip().lower().startswith("http://")
    if endpoint.host.endswith(".hyper.sh") and not plain:
        endpoint = replace(endpoint, tls=Tls())
    elif (env.get("DOCKER_TLS_VERIFY") or env.get("DOCKER_TLS")) and not plain:
        folder = Path(env.get("DOCKER_CERT_PATH") or docker_folder(env))
        endpoint = replace(endpoint, tls=Tls.from_folder(folder))
    return _with_choice(endpoint, tls, verify)


def _with_choice(endpoint: Endpoint, tls: TlsChoice, verify: bool) -> Endpoint:
    """What the caller said of TLS wins."""
    if tls is not None:
        if endpoint.scheme != "tcp":
            if tls is False:
                return endpoint
            raise ConnectionFailed(f"{endpoint} has no TLS", hint="TLS is for https://host:port.")
        if tls is False:
            if endpoint.tls is not None:
                raise ConnectionFailed(f"{endpoint} is TLS, and tls=False says that it is not")
        elif tls is True:
            endpoint = replace(endpoint, tls=endpoint.tls or Tls())
        elif isinstance(tls, Mapping):
            endpoint = replace(endpoint, tls=_from_mapping(tls))
        else:
            endpoint = replace(endpoint, tls=Tls.from_folder(Path(tls).expanduser()))
    if endpoint.tls is not None and not verify:
        endpoint = replace(endpoint, tls=replace(endpoint.tls, verify=False))
    return endpoint


def _from_mapping(files: Mapping[str, str]) -> Tls:
    unknown = set(files) - {"ca", "cert", "key"}
    if unknown or ("key" in files and "cert" not in files):
        raise ConnectionFailed("tls takes the files ca, cert and key", hint="A key has its cert.")
    paths = {name: str(Path(path).expanduser()) for name, path in files.items()}
    return Tls(ca=paths.get("ca", ""), cert=paths.get("cert", ""), key=paths.get("key", ""))


def well_known_sockets(env: Mapping[str, str]) -> list[str]:
    """Where Docker, its desktop variants and Podman listen when nobody said anything else."""
    home = env.get("HOME") or str(Path.home())
    runtime = env.get("XDG_RUNTIME_DIR") or (
        f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else ""
    )
    paths = [DOCKER_SOCKET]
    if runtime:
        paths.append(f"{runtime}/docker.sock")
    paths += [
        f"{home}/.docker/run/docker.sock",
        f"{home}/.docker/desktop/docker.sock",
        f"{home}/.colima/default/docker.sock",
        f"{home}/.colima/docker.sock",
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
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "no path that a socket can have"
    finally:
        probe.close()
    return ""
