"""Whether the connection that carries stdin, and nothing else, was cut on the way.

Layer: session, lifecycle. No threads: the I/O thread reports what ends, any thread asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["APART", "InputCut"]

APART: Final = 2.0
"""Seconds from which on the ends of the input and of the container are two events. An engine that
ends both at an exit does so within a few hundredths of a second."""


class InputCut:
    """Tells a cut from the end that the engine itself gives the connection at an exit."""

    __slots__ = ("_clock", "_container", "_input", "_kept")

    def __init__(self, *, kept: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with both connections open.

        Args:
            kept: whether the engine leaves the connection open when the container ends. Then any
                end of it is a cut.
            clock: the time in seconds.
        """
        self._kept = kept
        self._clock = clock
        self._input: float | None = None
        self._container: float | None = None

    def input_ended(self) -> None:
        """Note that the connection ended, while neither we nor the container had ended it."""
        self._input = self._clock()

    def container_ended(self) -> None:
        """Note the end of the output, or the exit; the first one counts."""
        if self._container is None:
            self._container = self._clock()

    def __bool__(self) -> bool:
        """Return whether it was cut, as far as that can be known now."""
        if self._input is None:
            return False
        if self._kept:
            return True
        until = self._clock() if self._container is None else self._container
        return until - self._input >= APART
