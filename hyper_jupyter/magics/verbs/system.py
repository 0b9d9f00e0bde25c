"""The verbs about the engine itself, and those that remove what nothing uses.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.client.records import EngineInfo, EngineVersion, Pruned, Usage
from hyper_jupyter.magics.arguments import Parser
from hyper_jupyter.magics.quantities import binary_size_text, size_text
from hyper_jupyter.magics.values import Column, Line, Lines, Rows
from hyper_jupyter.magics.verbs.tables import Table, add_format, filters_of
from hyper_jupyter.magics.verbs.template import Template
from hyper_jupyter.magics.verbs.verb import Call, Verb

__all__ = ["VERBS"]

# -- info, version -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says, as lines of ``name: value``.

    Attributes:
        record: the values.
        lines: name and text, in order.
    """

    record: Any
    lines: tuple[tuple[str, str], ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.record, name)

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.lines) + 2
        return "\n".join(f"{name}:".ljust(width) + text for name, text in self.lines if text)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))


def _info_facts(info: EngineInfo) -> Facts:
    counts = f"{info.running} running, {info.paused} paused, {info.stopped} stopped"
    return Facts(
        info,
        (
            ("Containers", f"{info.containers} ({counts})"),
            ("Images", str(info.images)),
            ("Server version", info.version),
            ("Storage driver", info.storage_driver),
            ("Logging driver", info.logging_driver),
            ("Cgroup version", info.cgroup_version),
            ("Kernel version", info.kernel),
            ("Operating system", info.os),
            ("Architecture", info.architecture),
            ("CPUs", str(info.cpus)),
            ("Total memory", binary_size_text(info.memory)),
            ("Name", info.name),
            ("Root", info.root),
            *(("Warning", text) for text in info.warnings),
        ),
    )


def _version_facts(version: EngineVersion) -> Facts:
    return Facts(
        version,
        (
            ("Version", version.version),
            ("API version", version.api_version),
            ("Oldest API version", version.oldest_api_version),
            ("OS/Arch", f"{version.os}/{version.architecture}".strip("/")),
            ("Kernel version", version.kernel),
            *version.components.items(),
        ),
    )


def _shown(call: Call, record: Any, facts: Callable[[Any], Facts], instead: str) -> Any:
    template = call.arguments.format
    if template is None:
        return facts(record)
    raw = record.raw
    lines = Template(template, instead).lines([lambda name: raw if not name else raw[name]])
    return lines if isinstance(lines, Line) else Line("\n".join(lines))


def _info(call: Call) -> Any:
    return _shown(call, call.client.info(), _info_facts, "client.info()")


def _version(call: Call) -> Any:
    return _shown(call, call.client.version(), _version_facts, "client.version()")


# -- df ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpaceUsed:
    """The space that things of one kind take.

    Attributes:
        kind: ``Images``, ``Containers``, ``Local Volumes`` or ``Build Cache``.
        usage: how many there are, and their bytes.
    """

    kind: str
    usage: Usage


def _reclaimable(row: SpaceUsed) -> str:
    share = 100 * row.usage.reclaimable // row.usage.size if row.usage.size else 0
    return f"{size_text(row.usage.reclaimable)} ({share}%)"


_SPACE: Final[Table[SpaceUsed]] = Table(
    [
        Column[SpaceUsed]("TYPE", lambda row: row.kind, "Type"),
        Column[SpaceUsed]("TOTAL", lambda row: str(row.usage.total), "TotalCount"),
        Column[SpaceUsed]("ACTIVE", lambda row: str(row.usage.active), "Active"),
        Column[SpaceUsed]("SIZE", lambda row: size_text(row.usage.size), "Size"),
        Column[SpaceUsed]("RECLAIMABLE", _reclaimable, "Reclaimable"),
    ],
    ("Type", "TotalCount", "Active", "Size", "Reclaimable"),
    "client.disk_usage()",
)


def _df(call: Call) -> Rows[SpaceUsed] | Lines | Line:
    found = call.client.disk_usage()
    rows = [
        SpaceUsed("Images", found.images),
        SpaceUsed("Containers", found.containers),
        SpaceUsed("Local Volumes", found.volumes),
        SpaceUsed("Build Cache", found.build_cache),
    ]
    return _SPACE.rows(rows, call.arguments.format)


# -- prune ---------------------------------------------------------------------------------


def _prune_flags(parser: Parser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="no effect: nothing is asked")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only what has this, such as until=24h or label=temporary",
    )


def _prune_all_flags(parser: Parser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also what has a name")
    _prune_flags(parser)


def _report(*parts: Pruned) -> Lines:
    untagged = [f"Untagged: {name}" for part in parts for name in part.untagged]
    deleted = [name for part in parts for name in part.deleted]
    space = sum(part.space_reclaimed for part in parts)
    return Lines([*untagged, *deleted, f"Total reclaimed space: {size_text(space)}"])


def _prune_containers(call: Call) -> Lines:
    return _report(call.client.prune_containers(filters=filters_of(call.arguments)))


def _prune_images(call: Call) -> Lines:
    arguments = call.arguments
    return _report(call.client.prune_images(arguments.all, filters=filters_of(arguments)))


def _prune_volumes(call: Call) -> Lines:
    arguments = call.arguments
    return _report(call.client.prune_volumes(arguments.all, filters=filters_of(arguments)))


def _prune_networks(call: Call) -> Lines:
    return _report(call.client.prune_networks(filters=filters_of(call.arguments)))


def _prune_system_flags(parser: Parser) -> None:
    parser.add_argument("--volumes", action="store_true", help="also volumes")
    _prune_all_flags(parser)


def _prune_system(call: Call) -> Lines:
    arguments, client = call.arguments, call.client
    filters = filters_of(arguments)
    parts = [client.prune_containers(filters=filters), client.prune_networks(filters=filters)]
    if arguments.volumes:
        parts.append(client.prune_volumes(filters=filters))
    parts.append(client.prune_images(arguments.all, filters=filters))
    return _report(*parts)


VERBS: Final[dict[str, Verb]] = {
    "container prune": Verb(
        "Remove the containers that do not run.", _prune_flags, _prune_containers
    ),
    "image prune": Verb(
        "Remove images without a name that no container uses.", _prune_all_flags, _prune_images
    ),
    "info": Verb("Describe the engine and its machine.", add_format, _info),
    "network prune": Verb(
        "Remove the networks that no container uses.", _prune_flags, _prune_networks
    ),
    "system df": Verb("Show the space that the engine uses.", add_format, _df),
    "system prune": Verb(
        "Remove containers, networks and images that nothing uses.",
        _prune_system_flags,
        _prune_system,
    ),
    "version": Verb("Show the versions of the engine and its parts.", add_format, _version),
    "volume prune": Verb(
        "Remove the volumes without a name that no container uses.",
        _prune_all_flags,
        _prune_volumes,
    ),
}
"""By name."""
