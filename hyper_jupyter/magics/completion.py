"""What Tab offers after our magics: options, verbs, names.

Layer: magics. The thread that completes. Names come only from an engine that is already
connected: completing must not start an engine or look for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from IPython.core.completer import (
    CompletionContext,
    MatcherResult,
    SimpleCompletion,
    context_matcher,
)

from hyper_jupyter import api
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import Completes, attach_parser, doctor_parser, option_words
from hyper_jupyter.magics.verbs import VERBS, find_verb, verb_parser
from hyper_jupyter.session import sessions

__all__ = ["candidates", "register_completion", "unregister_completion"]

_HOSTS = ["local:", "unix:///var/run/docker.sock", "tcp://"]

_OURS: Final = re.compile(r"^(?:[^#'\"]*=)?\s*%{1,2}hyper(?:_\w+)?\s")
"""The start of a line that is one of our magics, also one whose value is assigned."""

_ASSIGNED: Final = re.compile(r"^[^#'\"]*=\s*(?=%hyper)")
"""What precedes a magic whose value is assigned: ``s = %hyper_attach web``."""


class _Nothing:
    """No completions, in a form that IPython takes for some: only then are its own suppressed."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@context_matcher(identifier="hyper_jupyter")
def _match(context: CompletionContext) -> MatcherResult:
    """Complete a line with one of our magics, and keep IPython from offering Python names there."""
    line = context.text_until_cursor
    symbol = "" if line[-1:].isspace() else (line.split() or [""])[-1]
    if not _OURS.match(line) or symbol.count("{") > symbol.count("}"):
        return {"completions": []}  # in {…} there is Python
    found = candidates(_ASSIGNED.sub("", line, count=1), symbol)
    result: Any = {
        "completions": [SimpleCompletion(word, type="magic") for word in found] or _Nothing(),
        "ordered": True,
        "suppress": True,
        "matched_fragment": symbol,
    }
    return result


def register_completion(shell: Any) -> None:
    """Register our completion with IPython."""
    unregister_completion(shell)
    shell.Completer.custom_matchers.append(_match)


def unregister_completion(shell: Any) -> None:
    """Remove our completion from IPython; no effect if it is not there."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if each is not _match]


def candidates(line: str, symbol: str) -> list[str]:
    """Return what may be completed at the cursor.

    Args:
        line: the line up to the cursor.
        symbol: the beginning of the word at the cursor.
    """
    magic, *words = line.lstrip().lstrip("%").split()
    if symbol and words:
        words.pop()  # the word at the cursor
    found: list[str] = []
    match magic:
        case "hyper_connect":
            found = _HOSTS
        case "hyper_attach":
            found = [*option_words(attach_parser()), *_containers()]
        case "hyper_doctor":
            found = [*option_words(doctor_parser()), *_HOSTS]
        case "hyper_sessions" | "hyper_detach":
            found = [session.name for session in sessions()]
        case "hyper" if not words:
            found = list(VERBS)
        case "hyper" if name := find_verb(words)[0]:
            parser = verb_parser(name)
            kinds = {Completes.CONTAINER, Completes.RUNNING} & set(parser.completes.values())
            found = [*option_words(parser), *(_containers() if kinds else [])]
    return [word for word in found if word.startswith(symbol)]


def _containers() -> list[str]:
    client = api.current_client()
    try:
        return [found.name for found in client.containers()] if client is not None else []
    except HyperJupyterError:
        return []
