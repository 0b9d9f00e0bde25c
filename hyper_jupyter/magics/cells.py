"""Remembers which cell made which sessions and live views: running it again replaces them.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from typing import Protocol

from hyper_jupyter.widgets.kernel import cell_id, execution_count, forget

__all__ = ["CellSessions"]


class Releasable(Protocol):
    """A session, or a live view."""

    def release(self) -> None:
        """End it, and remove it from the page."""


class CellSessions:
    """The sessions and live views of each cell, by the id that the front end gives the cell."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[int | None, list[Releasable]]] = {}
        self._replaced: dict[str, list[Releasable]] = {}  # whose successors are not there yet

    def replace(self) -> None:
        """Release what an earlier run of this cell made. Only once per run."""
        cell = cell_id()
        if cell is None:
            return
        run, old = self._cells.get(cell, (None, []))
        if run == execution_count():
            return
        while old:
            old[0].release()
            self._replaced.setdefault(cell, []).append(old[0])
            del old[0]  # only now: if Ctrl-C came before, the next run releases the others
        self._cells[cell] = (execution_count(), [])

    def add(self, session: Releasable) -> None:
        """Remember a session of the current cell.

        IPython forgets those that it replaces: otherwise ``Out`` would keep the transcript of every
        run. If no session takes their place, because the container has ended, say, they stay.
        """
        cell = cell_id()
        if cell is not None:
            forget(self._replaced.pop(cell, []))
            self._cells.setdefault(cell, (execution_count(), []))[1].append(session)
