"""Calls about the engine itself.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.records import DiskUsage, EngineInfo, EngineVersion, Pruned
from hyper_jupyter.client.resources.requests import Filters, encode_filters

__all__ = ["SystemCalls"]


class SystemCalls(Channel):
    """Calls about the engine itself."""

    def info(self) -> EngineInfo:
        """Describe the engine and its machine."""
        return EngineInfo.from_answer(self.call("GET", "/info").json())

    def version(self) -> EngineVersion:
        """Return the versions of the engine and its parts."""
        return EngineVersion.from_answer(self.call("GET", "/version").json())

    def disk_usage(self) -> DiskUsage:
        """Measure the space that images, containers, volumes and builds take.

        The engine may need minutes for that; there is no time limit.
        """
        return DiskUsage.from_answer(self.call("GET", "/system/df", wait=True).json())

    def prune_containers(self, *, filters: Filters | None = None) -> Pruned:
        """Remove all containers that do not run.

        Args:
            filters: conditions, as the engine's API names them: ``{"until": "24h"}``,
                ``{"label!": "keep"}``, …
        """
        reply = self.call("POST", "/containers/prune", encode_filters(filters), wait=True)
        return Pruned.from_answer(reply.json(), "ContainersDeleted")
