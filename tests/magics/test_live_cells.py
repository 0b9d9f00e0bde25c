"""Live views in the cells of a notebook: shown once, replaced, and ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from hyper_jupyter.api import StatsWatch
from hyper_jupyter.api import watches as module
from hyper_jupyter.magics import cells
from hyper_jupyter.session.watch import WatchState, watches
from tests.reporting_engine import ReportingEngine, stats_path

VIEW = "application/vnd.jupyter.widget-view+json"


class Notebook:
    """Runs cells; ``shown`` has what they display."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.shown: list[Any] = []

    def run(self, cell: str) -> Any:
        result = self.shell.run_cell(cell, store_history=True)
        result.raise_error()
        return result.result

    def views(self) -> int:
        return sum(VIEW in data for data in self.shown)


@pytest.fixture
def engine() -> Iterator[ReportingEngine]:
    with ReportingEngine("web") as made:
        yield made


@pytest.fixture
def notebook(engine: ReportingEngine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    shell = InteractiveShell.instance(colors="nocolor")
    made = Notebook(shell)
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: made.shown.append(data))
    monkeypatch.setattr(cells, "cell_id", lambda: "this one")
    made.run("%load_ext hyper_jupyter")
    made.run(f"%hyper_connect {engine.url}")
    yield made
    for each in watches():
        each.stop()
    made.run("%unload_ext hyper_jupyter")
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("line", ["%hyper stats", "s = %hyper stats", "s = %hyper stats\ns"])
def test_a_live_view_is_shown_once_with_a_saved_table_beside_it(
    notebook: Notebook, line: str
) -> None:
    notebook.run(line)
    assert notebook.views() == 1
    [view, saved] = [data for data in notebook.shown if "text/html" in data][:2]
    assert (view["text/plain"], view["text/html"]) == ("", "")
    assert saved["text/plain"].startswith("stats of all running containers on tcp://")


def test_what_it_shows_is_not_saved_if_nothing_is_to_be_saved(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.saved_output(), "enabled", False)
    notebook.run("s = %hyper stats")
    assert notebook.views() == len(notebook.shown) == 1
    assert notebook.shown[0]["text/plain"].startswith("<StatsWidget of all running containers")


def test_a_value_in_a_later_cell_is_shown_again_by_the_same_widget(notebook: Notebook) -> None:
    notebook.run("s = %hyper stats")
    watch = notebook.shell.user_ns["s"]
    widget = watch.widget
    notebook.run("s")
    assert notebook.views() == 2
    assert watch.widget is widget


def test_a_cell_that_runs_again_replaces_its_view(
    notebook: Notebook, engine: ReportingEngine
) -> None:
    notebook.run("s = %hyper stats")
    first = notebook.shell.user_ns["s"]
    engine.await_open(stats_path("web"))
    widget = first.widget
    notebook.run("s = %hyper stats")
    second = notebook.shell.user_ns["s"]
    assert isinstance(second, StatsWatch)
    assert (first.state, widget.comm) == (WatchState.STOPPED, None)
    assert len(watches()) == 1
    engine.await_open(stats_path("web"), 1)


@pytest.mark.parametrize(
    "command", ["%reset -f", "%unload_ext hyper_jupyter", "%reload_ext hyper_jupyter"]
)
def test_what_ends_the_work_here_stops_it(
    notebook: Notebook, engine: ReportingEngine, command: str
) -> None:
    notebook.run("s = %hyper stats\ne = %hyper events")
    engine.await_open(stats_path("web"))
    notebook.run(command)
    assert watches() == []
    engine.await_open(stats_path("web"), 0)
    engine.await_open("/events", 0)
    notebook.run("%load_ext hyper_jupyter")
