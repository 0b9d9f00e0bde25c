"""Which cell made which sessions, so that running it again replaces them.

Layer: magics. The user's thread.
"""

from __future__ import annotations

from hyper_jupyter.api import Session
from hyper_jupyter.widgets.kernel import cell_id, execution_count

__all__ = ["CellSessions"]


class CellSessions:
    """The sessions of each cell, by the id that the front end gives it."""

    def __init__(self) -> None:
        self._cells: dict[str, tuple[int | None, list[Session]]] = {}

    def replace(self) -> None:
        """Leave what an earlier run of the current cell made. Once per run."""
        cell = cell_id()
        if cell is None:
            return
        run, old = self._cells.get(cell, (None, []))
        if run == execution_count():
            return
        while old:
            old[0].release()
            del old[0]  # not before: after Ctrl-C the next run leaves those that are left
        self._cells[cell] = (execution_count(), [])

    def add(self, session: Session) -> None:
        """Remember a session of the current cell."""
        cell = cell_id()
        if cell is not None:
            self._cells.setdefault(cell, (execution_count(), []))[1].append(session)
