"""``%hyper VERB``: the verbs of the docker and hyper command lines, with their flags.

Layer: magics. The user's thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.api import Client
from hyper_jupyter.magics.arguments import Parser, UsageFault, UsageShown
from hyper_jupyter.magics.variables import expand_names
from hyper_jupyter.magics.verbs import (
    attaching,
    copying,
    creating,
    images,
    lifecycle,
    listing,
    networks,
    system,
    volumes,
    watching,
)
from hyper_jupyter.magics.verbs.habits import VerbParser, unknown_verb
from hyper_jupyter.magics.verbs.verb import Below, Call, Verb

__all__ = ["ALIASES", "VERBS", "Outcome", "find_verb", "run_verb", "verb_parser", "verbs_text"]

_SUBJECTS: Final = (
    attaching,
    copying,
    creating,
    images,
    lifecycle,
    listing,
    networks,
    system,
    volumes,
    watching,
)

VERBS: Final[dict[str, Verb]] = dict(
    sorted((name, verb) for subject in _SUBJECTS for name, verb in subject.VERBS.items())
)
"""All verbs by name. The name may have two words: ``volume ls``."""

_OF_CONTAINERS: Final = (
    "attach commit cp create diff exec inspect kill logs pause port rename restart rm run start "
    "stats stop top unpause update wait"
)

ALIASES: Final[dict[str, str]] = {
    **{f"container {name}": name for name in _OF_CONTAINERS.split() if name in VERBS},
    "container list": "ps",
    "container ls": "ps",
    "container ps": "ps",
    "df": "system df",
    "image history": "history",
    "image list": "images",
    "image ls": "images",
    "image pull": "pull",
    "image remove": "rmi",
    "image rm": "rmi",
    "image tag": "tag",
    "ls": "ps",
    "list": "ps",
    "network list": "network ls",
    "network remove": "network rm",
    "system events": "events",
    "system info": "info",
    "volume list": "volume ls",
    "volume remove": "volume rm",
}
"""Other names of verbs, as docker has them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a line with a verb has given.

    Attributes:
        value: a session, data that shows itself, or ``None``.
        arguments: the parsed line.
        printed: the value was printed already.
        ends_input: the lines below the line are all that the program reads.
    """

    value: Any
    arguments: argparse.Namespace
    printed: bool = False
    ends_input: bool = False


def run_verb(
    client: Callable[[], Client],
    words: Sequence[str],
    *,
    assigned: bool = False,
    cell: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run a verb of ``%hyper``.

    Args:
        client: returns the notebook's engine. It is not called for help.
        words: the verb, its flags and arguments.
        assigned: as for :class:`Call`.
        cell: as for :class:`Call`.
        variables: the names that Python knows, for ``{name}``.

    Raises:
        UsageFault: the line is not understood.
        UsageShown: help was asked for.
        HyperJupyterError: anything the user can act on.
    """
    if words and words[0] in ("-h", "--help", "help"):
        name, _ = find_verb(words[1:])
        raise UsageShown(verb_parser(name).format_help() if name else verbs_text())
    name, rest = find_verb(words)
    if not name:
        raise unknown_verb(words, VERBS)
    verb = VERBS[name]
    parser = verb_parser(name)
    arguments = parser.parse_args(rest)
    if cell is not None and verb.below is Below.NOTHING:
        raise UsageFault(
            f"%%hyper {name} does nothing with the lines below it",
            hint=f"Write %hyper {name} with one percent sign, and the lines in another cell.",
        )
    expand_names(parser, arguments, variables or {})
    call = Call(client(), arguments, assigned, cell)
    return Outcome(
        verb.run(call),
        arguments,
        printed=verb.prints and not assigned,
        ends_input=cell is not None and verb.below is Below.INPUT,
    )


def find_verb(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return the name of the verb that a line begins with, and the rest of the line.

    The name is empty if there is no such verb.
    """
    for number in (2, 1):
        written = " ".join(words[:number])
        name = ALIASES.get(written, written)
        if len(words) >= number and name in VERBS:
            return name, words[number:]
    return "", words


def verb_parser(name: str) -> Parser:
    """Return the parser of one verb."""
    verb = VERBS[name]
    parser = VerbParser(name, description=verb.help)
    verb.flags(parser)
    return parser


def verbs_text() -> str:
    """Return the help about all verbs."""
    width = max(map(len, VERBS)) + 3
    lines = (f"  {name.ljust(width)}{verb.help}\n" for name, verb in VERBS.items())
    return (
        "usage: %hyper VERB …\n\n"
        + "".join(lines)
        + "\n%hyper VERB --help explains its flags. They are those of the docker command.\n"
    )
