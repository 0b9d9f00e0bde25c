"""What users of the docker command type that ``%hyper`` does not have, and what to do instead.

Layer: magics. No I/O.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Collection, Sequence
from typing import Any, Final

from hyper_jupyter.magics.arguments import Parser, UsageFault

__all__ = ["VerbParser", "unknown_verb"]

# -- verbs ---------------------------------------------------------------------------------

_IN_A_SHELL: Final = "In a shell: !docker {verb} …"

_ELSEWHERE: Final = (
    "build builder buildx commit compose config container context cp diff events export history "
    "image images import load login logout manifest network node plugin port pull push rename rmi "
    "save scout search secret service stack stats swarm system tag trust update volume"
)

_VERBS: Final[dict[str, str]] = {
    "attach": "Use %hyper_attach {last}.",
    "connect": "%hyper_connect HOST chooses the engine.",
    "detach": "%hyper_detach leaves a session.",
    "doctor": "Use %hyper_doctor.",
    "info": "%hyper_doctor shows the engine and its version. " + _IN_A_SHELL,
    "list": "%hyper ps lists the containers.",
    "ls": "%hyper ps lists the containers.",
    "restart": "Use %hyper stop {last}, then %hyper start {last}.",
    "sessions": "Use %hyper_sessions.",
    "top": "Use %hyper exec {first} ps.",
    "version": "%hyper_doctor shows the engine and its version.",
    **dict.fromkeys(_ELSEWHERE.split(), _IN_A_SHELL),
}
"""What to do instead of a verb. ``{first}`` and ``{last}`` are words of the line."""


def unknown_verb(words: Sequence[str], known: Collection[str]) -> UsageFault:
    """Return the error about a verb that does not exist, with the next step.

    Args:
        words: the verb, its flags and arguments; may be empty.
        known: the verbs that exist.
    """
    if not words:
        return UsageFault("a verb is missing", hint=f"Verbs: {' '.join(known)}.")
    verb, *rest = words
    hint = _instead(words, known)
    if not hint:
        typed = verb.lower()
        ours = difflib.get_close_matches(typed, known)
        others = difflib.get_close_matches(typed, _VERBS, n=1)
        if ours:
            hint = f"Did you mean {' or '.join(ours)}?"
        elif others:
            hint = f"Did you mean {others[0]}? {_instead([others[0], *rest], known)}"
        else:
            hint = f"Verbs: {' '.join(known)}."
    return UsageFault(f"{verb!r} is not a verb of %hyper", hint=hint)


def _instead(words: Sequence[str], known: Collection[str]) -> str:
    """Return what to do instead of a line with a verb of docker; empty if it has none."""
    verb, *rest = words
    if verb == "container" and rest and rest[0] in known:
        return f"Use %hyper {shlex.join(rest)}."
    if verb == "container" and rest and rest[0] in _VERBS:
        return _instead(rest, known)
    names = [shlex.quote(word) for word in rest if not word.startswith("-")] or ["NAME"]
    return _VERBS.get(verb, "").format(verb=verb, first=names[0], last=names[-1])


# -- flags ---------------------------------------------------------------------------------


_SIGNAL: Final = re.compile(r"-(?P<signal>\d+|[A-Z][A-Z0-9+-]+)")
"""A signal in the form in which the shell's ``kill`` takes it."""


class VerbParser(Parser):
    """The parser of one verb, which answers docker's flags that the verb does not have.

    Args:
        verb: its name.
        options: as for argparse.
    """

    def __init__(self, verb: str, **options: Any) -> None:
        super().__init__(prog=f"%hyper {verb}", **options)
        self._verb = verb

    def explain(self, word: str, names: Sequence[str]) -> str:
        """Return how ``kill`` takes a signal, if the word is one."""
        found = _SIGNAL.fullmatch(word)
        if self._verb != "kill" or found is None:
            return ""
        containers = shlex.join(names) or "CONTAINER"
        return f"Signals are given with -s: %hyper kill -s {found['signal']} {containers}"
