"""Volumes, as the engine's list describes them.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyper_jupyter.client.records.fields import (
    identifier,
    require_object,
    seconds,
    text,
    text_map,
)

__all__ = ["Volume"]


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume.

    Attributes:
        name: its name.
        driver: what keeps it; ``local`` is the engine itself.
        mountpoint: its folder on the engine's machine.
        created: seconds since the epoch; 0 where the engine does not say.
        labels: names and values.
        options: the driver's.
        scope: ``local`` or ``global``.
        raw: the engine's own object.
    """

    name: str
    driver: str = ""
    mountpoint: str = ""
    created: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    scope: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Volume:
        """Read one row of the engine's list, or its answer about one volume.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "a volume")
        return cls(
            name=identifier(row, "Name", "a volume"),
            driver=text(row, "Driver"),
            mountpoint=text(row, "Mountpoint"),
            created=seconds(row.get("CreatedAt")),
            labels=text_map(row.get("Labels")),
            options=text_map(row.get("Options")),
            scope=text(row, "Scope"),
            raw=row,
        )
