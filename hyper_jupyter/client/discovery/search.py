"""The search for an engine: the named one, or else that of the user's own command line.

Layer: client. Any thread; reads the environment and the configuration of docker and podman, and
opens no connection except to probe well-known sockets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hyper_jupyter.client.discovery.addressing import EndpointResolver, TlsChoice
from hyper_jupyter.client.discovery.docker import current_context
from hyper_jupyter.client.discovery.probe import SocketProblem, probe_socket
from hyper_jupyter.client.secret import Environment, Secret
from hyper_jupyter.client.transport.endpoint import DOCKER_SOCKET, Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Discovery", "TlsChoice", "find_engine", "resolve_address", "well_known_sockets"]

_PODMAN_SOCKET: Final = "/run/podman/podman.sock"
_PODMAN_DEFAULT: Final = "podman's default connection"
_WIDTH: Final = 96

_OTHERS: Final = SocketProblem(
    "not there",
    "Start the engine that you have. Podman's: systemctl --user start podman.socket.",
)


@dataclass(frozen=True, slots=True)
class Discovery:
    """Which engine was found, and how.

    Attributes:
        endpoint: the endpoint to use.
        why: where its address came from, in one phrase.
        tried: what was tried before it, as pairs of a name and an outcome.
        is_podman: whether it came from Podman's configuration, or is a socket of Podman. Then
            docker's configuration of requests does not apply.
    """

    endpoint: Endpoint
    why: str
    tried: tuple[tuple[str, str], ...] = ()
    is_podman: bool = False


@dataclass(frozen=True, slots=True)
class _Setting:
    """A setting that may name an engine.

    Attributes:
        source: a variable, or a setting in words.
        value: its value; blank if it is not set.
        make: makes an endpoint of the value.
        is_podman: as for :class:`Discovery`.
        is_name: whether the value may be shown. An address may not: it may hold a password.
    """

    source: str
    value: str = field(repr=False)
    make: Callable[[str], Endpoint]
    is_podman: bool = False
    is_name: bool = False

    def resolve(self, tried: tuple[tuple[str, str], ...]) -> Discovery:
        """Find the engine that it names.

        Raises:
            ConnectionFailed: the value is wrong; the text names the setting.
        """
        value = Secret(self.value.strip())  # an address may hold a password
        try:
            endpoint = self.make(value)
        except ConnectionFailed as error:
            error.args = (f"{error} ({self.source})",)
            raise
        why = f"{self.source} is {str(value)!r}" if self.is_name else f"{self.source} is set"
        return Discovery(endpoint, why, tried, self.is_podman)


def resolve_address(
    host: str,
    *,
    tls: TlsChoice = None,
    verify: bool = True,
    environ: Mapping[str, str] | None = None,
) -> Discovery:
    """Make a discovery of an address that the caller named.

    Args:
        host: the engine's address.
        tls: of a tcp endpoint; ``None`` decides by the environment.
        verify: whether the engine's certificate is checked.
        environ: replaces the process's environment.

    Raises:
        ConnectionFailed: it is not an address, or ``tls`` does not fit it.
    """
    env = Environment(environ)
    return Discovery(EndpointResolver(env, tls, verify).from_url(host), "you named it")


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

    The first of these counts; a variable that is empty or blank counts as unset:

    1. ``HYPER_JUPYTER_HOST``, the configuration's ``Client.default_host``, ``DOCKER_HOST``,
       ``DOCKER_CONTEXT``, docker's current context.
    2. Podman's ``CONTAINER_CONNECTION`` and ``CONTAINER_HOST`` (in podman 5's order), and its
       default connection if its own command uses that by itself.
    3. The sockets that Docker, its desktop variants and Podman use: the first that accepts a
       connection.
    4. Podman's default connection in any case.
    5. A Hyper endpoint, if one is configured.

    The embedded engine (``local:``) is never chosen here, because it runs commands of this machine.

    Args:
        environ: replaces the process's environment.
        context: the name of a docker context; then nothing else is tried.
        configured: the address in IPython's configuration.
        hyper: address of the configured Hyper endpoint, and where it came from.
        tls: of a tcp endpoint; ``None`` decides by the environment.
        verify: whether the engine's certificate is checked.

    Raises:
        ConnectionFailed: no engine was found, and the text has a line for each thing that was
            tried, with its next step; or the value of a setting is wrong.
    """
    env = Environment(environ)
    make = EndpointResolver(env, tls, verify)
    if context:
        return Discovery(make.from_context(context), f"context {context!r} was named")
    settings = _settings(env, make, configured)
    podman_default = settings.pop()
    if make.podman.is_remote:
        settings.append(podman_default)
    unset: list[str] = []
    for setting in settings:
        if setting.value.strip():
            return setting.resolve(((", ".join(unset), "not set"),) if unset else ())
        unset.append(setting.source)
    if not podman_default.value and podman_default not in settings:
        unset.append(podman_default.source)
    tried = [(", ".join(unset), "not set")]
    problems: list[tuple[str, SocketProblem]] = []
    for path in well_known_sockets(env):
        endpoint = Endpoint("unix", path=path)
        problem = probe_socket(path)
        if problem is None:
            why = "first known socket that answered"
            return Discovery(endpoint, why, tuple(tried), path.endswith("/podman.sock"))
        tried.append((str(endpoint), problem.outcome))
        problems.append((str(endpoint), problem))
    if podman_default.value:
        return podman_default.resolve(tuple(tried))
    if hyper is not None:
        return Discovery(make.from_url(hyper[0]), hyper[1], tuple(tried))
    raise _nothing_found(unset, problems)


