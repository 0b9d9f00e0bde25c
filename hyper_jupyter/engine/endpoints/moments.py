"""Times in requests: seconds since 1970, and how long ago.

Layer: engine. Event loop only. No I/O; it reads the clock.
"""

from __future__ import annotations

import re
import time
from typing import Final

from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.exceptions import ApiError

__all__ = ["parse_moment", "parse_until"]

_SECONDS: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{0,9})[0-9]*)?", re.ASCII)
_DURATION: Final = re.compile(r"(?:[0-9]{1,9}[hms])+", re.ASCII)
_UNITS: Final = {"h": 3600, "m": 60, "s": 1}


def parse_moment(request: Request, name: str) -> int | None:
    """Read a parameter in seconds since 1970, with or without a fraction.

    Returns:
        Nanoseconds; ``None`` if it is missing or 0.

    Raises:
        ApiError: 400 if it is not a time.
    """
    text = request.text(name)
    if text in ("", "0"):
        return None
    moment = _nanoseconds(text)
    if moment is None:
        raise ApiError(400, f'invalid value for "{name}": {text[:50]!r} is not a time')
    return moment


def parse_until(filters: Filters) -> int | None:
    """Read prune's ``until``: seconds since 1970, or a duration before now, as Go writes it.

    Raises:
        ApiError: 400.
    """
    values = filters.values("until")
    if not values:
        return None
    text = values[0]
    if len(values) == 1 and (moment := _nanoseconds(text)) is not None:
        return moment
    if len(values) == 1 and _DURATION.fullmatch(text):
        parts = re.findall(r"([0-9]+)([hms])", text)
        seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
        return time.time_ns() - seconds * 1_000_000_000
    raise ApiError(400, f"invalid filter 'until={text[:50]}': not a time")


def _nanoseconds(text: str) -> int | None:
    """Read seconds, with or without a fraction; ``None`` if they are none."""
    match = _SECONDS.fullmatch(text)
    return int(match[1]) * 1_000_000_000 + int((match[2] or "").ljust(9, "0")) if match else None
