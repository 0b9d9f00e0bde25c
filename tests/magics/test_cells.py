"""Which cell made which sessions, without a kernel."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.magics import cells
from hyper_jupyter.magics.cells import CellSessions


class ReleasedSession:
    """Notes that it was released; the first time it may be interrupted."""

    def __init__(self, log: list[str], name: str, *, interrupted: bool = False) -> None:
        self._log = log
        self._name = name
        self._interrupted = interrupted

    def release(self) -> None:
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
        self._log.append(self._name)


class Notebook:
    """Runs cells of these ids."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.cell: str | None = None
        self.run = 0
        self.log: list[str] = []
        self.sessions = CellSessions()
        monkeypatch.setattr(cells, "cell_id", lambda: self.cell)
        monkeypatch.setattr(cells, "execution_count", lambda: self.run)

    def runs(self, cell: str | None) -> None:
        self.cell = cell
        self.run += 1

    def attaches(self, name: str, **options: bool) -> None:
        """As a magic does: release what an earlier run made, then make one."""
        self.sessions.replace()
        made: Any = ReleasedSession(self.log, name, **options)
        self.sessions.add(made)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    return Notebook(monkeypatch)


def test_a_cell_that_runs_again_releases_what_it_made_before(notebook: Notebook) -> None:
    notebook.runs("one")
    notebook.attaches("a")
    notebook.runs("one")
    notebook.attaches("b")
    assert notebook.log == ["a"]
    notebook.runs("one")
    notebook.attaches("c")
    assert notebook.log == ["a", "b"]


def test_two_sessions_of_one_run_stay(notebook: Notebook) -> None:
    notebook.runs("one")
    notebook.attaches("a")
    notebook.attaches("b")
    assert notebook.log == []
    notebook.runs("one")
    notebook.attaches("c")
    assert notebook.log == ["a", "b"]


def test_another_cell_releases_nothing(notebook: Notebook) -> None:
    notebook.runs("one")
    notebook.attaches("a")
    notebook.runs("two")
    notebook.attaches("b")
    assert notebook.log == []


def test_a_front_end_that_names_no_cells_releases_nothing(notebook: Notebook) -> None:
    for name in ("a", "b"):
        notebook.runs(None)
        notebook.attaches(name)
    assert notebook.log == []


def test_what_an_interrupt_has_left_is_released_by_the_next_run(notebook: Notebook) -> None:
    notebook.runs("one")
    notebook.attaches("a")
    notebook.attaches("b", interrupted=True)
    notebook.attaches("c")
    notebook.runs("one")
    with pytest.raises(KeyboardInterrupt):
        notebook.sessions.replace()
    assert notebook.log == ["a"]
    notebook.runs("one")
    notebook.attaches("d")
    assert notebook.log == ["a", "b", "c"]
