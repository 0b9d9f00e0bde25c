"""Limits of a container's processes that this user can set: ulimits, the score for the OOM killer.

Layer: engine. Reads the limits of this process.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.exceptions import ApiError

__all__ = ["oom_score_is_refused", "read_ulimits"]

_OWN_SCORE: Final = Path("/proc/self/oom_score_adj")

Ulimit = tuple[int, int, int]


def read_ulimits(given: Any) -> tuple[Ulimit, ...]:
    """Read the API's ``Ulimits``: the resource's number, soft and hard limit of each.

    Raises:
        ApiError: 400 for a limit that there is not, or that this user cannot set.
    """
    if given is None:
        return ()
    if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
        raise ApiError(400, "invalid request body: Ulimits must be a list of objects")
    return tuple(_read_ulimit(each) for each in given)


def oom_score_is_refused(score: int) -> bool:
    """Whether the system would refuse this score for the OOM killer to our children."""
    try:
        own = int(_OWN_SCORE.read_text("ascii"))
    except (OSError, ValueError):
        return True  # not Linux
    return score < own and os.geteuid() != 0


def _read_ulimit(given: Mapping[str, Any]) -> Ulimit:
    name, soft, hard = given.get("Name"), given.get("Soft", 0), given.get("Hard", 0)
    if not isinstance(name, str) or type(soft) is not int or type(hard) is not int:
        raise ApiError(400, "invalid request body: a ulimit has a name and two numbers")
    number = getattr(resource, f"RLIMIT_{name.upper()}", None)
    if type(number) is not int:
        raise ApiError(400, f"invalid ulimit type: {name[:100]}")
    soft, hard = (resource.RLIM_INFINITY if each == -1 else each for each in (soft, hard))
    if _exceeds(soft, hard):
        raise ApiError(
            400,
            f"ulimit {name}: the soft limit must not be above the hard limit: {soft} > {hard}",
        )
    allowed = resource.getrlimit(number)[1]
    if _exceeds(hard, allowed) and os.geteuid() != 0:
        raise ApiError(
            400, f"ulimit {name}: this user's own hard limit is {allowed}: it cannot be raised"
        )
    return number, soft, hard


def _exceeds(limit: int, other: int) -> bool:
    if other == resource.RLIM_INFINITY:
        return False
    return limit == resource.RLIM_INFINITY or limit > other
