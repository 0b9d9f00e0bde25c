"""Which engine is meant: the named one, else that of the user's own command line.

Layer: client. No threads; reads the environment and the configuration of docker and podman, and
opens no connection but the probes of well-known sockets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hyper_jupyter.client.discovery.addressing import EndpointResolver, TlsChoice
from hyper_jupyter.client.discovery.docker import current_context
from hyper_jupyter.client.discovery.probe import SocketProblem, probe_socket
from hyper_jupyter.client.secret import Environment
from hyper_jupyter.client.transport.endpoint import DOCKER_SOCKET, Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Discovery", "TlsChoice", "find_engine", "resolve_address", "well_known_sockets"]

_PODMAN_SOCKET: Final = "/run/podman/podman.sock"
_PODMANS_OWN: Final = "podman's default connection"
_WIDTH: Final = 96


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which engine was found, and how.

    Attributes:
        endpoint: the one to use.
        why: where its address came from, one phrase.
        tried: ``(what, what came of it)`` of those before it.
        is_podman: whether Podman's configuration has it, or it is a socket of Podman's: what
            docker's configuration says of requests is not for it then.
    """

    endpoint: Endpoint
    why: str
    tried: tuple[tuple[str, str], ...] = ()
    is_podman: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that may name an engine.

    Attributes:
        what: it is.
        value: of it; blank where it is not set.
        make: makes an endpoint of that.
        is_podman: as of :class:`Discovery`.
        is_name: whether the value may be shown; an address may hold a password.
    """

    what: str
    value: str
    make: Callable[[str], Endpoint]
    is_podman: bool = False
    is_name: bool = False

    def discovery(self, tried: tuple[tuple[str, str], ...]) -> Discovery:
        value = self.value.strip()
        try:
            endpoint = self.make(value)
        except ConnectionFailed as error:
            error.args = (f"{error} ({self.what})",)
            raise
        why = f"{self.what} is {value!r}" if self.is_name else f"{self.what} is set"
        return Discovery(endpoint, why, tried, self.is_podman)


def resolve_address(
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
    return Discovery(EndpointResolver(env, tls, verify).from_url(host), "it was named")


def find_engine(
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
    ``DOCKER_CONTEXT``, docker's current context; Podman's ``CONTAINER_CONNECTION``,
    ``CONTAINER_HOST`` (in podman 5's order), and its default connection where its own command goes
    there by itself; what is empty or blank counts as unset. Then the sockets that Docker, its
    desktop variants and Podman use: the first that takes a connection. Then Podman's default
    connection in any case, and a Hyper endpoint, where one is configured. Never ``local:`` by
    itself, for that runs commands of this machine.

    Args:
        environ: instead of the process's environment.
        context: the name of a docker context: that one, and nothing else.
        configured: an address that IPython's configuration has.
        hyper: address of the configured Hyper endpoint, and where it came from.
        tls: how a tcp endpoint is protected; ``None`` for what the environment says.
        verify: whether the engine has to prove who it is.

    Raises:
        ConnectionFailed: where nothing is there; the text has a line for each thing that was
            tried, with its next step. Where what is set is wrong.
    """
    env = Environment(environ)
    make = EndpointResolver(env, tls, verify)
    if context:
        return Discovery(make.from_context(context), f"context {context!r} was named")
    steps = _steps(env, make, configured)
    own = steps.pop()
    if make.podman.is_remote:
        steps.append(own)
    unset: list[str] = []
    for step in steps:
        if step.value.strip():
            return step.discovery(((", ".join(unset), "not set"),) if unset else ())
        unset.append(step.what)
    if not own.value and own not in steps:
        unset.append(own.what)
    tried = [(", ".join(unset), "not set")]
    faults: list[tuple[str, SocketProblem]] = []
    for path in well_known_sockets(env):
        endpoint = Endpoint("unix", path=path)
        fault = probe_socket(path)
        if fault is None:
            why = "first well-known socket that answers"
            return Discovery(endpoint, why, tuple(tried), path.endswith("/podman.sock"))
        tried.append((str(endpoint), fault.outcome))
        faults.append((str(endpoint), fault))
    if own.value:
        return own.discovery(tuple(tried))
    if hyper is not None:
        return Discovery(make.from_url(hyper[0]), hyper[1], tuple(tried))
    raise _nothing_found(unset, faults)


def _steps(env: Mapping[str, str], make: EndpointResolver, configured: str) -> list[_Step]:
    """What may name an engine, in its order."""
    asked = env.get("DOCKER_CONTEXT", "").strip()
    context = "" if asked else current_context(env)
    own = make.podman.default_connection()
    return [
        _Step("HYPER_JUPYTER_HOST", env.get("HYPER_JUPYTER_HOST", ""), make.from_url),
        _Step("c.Client.default_host", configured, make.from_url),
        _Step("DOCKER_HOST", env.get("DOCKER_HOST", ""), make.from_url),
        _Step(
            "DOCKER_CONTEXT", "" if asked == "default" else asked, make.from_context, is_name=True
        ),
        _Step("docker's current context", context, make.from_context, is_name=True),
        _Step(
            "CONTAINER_CONNECTION",
            env.get("CONTAINER_CONNECTION", ""),
            make.from_podman_connection,
            is_podman=True,
            is_name=True,
        ),
        _Step(
            "CONTAINER_HOST", env.get("CONTAINER_HOST", ""), make.from_podman_url, is_podman=True
        ),
        _Step(
            _PODMANS_OWN,
            "" if own is None else own.name,
            make.from_podman_connection,
            is_podman=True,
            is_name=True,
        ),
    ]


def _nothing_found(unset: list[str], faults: list[tuple[str, SocketProblem]]) -> ConnectionFailed:
    """What was tried, in lines, and below each what can be done about it."""
    alike: dict[SocketProblem, list[str]] = {}
    for address, fault in faults:
        alike.setdefault(fault, []).append(address)
    entries = [(fault.outcome, names, fault.next_step) for fault, names in alike.items()]
    step = "Name an engine: %hyper_connect HOST, or one of these variables."
    lines = ["no engine was found"]
    for outcome, names, next_step in [*entries, ("not set", unset, step)]:
        lines.append(f"  {outcome}: {names[0]}")
        for name in names[1:]:
            if len(lines[-1]) + len(name) > _WIDTH:
                lines[-1] += ","
                lines.append(f"    {name}")
            else:
                lines[-1] += f", {name}"
        lines += [f"    → {next_step}"] if next_step else []
    return ConnectionFailed(
        "\n".join(lines),
        hint="Or use the engine that comes with this package: %hyper_connect local:",
    )


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
