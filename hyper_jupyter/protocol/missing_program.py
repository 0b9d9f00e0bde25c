"""Reads from a container runtime's message which program a container lacks, and says what to do.

Layer: protocol. No I/O; any thread.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["missing_program_step"]

_MISSING: Final = re.compile(
    r"(?:exec: \"(?P<runc>[^\"]+)\"|executable file `(?P<crun>[^`]+)`)"
    r".*?(?:not found|no such file)",
    re.IGNORECASE,
)
_SHELLS: Final = ("bash", "zsh", "fish", "ksh", "tcsh", "csh", "dash")


def missing_program_step(message: str, where: str = "image") -> str:
    """Return what to do if a program is not there, in one sentence; empty for another message.

    Args:
        message: what runc or crun say, in the engine's words around it.
        where: what lacks it: ``image``, or ``container``.
    """
    found = _MISSING.search(message)
    if found is None:
        return ""
    program = found["runc"] or found["crun"]
    name = program.rpartition("/")[2]
    if name in _SHELLS:
        return f"The {where} has no {name}. Most have sh."
    if program.startswith("-"):
        return f"What stands after the {where} is the command: put {program} before the {where}."
    if " " in program:
        return f'"{program}" was taken for one name: leave out the quotes around the command.'
    if "/" in program:
        return f"The {where} has no file {program}: check the command."
    return f"The {where} has no program {program} in its PATH: check the command."
