"""What may have been meant by a container's name that does not exist.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence

__all__ = ["near_names"]


def near_names(wanted: str, names: Sequence[str]) -> str:
    """A sentence with the names that come near; without one of these, with some that there are.

    Args:
        wanted: what was asked for.
        names: of all containers.
    """
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5) or [
        name for name in names if wanted and wanted.lower() in name.lower()
    ]
    if near:
        return f"Did you mean {_either(near[:3])}?"
    if names:
        more = ", …" if len(names) > 5 else ""
        return f"There are: {', '.join(names[:5])}{more}."
    return "This engine has no containers; %hyper create or %hyper run makes one."


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
