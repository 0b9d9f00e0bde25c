"""Calls about volumes.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.records import Pruned, Volume
from hyper_jupyter.client.resources.advice import advise_about
from hyper_jupyter.client.resources.requests import Filters, encode_filters, quote_name
from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError

__all__ = ["VolumeCalls"]

_DRIVER_PATIENCE: Final = 60.0
"""Seconds until an engine has to answer that it has no such driver."""


class VolumeCalls(Channel):
    """Calls about volumes."""

    def volumes(self, *, filters: Filters | None = None) -> list[Volume]:
        """List volumes, by name.

        Args:
            filters: conditions, as the engine's API names them: ``{"label": "app=web"}``, …
        """
        rows = self.call("GET", "/volumes", encode_filters(filters)).json_object().get("Volumes")
        if not isinstance(rows or [], list):
            raise ProtocolError("the engine's answer is not a list of volumes")
        return sorted((Volume.from_row(row) for row in rows or []), key=lambda each: each.name)

    def create_volume(
        self,
        name: str | None = None,
        *,
        driver: str | None = None,
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume; one that exists already is returned as it is.

        Args:
            name: ``None`` lets the engine choose.
            driver: what keeps it; ``None`` is the engine itself.
            options: the driver's.
            labels: names and values.
        """
        body: dict[str, Any] = {"Name": name or ""}
        if driver:
            body["Driver"] = driver
        if options:
            body["DriverOpts"] = dict(options)
        if labels:
            body["Labels"] = dict(labels)
        # Docker looks for a driver's plugin for a quarter of a minute.
        patience = max(self.timeout, _DRIVER_PATIENCE) if driver else None
        reply = self.call("POST", "/volumes/create", body=body, timeout=patience)
        return Volume.from_row(reply.json())

    def inspect_volume(self, volume: str) -> dict[str, Any]:
        """Return everything that the engine knows about a volume.

        Raises:
            NotFound: there is no such volume; the hint has similar names.
        """
        path = _path(volume)
        with self._about_volume(volume):
            return self.call("GET", path).json_object()

    def remove_volume(self, volume: str, force: bool = False) -> None:
        """Remove a volume; with ``force`` it is no error if there is none.

        Raises:
            Conflict: a container uses it.
            NotFound: there is no such volume; the hint has similar names.
        """
        path = _path(volume)
        with self._about_volume(volume):
            self.call("DELETE", path, {"force": int(force)})

    def prune_volumes(
        self,
        all: bool = False,  # noqa: A002 - the API's word
        *,
        filters: Filters | None = None,
    ) -> Pruned:
        """Remove volumes that no container uses.

        Args:
            all: also those that have a name.
            filters: conditions, as the engine's API names them.

        Raises:
            HyperJupyterError: the engine is one that always removes those with a name too, and
                ``all`` is not set. Nothing is removed then.
        """
        spares = self.profile.prune_spares_names
        if not all and not spares:
            raise HyperJupyterError(
                "this engine would also remove unused volumes that have a name",
                hint="prune_volumes(all=True) does that.",
            )
        wanted = {"all": True, **(filters or {})} if all and spares else filters
        reply = self.call("POST", "/volumes/prune", encode_filters(wanted), wait=True)
        return Pruned.from_answer(reply.json(), "VolumesDeleted")

    def _about_volume(self, volume: str) -> AbstractContextManager[None]:
        return advise_about(
            "volume",
            volume,
            lambda: [each.name for each in self.volumes()],
            in_use=f"%hyper ps -a -f volume={volume} shows the containers that use it.",
        )


def _path(volume: str) -> str:
    return f"/volumes/{quote_name(volume, 'volume')}"
