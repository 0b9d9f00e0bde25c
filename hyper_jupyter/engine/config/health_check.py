"""A container's health check, as it was asked for.

Layer: engine. No I/O here. Source: moby's defaults and words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.engine.config.fields import read_number, read_texts
from hyper_jupyter.exceptions import ApiError

__all__ = ["HealthCheck"]

INTERVAL: Final = 30.0
TIMEOUT: Final = 30.0
START_INTERVAL: Final = 5.0
RETRIES: Final = 3

_SHORTEST: Final = 1_000_000  # nanoseconds
_TIMES: Final = ("Interval", "Timeout", "StartPeriod", "StartInterval")


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A health check; times are in seconds.

    Attributes:
        argv: the program that checks.
        interval: between the end of a check and the next one.
        timeout: that a check may take.
        start_period: after the start, in which failures do not count.
        start_interval: as `interval`, in the start period.
        retries: consecutive failures that make the container unhealthy.
    """

    argv: tuple[str, ...]
    interval: float = INTERVAL
    timeout: float = TIMEOUT
    start_period: float = 0.0
    start_interval: float = START_INTERVAL
    retries: int = RETRIES

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> HealthCheck | None:
        """Read and check the API's ``Healthcheck``; ``None`` if there is nothing to run.

        Raises:
            ApiError: 400.
        """
        times = {key: read_number(given, key) or 0 for key in _TIMES}
        for key, value in times.items():
            if value and value < _SHORTEST:
                raise ApiError(400, f"{key} in Healthcheck cannot be less than 1ms")
        retries = read_number(given, "Retries") or 0
        if retries < 0:
            raise ApiError(400, "Retries in Healthcheck cannot be negative")
        kind, *argv = read_texts(given, "Test") or ("NONE",)
        if kind == "CMD-SHELL":
            argv = ["/bin/sh", "-c", *argv]
        elif kind not in ("CMD", "NONE"):
            raise ApiError(400, f"Unknown healthcheck type {kind[:100]!r}: NONE, CMD or CMD-SHELL")
        if kind == "NONE" or not argv or not any(argv):
            return None
        seconds = {key: value / 1e9 for key, value in times.items()}
        return cls(
            argv=tuple(argv),
            interval=seconds["Interval"] or INTERVAL,
            timeout=seconds["Timeout"] or TIMEOUT,
            start_period=seconds["StartPeriod"],
            start_interval=seconds["StartInterval"] or START_INTERVAL,
            retries=retries or RETRIES,
        )
