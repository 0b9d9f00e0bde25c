"""Pieces of a program's output, and what stands in the place of those that were dropped.

Layer: engine. No I/O here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from hyper_jupyter.protocol.gap import gap_mark

__all__ = ["LogGap", "Piece"]


class LogGap(Exception):
    """Bytes that a cursor would have read next were dropped. It stands behind them now.

    Attributes:
        missing: how many, for each of the cursor's streams (1 and 2) that miss some.
        reason: why, as a text for users.
    """

    def __init__(self, missing: Mapping[int, int], reason: str) -> None:
        super().__init__(f"{sum(missing.values())} bytes are missing: {reason}")
        self.missing = missing
        self.reason = reason

    def pieces(self) -> list[Piece]:
        """Return what stands in their place, for each stream."""
        now = time.time_ns()
        return [
            Piece(stream, now, gap_mark(count, stream, self.reason))
            for stream, count in sorted(self.missing.items())
        ]


class Piece(NamedTuple):
    """Bytes of one stream.

    Attributes:
        stream: 1 stdout, 2 stderr.
        time: when the first byte of its record arrived, in nanoseconds since 1970.
        data: at least one byte.
        run: how many times the program had been started by then. No line goes on from one run to
            the next.
    """

    stream: int
    time: int
    data: bytes
    run: int = 0
