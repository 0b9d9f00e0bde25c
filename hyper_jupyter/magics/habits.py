"""What users of the docker command type that ``%hyper`` does not have, and what to do instead.

Layer: magics. No I/O.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any, Final

from hyper_jupyter.magics.arguments import Parser

__all__ = ["VerbParser"]

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
