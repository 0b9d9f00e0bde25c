"""What Docker's API has and this engine has not: an answer that says so.

Layer: engine. Event loop only. Add these routes last: the first route that fits answers.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import Answer, Route, Routes
from hyper_jupyter.exceptions import ApiError

__all__ = ["add_missing"]

_DIFF: Final = "record of changes to files: the files of its containers are those of this machine"
_EXPORT: Final = "export: the files of its containers are those of this machine"

_MISSING: Final = (
    ("GET", "/containers/{}/changes", _DIFF),
    ("GET", "/containers/{}/export", _EXPORT),
    ("POST", "/containers/{}/copy", "old form of copying: use /containers/NAME/archive"),
    ("*", "/containers/{}/checkpoints", "checkpoints"),
    ("*", "/containers/{}/checkpoints/{}", "checkpoints"),
    ("POST", "/commit", "commit: its only image is this machine"),
    ("POST", "/build", "build: its only image is this machine"),
    ("POST", "/build/cancel", "build"),
    ("POST", "/session", "build"),
    ("POST", "/grpc", "build"),
    ("POST", "/auth", "registry to log in to"),
    ("GET", "/distribution/{path}/json", "registry to ask"),
    ("GET", "/images/search", "registry to search"),
    ("GET", "/images/get", "files of an image to save"),
    ("GET", "/images/{path}/get", "files of an image to save"),
    ("POST", "/images/load", "load: its only image is this machine"),
    ("POST", "/images/{path}/push", "registry to push to"),
    ("POST", "/images/{path}/tag", "other names for its only image"),
    ("DELETE", "/images/{path}", "removal of images: its only image is this machine"),
    ("POST", "/networks/create", "networks but this machine's"),
    ("POST", "/networks/{}/connect", "networks but this machine's"),
    ("POST", "/networks/{}/disconnect", "networks but this machine's"),
    ("POST", "/volumes/create", "volumes"),
    ("PUT", "/volumes/{}", "volumes"),
)
_SWARM: Final = ("swarm", "nodes", "services", "tasks", "secrets", "configs")


def add_missing(routes: Routes) -> None:
    """Add the routes."""

    async def no_plugins(_: Request) -> Answer:
        return Response(200, [])

    async def leave_swarm(_: Request) -> Answer:
        raise ApiError(503, "This node is not part of a swarm")

    # Clients leave a swarm to be sure, and know this answer.
    routes.add("POST", "/swarm/leave", leave_swarm)
    for method, path, what in _MISSING:
        routes.add(method, path, _answer(what))
    routes.add("GET", "/plugins", no_plugins)
    routes.add("*", "/plugins/{path}", _answer("plugins"))
    for noun in _SWARM:
        routes.add("*", f"/{noun}", _answer("swarm"))
        routes.add("*", f"/{noun}/{{path}}", _answer("swarm"))


def _answer(what: str) -> Route:
    async def refuse(_: Request, *_arguments: str) -> Answer:
        raise ApiError(501, f"the embedded engine has no {what}")

    return refuse
