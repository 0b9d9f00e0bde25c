"""The verbs that show what an engine knows about containers.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, Final

from hyper_jupyter.client.records import Change, Container, Port
from hyper_jupyter.exceptions import NotFound
from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault
from hyper_jupyter.magics.labels import shortened
from hyper_jupyter.magics.quantities import age_text, size_text
from hyper_jupyter.magics.values import Column, Document, Documents, Line, Lines, Rows
from hyper_jupyter.magics.verbs.tables import (
    Table,
    add_filters,
    add_format,
    filters_of,
    short_id,
)
from hyper_jupyter.magics.verbs.template import Template
from hyper_jupyter.magics.verbs.verb import Call, Verb, inspect_each, while_running

__all__ = ["VERBS"]

# -- ps ------------------------------------------------------------------------------------

_LONGEST_COMMAND: Final = 30


def _ps_flags(parser: Parser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also those that do not run")
    parser.add_argument("-q", "--quiet", action="store_true", help="ids only")
    parser.add_argument("-l", "--latest", action="store_true", help="only the newest one")
    parser.add_argument("-n", "--last", type=int, metavar="N", help="only the N newest ones")
    parser.add_argument("-s", "--size", action="store_true", help="with the size of their files")
    parser.add_argument("--no-trunc", action="store_true", help="full ids and commands")
    add_filters(parser)
    add_format(parser)


def _ps_table(arguments: argparse.Namespace) -> Table[Container]:
    now = time.time()
    whole = arguments.no_trunc
    command: Callable[[Container], str] = lambda row: (  # noqa: E731 - a column's text
        row.command if whole else shortened(row.command, _LONGEST_COMMAND)
    )
    image: Callable[[Container], str] = lambda row: (  # noqa: E731 - a column's text
        short_id(row.image) if row.image.startswith("sha256:") and not whole else row.image
    )
    columns: list[Column[Container]] = [
        Column("CONTAINER ID", lambda row: row.id if whole else short_id(row.id), "ID"),
        Column("IMAGE", image, "Image"),
        Column("COMMAND", command, "Command"),
        Column("CREATED", lambda row: f"{age_text(now - row.created)} ago", "RunningFor"),
        Column("STATUS", lambda row: row.status, "Status"),
        Column("PORTS", lambda row: ", ".join(map(str, row.ports)), "Ports"),
        Column("NAMES", lambda row: row.name, "Names"),
        Column("SIZE", lambda row: "" if row.size is None else size_text(row.size), "Size"),
        Column("STATE", lambda row: row.state, "State"),
        Column("CREATED AT", _created_at, "CreatedAt"),
        Column("NETWORKS", lambda row: ",".join(row.networks), "Networks"),
        Column("LABELS", lambda row: ",".join(f"{k}={v}" for k, v in row.labels.items()), "Labels"),
    ]
    shown = [column.key for column in columns[:7]] + (["Size"] if arguments.size else [])
    return Table(columns, shown, "client.containers() lists them as objects")


def _created_at(row: Container) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(row.created))
    except (OverflowError, ValueError, OSError):  # an engine may answer any number
        return ""


def _ps(call: Call) -> Rows[Container] | Lines | Line:
    arguments = call.arguments
    if arguments.last is not None and arguments.last < 1:
        raise UsageFault(f"-n {arguments.last} is not a number of containers")
    wants_size = arguments.size or ".Size" in (arguments.format or "")
    found = call.client.containers(
        all=arguments.all,
        filters=filters_of(arguments),
        limit=arguments.last,
        latest=arguments.latest,
        size=wants_size,
    )
    if arguments.quiet:
        return Lines(each.id if arguments.no_trunc else short_id(each.id) for each in found)
    return _ps_table(arguments).rows(found, arguments.format)


# -- inspect -------------------------------------------------------------------------------

_KINDS: Final = ("container", "image", "volume", "network")


def _inspect_flags(parser: Parser) -> None:
    parser.add_argument(
        "-f", "--format", metavar="TEMPLATE", help="only these fields: '{{.State.Status}}'"
    )
    parser.add_argument("--type", choices=_KINDS, help="what the names mean")
    parser.add_argument(
        "names",
        metavar="NAME",
        nargs="+",
        help="of a container, image, volume or network; or an id",
        completes=Completes.CONTAINER,
    )


def _inspect(call: Call) -> Document | Documents | Lines | Line:
    arguments = call.arguments
    value: Document | Documents | Lines | Line
    if arguments.format is None:
        value = inspect_each(_inspect_one, argument="names")(call)
        return value
    template = Template(arguments.format, f'client.inspect("{arguments.names[0]}")')

    def shown(found: Documents) -> Lines | Line:
        return template.lines([_fields_of(each) for each in found])

    value = inspect_each(_inspect_one, argument="names", shown=shown)(call)
    return value


def _fields_of(document: Document) -> Callable[[str], Any]:
    return lambda name: document[name] if name else dict(document)


def _inspect_one(call: Call, name: str) -> dict[str, Any]:
    client = call.client
    calls: dict[str, Callable[[str], dict[str, Any]]] = {
        "container": client.inspect,
        "image": client.inspect_image,
        "volume": client.inspect_volume,
        "network": client.inspect_network,
    }
    kind = call.arguments.type
    if kind is not None:
        return calls[kind](name)
    missing: NotFound | None = None
    for each in _KINDS:
        try:
            return calls[each](name)
        except NotFound as error:
            missing = missing or error  # the one about containers has similar names
    assert missing is not None
    text = f"No such container, image, volume or network: {name}"
    raise NotFound(missing.status, text, hint=missing.hint) from missing


# -- port, top, diff -----------------------------------------------------------------------


def _port_flags(parser: Parser) -> None:
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.RUNNING
    )
    parser.add_argument("port", metavar="PORT[/udp]", nargs="?", help="only this one's place")


def _port(call: Call) -> Rows[Port] | Lines:
    ports = [each for each in call.client.port(call.arguments.container) if each.host_port]
    wanted = call.arguments.port
    if wanted is None:
        columns: list[Column[Port]] = [
            Column("CONTAINER", lambda row: f"{row.container_port}/{row.protocol}"),
            Column("HOST", _host_of),
        ]
        return Rows(ports, columns)
    number, _, protocol = wanted.partition("/")
    found = [
        _host_of(each)
        for each in ports
        if str(each.container_port) == number and each.protocol == (protocol or "tcp")
    ]
    if not found:
        raise UsageFault(
            f"port {wanted} of {call.arguments.container} is not published",
            hint="Ports are published when a container is created: %hyper run -p 8080:80 …",
        )
    return Lines(found)


def _host_of(port: Port) -> str:
    address = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip
    return f"{address}:{port.host_port}"


def _top_flags(parser: Parser) -> None:
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.RUNNING
    )
    options = parser.add_argument(
        "ps_options", metavar="OPTION", nargs=argparse.REMAINDER, help="options of ps: -o pid,args"
    )
    options.required = False  # what argparse takes it for depends on the Python


def _top(call: Call) -> Rows[dict[str, str]]:
    words = call.arguments.ps_options
    found = while_running(
        lambda call, name: call.client.top(name, " ".join(words) if words else None)
    )(call, call.arguments.container)
    columns: list[Column[dict[str, str]]] = [
        Column(title, lambda row, title=title: row[title])  # type: ignore[misc]
        for title in found.titles
    ]
    return Rows(found.to_dicts(), columns)


def _diff_flags(parser: Parser) -> None:
    parser.add_argument(
        "container", metavar="CONTAINER", help="name or id", completes=Completes.CONTAINER
    )


def _diff(call: Call) -> Rows[Change]:
    columns: list[Column[Change]] = [
        Column("CHANGE", lambda row: row.kind),
        Column("PATH", lambda row: row.path),
    ]
    return Rows(call.client.diff(call.arguments.container), columns)


VERBS: Final[dict[str, Verb]] = {
    "diff": Verb("List the files that a container has changed.", _diff_flags, _diff),
    "inspect": Verb(
        "Show everything that the engine knows about something.", _inspect_flags, _inspect
    ),
    "port": Verb("List the published ports of a container.", _port_flags, _port),
    "ps": Verb("List the containers.", _ps_flags, _ps),
    "top": Verb("List the processes of a container.", _top_flags, _top),
}
"""By name."""
