"""Reads from a container runtime's message which shell a container lacks.

Layer: protocol. No I/O; any thread.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["missing_shell"]

_MISSING: Final = re.compile(
    r"(?:exec: \"|executable file `)(?:/\S*/)?(?P<shell>bash|zsh|fish|ksh|tcsh|csh|dash)[\"`]"
    r".*?(?:not found|no such file)",
    re.IGNORECASE,
)


def missing_shell(message: str) -> str:
    """Return the shell that is not there, such as ``bash``; empty if the message is another one.

    Args:
        message: what runc or crun say, in the engine's words around it.
    """
    found = _MISSING.search(message)
    return found["shell"] if found else ""
