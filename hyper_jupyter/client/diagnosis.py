"""What is wrong on the way to an engine, each finding with its next step.

Layer: client. Blocks its caller, each step at most the timeout. It changes nothing: it asks, and
attaches without any stream to a container for which that is known to be harmless.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hyper_jupyter.client.attach_probe import can_try_websocket, try_attach
from hyper_jupyter.client.discovery.probe import probe_socket
from hyper_jupyter.client.discovery.search import Discovery
from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.exceptions import ApiError, HyperJupyterError

__all__ = ["Finding", "examine", "socket_finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        good: whether nothing has to be done about it; ``None`` for what is worth knowing.
        text: what was found.
        next_step: what to do; empty where there is nothing to do.
    """

    good: bool | None
    text: str
    next_step: str = ""


def examine(
    discovery: Discovery, make: Any = EngineClient, *, timeout: float = 10.0
) -> list[Finding]:
    """Look at the way to an engine, step by step, up to the first that fails.

    Args:
        discovery: which engine, and why.
        make: what makes the client.
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
            + f"; requests are made with API {client.api_version}",
        )
    )
    findings += [Finding(None, warning) for warning in client.warnings]
    try:
        running = client.call("GET", "/containers/json").json()
    except HyperJupyterError as error:
        return [*findings, _refusal(error, "GET /containers/json")]
    findings.append(_upgrade(client, running if isinstance(running, list) else []))
    return findings


def socket_finding(endpoint: Endpoint) -> Finding | None:
    """What is wrong with an engine's socket here; ``None`` where it takes connections."""
    fault = probe_socket(endpoint.path)
    if fault is None:
        return None
    texts = {
        "not there": f"there is no socket {endpoint.path}",
        "no socket": f"{endpoint.path} is no socket",
        "nobody listens": f"nobody listens at the socket {endpoint.path}",
        "permission denied": f"you may not use {endpoint}",
        "takes no connection": f"{endpoint} takes no connection",
    }
    text = texts.get(fault.outcome, f"{endpoint} cannot be used: {fault.outcome}")
    return Finding(False, text, fault.next_step)


def _refusal(error: HyperJupyterError, what: str) -> Finding:
    if not isinstance(error, ApiError):
        return Finding(False, str(error), error.hint)
    text = f"the answer to {what} is {error.status}: {error}"
    if error.status in (401, 403, 405):
        return Finding(
            False,
            f"{text}. A proxy in front of the engine forbids it",
            "Have it allow /_ping, /version, /containers, /exec and /events, and POST.",
        )
    if error.status == 400 and "version" in str(error).lower():
        return Finding(
            False,
            text,
            "Let the version be negotiated, without DOCKER_API_VERSION or HYPER_API_VERSION, or "
            "give connect() another api_version.",
        )
    return Finding(False, text, error.hint or "See the engine's own log.")


def _upgrade(client: EngineClient, running: list[Any]) -> Finding:
    """Whether an attach request gets its 101, and where not, whether a WebSocket does."""
    container = next((c for c in running if isinstance(c, dict) and _is_harmless(client, c)), None)
    name = "" if container is None else str(container["Id"])
    try:
        status, body = try_attach(
            client, name or "hyper-jupyter-no-such-container", Deadline(client.timeout)
        )
    except (HyperJupyterError, OSError) as error:
        return Finding(False, f"an attach request got no answer: {error}", "See the engine's log.")
    if status is None:
        return Finding(
            False,
            "an attach request was cut off without an answer",
            "A proxy in between may not know upgrades: reach the engine without it"
            + _other_way(client, name),
        )
    if status == 101:
        return Finding(True, "an attach request is answered with the upgrade (101)")
    if status < 300:
        return Finding(
            False,
            f"an attach request is answered without the upgrade ({status}): a proxy in between "
            "removes it. Output comes, but typing may not arrive",
            "Have the proxy pass the headers Upgrade and Connection on, reach the engine without it"
            + _other_way(client, name),
        )
    if container is None and status == 404:
        return Finding(
            None,
            "attach requests arrive; whether the upgrade does shows only with a running container",
            "Start one, and ask again.",
        )
    finding = _refusal(api_error(status, body), "POST /containers/…/attach")
    if status in (401, 404, 409):
        return finding
    step = finding.next_step.removesuffix(".") + _other_way(client, name)
    return replace(finding, next_step=step)


def _other_way(client: EngineClient, name: str) -> str:
    """The end of a sentence: attaching by WebSocket, where this engine has it, as it was tried.

    Args:
        client: of the engine.
        name: of a container to try it with; empty for none.
    """
    if not client.profile.has_websocket:
        return "."
    if not name:
        return (
            ". Attaching by WebSocket may work, %hyper_attach --ws (ws=True): it shows only with a "
            "running container."
        )
    if not can_try_websocket(client):
        return ". Attaching by WebSocket may work, %hyper_attach --ws (ws=True)."
    try:
        status, _ = try_attach(client, name, Deadline(client.timeout), websocket=True)
        why = "no answer" if status is None else str(status)
    except (HyperJupyterError, OSError) as error:
        status, why = None, str(error)
    if status == 101:
        return ", or attach by WebSocket, which works here: %hyper_attach --ws (ws=True)."
    return f". Attaching by WebSocket was tried and does not work either ({why})."


def _is_harmless(client: EngineClient, row: dict[str, Any]) -> bool:
    """Whether attaching and leaving does nothing to a container.

    Podman ends the input of a framed one when any client leaves, so there only others count.
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
