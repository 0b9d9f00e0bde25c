"""How long to wait before a request that broke is made again.

Layer: session, rules. No I/O, no clock, no threads: a pure function, any thread.
"""

from __future__ import annotations

from typing import Final

__all__ = ["PAUSES", "pause_after"]

PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds until the next request, after each one that broke; then always the last one."""


def pause_after(failures: int) -> float:
    """Return the seconds until the next request.

    Args:
        failures: how many broke before the one that has just broken, without success in between.
    """
    return PAUSES[min(failures, len(PAUSES) - 1)]
