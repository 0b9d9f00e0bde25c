"""Plans for tests: of a container as inspect describes it. No engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hyper_jupyter.client import EngineProfile, ExecOptions
from hyper_jupyter.session.rules.exec_plan import plan_exec
from hyper_jupyter.session.rules.plan import AttachOptions, Plan
from hyper_jupyter.session.rules.planning import plan_attach, plan_log

DOCKER = EngineProfile.of("docker", "26.1.5", api="1.45")
PODMAN = EngineProfile.of("podman", "5.4.2", api="1.41")
EMBEDDED = EngineProfile.of("embedded", api="1.45")
HYPER = EngineProfile.of("hyper", api="1.23")
EXITED = {"Status": "exited", "Running": False}


def plan(
    state: dict[str, Any] | None = None,
    *,
    start: bool = False,
    auto_remove: bool = False,
    **options: Any,
) -> Plan:
    inspected = {
        "Id": "f00d",
        "Name": "/web",
        "Config": {"OpenStdin": True},
        "HostConfig": {"AutoRemove": auto_remove},
        "State": state or {"Status": "running", "Running": True},
    }
    return plan_attach(inspected, DOCKER, AttachOptions(**options), None, start=start)


def by_websocket(
    kind: str = "docker", *, once: bool = False, ws_chooses: bool = True, **options: Any
) -> Plan:
    inspected = {
        "Id": "f00d",
        "Config": {"OpenStdin": True, "StdinOnce": once},
        "State": {"Status": "running", "Running": True},
    }
    chosen = AttachOptions(ws=True, **options)
    profile = EngineProfile.of(kind, api="1.42" if ws_chooses else "1.41")
    return plan_attach(inspected, profile, chosen, None)


def plan_of(
    profile: EngineProfile,
    *,
    tty: bool = False,
    stdin: bool = True,
    once: bool = False,
    configured_keys: str | None = None,
    **options: Any,
) -> Plan:
    """Plan an attachment to a running container of an engine."""
    inspected = {
        "Id": "f00d",
        "Name": "/web",
        "Config": {"Tty": tty, "OpenStdin": stdin, "StdinOnce": once},
        "State": {"Status": "running", "Running": True},
    }
    return plan_attach(inspected, profile, AttachOptions(**options), configured_keys)


def plan_of_log(profile: EngineProfile = DOCKER, *, follow: bool) -> Plan:
    """Plan a reading of the log of a running container of an engine."""
    inspected = {"Id": "f00d", "Name": "/web", "State": {"Status": "running", "Running": True}}
    return plan_log(inspected, profile, follow=follow, stdout=True, stderr=True, tail=None)


def plan_of_exec(profile: EngineProfile = DOCKER, **options: Any) -> Plan:
    """Plan a further program in a running container of an engine; the exec is created."""
    inspected = {"Id": "f00d", "Name": "/web", "State": {"Status": "running", "Running": True}}
    chosen = ExecOptions(("sh", "-c", "exit 7"), **options)
    return replace(plan_exec(inspected, profile, chosen), exec_id="beef")
