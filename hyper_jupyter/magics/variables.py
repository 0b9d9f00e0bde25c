"""Variables in the lines of the magics: values of names, and what to write where there is none.

Layer: magics. No I/O.
"""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from IPython.utils.text import FullEvalFormatter

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import Completes, Parser, UsageFault

__all__ = ["EXPANDED", "braces_hint", "dollar_hint", "expand_names", "hinted"]

_VARIABLE: Final = re.compile(
    r"\$?\{(?P<expression>(?P<first>[A-Za-z_]\w*)[^{}:!]*)\}|\$(?P<dollar>[A-Za-z_]\w*)"
)
"""``{name}``, ``{name.attribute}``, ``${name}`` and ``$name``."""

_WHOLE: Final = re.compile(r"\{[^{}]+\}")
"""A word that is one expression."""

EXPANDED: Final = frozenset(
    (
        Completes.CONTAINER,
        Completes.RUNNING,
        Completes.IMAGE,
        Completes.VOLUME,
        Completes.NETWORK,
        Completes.PLACE,
        Completes.FILE,
        Completes.MOUNT,
        Completes.NEW_NAME,
    )
)
"""The kinds of arguments in which braces stand for a value."""


@contextlib.contextmanager
def hinted(hint: Callable[[HyperJupyterError], str]) -> Iterator[None]:
    """Give an error on the way another next step, if ``hint`` returns one for it."""
    try:
        yield
    except HyperJupyterError as error:
        error.hint = hint(error) or error.hint
        raise


def expand_names(
    parser: Parser, arguments: argparse.Namespace, variables: Mapping[str, Any]
) -> None:
    """Replace ``{expression}`` by its value in the names of a line, and there alone.

    Files and mounts are names here. No name of an engine has a brace in it. Elsewhere, in a
    program's command or a template, braces stay. A value is one word, so it never becomes an
    option. A list, in a place for several names, is several.

    Args:
        parser: which has read the line.
        arguments: what it has read; they are changed.
        variables: the names that Python knows.

    Raises:
        UsageFault: an expression has no value.
    """
    for dest, kind in parser.completes.items():
        given = getattr(arguments, dest)
        if kind not in EXPANDED:
            continue
        if isinstance(given, str):
            setattr(arguments, dest, _expanded(given, variables))
        elif isinstance(given, list):
            names = [name for each in given for name in _several(each, variables)]
            setattr(arguments, dest, names)


def _expanded(text: str, variables: Mapping[str, Any]) -> str:
    if "{" not in text:
        return text
    try:
        return str(FullEvalFormatter().vformat(text, (), variables))
    except Exception as error:
        raise UsageFault(f"{text!r} could not be expanded: {error}") from error


def _several(text: str, variables: Mapping[str, Any]) -> list[str]:
    """Return the names that a word stands for: one, or those of a list."""
    found = _WHOLE.fullmatch(text)
    if found is None:
        return [_expanded(text, variables)]
    values: list[Any] = []

    class Noting(FullEvalFormatter):
        def format_field(self, value: Any, format_spec: str) -> str:
            values.append(value)
            return str(super().format_field(value, format_spec))

    try:
        name = str(Noting().vformat(text, (), variables))
    except Exception as error:
        raise UsageFault(f"{text!r} could not be expanded: {error}") from error
    if len(values) == 1 and isinstance(values[0], list | tuple):
        return [str(each) for each in values[0]]
    return [name]


def dollar_hint(words: Sequence[str], error: Exception, variables: Mapping[str, Any]) -> str:
    """Return how to write a variable, if a line of ``%hyper`` failed for a name such as ``$name``.

    Args:
        words: the verb, its flags and arguments.
        error: what came of them; it names what does not exist, or is a 400, which need not.
        variables: the names that Python knows.

    Returns:
        The next step; empty if the error has another cause.
    """
    for word in words[1:]:
        if "$" in word and (word in str(error) or getattr(error, "status", 0) == 400):
            return braces_hint(word, variables)
    return ""


def braces_hint(name: str, variables: Mapping[str, Any]) -> str:
    """Return how to write a variable in the line of the other magics, if one failed for its name.

    Args:
        name: what was not found.
        variables: the names that Python knows.
    """
    if not _has_known(name, variables):
        return ""
    written = _VARIABLE.sub(lambda found: f"{{{_inside(found)}}}", name)
    return f"Write {written}: braces stand for a value, $ does not."


def _has_known(word: str, variables: Mapping[str, Any]) -> bool:
    """Return whether a word has variables, and Python knows all of them."""
    found = list(_VARIABLE.finditer(word))
    return bool(found) and all((each["first"] or each["dollar"]) in variables for each in found)


def _inside(found: re.Match[str]) -> str:
    return str(found["expression"] or found["dollar"])
