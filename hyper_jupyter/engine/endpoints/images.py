"""The one image, as the routes of images see it.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import Any

from hyper_jupyter.engine.config.image import (
    DEFAULT_COMMAND,
    IMAGE,
    IMAGE_ID,
    familiar_name,
    is_host,
)
from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from hyper_jupyter.engine.http.routes import Answer, Routes
from hyper_jupyter.engine.machine.facts import architecture, operating_system
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["add_images", "image_summary"]

_TAG = f"{IMAGE}:latest"
_FILTERS = (
    "dangling", "label", "label!", "before", "since", "reference", "until",
)  # fmt: skip


def add_images(routes: Routes, store: Store) -> None:
    """Add the routes."""
    images = _Images(store)
    routes.add("GET", "/images/json", images.list)
    routes.add("POST", "/images/create", images.pull)
    routes.add("POST", "/images/prune", images.prune)
    routes.add("POST", "/build/prune", images.prune_builds)
    routes.add("GET", "/images/{path}/json", images.inspect)
    routes.add("GET", "/images/{path}/history", images.history)


def image_summary(store: Store) -> dict[str, Any]:
    """Return the image as lists have it."""
    return {
        "Id": IMAGE_ID,
        "ParentId": "",
        "RepoTags": [_TAG],
        "RepoDigests": [],
        "Created": store.begun // 1_000_000_000,
        "Size": 0,
        "SharedSize": -1,
        "Labels": None,
        "Containers": len(store.containers()),
    }


class _Images:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(self, request: Request) -> Response:
        filters = Filters.parse(request.text("filters"), _FILTERS)
        wanted = [*filters.values("reference"), *filter(None, [request.text("filter")])]
        listed = (
            not filters.values("label")
            and (not wanted or any(_matches(each) for each in wanted))
            and not filters.one_flag("dangling")
        )
        return Response(200, [image_summary(self._store)] if listed else [])

    async def inspect(self, _: Request, reference: str) -> Response:
        _check(reference)
        image: dict[str, Any] = {
            "Id": IMAGE_ID,
            "RepoTags": [_TAG],
            "RepoDigests": [],
            "Parent": "",
            "Comment": "this machine, used as this user; not a sandbox",
            "Created": rfc3339(self._store.begun),
            "Author": "",
            "Architecture": architecture(),
            "Os": operating_system(),
            "Size": 0,
            "GraphDriver": {"Name": "host", "Data": None},
            "Config": {
                "User": "",
                "Env": [],
                "Cmd": list(DEFAULT_COMMAND),
                "Volumes": None,
                "WorkingDir": "",
                "Entrypoint": None,
                "Labels": None,
            },
            "RootFS": {"Type": "layers", "Layers": []},
            "Metadata": {"LastTagTime": rfc3339(0)},
        }
        return Response(200, image)

    async def history(self, _: Request, reference: str) -> Response:
        _check(reference)
        return Response(200, [])  # it has no layers

    async def pull(self, request: Request) -> Answer:
        """Say that the image is here: clients pull before they run."""
        name, tag = request.text("fromImage"), request.text("tag")
        if not name:
            raise ApiError(501, "the embedded engine has no import of images")
        reference = f"{name}:{tag}" if tag and not tag.startswith("sha256:") else name
        if not is_host(reference):
            raise NotFound(
                404,
                f"No such image: {reference[:300]} (this engine has no images to pull: its only "
                f'image is "{IMAGE}", which runs commands of this machine)',
            )

        async def produce(send: Send) -> None:
            status = {"status": f"Status: Image is up to date for {familiar_name(reference)}"}
            await send(json.dumps(status).encode() + b"\r\n")

        return Streamed(produce)

    async def prune(self, _: Request) -> Response:
        return Response(200, {"ImagesDeleted": None, "SpaceReclaimed": 0})

    async def prune_builds(self, _: Request) -> Response:
        return Response(200, {"CachesDeleted": None, "SpaceReclaimed": 0})


def _matches(pattern: str) -> bool:
    """Whether a reference, perhaps with wildcards, means the image."""
    return is_host(pattern) or fnmatchcase(_TAG, familiar_name(pattern))


def _check(reference: str) -> None:
    if not is_host(reference):
        raise NotFound(404, f"No such image: {reference[:300]}")
