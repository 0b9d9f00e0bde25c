"""When a connection was opened, by our clocks and by the engine's.

Layer: session, attach. Any thread. :meth:`Opening.window` blocks for one call where the engine is
on another machine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["Opening", "steady"]

_BOOT: Final = getattr(time, "CLOCK_BOOTTIME", None)

_SET_BACK: Final = 0.5
"""Seconds by which the wall clock falls behind the other one if somebody sets it."""

_LATE: Final = 0.5
"""Seconds after which an engine has stamped what it has read from a program."""


def steady() -> float:
    """Return seconds that nobody can set, and that go on while the machine sleeps if it can."""
    return time.monotonic() if _BOOT is None else time.clock_gettime(_BOOT)


@dataclass(frozen=True, slots=True)
class Opening:
    """When a connection was opened.

    Attributes:
        sent: when the request was about to be sent, in seconds since the epoch.
        answered: when the engine had answered.
        steady: the same, by :func:`steady`.
        live: whether the session has nothing from before.
    """

    sent: float
    answered: float
    steady: float
    live: bool = True

    def window(self, client: EngineClient, step: float) -> tuple[float, float] | None:
        """Return between which of the engine's times it was opened. May block.

        What the engine stamped before the first one did not come on the connection, and what it
        stamped after the second one did.

        Args:
            client: the engine.
            step: the seconds between two times that the engine's log can have.

        Returns:
            Seconds since the epoch; ``None`` where the clocks do not say it.
        """
        first, last = self.sent, self.answered
        if client.over_network:
            before = steady()
            try:
                now = seconds(client.info().raw.get("SystemTime"))
            except HyperJupyterError:
                return None
            if not now:
                return None
            first = now - (steady() - self.steady) - (self.answered - self.sent)
            last = now - (before - self.steady)
        elif time.time() - self.answered < steady() - self.steady - _SET_BACK:
            return None
        return first - step, last + _LATE
