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
from hyper_jupyter.magics.verbs import attaching, creating, lifecycle, listing
from hyper_jupyter.magics.verbs.habits import VerbParser, unknown_verb
from hyper_jupyter.magics.verbs.verb import Below, Call, Verb

__all__ = ["VERBS", "Outcome", "find_verb", "run_verb", "verb_parser", "verbs_text"]

VERBS: Final[dict[str, Verb]] = dict(
    sorted({**attaching.VERBS, **creating.VERBS, **lifecycle.VERBS, **listing.VERBS}.items())
)
"""All verbs by name. The name may have two words: ``volume ls``."""

_USAGE: Final = "usage: "
"""The start of argparse's usage. Its further lines are indented by as many characters."""


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
        variables: as for :class:`Call`.

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
    arguments = verb_parser(name).parse_args(rest)
    if cell is not None and verb.below is Below.NOTHING:
        raise UsageFault(
            f"%%hyper {name} does nothing with the lines below it",
            hint=f"Write %hyper {name} with one percent sign, and the lines in another cell.",
        )
    call = Call(client(), arguments, assigned, cell, variables or {})
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
        name = " ".join(words[:number])
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
    """Return the help about all verbs, with their flags."""
    entries = [
        verb_parser(name).format_usage()[len(_USAGE) :].replace("\n" + " " * len(_USAGE), "\n")
        + f"    {verb.help}\n"
        for name, verb in VERBS.items()
    ]
    return (
        _USAGE
        + "%hyper VERB …\n\n"
        + "".join(entries)
        + "\n%hyper VERB --help explains its flags.\n"
    )
