"""Sizes and times in words, as the docker command writes them.

Layer: magics. Pure; any thread.
"""

from __future__ import annotations

from typing import Final

__all__ = ["age_text", "binary_size_text", "size_text"]

_STEPS: Final = (
    (1, 1, "Less than a second"),
    (2, 1, "1 second"),
    (60, 1, "{} seconds"),
    (120, 60, "About a minute"),
    (3600, 60, "{} minutes"),
    (5400, 3600, "About an hour"),
    (48 * 3600, 3600, "{} hours"),
    (14 * 86400, 86400, "{} days"),
    (60 * 86400, 7 * 86400, "{} weeks"),
    (2 * 365 * 86400, 30 * 86400, "{} months"),
)
"""Below so many seconds, this many are one of these."""


def size_text(count: float, digits: int = 3) -> str:
    """Return bytes in powers of 1,000 with a few digits: ``4.26MB``."""
    return _scaled(count, 1000, ("B", "kB", "MB", "GB", "TB", "PB"), digits)


def binary_size_text(count: float, digits: int = 4) -> str:
    """Return bytes in powers of 1,024: ``13.26MiB``."""
    return _scaled(count, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"), digits)


def _scaled(count: float, step: int, units: tuple[str, ...], digits: int) -> str:
    for unit in units[:-1]:
        # What is rounded to the next unit is written in it.
        if float(f"{count:.{digits}g}") < step:
            return f"{count:.{digits}g}{unit}"
        count /= step
    return f"{count:.{digits}g}{units[-1]}"


def age_text(seconds: float) -> str:
    """Return a duration in words, roughly: ``About a minute``, ``3 weeks``."""
    for limit, unit, text in _STEPS:
        if seconds < limit:
            return text.format(int(seconds // unit))
    return f"{seconds / (365 * 86400):.0f} years"
