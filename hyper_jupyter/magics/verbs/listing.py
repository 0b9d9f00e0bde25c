"""The verbs that show what an engine knows about containers.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from typing import Final

from hyper_jupyter.client import Container
from hyper_jupyter.magics.arguments import Parser
from hyper_jupyter.magics.labels import shortened
from hyper_jupyter.magics.values import Column, Document, Documents, Lines, Rows
from hyper_jupyter.magics.verbs.lifecycle import container_names
from hyper_jupyter.magics.verbs.verb import Call, Verb, for_each

__all__ = ["VERBS"]


def _ps_flags(parser: Parser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also those that do not run")
    parser.add_argument("-q", "--quiet", action="store_true", help="ids only")
    parser.add_argument("--no-trunc", action="store_true", help="full ids and commands")


def _ps(call: Call) -> Rows[Container] | Lines:
    whole = call.arguments.no_trunc
    found = call.client.containers(all=call.arguments.all)
    if call.arguments.quiet:
        return Lines(each.id if whole else each.id[:12] for each in found)
    columns: list[Column[Container]] = [
        Column("CONTAINER ID", lambda each: each.id if whole else each.id[:12]),
        Column("NAME", lambda each: each.name),
        Column("IMAGE", lambda each: each.image),
        Column("COMMAND", lambda each: each.command if whole else shortened(each.command, 30)),
        Column("STATUS", lambda each: each.status),
    ]
    return Rows(found, columns)


def _inspect(call: Call) -> Document | Documents:
    documents = Documents(for_each(lambda call, c: Document(call.client.inspect(c)))(call))
    return documents[0] if len(documents) == 1 else documents


VERBS: Final[dict[str, Verb]] = {
    "inspect": Verb(
        "Show everything that the engine knows about containers.", container_names, _inspect
    ),
    "ps": Verb("List the containers.", _ps_flags, _ps),
}
"""By name."""
