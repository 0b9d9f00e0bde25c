"""When a container is started again after its end: the restart policy, and the pause before it.

Layer: engine. No I/O and no clock here. Source: moby's ``restartmanager``, and what Docker 26 was
seen to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.exceptions import ApiError

__all__ = ["RestartPolicy", "Restarts"]

FIRST_PAUSE: Final = 0.1
"""Seconds before the first start again; each further pause is twice as long."""

LONGEST_PAUSE: Final = 60.0

LONG_RUN: Final = 10.0
"""Seconds after which a run counts as a success: the next pause is the first one again."""

_NAMES: Final = ("no", "always", "on-failure", "unless-stopped")


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """A restart policy, as in the API.

    Attributes:
        name: ``no``, ``always``, ``on-failure`` or ``unless-stopped``.
        most: starts after a failure (``on-failure`` only); 0 for any number.
    """

    name: str = "no"
    most: int = 0

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> RestartPolicy:
        """Read and check the API's ``RestartPolicy``.

        Raises:
            ApiError: 400 in Docker's words.
        """
        name, most = given.get("Name") or "no", given.get("MaximumRetryCount") or 0
        if not isinstance(name, str) or type(most) is not int:
            raise ApiError(400, "invalid request body: RestartPolicy has a name and a number")
        if name not in _NAMES:
            raise ApiError(
                400,
                f"invalid restart policy: unknown policy '{name[:100]}'; use one of 'no', "
                "'always', 'on-failure', or 'unless-stopped'",
            )
        if most < 0:
            raise ApiError(400, "invalid restart policy: maximum retry count cannot be negative")
        if most and name != "on-failure":
            raise ApiError(
                400,
                "invalid restart policy: maximum retry count can only be used with 'on-failure'",
            )
        return cls(name, most)

    def as_json(self) -> dict[str, Any]:
        """Return it as the API has it."""
        return {"Name": self.name, "MaximumRetryCount": self.most}


class Restarts:
    """Counts a container's starts after an end, and says when the next one is due.

    Attributes:
        policy: may be exchanged at any time.
        count: starts of this kind since the last one that was asked for.
    """

    def __init__(self, policy: RestartPolicy) -> None:
        self.policy = policy
        self.count = 0
        self._pause = 0.0
        self._stopped = False

    def begin(self) -> None:
        """A client has started the container: count from the beginning."""
        self.count = 0
        self._pause = 0.0
        self._stopped = False

    def stop(self) -> None:
        """A client ends the container: it is not started again by itself."""
        self._stopped = True

    def after(self, code: int, seconds: float) -> float | None:
        """Return the pause before the next start; ``None`` if the container stays ended.

        Args:
            code: the exit code.
            seconds: how long the program ran.
        """
        if self._stopped or not self._wants(code):
            return None
        if seconds >= LONG_RUN or not self._pause:
            self._pause = FIRST_PAUSE
        else:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self.count += 1
        return self._pause

    def _wants(self, code: int) -> bool:
        if self.policy.name == "on-failure":
            return code != 0 and (not self.policy.most or self.count < self.policy.most)
        return self.policy.name in ("always", "unless-stopped")
