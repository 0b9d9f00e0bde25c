"""What Tab offers after our magics: options, verbs, names.

Layer: magics. The thread that completes. Names come only from an engine that is already
connected: completing must not start an engine or look for one.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hyper_jupyter import api
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import attach_parser, option_words
from hyper_jupyter.magics.verbs import VERBS, verb_parser
from hyper_jupyter.session import sessions

__all__ = ["candidates", "register_completers"]

_HOSTS = ["local:", "unix:///var/run/docker.sock", "tcp://"]

_ASSIGNED: Final = re.compile(r"^[^#'\"]*=\s*(?=%hyper)")
"""What precedes a magic whose value is assigned: ``s = %hyper_attach web``."""


def register_completers(shell: Any) -> None:
    """Register our completion with IPython."""
    for magic in ("%hyper_attach", "%%hyper_attach", "%hyper_detach", "%hyper_sessions"):
        shell.set_hook("complete_command", _complete, str_key=magic)
    for magic in ("%hyper_connect", "%hyper"):
        shell.set_hook("complete_command", _complete, str_key=magic)
    # If the magic is not at the start of the line, IPython matches patterns instead.
    shell.set_hook("complete_command", _complete, re_key=_ASSIGNED.pattern)


def _complete(_shell: Any, event: Any) -> list[str]:
    return candidates(_ASSIGNED.sub("", event.text_until_cursor, count=1), event.symbol)


def candidates(line: str, symbol: str) -> list[str]:
    """Return what may be completed at the cursor.

    Args:
        line: the line up to the cursor.
        symbol: the beginning of the word at the cursor.
    """
    magic, *words = line.lstrip().lstrip("%").split()
    if symbol and words:
        words.pop()
    found: list[str] = []
    match magic:
        case "hyper_connect":
            found = _HOSTS
        case "hyper_attach":
            found = [*option_words(attach_parser()), *_containers()]
        case "hyper_sessions" | "hyper_detach":
            found = [session.name for session in sessions()]
        case "hyper" if not words:
            found = list(VERBS)
        case "hyper" if words[0] in VERBS:
            names = [] if words[0] in ("create", "run", "ps") else _containers()
            found = [*option_words(verb_parser(words[0])), *names]
    return [word for word in found if word.startswith(symbol)]


def _containers() -> list[str]:
    client = api.current_client()
    try:
        return [found.name for found in client.containers()] if client is not None else []
    except HyperJupyterError:
        return []
