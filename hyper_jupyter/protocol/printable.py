"""Text of strangers, made safe to show at a terminal or in a notebook.

Layer: protocol. Pure; any thread. The client uses it where an engine's answers become values, so
that no code that shows a name, a version or an error has to think of it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["printable"]

_MAX: Final = 2000

_UNUSUAL: Final = re.compile(r"[^ -~]+")


def printable(text: str, limit: int = _MAX) -> str:
    """Make one line of text from elsewhere, without anything that changes what is around it.

    Everything that Python's :meth:`str.isprintable` does not call printable becomes a space:
    control characters (C0, DEL, C1, and so every escape sequence), ends of lines and paragraphs,
    marks of the direction of writing ("bidi"), characters without a width, lone surrogates. Then
    runs of spaces become one.

    Args:
        text: of any length.
        limit: the most characters of the result.
    """
    if not text:
        return text
    text = text[: 8 * limit]  # all of it might be spaces; what is looked at is bounded, too
    if not text.isprintable():
        text = _UNUSUAL.sub(_replace, text)
    return " ".join(text.split())[:limit]


def _replace(found: re.Match[str]) -> str:
    return "".join(c if c.isprintable() else " " for c in found[0])
