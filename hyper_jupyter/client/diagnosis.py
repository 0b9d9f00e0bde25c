"""Examining the way to an engine: findings, each with its next step.

Layer: client. Any thread. Blocks its caller, each step for the timeout at most. It changes nothing:
it makes calls that only read, and attaches without any stream to a container for which that is
harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from hyper_jupyter.client.attach_probe import can_try_websocket, try_attach
from hyper_jupyter.client.discovery.options import DEFAULT_TIMEOUT
from hyper_jupyter.client.discovery.probe import probe_socket
from hyper_jupyter.client.discovery.search import Discovery
from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.negotiation import MAX_API_VERSION
from hyper_jupyter.client.profile import version_numbers
from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.exceptions import ApiError, HyperJupyterError

__all__ = ["Finding", "examine", "socket_finding"]


_NOBODY: Final = "hyper-jupyter-no-such-container"

_TRIED: Final = 3
"""Containers that are tried at most: one may end just then."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        good: ``True`` where all is well, ``False`` for a fault, ``None`` for a note.
        text: what was found.
        next_step: what to do; empty where there is nothing to do.
    """

    good: bool | None
    text: str
    next_step: str = ""


def examine(
    discovery: Discovery, make: Any = EngineClient, *, timeout: float = DEFAULT_TIMEOUT
) -> list[Finding]:
    """Examine the way to an engine, step by step, up to the first step that fails.

    Args:
        discovery: which engine, and why.
        make: makes the client.
        timeout: seconds for each call.
    """
    endpoint = discovery.endpoint
    findings = [Finding(True, f"the engine is {endpoint} ({discovery.why})")]
    if endpoint.scheme == "unix" and (fault := socket_finding(endpoint)):
        return [*findings, fault]
    try:
        client: EngineClient = make(discovery, timeout=timeout)
    except HyperJupyterError as error:
        cause = error.__cause__
        return [*findings, _refusal(cause if isinstance(cause, ApiError) else error, "GET /_ping")]
    findings.append(
        Finding(
            True,
            f"it is {client.engine} {client.engine_version}".rstrip()
            + f"; requests use API {client.api_version}",
        )
    )
    if not _is_tested(client):
        findings.append(
            Finding(
                None,
                f"that API is newer than {MAX_API_VERSION}, the newest that hyper_jupyter was "
                "tested with",
            )
        )
    findings += [Finding(None, warning) for warning in client.warnings]
    try:
        running = client.call("GET", "/containers/json").json()
    except HyperJupyterError as error:
        return [*findings, _refusal(error, "GET /containers/json", client)]
    findings.append(_check_upgrade(client, running if isinstance(running, list) else []))
    return findings


def socket_finding(endpoint: Endpoint) -> Finding | None:
    """Find what is wrong with an engine's socket here; ``None`` where it accepts connections."""
    fault = probe_socket(endpoint.path)
    if fault is None:
        return None
    texts = {
        "not there": f"there is no socket {endpoint.path}",
        "not a socket": f"{endpoint.path} is not a socket",
        "nothing listens": f"nothing listens at the socket {endpoint.path}",
        "permission denied": f"you have no permission to use {endpoint}",
        "accepts no connection": f"{endpoint} accepts no connection",
    }
    text = texts.get(fault.outcome, f"{endpoint} cannot be used: {fault.outcome}")
    return Finding(False, text, fault.next_step)


def _is_tested(client: EngineClient) -> bool:
    tested = version_numbers(MAX_API_VERSION)
    return version_numbers(client.api_version) <= tested


def _refusal(error: HyperJupyterError, what: str, client: EngineClient | None = None) -> Finding:
    """Make a finding of a call that failed.

    Args:
        error: the error that it raised.
        what: the request, such as ``GET /version``.
        client: of the engine, if there is one already.
    """
    if not isinstance(error, ApiError):
        return Finding(False, str(error), error.hint)
    text = f"the answer to {what} is {error.status}: {error}"
    if error.status in (401, 403, 405):
        return Finding(
            False,
            f"{text}. A proxy in front of the engine forbids it",
            "Configure it to allow /_ping, /version, /containers, /exec and /events, and POST.",
        )
    if error.status == 400 and "version" in str(error).lower():
        return Finding(False, text, _version_advice(client))
    return Finding(False, text, error.hint or "See the engine's own log.")


