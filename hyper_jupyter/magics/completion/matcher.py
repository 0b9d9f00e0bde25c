"""Completion as IPython asks for it.

Layer: magics. The thread that completes: of a kernel, that is the one that runs the cells, so
nothing is completed while a cell runs.
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

__all__ = ["register_completion", "unregister_completion"]

_OURS: Final = re.compile(
    r"""^(?:(?:[^#'"=]|"[^"]*"|'[^']*')*=)?\s*%{1,2}(?P<magic>hyper(?:_\w+)?)(?=\s)"""
)
"""The start of a line that is one of our magics, also one whose value is assigned."""

_CELL: Final = re.compile(r"\s*%%hyper(?:_\w+)?(?:\s|$)")
"""The start of a cell whose lines below are for a program."""

_FIRST: Final = 1000
"""The priority of our matcher. Those of IPython then do not even begin: Jedi may take long."""


class _Nothing:
    """No completions, in a form that IPython takes for some: only then are its own suppressed."""

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return iter(())


@context_matcher(identifier="hyper_jupyter", priority=_FIRST)
def _match(context: CompletionContext) -> MatcherResult:
    """Complete a line with one of our magics, and keep IPython from offering Python names there."""
    text, cursor = _whole_line(context)
    ours = _OURS.match(text[:cursor])
    if ours is None:
        return {"completions": []}
    from hyper_jupyter.magics.completion.candidates import candidates

    start = ours.end()
    offer = candidates(ours["magic"], text[start:], cursor - start)
    if offer.is_python:
        return {"completions": []}
    words = offer.words if context.text_until_cursor.endswith(offer.replaced) else ()
    result: Any = {
        "completions": [SimpleCompletion(word, type=offer.kind) for word in words] or _Nothing(),
        "ordered": True,
        "suppress": True,
        "matched_fragment": offer.replaced if words else "",
    }
    return result


def _whole_line(context: CompletionContext) -> tuple[str, int]:
    """Return the line at the cursor, and the cursor's place in it.

    A line that ends with a backslash goes on in the next one, as IPython has it. Below a magic of
    a cell the lines are for a program, and none of them is ours.
    """
    lines = context.full_text.split("\n")
    number = context.cursor_line
    if number > 0 and _CELL.match(lines[0]):
        return "", 0
    first = number
    while first > 0 and lines[first - 1].endswith("\\"):
        first -= 1
    last = number
    while last < len(lines) - 1 and lines[last].endswith("\\"):
        last += 1
    before = "".join(line[:-1] + " " for line in lines[first:number])
    rest = " ".join(line.removesuffix("\\") for line in lines[number : last + 1])
    return before + rest, len(before) + context.cursor_position


def register_completion(shell: Any) -> None:
    """Register our completion with IPython."""
    unregister_completion(shell)
    shell.Completer.custom_matchers.append(_match)


def unregister_completion(shell: Any) -> None:
    """Remove our completion from IPython; no effect if it is not there."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if each is not _match]
