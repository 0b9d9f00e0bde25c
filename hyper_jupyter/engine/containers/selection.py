"""Which containers a list has: the filters of ``GET /containers/json``, and those of prune.

Layer: engine. No I/O here. Source: moby's filters and words, as seen on Docker 26.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hyper_jupyter.engine.config.image import is_host
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.exceptions import ApiError

__all__ = ["FILTERS", "select"]

FILTERS: Final = (
    "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label",
    "name", "network", "publish", "since", "status", "volume",
)  # fmt: skip

_STATES: Final = ("created", "dead", "exited", "paused", "removing", "restarting", "running")
_HEALTH: Final = ("starting", "healthy", "unhealthy", "none")


def select(
    containers: Sequence[Container],
    find: Callable[[str], Container],
    filters: Filters,
    *,
    show_all: bool,
    limit: int,
) -> list[Container]:
    """Return the containers that a list has.

    Args:
        containers: all, the newest first.
        find: finds one by its id or name; raises NotFound.
        filters: that each has to pass.
        show_all: whether those that do not run are listed too.
        limit: the most of them, of any state; 0 for all.

    Raises:
        ApiError: 400 for values that a filter does not have.
        NotFound: ``before`` or ``since`` names no container.
    """
    codes = _check(filters)
    show_all = (
        show_all
        or limit > 0
        or any(key in filters for key in ("status", "exited", "before", "since"))
    )
    older, newer = (_named(filters, key, find) for key in ("before", "since"))
    found = [
        container
        for container in _between(containers, older, newer)
        if (show_all or container.running) and _accepts(container, filters, codes)
    ]
    return found[:limit] if limit > 0 else found


def _check(filters: Filters) -> list[int]:
    for status in filters.values("status"):
        if status not in _STATES:
            raise ApiError(400, f"invalid filter 'status={status[:100]}'")
    for status in filters.values("health"):
        if status not in _HEALTH:
            raise ApiError(400, f"unrecognized filter value for health: {status[:100]}")
    filters.one_flag("is-task")
    codes = []
    for text in filters.values("exited"):
        try:
            codes.append(int(text))
        except ValueError as error:
            raise ApiError(
                400,
                f"invalid filter 'exited={text[:50]}': strconv.Atoi: parsing \"{text[:50]}\": "
                "invalid syntax",
            ) from error
    return codes


def _named(filters: Filters, key: str, find: Callable[[str], Container]) -> Container | None:
    names = filters.values(key)
    return find(names[-1]) if names else None


def _between(
    containers: Sequence[Container], older: Container | None, newer: Container | None
) -> Sequence[Container]:
    """Return those that were created before `older` and after `newer`."""
    first = containers.index(older) + 1 if older is not None else 0
    last = containers.index(newer) if newer is not None else len(containers)
    return containers[first:last]


def _accepts(container: Container, filters: Filters, codes: Sequence[int]) -> bool:
    health = container.health
    return (
        (
            "id" not in filters
            or any(container.id.startswith(prefix) for prefix in filters.values("id"))
        )
        and (
            filters.accepts_part("name", container.name)
            or filters.accepts_part("name", f"/{container.name}")
        )
        and filters.accepts("status", container.status)
        and filters.accepts("health", health.status if health is not None else "none")
        and ("ancestor" not in filters or any(map(is_host, filters.values("ancestor"))))
        and (not codes or (container.status == "exited" and container.exit_code in codes))
        and ("network" not in filters or "host" in filters.values("network"))
        and ("volume" not in filters or _has_volume(container, filters.values("volume")))
        and "publish" not in filters
        and ("expose" not in filters or _exposes(container, filters.values("expose")))
        and not filters.one_flag("is-task")
        and filters.accepts_labels(container.spec.labels)
    )


def _has_volume(container: Container, paths: Sequence[str]) -> bool:
    return any(path in container.spec.host.binds for path in paths)


def _exposes(container: Container, ports: Sequence[str]) -> bool:
    exposed = container.spec.given.get("ExposedPorts") or {}
    return any((port if "/" in port else f"{port}/tcp") in exposed for port in ports)