def _version_advice(client: EngineClient | None) -> str:
    """Say which version of the API to name where the engine refuses the one that was used."""
    if client is None or client.negotiates_version:
        # It was not named by anybody, so there is nothing to unset.
        return "Name a version that the engine accepts: connect(api_version=…), DOCKER_API_VERSION."
    oldest, newest = client.api_versions
    takes = f" (it accepts {oldest} to {newest})" if oldest and newest else ""
    return (
        "Unset DOCKER_API_VERSION and HYPER_API_VERSION, so that the version is negotiated, or "
        f"give connect() another api_version{takes}."
    )


def _check_upgrade(client: EngineClient, running: list[Any]) -> Finding:
    """Check whether an attach request gets its 101, and if not, whether a WebSocket does."""
    harmless = (c for c in running if isinstance(c, dict) and _is_harmless(client, c))
    names = [str(c["Id"]) for c in islice(harmless, _TRIED)]
    try:
        for name in names or [""]:
            status, body = try_attach(client, name or _NOBODY, Deadline(client.timeout))
            if status not in (404, 409):  # it has ended since
                break
    except (HyperJupyterError, OSError) as error:
        return Finding(False, f"an attach request got no answer: {error}", "See the engine's log.")
    if status is None:
        return Finding(
            False,
            "the connection was closed without an answer to an attach request",
            "A proxy in between may not support upgrades: connect to the engine without it"
            + _websocket_advice(client, name),
        )
    if status == 101:
        return Finding(True, "an attach request is answered with the upgrade (101)")
    if status < 300:
        return Finding(
            False,
            f"an attach request is answered without the upgrade ({status}): a proxy in between "
            "removes it. Output arrives, but what is typed may not",
            "Configure the proxy to pass on the headers Upgrade and Connection, connect to the "
            "engine without it" + _websocket_advice(client, name),
        )
    if not names and status == 404:
        return Finding(
            None,
            "attach requests arrive; only a running container can show whether upgrades do",
            "Start a container and run %hyper_doctor again.",
        )
    finding = _refusal(api_error(status, body), "POST /containers/…/attach", client)
    if status in (401, 404, 409):
        return finding
    step = finding.next_step.removesuffix(".") + _websocket_advice(client, name)
    return replace(finding, next_step=step)


def _websocket_advice(client: EngineClient, name: str) -> str:
    """Say how attaching by WebSocket works here, as the end of a sentence of advice.

    It is tried where that is harmless.

    Args:
        client: of the engine.
        name: of a container to try it with; empty for none.
    """
    if not client.profile.has_websocket:
        return "."
    if not name:
        return (
            ". Attaching by WebSocket (%hyper_attach --ws, ws=True) may work: only a running "
            "container can show it."
        )
    if not can_try_websocket(client):
        return ". Attaching by WebSocket may work: %hyper_attach --ws (ws=True)."
    try:
        status, _ = try_attach(client, name, Deadline(client.timeout), websocket=True)
        why = "no answer" if status is None else str(status)
    except (HyperJupyterError, OSError) as error:
        status, why = None, str(error)
    if status == 101:
        return ", or attach by WebSocket, which works here: %hyper_attach --ws (ws=True)."
    return f". Attaching by WebSocket was tried and does not work either ({why})."


def _is_harmless(client: EngineClient, row: dict[str, Any]) -> bool:
    """Whether attaching and detaching does nothing to a container.

    Where sessions share a connection (Podman), a container without a TTY loses its input when any
    client leaves. There only containers with a TTY or without an open input are harmless.
    """
    if not isinstance(row.get("Id"), str):
        return False
    if not client.profile.shares_stdio_connection:
        return True
    try:
        config = client.inspect(row["Id"]).get("Config") or {}
    except HyperJupyterError:
        return False
    return isinstance(config, dict) and bool(config.get("Tty") or not config.get("OpenStdin"))
