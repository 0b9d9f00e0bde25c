"""Containers and execs as JSON: the fields that real clients read.

Layer: engine. Event loop only. Does no I/O, except that ``top`` reads ``/proc``.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from hyper_jupyter.engine.config.spec import IMAGE_ID
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.program.lines import rfc3339

__all__ = ["inspect", "inspect_exec", "summary", "top"]

_NETWORKS: dict[str, Any] = {}


def inspect(container: Container) -> dict[str, Any]:
    """Return the body of ``GET /containers/{id}/json``."""
    spec = container.spec
    size = list(spec.console_size or (0, 0))
    return {
        "Id": container.id,
        "Created": rfc3339(container.created),
        "Path": spec.argv[0],
        "Args": list(spec.argv[1:]),
        "State": {
            "Status": container.status,
            "Running": container.running,
            "Paused": container.status == "paused",
            "Restarting": False,
            "OOMKilled": False,
            "Dead": False,
            "Pid": container.pid,
            "ExitCode": container.exit_code,
            "Error": container.error,
            "StartedAt": rfc3339(container.started),
            "FinishedAt": rfc3339(container.ended),
        },
        "Image": IMAGE_ID,
        "Name": f"/{container.name}",
        "RestartCount": 0,
        "Driver": "host",
        "Platform": "linux",
        "ExecIDs": [each.id for each in container.execs.values() if each.running] or None,
        "HostConfig": {
            "AutoRemove": spec.auto_remove,
            "Binds": None,
            "ConsoleSize": size,
            "LogConfig": {"Type": "json-file", "Config": {}},
            "NetworkMode": "host",
            "PortBindings": {},
            "Privileged": False,
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        },
        "Mounts": [],
        "Config": {
            "Hostname": spec.hostname,
            "User": spec.user,
            "AttachStdin": spec.attach_stdin,
            "AttachStdout": spec.attach_stdout,
            "AttachStderr": spec.attach_stderr,
            "Tty": spec.tty,
            "OpenStdin": spec.open_stdin,
            "StdinOnce": spec.stdin_once,
            "Env": list(spec.env),
            "Cmd": list(spec.cmd) or None,
            "Image": spec.image,
            "Volumes": None,
            "WorkingDir": spec.working_dir,
            "Entrypoint": list(spec.entrypoint) or None,
            "Labels": spec.labels,
            **({"StopSignal": spec.stop_signal} if spec.stop_signal else {}),
            **({} if spec.stop_timeout is None else {"StopTimeout": spec.stop_timeout}),
        },
        "NetworkSettings": {"IPAddress": "", "Networks": _NETWORKS, "Ports": {}},
    }


def summary(container: Container) -> dict[str, Any]:
    """Return an entry of ``GET /containers/json``."""
    spec = container.spec
    return {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": spec.image,
        "ImageID": IMAGE_ID,
        "Command": " ".join(spec.argv),
        "Created": container.created // 1_000_000_000,
        "Ports": [],
        "Labels": spec.labels,
        "State": container.status,
        "Status": _status(container),
        "HostConfig": {"NetworkMode": "host"},
        "NetworkSettings": {"Networks": _NETWORKS},
        "Mounts": [],
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
        "DetachKeys": "",
        "Pid": process.pid if process is not None else 0,
    }


def top(container: Container) -> dict[str, Any]:
    """Return the body of ``GET /containers/{id}/top``."""
    rows = []
    for pid in container.members():
        folder = Path("/proc") / str(pid)
        try:
            command = (folder / "cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
            name = (folder / "comm").read_text("utf-8", "replace").strip()
            status = dict(
                line.split(":\t", 1)
                for line in (folder / "status").read_text("utf-8", "replace").splitlines()
                if ":\t" in line
            )
        except OSError:
            continue  # it has just ended
        rows.append(
            [
                str(pid),
                status.get("PPid", ""),
                status.get("State", "")[:1],
                command.decode("utf-8", "replace") or f"[{name}]",
            ]
        )
    return {"Titles": ["PID", "PPID", "STAT", "CMD"], "Processes": rows}


def _status(container: Container) -> str:
    if container.running:
        paused = " (Paused)" if container.status == "paused" else ""
        return f"Up {_time_since(container.started)}{paused}"
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
