"""Networks, as the engine's list describes them.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyper_jupyter.client.records.fields import (
    identifier,
    obj,
    objects,
    require_object,
    seconds,
    text,
    text_map,
)

__all__ = ["Network"]


@dataclass(frozen=True, slots=True)
class Network:
    """A network.

    Attributes:
        id: 64 hexadecimal digits.
        name: its name.
        driver: ``bridge``, ``host``, ``null``, ``overlay``, …
        scope: ``local``, or ``swarm`` for all machines of a swarm.
        created: seconds since the epoch; 0 where the engine does not say.
        internal: whether it leads nowhere outside.
        ipv6: whether it has addresses of version 6.
        subnets: its ranges of addresses, such as ``172.18.0.0/16``.
        labels: names and values.
        raw: the engine's own object.
    """

    id: str
    name: str
    driver: str = ""
    scope: str = ""
    created: float = 0.0
    internal: bool = False
    ipv6: bool = False
    subnets: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Network:
        """Read one row of the engine's list.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "a list of networks")
        pools = objects(obj(row, "IPAM").get("Config"))
        return cls(
            id=identifier(row, "Id", "a list of networks"),
            name=text(row, "Name"),
            driver=text(row, "Driver"),
            scope=text(row, "Scope"),
            created=seconds(row.get("Created")),
            internal=row.get("Internal") is True,
            ipv6=row.get("EnableIPv6") is True,
            subnets=tuple(text(pool, "Subnet") for pool in pools if pool.get("Subnet")),
            labels=text_map(row.get("Labels")),
            raw=row,
        )
