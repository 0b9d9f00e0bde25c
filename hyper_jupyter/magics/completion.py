"""What Tab offers behind our magics: options, verbs, names.

Layer: magics. The thread that completes. Names are asked from the engine that is connected
already: completing must not start or look for one.
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
"""What stands before a magic whose value gets a name: ``s = %hyper_attach web``."""


def register_completers(shell: Any) -> None:
    """Hook into IPython's completion."""
    for magic in ("%hyper_attach", "%%hyper_attach", "%hyper_detach", "%hyper_sessions"):
        shell.set_hook("complete_command", _complete, str_key=magic)
    for magic in ("%hyper_connect", "%hyper"):
        shell.set_hook("complete_command", _complete, str_key=magic)
    # Elsewhere than at the start of a line IPython goes by patterns.
    shell.set_hook("complete_command", _complete, re_key=_ASSIGNED.pattern)


def _complete(_shell: Any, event: Any) -> list[str]:
    return candidates(_ASSIGNED.sub("", event.text_until_cursor, count=1), event.symbol)


def candidates(line: str, symbol: str) -> list[str]:
    """What may stand at the cursor.

    Args:
        line: up to the cursor.
        symbol: the word that was begun.
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
