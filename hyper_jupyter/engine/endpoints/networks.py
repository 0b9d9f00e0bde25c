"""The network and the volumes that there are: this machine's network, and none.

Layer: engine. Event loop only.
"""

from __future__ import annotations

from typing import Any, Final

from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.containers.inspection import HOST_NETWORK_ID
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import Routes
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["add_networks"]

_NONE_ID: Final = "6e6f6e65".ljust(64, "0")
_NETWORKS: Final = (("host", HOST_NETWORK_ID, "host"), ("none", _NONE_ID, "null"))
"""Name, id and driver of each. Docker has both on every machine; no container is in ``none``."""

_FILTERS: Final = ("dangling", "driver", "id", "label", "name", "scope", "type")
_VOLUME_FILTERS: Final = ("dangling", "driver", "label", "name")


def add_networks(routes: Routes, store: Store) -> None:
    """Add the routes."""
    networks = _Networks(store)
    routes.add("GET", "/networks", networks.list)
    routes.add("GET", "/networks/{}", networks.inspect)
    routes.add("DELETE", "/networks/{}", networks.remove)
    routes.add("POST", "/networks/prune", networks.prune)
    routes.add("GET", "/volumes", networks.list_volumes)
    routes.add("GET", "/volumes/{}", networks.inspect_volume)
    routes.add("DELETE", "/volumes/{}", networks.inspect_volume)
    routes.add("POST", "/volumes/prune", networks.prune_volumes)


class _Networks:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(self, request: Request) -> Response:
        filters = Filters.parse(request.text("filters"), _FILTERS)
        dangling = filters.one_flag("dangling")
        listed = [
            self._network(name, identity, driver, with_containers=False)
            for name, identity, driver in _NETWORKS
            if filters.accepts_part("name", name)
            and filters.accepts_part("id", identity)
            and filters.accepts("driver", driver)
            and filters.accepts("type", "builtin")
            and filters.accepts("scope", "local")
            and not filters.values("label")
            and not dangling  # networks of the machine's own are never dangling
        ]
        return Response(200, listed)

    async def inspect(self, _: Request, reference: str) -> Response:
        for name, identity, driver in _NETWORKS:
            if reference == name or (len(reference) >= 12 and identity.startswith(reference)):
                network = self._network(name, identity, driver, with_containers=True)
                return Response(200, network)
        raise NotFound(404, f"network {reference[:300]} not found")

    async def remove(self, request: Request, reference: str) -> Response:
        await self.inspect(request, reference)  # it may be unknown
        raise ApiError(403, f"{reference[:300]} is a pre-defined network and cannot be removed")

    async def prune(self, _: Request) -> Response:
        return Response(200, {"NetworksDeleted": None})

    async def list_volumes(self, request: Request) -> Response:
        Filters.parse(request.text("filters"), _VOLUME_FILTERS)
        return Response(200, {"Volumes": [], "Warnings": None})

    async def inspect_volume(self, _: Request, reference: str) -> Response:
        raise NotFound(404, f"get {reference[:300]}: no such volume")

    async def prune_volumes(self, _: Request) -> Response:
        return Response(200, {"VolumesDeleted": [], "SpaceReclaimed": 0})

    def _network(
        self, name: str, identity: str, driver: str, *, with_containers: bool
    ) -> dict[str, Any]:
        members = [
            container
            for container in self._store.containers()
            if with_containers and driver == "host" and container.running
        ]
        return {
            "Name": name,
            "Id": identity,
            "Created": rfc3339(self._store.begun),
            "Scope": "local",
            "Driver": driver,
            "EnableIPv6": False,
            "IPAM": {"Driver": "default", "Options": None, "Config": None},
            "Internal": False,
            "Attachable": False,
            "Ingress": False,
            "ConfigFrom": {"Network": ""},
            "ConfigOnly": False,
            "Containers": {
                each.id: {
                    "Name": each.name,
                    "EndpointID": each.id,
                    "MacAddress": "",
                    "IPv4Address": "",
                    "IPv6Address": "",
                }
                for each in members
            },
            "Options": {},
            "Labels": {},
        }
