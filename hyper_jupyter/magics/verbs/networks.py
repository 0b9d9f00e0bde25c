"""The verbs about networks.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.client.records import Network
from hyper_jupyter.magics.arguments import Completes, Parser
from hyper_jupyter.magics.values import Column, Line, Lines, Rows
from hyper_jupyter.magics.verbs.tables import (
    Table,
    add_filters,
    add_format,
    add_labels,
    filters_of,
    pairs_of,
    short_id,
)
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each, inspect_each

__all__ = ["VERBS"]


def _names(parser: Parser) -> None:
    parser.add_argument(
        "networks", metavar="NETWORK", nargs="+", help="name or id", completes=Completes.NETWORK
    )


def _list_flags(parser: Parser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="ids only")
    parser.add_argument("--no-trunc", action="store_true", help="full ids")
    add_filters(parser)
    add_format(parser)


def _list(call: Call) -> Rows[Network] | Lines | Line:
    whole = call.arguments.no_trunc
    found = call.client.networks(filters=filters_of(call.arguments))
    if call.arguments.quiet:
        return Lines(each.id if whole else short_id(each.id) for each in found)
    columns: list[Column[Network]] = [
        Column("NETWORK ID", lambda row: row.id if whole else short_id(row.id), "ID"),
        Column("NAME", lambda row: row.name, "Name"),
        Column("DRIVER", lambda row: row.driver, "Driver"),
        Column("SCOPE", lambda row: row.scope, "Scope"),
        Column("SUBNETS", lambda row: ", ".join(row.subnets), "Subnets"),
        Column("INTERNAL", lambda row: str(row.internal).lower(), "Internal"),
        Column("IPV6", lambda row: str(row.ipv6).lower(), "IPv6"),
    ]
    table: Table[Network] = Table(
        columns, ("ID", "Name", "Driver", "Scope"), "client.networks() lists them as objects"
    )
    return table.rows(found, call.arguments.format)


def _create_flags(parser: Parser) -> None:
    parser.add_argument("-d", "--driver", help="bridge, if nothing is said")
    parser.add_argument("--internal", action="store_true", help="it leads nowhere outside")
    parser.add_argument("--attachable", action="store_true", help="containers may join a swarm's")
    parser.add_argument("--ipv6", action="store_true", help="with addresses of version 6")
    parser.add_argument("--subnet", metavar="CIDR", help="its range of addresses")
    parser.add_argument("--gateway", metavar="ADDRESS", help="the engine's address in it")
    parser.add_argument("--ip-range", metavar="CIDR", help="the part that containers get")
    parser.add_argument(
        "-o", "--opt", action="append", default=[], metavar="NAME=VALUE", help="a driver's option"
    )
    add_labels(parser)
    parser.add_argument("name", metavar="NAME", help="its name", completes=Completes.NEW_NAME)


def _create(call: Call) -> Line:
    arguments = call.arguments
    identifier = call.client.create_network(
        arguments.name,
        driver=arguments.driver,
        internal=arguments.internal,
        attachable=arguments.attachable,
        ipv6=arguments.ipv6,
        subnet=arguments.subnet,
        gateway=arguments.gateway,
        ip_range=arguments.ip_range,
        options=pairs_of(arguments.opt, "--opt"),
        labels=pairs_of(arguments.label, "--label"),
    )
    return Line(identifier)


def _pair(parser: Parser) -> None:
    parser.add_argument(
        "network", metavar="NETWORK", help="name or id", completes=Completes.NETWORK
    )
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.CONTAINER
    )


def _connect_flags(parser: Parser) -> None:
    parser.add_argument(
        "--alias", action="append", default=[], metavar="NAME", help="another name in the network"
    )
    parser.add_argument("--ip", metavar="ADDRESS", help="its address")
    parser.add_argument("--ip6", metavar="ADDRESS", help="its address of version 6")
    _pair(parser)


def _connect(call: Call) -> None:
    arguments = call.arguments
    call.client.connect_network(
        arguments.network,
        arguments.container,
        aliases=arguments.alias,
        ipv4_address=arguments.ip,
        ipv6_address=arguments.ip6,
    )


def _disconnect_flags(parser: Parser) -> None:
    parser.add_argument("-f", "--force", action="store_true", help="also if it has lost track")
    _pair(parser)


def _disconnect(call: Call) -> None:
    arguments = call.arguments
    call.client.disconnect_network(arguments.network, arguments.container, force=arguments.force)


VERBS: Final[dict[str, Verb]] = {
    "network connect": Verb("Let a container join a network.", _connect_flags, _connect),
    "network create": Verb("Create a network.", _create_flags, _create),
    "network disconnect": Verb(
        "Take a container out of a network.", _disconnect_flags, _disconnect
    ),
    "network inspect": Verb(
        "Show everything that the engine knows about networks.",
        _names,
        inspect_each(lambda call, name: call.client.inspect_network(name), argument="networks"),
    ),
    "network ls": Verb("List the networks.", _list_flags, _list),
    "network rm": Verb(
        "Remove networks.",
        _names,
        for_each(lambda call, name: call.client.remove_network(name), argument="networks"),
        prints=True,
    ),
}
"""By name."""
