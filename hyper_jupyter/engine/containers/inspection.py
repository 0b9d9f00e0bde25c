"""Containers and execs as JSON: the fields that real clients read.

Layer: engine. Event loop only. Does no I/O.
"""

from __future__ import annotations

import base64
import platform
import time
from collections.abc import Iterable
from typing import Any, Final

from hyper_jupyter.engine.config.image import IMAGE_ID
from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.program.lines import rfc3339

__all__ = ["HOST_NETWORK_ID", "inspect", "inspect_exec", "summary"]

HOST_NETWORK_ID: Final = "686f7374".ljust(64, "0")
"""A constant, as there is one network: this machine's."""

_ENDPOINT: Final = {
    "IPAMConfig": None,
    "Links": None,
    "Aliases": None,
    "MacAddress": "",
    "NetworkID": HOST_NETWORK_ID,
    "Gateway": "",
    "IPAddress": "",
    "IPPrefixLen": 0,
    "IPv6Gateway": "",
    "GlobalIPv6Address": "",
    "GlobalIPv6PrefixLen": 0,
    "DriverOpts": None,
    "DNSNames": None,
}


def inspect(container: Container, *, size: bool = False) -> dict[str, Any]:
    """Return the body of ``GET /containers/{id}/json``.

    Args:
        container: to describe.
        size: whether the sizes of its own files are asked for; it has none.
    """
    spec = container.spec
    return {
        "Id": container.id,
        "Created": rfc3339(container.created),
        "Path": spec.argv[0],
        "Args": list(spec.argv[1:]),
        "State": _state(container),
        "Image": IMAGE_ID,
        "ResolvConfPath": "",
        "HostnamePath": "",
        "HostsPath": "",
        "LogPath": "",
        "Name": f"/{container.name}",
        "RestartCount": container.restarts.count,
        "Driver": "host",
        "Platform": platform.system().lower(),
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": [each.id for each in container.execs.values() if each.running] or None,
        "HostConfig": spec.host.as_json(container.restarts.policy),
        "GraphDriver": {"Name": "host", "Data": None},
        **({"SizeRw": 0, "SizeRootFs": 0} if size else {}),
        "Mounts": list(_mounts(spec)),
        "Config": _config(spec),
        "NetworkSettings": {
            "Bridge": "",
            "EndpointID": "",
            "Gateway": "",
            "GlobalIPv6Address": "",
            "GlobalIPv6PrefixLen": 0,
            "IPAddress": "",
            "IPPrefixLen": 0,
            "IPv6Gateway": "",
            "MacAddress": "",
            "Networks": _networks(container),
            "Ports": {},
            "SandboxID": "",
            "SandboxKey": "",
        },
    }


def summary(container: Container, *, size: bool = False) -> dict[str, Any]:
    """Return an entry of ``GET /containers/json``.

    Args:
        container: to describe.
        size: whether the sizes of its own files are asked for; it has none.
    """
    spec = container.spec
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": spec.image,
        "ImageID": IMAGE_ID,
        "Command": " ".join(_shown(word) for word in spec.argv),
        "Created": container.created // 1_000_000_000,
        "Ports": [],
        **({"SizeRw": 0, "SizeRootFs": 0} if size else {}),
        "Labels": spec.labels,
        "State": container.status,
        "Status": _status(container),
        "HostConfig": {"NetworkMode": "host"},
        "NetworkSettings": {"Networks": _networks(container)},
        "Mounts": list(_mounts(spec)),
    }


def inspect_exec(execution: Exec) -> dict[str, Any]:
    """Return the body of ``GET /exec/{id}/json``."""
    command = execution.command
    process = execution.run.process
    return {
        "ID": execution.id,
        "Running": execution.running,
        "ExitCode": execution.exit_code,
        "ProcessConfig": {
            "tty": command.tty,
            "entrypoint": command.argv[0],
            "arguments": list(command.argv[1:]),
            "privileged": False,
        },
        "OpenStdin": execution.stdin,
        "OpenStdout": execution.stdout,
        "OpenStderr": execution.stderr,
        "CanRemove": False,
        "ContainerID": execution.container_id,
        "DetachKeys": base64.b64encode(execution.asked_keys).decode("ascii"),
        "Pid": process.pid if process is not None else 0,
    }


def _state(container: Container) -> dict[str, Any]:
    health = container.health
    return {
        "Status": container.status,
        "Running": container.running,
        "Paused": container.status == "paused",
        "Restarting": container.status == "restarting",
        "OOMKilled": False,
        "Dead": False,
        "Pid": container.pid,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": rfc3339(container.started),
        "FinishedAt": rfc3339(container.ended),
        **({"Health": health.as_json()} if health is not None else {}),
    }


def _config(spec: Spec) -> dict[str, Any]:
    given = spec.given
    return {
        "Hostname": spec.hostname or platform.node(),
        "Domainname": given.get("Domainname") or "",
        "User": spec.user,
        "AttachStdin": spec.attach_stdin,
        "AttachStdout": spec.attach_stdout,
        "AttachStderr": spec.attach_stderr,
        **({"ExposedPorts": given["ExposedPorts"]} if given.get("ExposedPorts") else {}),
        "Tty": spec.tty,
        "OpenStdin": spec.open_stdin,
        "StdinOnce": spec.stdin_once,
        "Env": list(spec.env),
        "Cmd": list(spec.cmd) or None,
        **({"Healthcheck": given["Healthcheck"]} if given.get("Healthcheck") else {}),
        "Image": spec.image,
        "Volumes": given.get("Volumes") or None,
        "WorkingDir": spec.working_dir,
        "Entrypoint": list(spec.entrypoint) or None,
        "OnBuild": None,
        "Labels": spec.labels,
        **({"StopSignal": spec.stop_signal} if spec.stop_signal else {}),
        **({} if spec.stop_timeout is None else {"StopTimeout": spec.stop_timeout}),
    }


def _mounts(spec: Spec) -> Iterable[dict[str, Any]]:
    for path in spec.host.binds:
        yield {
            "Type": "bind",
            "Source": path,
            "Destination": path,
            "Mode": "",
            "RW": True,
            "Propagation": "rprivate",
        }


def _networks(container: Container) -> dict[str, Any]:
    """Return what Docker has for a container on the host's network."""
    return {"host": {**_ENDPOINT, "EndpointID": container.id if container.running else ""}}


def _shown(word: str) -> str:
    return f"'{word}'" if " " in word else word  # moby quotes no more than this


def _status(container: Container) -> str:
    if container.status == "restarting":
        return f"Restarting ({container.exit_code}) {_time_since(container.ended)} ago"
    if container.running:
        note = ""
        if container.status == "paused":
            note = " (Paused)"
        elif container.health is not None:
            status = container.health.status
            note = " (health: starting)" if status == "starting" else f" ({status})"
        return f"Up {_time_since(container.started)}{note}"
    if container.status == "exited":
        return f"Exited ({container.exit_code}) {_time_since(container.ended)} ago"
    return "Removal In Progress" if container.status == "removing" else "Created"


def _time_since(moment: int) -> str:
    seconds = max(0, (time.time_ns() - moment) // 1_000_000_000)
    if seconds < 1:
        return "Less than a second"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if seconds > 1 else ''}"
