"""How many files this process may have open: more than the programs that it starts.

Layer: engine. Main thread, at the start and in a child before its program runs.

The usual soft limit, 1,024, is there for programs that use ``select``. A session takes two or three
descriptors of the engine, so some 300 would use them up. The engine never calls ``select``, which
fails for descriptors from 1,024 on: it uses ``poll`` and its kin. Programs may call it, and may
close all numbers up to the limit when they start: they get the limit as it was.
"""

from __future__ import annotations

import errno
import resource
from typing import Final

__all__ = ["EXHAUSTED", "raise_limit", "restore_limit"]

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
"""Errors that say that the system has no more descriptors, memory or processes for us."""

_PORTABLE: Final = 10_240
"""What macOS takes where it says that there is no limit."""

_inherited: tuple[int, int] | None = None


def raise_limit() -> None:
    """Raise the soft limit of open files to the hard one."""
    global _inherited
    inherited = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = inherited
    for wanted in (hard, _PORTABLE):
        if soft == wanted or (wanted != resource.RLIM_INFINITY and soft > wanted):
            return
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            continue
        _inherited = inherited
        return


def restore_limit() -> None:
    """Give this process, a child, the limit from before :func:`raise_limit`."""
    if _inherited is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, _inherited)
