"""Moments as users name them: dates, seconds since the epoch, and how long ago.

Layer: api. No I/O, no threads; it reads the clock.
"""

from __future__ import annotations

import math
import re
import time
from datetime import datetime, timedelta
from typing import Final

from hyper_jupyter.client.options.notation import UNITS
from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["Moment", "nanoseconds"]

Moment = datetime | timedelta | float | str
"""An aware datetime, seconds since the epoch, or how long ago: a timedelta or ``"1h30m"``; or a
date as text."""

_UNITS: Final = {**UNITS, "d": 86400 * 10**9}
_PART: Final = r"([0-9]{1,9})(?:\.([0-9]{1,9}))?(ns|us|µs|μs|ms|s|m|h|d)"
_AGO: Final = re.compile(rf"(?:{_PART}){{1,8}}")
_SECONDS: Final = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9})[0-9]*)?")
_LAST: Final = 253402300799 * 10**9  # the end of the year 9999


def nanoseconds(moment: Moment) -> int:
    """Return a moment in nanoseconds since the epoch.

    Args:
        moment: see :data:`Moment`. Texts may also be seconds since the epoch, and dates of this
            machine's time zone.

    Raises:
        HyperJupyterError: it is no moment, or a datetime without a time zone.
    """
    if isinstance(moment, datetime) and moment.tzinfo is None:
        raise HyperJupyterError(
            "a datetime without a time zone is not a moment",
            hint="datetime.now().astimezone() has one.",
        )
    found = _read(moment.strip()) if isinstance(moment, str) else _convert(moment)
    if found is None or not 0 <= found <= _LAST:
        raise HyperJupyterError(
            f"{moment!r} is not a time",
            hint="Write 10m or 1h30m (how long ago), 2026-11-28T12:00, or seconds since 1970.",
        )
    return found


def _convert(moment: datetime | timedelta | float) -> int | None:
    match moment:
        case datetime():
            return _of_date(moment)
        case timedelta():
            return time.time_ns() - moment // timedelta(microseconds=1) * 1000
        case bool():
            return None
        case int():
            return moment * 10**9
        case float() if math.isfinite(moment):
            # Exactly: a product of floats would be off by 128 ns, and with it a record's own time.
            numerator, denominator = moment.as_integer_ratio()
            return (numerator * 10**9 + denominator // 2) // denominator
    return None


def _read(text: str) -> int | None:
    if found := _SECONDS.fullmatch(text):
        return int(found[1]) * 10**9 + _fraction(found[2], 10**9)
    if _AGO.fullmatch(text):
        parts = re.findall(_PART, text)
        units = [(whole, part, _UNITS[unit]) for whole, part, unit in parts]
        ago = sum(int(whole) * unit + _fraction(part, unit) for whole, part, unit in units)
        return time.time_ns() - ago
    try:
        date = datetime.fromisoformat(text)
        whole = _of_date(date.astimezone() if date.tzinfo is None else date)
    except (ValueError, OverflowError, OSError):
        return None
    # Python's dates have microseconds, engines' stamps nanoseconds.
    finer = re.search(r"[.,][0-9]{6}([0-9]{1,3})", text)
    return whole + (_fraction(finer[1], 1000) if finer else 0)


def _fraction(digits: str | None, unit: int) -> int:
    """Return a decimal fraction of a unit; the digits are those after the point."""
    return int(digits) * unit // 10 ** len(digits) if digits else 0


def _of_date(date: datetime) -> int:
    return round(date.replace(microsecond=0).timestamp()) * 10**9 + date.microsecond * 1000