def _settings(env: Mapping[str, str], make: EndpointResolver, configured: str) -> list[_Setting]:
    """List what may name an engine, in order. Podman's default connection is the last."""
    asked = env.get("DOCKER_CONTEXT", "").strip()
    context = "" if asked else current_context(env)
    podman_default = make.podman.default_connection()
    return [
        _Setting("HYPER_JUPYTER_HOST", env.get("HYPER_JUPYTER_HOST", ""), make.from_url),
        _Setting("c.Client.default_host", configured, make.from_url),
        _Setting("DOCKER_HOST", env.get("DOCKER_HOST", ""), make.from_url),
        _Setting(
            "DOCKER_CONTEXT", "" if asked == "default" else asked, make.from_context, is_name=True
        ),
        _Setting("docker's current context", context, make.from_context, is_name=True),
        _Setting(
            "CONTAINER_CONNECTION",
            env.get("CONTAINER_CONNECTION", ""),
            make.from_podman_connection,
            is_podman=True,
            is_name=True,
        ),
        _Setting(
            "CONTAINER_HOST", env.get("CONTAINER_HOST", ""), make.from_podman_url, is_podman=True
        ),
        _Setting(
            _PODMAN_DEFAULT,
            "" if podman_default is None else podman_default.name,
            make.from_podman_connection,
            is_podman=True,
            is_name=True,
        ),
    ]


def _nothing_found(unset: list[str], problems: list[tuple[str, SocketProblem]]) -> ConnectionFailed:
    """Make the error: a line for each thing that was tried, and below it the next step.

    Sockets that are not there say little: most machines lack most of these programs. So they are
    one entry, except for the first, Docker's own.
    """
    alike: dict[SocketProblem, list[str]] = {}
    for number, (address, problem) in enumerate(problems):
        known = _OTHERS if number and problem.outcome == _OTHERS.outcome else problem
        alike.setdefault(known, []).append(address)
    entries = [(problem.outcome, names, problem.next_step) for problem, names in alike.items()]
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
        hint="%hyper_connect local: uses the engine that comes with this package.",
    )


def well_known_sockets(env: Mapping[str, str]) -> list[str]:
    """List where Docker, its desktop variants and Podman listen by default."""
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
