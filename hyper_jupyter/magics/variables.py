"""Variables in lines that take none, as they stand: what to write instead.

Layer: magics. No I/O.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["braces_hint", "hinted", "verb_hint"]

_VARIABLE: Final = re.compile(
    r"\$?\{(?P<expression>(?P<first>[A-Za-z_]\w*)[^{}:!]*)\}|\$(?P<dollar>[A-Za-z_]\w*)"
)
"""``{name}``, ``{name.attribute}``, ``${name}`` and ``$name``."""

_METHODS: Final[dict[str, str]] = {
    "create": "client.create({}, …)",
    "exec": "client.exec({}, …)",
    "rm": "client.remove({})",
    "run": "client.run({}, …)",
}
"""The methods whose calls are not ``client.VERB(name)``."""


@contextlib.contextmanager
def hinted(hint: Callable[[HyperJupyterError], str]) -> Iterator[None]:
    """Give an error on the way another next step, if ``hint`` returns one for it."""
    try:
        yield
    except HyperJupyterError as error:
        error.hint = hint(error) or error.hint
        raise


def verb_hint(words: Sequence[str], error: Exception, variables: Mapping[str, Any]) -> str:
    """Return how to pass a variable's value, if a line of ``%hyper`` failed for its name.

    Args:
        words: the verb, its flags and arguments.
        error: what came of them; it names what does not exist, or is a 400, which need not.
        variables: the names that Python knows.

    Returns:
        The next step; empty if the error has another cause.
    """
    for word in words[1:]:
        value = _python(word, variables)
        if value and (word in str(error) or getattr(error, "status", 0) == 400):
            call = _METHODS.get(words[0], f"client.{words[0]}({{}})").format(value)
            return f"%hyper takes its line as it stands. Pass the value in Python: {call}."
    return ""


def braces_hint(name: str, variables: Mapping[str, Any]) -> str:
    """Return how to write a variable in the line of the other magics, if one failed for its name.

    Args:
        name: what was not found.
        variables: the names that Python knows.
    """
    if not _python(name, variables):
        return ""
    written = _VARIABLE.sub(lambda found: f"{{{_inside(found)}}}", name)
    return f"Write {written}: braces stand for a value, $ does not."


def _python(word: str, variables: Mapping[str, Any]) -> str:
    """Return a word with variables as a Python expression; empty if it has none that are known."""
    found = list(_VARIABLE.finditer(word))
    if not found or any((each["first"] or each["dollar"]) not in variables for each in found):
        return ""
    if found[0].span() == (0, len(word)):
        return _inside(found[0])
    return 'f"' + _VARIABLE.sub(lambda each: f"{{{_inside(each)}}}", word) + '"'


def _inside(found: re.Match[str]) -> str:
    return str(found["expression"] or found["dollar"])
