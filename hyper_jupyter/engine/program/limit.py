"""Limits of this process and of the programs that it starts, such as how many files may be open.

Layer: engine. Main thread, at the start and in a child before its program runs.

The usual soft limit, 1,024, is there for programs that use ``select``. A session takes two or three
descriptors of the engine, so some 300 would use them up. The engine never calls ``select``, which
fails for descriptors from 1,024 on: it uses ``poll`` and its kin. Programs may call it, and may
close all numbers up to the limit when they start: they get the limit as it was.
"""

from __future__ import annotations

import errno
import resource
from collections.abc import Sequence
from typing import Final

__all__ = ["EXHAUSTED", "limit_this_process", "raise_limit", "restore_limit"]

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


def limit_this_process(ulimits: Sequence[tuple[int, int, int]], oom_score_adj: int | None) -> None:
    """Set the limits of this process, a child, before its program runs.

    Args:
        ulimits: number, soft and hard limit of each resource.
        oom_score_adj: the score for the OOM killer; ``None`` to leave it as it is.

    Raises:
        OSError, ValueError: a limit is above what this user may set.
    """
    for number, soft, hard in ulimits:
        resource.setrlimit(number, (soft, hard))
    if oom_score_adj is not None:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(str(oom_score_adj))
