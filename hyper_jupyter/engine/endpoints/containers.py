"""Containers: create, list, inspect, start, stop, signals, names, removal.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import signal

from hyper_jupyter.engine.config.fields import read_object
from hyper_jupyter.engine.config.restarts import RestartPolicy
from hyper_jupyter.engine.config.spec import Spec, signal_number
from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.containers.inspection import inspect, summary
from hyper_jupyter.engine.containers.selection import FILTERS, select
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints.moments import parse_until
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import Routes
from hyper_jupyter.exceptions import ApiError, Conflict

__all__ = ["add_containers", "parse_dimensions"]

_PRUNE_FILTERS = ("label", "label!", "until")
_MAX_UINT32 = 2**32 - 1


def add_containers(routes: Routes, store: Store) -> None:
    """Add the routes."""
    containers = _Containers(store)
    routes.add("POST", "/containers/create", containers.create)
    routes.add("GET", "/containers/json", containers.list)
    routes.add("GET", "/containers/{}/json", containers.inspect)
    routes.add("POST", "/containers/prune", containers.prune)
    routes.add("POST", "/containers/{}/update", containers.update)
    routes.add("POST", "/containers/{}/start", containers.start)
    routes.add("POST", "/containers/{}/stop", containers.stop)
    routes.add("POST", "/containers/{}/restart", containers.restart)
    routes.add("POST", "/containers/{}/kill", containers.kill)
    routes.add("POST", "/containers/{}/pause", containers.pause)
    routes.add("POST", "/containers/{}/unpause", containers.unpause)
    routes.add("POST", "/containers/{}/resize", containers.resize)
    routes.add("POST", "/containers/{}/rename", containers.rename)
    routes.add("DELETE", "/containers/{}", containers.remove)


def parse_dimensions(request: Request) -> tuple[int, int]:
    """Read the parameters ``h`` and ``w``, two uint32.

    Raises:
        ApiError: 400 in moby's words, if one is invalid.
    """
    sizes = []
    for name, key in (("height", "h"), ("width", "w")):
        text = request.text(key)
        if not (text.isascii() and text.isdigit()):
            raise ApiError(400, f'invalid resize {name} "{text[:50]}": invalid syntax')
        if len(text) > 12 or int(text) > _MAX_UINT32:
            raise ApiError(400, f'invalid resize {name} "{text[:50]}": value out of range')
        sizes.append(int(text))
    return sizes[0], sizes[1]


class _Containers:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, request: Request) -> Response:
        body = request.json()
        if not body:
            raise ApiError(400, "invalid JSON: got EOF while reading request body")
        spec = Spec.parse(body)
        container = self._store.create(spec, request.text("name"))
        return Response(201, {"Id": container.id, "Warnings": list(spec.warnings)})

    async def list(self, request: Request) -> Response:
        found = select(
            self._store.containers(),
            self._store.find,
            Filters.parse(request.text("filters"), FILTERS),
            show_all=request.flag("all"),
            limit=request.number("limit") or 0,
        )
        size = request.flag("size")
        return Response(200, [summary(container, size=size) for container in found])

    async def prune(self, request: Request) -> Response:
        filters = Filters.parse(request.text("filters"), _PRUNE_FILTERS)
        until = parse_until(filters)
        removed = []
        for container in self._store.containers():
            if (
                not container.running
                and container.status != "removing"
                and (until is None or container.created < until)
                and filters.accepts_labels(container.spec.labels)
                and not filters.excludes_labels(container.spec.labels)
            ):
                await self._store.remove(container, force=False)
                removed.append(container.id)
        return Response(200, {"ContainersDeleted": removed or None, "SpaceReclaimed": 0})

    async def inspect(self, request: Request, reference: str) -> Response:
        container = self._store.find(reference)
        return Response(200, inspect(container, size=request.flag("size")))

    async def update(self, request: Request, reference: str) -> Response:
        body = request.json()
        policy = read_object(body, "RestartPolicy")
        parsed = RestartPolicy.parse(policy)
        container = self._store.find(reference)
        for key, value in body.items():
            if key != "RestartPolicy" and value:
                raise ApiError(
                    501, f"the embedded engine has no update of {key[:100]}: no limits are set"
                )
        if policy.get("Name"):
            container.update(parsed)
        return Response(200, {"Warnings": None})

    async def start(self, _: Request, reference: str) -> Response:
        self._store.find(reference).start()
        return Response(204)

    async def stop(self, request: Request, reference: str) -> Response:
        container = self._store.find(reference)
        await container.stop(request.number("t"))
        return Response(204)

    async def restart(self, request: Request, reference: str) -> Response:
        container = self._store.find(reference)
        await container.restart(request.number("t"))
        return Response(204)

    async def kill(self, request: Request, reference: str) -> Response:
        text = request.text("signal")
        number = signal_number(text) if text else int(signal.SIGKILL)
        try:
            container = self._store.find(reference)
        except ApiError as error:
            raise type(error)(
                error.status, f"Cannot kill container: {reference[:300]}: {error.message}"
            ) from error
        run = container.run
        container.kill(number)
        if number == signal.SIGKILL and container.running:
            await run.finished.wait()
        return Response(204)

    async def pause(self, _: Request, reference: str) -> Response:
        self._store.find(reference).pause()
        return Response(204)

    async def unpause(self, _: Request, reference: str) -> Response:
        self._store.find(reference).unpause()
        return Response(204)

    async def resize(self, request: Request, reference: str) -> Response:
        height, width = parse_dimensions(request)
        self._store.find(reference).resize(height, width)
        return Response(200)

    async def rename(self, request: Request, reference: str) -> Response:
        self._store.rename(self._store.find(reference), request.text("name"))
        return Response(204)

    async def remove(self, request: Request, reference: str) -> Response:
        if request.flag("link"):
            raise Conflict(409, "there are no links between containers here")
        await self._store.remove(self._store.find(reference), force=request.flag("force"))
        return Response(204)
