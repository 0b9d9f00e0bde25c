"""The sizes that a session's terminal has had, for recordings.

Layer: session, store. One thread at a time adds, any thread reads. No callbacks.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from hyper_jupyter.session.store.journal import Journal

__all__ = ["Size", "Sizes"]

MOST: Final = 10_000
"""Sizes that are kept besides the first one: a window that is dragged sends many."""


class Size(NamedTuple):
    """A size of the terminal.

    Attributes:
        time: when it was set, in seconds since the epoch.
        position: how many bytes of both streams came before it.
        rows: its rows.
        columns: its columns.
    """

    time: float
    position: int
    rows: int
    columns: int


class Sizes:
    """The sizes of one session's terminal, in the order in which they were set.

    Args:
        journal: what the session received.
        first: rows and columns at the start.
    """

    __slots__ = ("_journal", "_last", "_sizes", "first")

    def __init__(self, journal: Journal, first: tuple[int, int]) -> None:
        self.first: Final = first
        self._journal = journal
        self._sizes: tuple[Size, ...] = ()
        self._last = first

    def add(self, rows: int, columns: int) -> None:
        """Add a size. One that is the last one again is no change."""
        if (rows, columns) == self._last:
            return
        self._last = (rows, columns)
        size = Size(time.time(), len(self._journal), rows, columns)
        self._sizes = (*self._sizes[-MOST + 1 :], size)

    @property
    def all(self) -> tuple[Size, ...]:
        """The sizes after the first one; the newest :data:`MOST`."""
        return self._sizes
