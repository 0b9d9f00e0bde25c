"""Remembers which cell made which sessions, so that running the cell again replaces them.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from hyper_jupyter.api import Session
from hyper_jupyter.widgets.kernel import cell_id, execution_count, forget

__all__ = ["CellSessions"]


class CellSessions:
    """The sessions of each cell, by the id that the front end gives the cell."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[int | None, list[Session]]] = {}
        self._replaced: dict[str, list[Session]] = {}  # whose successors are not there yet

    def replace(self) -> None:
        """Release the sessions that an earlier run of this cell made. Only once per run."""
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

    def add(self, session: Session) -> None:
        """Remember a session of the current cell.

        IPython forgets those that it replaces: otherwise ``Out`` would keep the transcript of every
        run. If no session takes their place, because the container has ended, say, they stay.
        """
        cell = cell_id()
        if cell is not None:
            forget(self._replaced.pop(cell, []))
            self._cells.setdefault(cell, (execution_count(), []))[1].append(session)
