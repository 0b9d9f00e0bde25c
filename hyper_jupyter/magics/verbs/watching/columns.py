"""How statistics and events look in a table, and the fields that ``--format`` knows.

Layer: magics. No I/O; any thread. The page writes the same numbers in the same way
(``js/src/model/quantities.ts``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hyper_jupyter.client.records import Event, Stats
from hyper_jupyter.magics.labels import shortened
from hyper_jupyter.magics.quantities import binary_size_text, size_text
from hyper_jupyter.magics.values import Column
from hyper_jupyter.magics.verbs.tables import Table, short_id

__all__ = ["EVENTS", "event_field", "event_line", "stats_table"]

_NOTHING: Final = "--"
"""What stands where there is no figure, as docker writes it."""

_LONGEST: Final = 80
"""Characters of an action or of an event's attributes in a table."""

# -- statistics ------------------------------------------------------------------------------


def stats_table(*, whole: bool = False) -> Table[Stats]:
    """Return how readings are shown.

    Args:
        whole: with full ids.
    """

    def identifier(stats: Stats) -> str:
        return stats.id if whole else short_id(stats.id)

    columns: list[Column[Stats]] = [
        Column("CONTAINER ID", identifier, "ID"),
        Column("CONTAINER ID", identifier, "Container"),
        Column("NAME", lambda each: each.name, "Name"),
        Column("CPU %", lambda each: _percent(each.cpu_percent), "CPUPerc"),
        Column("MEM USAGE / LIMIT", _memory, "MemUsage"),
        Column("MEM %", lambda each: _percent(_memory_percent(each)), "MemPerc"),
        Column(
            "NET I/O", lambda each: _pair(each, each.network_received, each.network_sent), "NetIO"
        ),
        Column(
            "BLOCK I/O", lambda each: _pair(each, each.block_read, each.block_written), "BlockIO"
        ),
        Column("PIDS", lambda each: str(each.pids) if each.pids else _NOTHING, "PIDs"),
    ]
    shown = ("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs")
    return Table(columns, shown, '[each.name for each in client.stats("NAME")]')


def _percent(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.2f}%"


def _memory_percent(stats: Stats) -> float | None:
    return stats.memory_percent if stats.time else None


def _memory(stats: Stats) -> str:
    if not stats.time or not (stats.memory or stats.memory_limit):
        return f"{_NOTHING} / {_NOTHING}"  # it does not run, or its engine does not count
    limit = binary_size_text(stats.memory_limit) if stats.memory_limit else _NOTHING
    return f"{binary_size_text(stats.memory)} / {limit}"


def _pair(stats: Stats, one: int, other: int) -> str:
    if not stats.time:
        return f"{_NOTHING} / {_NOTHING}"
    return f"{size_text(one)} / {size_text(other)}"


# -- events ----------------------------------------------------------------------------------


def event_time(event: Event) -> str:
    """Return when it happened, in this machine's time zone."""
    moment = dt.datetime.fromtimestamp(event.time).astimezone()
    return moment.isoformat(timespec="milliseconds")


def _attributes(event: Event) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(event.attributes.items()))


def event_line(event: Event) -> str:
    """Return an event in one line, as docker prints it."""
    inside = f" ({_attributes(event)})" if event.attributes else ""
    return f"{event_time(event)} {event.type} {event.action} {event.id}{inside}"


EVENTS: Final[Table[Event]] = Table(
    [
        Column("TIME", event_time, "Time"),
        Column("TYPE", lambda each: each.type, "Type"),
        Column("ACTION", lambda each: shortened(each.action, _LONGEST), "Action"),
        Column("NAME", lambda each: each.name or short_id(each.id), "Name"),
        Column("ATTRIBUTES", lambda each: shortened(_attributes(each), _LONGEST), "Attributes"),
    ],
    ("Time", "Type", "Action", "Name", "Attributes"),
    "[each.action for each in client.events(until=…)]",
)
"""How events are shown in a table."""


def event_field(event: Event, name: str) -> Any:
    """Return what ``--format`` names, as in the engine's own object; ``""`` is all of it.

    Raises:
        KeyError: there is no such field.
    """
    whole = dict(event.raw) or {
        "Type": event.type,
        "Action": event.action,
        "Actor": {"ID": event.id, "Attributes": dict(event.attributes)},
        "time": int(event.time),
        "timeNano": round(event.time * 1e6) * 1000,
    }
    whole["Action"] = event.action  # in Docker's words
    match name:
        case "":
            return whole
        case "Time" | "TimeNano":
            return whole.get(f"t{name[1:]}", 0)
        case "ID":
            return event.id
        case "Status":
            return event.action
        case "From":
            return event.attributes.get("image", "")
    return whole[name]
