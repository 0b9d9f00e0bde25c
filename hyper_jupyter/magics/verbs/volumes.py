"""The verbs about volumes.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.client.records import Volume
from hyper_jupyter.magics.arguments import Completes, Parser
from hyper_jupyter.magics.values import Column, Line, Lines, Rows
from hyper_jupyter.magics.verbs.tables import (
    Table,
    add_filters,
    add_format,
    add_labels,
    filters_of,
    pairs_of,
)
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each, inspect_each

__all__ = ["VERBS"]


def _names(parser: Parser) -> None:
    parser.add_argument(
        "volumes", metavar="VOLUME", nargs="+", help="name", completes=Completes.VOLUME
    )


_COLUMNS: Final[list[Column[Volume]]] = [
    Column("DRIVER", lambda row: row.driver, "Driver"),
    Column("VOLUME NAME", lambda row: row.name, "Name"),
    Column("MOUNTPOINT", lambda row: row.mountpoint, "Mountpoint"),
    Column("SCOPE", lambda row: row.scope, "Scope"),
    Column("LABELS", lambda row: ",".join(f"{k}={v}" for k, v in row.labels.items()), "Labels"),
]
_TABLE: Final[Table[Volume]] = Table(
    _COLUMNS, ("Driver", "Name"), "client.volumes() lists them as objects"
)


def _list_flags(parser: Parser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="names only")
    add_filters(parser)
    add_format(parser)


def _list(call: Call) -> Rows[Volume] | Lines | Line:
    found = call.client.volumes(filters=filters_of(call.arguments))
    if call.arguments.quiet:
        return Lines(each.name for each in found)
    return _TABLE.rows(found, call.arguments.format)


def _create_flags(parser: Parser) -> None:
    parser.add_argument("-d", "--driver", help="its driver; local is the engine itself")
    parser.add_argument(
        "-o", "--opt", action="append", default=[], metavar="NAME=VALUE", help="a driver's option"
    )
    add_labels(parser)
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="without one the engine chooses",
        completes=Completes.NEW_NAME,
    )


def _create(call: Call) -> Line:
    arguments = call.arguments
    made = call.client.create_volume(
        arguments.name,
        driver=arguments.driver,
        options=pairs_of(arguments.opt, "--opt"),
        labels=pairs_of(arguments.label, "--label"),
    )
    return Line(made.name)


def _remove_flags(parser: Parser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="no error if it does not exist")
    _names(parser)


def _remove(call: Call, name: str) -> None:
    call.client.remove_volume(name, force=call.arguments.force)


VERBS: Final[dict[str, Verb]] = {
    "volume create": Verb("Create a volume.", _create_flags, _create),
    "volume inspect": Verb(
        "Show everything that the engine knows about volumes.",
        _names,
        inspect_each(lambda call, name: call.client.inspect_volume(name), argument="volumes"),
    ),
    "volume ls": Verb("List the volumes.", _list_flags, _list),
    "volume rm": Verb(
        "Remove volumes, with what is in them.",
        _remove_flags,
        for_each(_remove, argument="volumes"),
        prints=True,
    ),
}
"""By name."""
