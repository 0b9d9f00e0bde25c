"""The engine itself: ping, version, info, its one image, events.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import time
from typing import Any, Final

from hyper_jupyter.engine.config.spec import DEFAULT_COMMAND, IMAGE, IMAGE_ID
from hyper_jupyter.engine.containers.events import matches
from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.logs import parse_moment
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from hyper_jupyter.engine.http.routes import (
    API_VERSION,
    MIN_API_VERSION,
    Answer,
    Routes,
    version_text,
)
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.exceptions import ApiError, NotFound
from hyper_jupyter.version import __version__

__all__ = ["add_system", "engine_headers"]

_NAME: Final = "hyper_jupyter embedded engine"
_NO_SANDBOX: Final = "This engine is not a sandbox: its containers are processes of this user."
_EVENT_FILTERS: Final = ("type", "event", "container", "image", "label", "scope")


def add_system(routes: Routes, store: Store) -> None:
    """Add the routes."""
    system = _System(store)
    routes.add("GET", "/_ping", system.ping)
    routes.add("HEAD", "/_ping", system.ping)
    routes.add("GET", "/version", system.version)
    routes.add("GET", "/info", system.info)
    routes.add("GET", "/events", system.events)
    routes.add("GET", "/images/json", system.images)
    routes.add("POST", "/images/create", system.pull)
    routes.add("GET", "/images/{}/json", system.image)


def engine_headers() -> dict[str, str]:
    """Return the headers of every response except attach's."""
    return {
        "Api-Version": version_text(API_VERSION),
        "Docker-Experimental": "false",
        "Ostype": platform.system().lower(),
        "Server": f"hyper_jupyter/{__version__} ({platform.system().lower()})",
    }


class _System:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._started_at = time.time_ns()

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
            "Os": platform.system().lower(),
            "Arch": platform.machine(),
            "KernelVersion": platform.release(),
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
                "GitCommit": "",
                "GoVersion": "",
                "BuildTime": "",
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
                "OSType": platform.system().lower(),
                "Architecture": platform.machine(),
                "KernelVersion": platform.release(),
                "NCPU": os.cpu_count() or 1,
                "MemTotal": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
                "Containers": len(states),
                "ContainersRunning": states.count("running"),
                "ContainersPaused": states.count("paused"),
                "ContainersStopped": len(states) - states.count("running") - states.count("paused"),
                "Images": 1,
                "Driver": "host",
                "LoggingDriver": "json-file",
                "SecurityOptions": [],
                "Warnings": [_NO_SANDBOX],
                "Swarm": {"LocalNodeState": "inactive"},
                "Plugins": {"Volume": None, "Network": None, "Authorization": None, "Log": None},
                "RegistryConfig": {},
                "Runtimes": {},
                "Labels": [],
                "ExperimentalBuild": False,
                "SystemTime": rfc3339(time.time_ns()),
            },
        )

    async def images(self, _: Request) -> Response:
        image = {
            "Id": IMAGE_ID,
            "ParentId": "",
            "RepoTags": [f"{IMAGE}:latest"],
            "RepoDigests": [],
            "Created": self._started_at // 1_000_000_000,
            "Size": 0,
            "SharedSize": -1,
            "Labels": None,
            "Containers": len(self._store.containers()),
        }
        return Response(200, [image])

    async def image(self, _: Request, reference: str) -> Response:
        digits = IMAGE_ID.removeprefix("sha256:")
        short = len(reference) >= 12 and digits.startswith(reference)
        if reference not in (IMAGE, f"{IMAGE}:latest", IMAGE_ID) and not short:
            raise NotFound(404, f"No such image: {reference[:300]}")
        image: dict[str, Any] = {
            "Id": IMAGE_ID,
            "RepoTags": [f"{IMAGE}:latest"],
            "RepoDigests": [],
            "Parent": "",
            "Comment": _NO_SANDBOX,
            "Created": rfc3339(self._started_at),
            "Architecture": platform.machine(),
            "Os": platform.system().lower(),
            "Size": 0,
            "Config": {"Cmd": list(DEFAULT_COMMAND), "Entrypoint": None, "Env": [], "Labels": None},
            "RootFS": {"Type": "layers", "Layers": []},
        }
        return Response(200, image)

    async def pull(self, _: Request) -> Response:
        raise ApiError(
            400,
            f'this engine has no images to pull: its only image is "{IMAGE}", which runs commands '
            "of this machine",
        )

    async def events(self, request: Request) -> Answer:
        since, until = parse_moment(request, "since"), parse_moment(request, "until")
        filters = Filters.parse(request.text("filters"), _EVENT_FILTERS)
        events = self._store.events

        async def produce(send: Send) -> None:
            with events.listen() as queue:
                for past in events.past(since, until) if since is not None else []:
                    if matches(past, filters):
                        await send(json.dumps(past).encode() + b"\n")
                while True:
                    left = None if until is None else (until - time.time_ns()) / 1e9
                    try:
                        async with asyncio.timeout(None if left is None else max(0.0, left)):
                            event = await queue.get()
                    except TimeoutError:
                        return
                    if event is None:
                        return
                    if matches(event, filters):
                        await send(json.dumps(event).encode() + b"\n")

        return Streamed(produce)
