"""The engine itself: ping, version, info, use of the disk.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import os
import platform
import time
from typing import Any, Final

from hyper_jupyter.engine.containers.inspection import summary
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.images import image_summary
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import (
    API_VERSION,
    MIN_API_VERSION,
    Routes,
    version_text,
)
from hyper_jupyter.engine.machine.facts import architecture, operating_system, total_memory
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.exceptions import ApiError
from hyper_jupyter.version import __version__

__all__ = ["add_system", "engine_headers"]

_NAME: Final = "hyper_jupyter embedded engine"
_NO_SANDBOX: Final = "This engine is not a sandbox: its containers are processes of this user."
_MISSING: Final = (
    "MemoryLimit", "SwapLimit", "CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet",
    "PidsLimit", "OomKillDisable", "IPv4Forwarding", "BridgeNfIptables", "BridgeNfIp6tables",
)  # fmt: skip
"""What Docker can do on most machines, and this engine cannot."""


def add_system(routes: Routes, store: Store) -> None:
    """Add the routes."""
    system = _System(store)
    routes.add("GET", "/_ping", system.ping)
    routes.add("HEAD", "/_ping", system.ping)
    routes.add("GET", "/version", system.version)
    routes.add("GET", "/info", system.info)
    routes.add("GET", "/system/df", system.disk_usage)


def engine_headers() -> dict[str, str]:
    """Return the headers of every response except attach's."""
    return {
        "Api-Version": version_text(API_VERSION),
        "Docker-Experimental": "false",
        "Ostype": operating_system(),
        "Server": f"hyper_jupyter/{__version__} ({operating_system()})",
    }


class _System:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def ping(self, _: Request) -> Response:
        headers = {
            "Builder-Version": "1",
            "Cache-Control": "no-cache, no-store, must-revalidate",
            "Content-Type": "text/plain; charset=utf-8",
            "Pragma": "no-cache",
            "Swarm": "inactive",
        }
        return Response(200, b"OK", headers)

    async def version(self, _: Request) -> Response:
        details = {
            "ApiVersion": version_text(API_VERSION),
            "MinAPIVersion": version_text(MIN_API_VERSION),
            "Os": operating_system(),
            "Arch": architecture(),
            "KernelVersion": platform.release(),
            "Experimental": "false",
            "GitCommit": "",
            "GoVersion": "",
            "BuildTime": "",
        }
        # The docker command line shows "Engine"; the second name says which engine this is.
        components = [
            {"Name": "Engine", "Version": __version__, "Details": details},
            {"Name": _NAME, "Version": __version__, "Details": {}},
        ]
        return Response(
            200,
            {
                "Platform": {"Name": _NAME},
                "Components": components,
                "Version": __version__,
                **details,
                "Experimental": False,
            },
        )

    async def info(self, _: Request) -> Response:
        states = [container.status for container in self._store.containers()]
        return Response(
            200,
            {
                "ID": "embedded",
                "Name": platform.node(),
                "ServerVersion": __version__,
                "OperatingSystem": _NAME,
                "OSVersion": __version__,
                "OSType": operating_system(),
                "Architecture": platform.machine(),
                "KernelVersion": platform.release(),
                "NCPU": os.cpu_count() or 1,
                "MemTotal": total_memory(),
                "Containers": len(states),
                "ContainersRunning": states.count("running"),
                "ContainersPaused": states.count("paused"),
                "ContainersStopped": len(states) - states.count("running") - states.count("paused"),
                "Images": 1,
                "Driver": "host",
                "DriverStatus": [],
                "DockerRootDir": "",
                "LoggingDriver": "json-file",
                "CgroupDriver": "none",
                "SecurityOptions": [],
                "Warnings": [_NO_SANDBOX],
                "Swarm": {
                    "NodeID": "",
                    "NodeAddr": "",
                    "LocalNodeState": "inactive",
                    "ControlAvailable": False,
                    "Error": "",
                    "RemoteManagers": None,
                },
                "Plugins": {
                    "Volume": [],
                    "Network": ["host", "null"],
                    "Authorization": None,
                    "Log": ["json-file", "local", "none"],
                },
                **dict.fromkeys(_MISSING, False),
                "IndexServerAddress": "",
                "RegistryConfig": {
                    "InsecureRegistryCIDRs": [],
                    "IndexConfigs": {},
                    "Mirrors": None,
                },
                "Runtimes": {},
                "DefaultRuntime": "",
                "InitBinary": "",
                "Isolation": "",
                "HttpProxy": "",
                "HttpsProxy": "",
                "NoProxy": "",
                "GenericResources": None,
                "LiveRestoreEnabled": False,
                "Debug": False,
                "NEventsListener": self._store.events.listeners,
                "Labels": [],
                "ExperimentalBuild": False,
                "SystemTime": rfc3339(time.time_ns()),
            },
        )

    async def disk_usage(self, request: Request) -> Response:
        kinds = request.form.get("type") or ["container", "image", "volume", "build-cache"]
        parts: dict[str, Any] = {
            "image": {"LayersSize": 0, "Images": [image_summary(self._store)]},
            "container": {
                "Containers": [summary(each, size=True) for each in self._store.containers()]
            },
            "volume": {"Volumes": []},
            "build-cache": {"BuildCache": [], "BuilderSize": 0},
        }
        answer: dict[str, Any] = {}
        for kind in kinds:
            if kind not in parts:
                raise ApiError(400, f"unknown object type: {kind[:100]}")
            answer |= parts[kind]
        return Response(200, answer)
