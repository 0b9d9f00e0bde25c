"""Calls about networks.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.records import Network, Pruned
from hyper_jupyter.client.resources.advice import advise_about
from hyper_jupyter.client.resources.requests import (
    Filters,
    encode_filters,
    quote_name,
    require_field,
    require_list,
)
from hyper_jupyter.protocol.printable import printable

__all__ = ["NetworkCalls"]


class NetworkCalls(Channel):
    """Calls about networks."""

    def networks(self, *, filters: Filters | None = None) -> list[Network]:
        """List networks, by name.

        Args:
            filters: conditions, as the engine's API names them: ``{"driver": "bridge"}``, …
        """
        rows = require_list(
            self.call("GET", "/networks", encode_filters(filters)), "a list of networks"
        )
        return sorted((Network.from_row(row) for row in rows), key=lambda each: each.name)

    def create_network(
        self,
        name: str,
        *,
        driver: str | None = None,
        internal: bool = False,
        attachable: bool = False,
        ipv6: bool = False,
        subnet: str | None = None,
        gateway: str | None = None,
        ip_range: str | None = None,
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> str:
        """Create a network.

        Args:
            name: its name.
            driver: such as ``bridge`` or ``macvlan``; ``None`` is ``bridge``.
            internal: it leads nowhere outside.
            attachable: single containers may join it, if it is one of a swarm.
            ipv6: give it addresses of version 6.
            subnet: its addresses, such as ``172.28.0.0/16``; ``None`` lets the engine choose.
            gateway: the address of its way out.
            ip_range: the part of the subnet that containers get addresses from.
            options: the driver's.
            labels: names and values.

        Returns:
            The network's id.

        Raises:
            Conflict: the name is taken.
        """
        pool = {"Subnet": subnet, "Gateway": gateway, "IPRange": ip_range}
        given = {key: value for key, value in pool.items() if value}
        body: dict[str, Any] = {
            "Name": name,
            "CheckDuplicate": True,  # before API 1.44 engines allow two of one name
            "Internal": internal,
            "Attachable": attachable,
            "EnableIPv6": ipv6,
            **({"Driver": driver} if driver else {}),
            **({"IPAM": {"Config": [given]}} if given else {}),
            **({"Options": dict(options)} if options else {}),
            **({"Labels": dict(labels)} if labels else {}),
        }
        reply = self.call("POST", "/networks/create", body=body)
        return printable(require_field(reply, "Id", str))

    def inspect_network(self, network: str) -> dict[str, Any]:
        """Return everything that the engine knows about a network.

        Raises:
            NotFound: there is no such network; the hint has similar names.
        """
        path = _path(network)
        with self._about_network(network):
            return self.call("GET", path).json_object()

    def remove_network(self, network: str) -> None:
        """Remove a network.

        Raises:
            ApiError: a container is connected to it.
            NotFound: there is no such network; the hint has similar names.
        """
        path = _path(network)
        with self._about_network(network):
            self.call("DELETE", path)

    def connect_network(
        self,
        network: str,
        container: str,
        *,
        aliases: Sequence[str] = (),
        ipv4_address: str | None = None,
        ipv6_address: str | None = None,
    ) -> None:
        """Connect a container to a network.

        Args:
            network: the network's name or id.
            container: the container's name or id.
            aliases: further names of the container in the network.
            ipv4_address: its address there; ``None`` lets the engine choose.
            ipv6_address: the same for version 6.

        Raises:
            ApiError: it is connected already.
            NotFound: there is no such network or container.
        """
        addresses = {"IPv4Address": ipv4_address, "IPv6Address": ipv6_address}
        fixed = {name: value for name, value in addresses.items() if value}
        endpoint: dict[str, Any] = {
            **({"Aliases": list(aliases)} if aliases else {}),
            **({"IPAMConfig": fixed} if fixed else {}),
        }
        body = {"Container": container, "EndpointConfig": endpoint}
        path = f"{_path(network)}/connect"
        with self._about_network(network):
            self.call("POST", path, body=body)

    def disconnect_network(self, network: str, container: str, *, force: bool = False) -> None:
        """Disconnect a container from a network.

        Args:
            network: the network's name or id.
            container: the container's name or id.
            force: disconnect it even if the engine has lost track of it.

        Raises:
            NotFound: there is no such network or container.
        """
        body = {"Container": container, "Force": force}
        path = f"{_path(network)}/disconnect"
        with self._about_network(network):
            self.call("POST", path, body=body)

    def prune_networks(self, *, filters: Filters | None = None) -> Pruned:
        """Remove networks that no container is connected to.

        Args:
            filters: conditions, as the engine's API names them: ``{"until": "24h"}``, …
        """
        reply = self.call("POST", "/networks/prune", encode_filters(filters), wait=True)
        return Pruned.from_answer(reply.json(), "NetworksDeleted")

    def _about_network(self, network: str) -> AbstractContextManager[None]:
        return advise_about(
            "network",
            network,
            lambda: [each.name for each in self.networks()],
            in_use=f"%hyper ps -a -f network={network} shows the containers that are connected.",
        )


def _path(network: str) -> str:
    return f"/networks/{quote_name(network, 'network')}"
