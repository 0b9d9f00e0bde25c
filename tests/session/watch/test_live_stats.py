"""What containers use, until the watch is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.session.rules import retrying
from hyper_jupyter.session.watch import LiveStats, WatchState, live_stats, watches
from tests.reporting_engine import ReportingEngine, identifier, stats_path

Until = Callable[..., None]
Begin = Callable[..., LiveStats]


@pytest.fixture
def begin(client: Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """A function that begins to follow containers; all end with the test."""
    monkeypatch.setattr(retrying, "PAUSES", (0.05,))
    made: list[LiveStats] = []

    def start(*names: str, **options: Any) -> LiveStats:
        made.append(LiveStats(client, names, **options))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


def names(live: LiveStats) -> list[tuple[str, str]]:
    return [(row.name, row.state) for row in live.rows()]


def test_readings_of_all_that_run_are_kept(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin()
    for name in ("web", "db"):
        engine.await_open(stats_path(name))
    engine.read("web", cpu=25.0, memory=1000)
    engine.read("web", cpu=50.0, memory=2000)
    engine.read("db", memory=5)
    until(live, lambda: live.complete and len(live.history("web")) == 2)
    assert [round(each.cpu_percent or 0) for each in live.history("web")] == [25, 50]
    assert {each.name: each.memory for each in live.latest()} == {"web": 2000, "db": 5}
    assert live.history(identifier("db")[:12])[0].pids == 3
    assert not live.history("db")[0].raw  # it is large
    assert live.state is WatchState.LIVE
    with pytest.raises(KeyError):
        live.history("nobody")


def test_containers_come_and_go(engine: ReportingEngine, begin: Begin, until: Until) -> None:
    live = begin()
    engine.await_open("/events")
    engine.set_state("late", "running", "start")
    engine.await_open(stats_path("late"))
    engine.set_state("web", "exited", "die")
    engine.await_open(stats_path("web"), 0)
    until(live, lambda: names(live) == [("db", "running"), ("late", "running")])
    engine.set_state("late", "", "destroy")
    until(live, lambda: names(live) == [("db", "running")])


def test_with_all_those_that_do_not_run_are_listed_without_figures(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    engine.states["old"] = "exited"
    live = begin(all=True)
    assert names(live) == [("web", "running"), ("db", "running"), ("old", "exited")]
    for name in ("web", "db"):
        engine.await_open(stats_path(name))
        engine.read(name)
    until(live, lambda: live.complete)
    assert stats_path("old") not in engine.open_paths()
    engine.set_state("web", "exited", "die")
    until(live, lambda: ("web", "exited") in names(live))
    assert [row.latest is None for row in live.rows()] == [True, False, True]
    engine.set_state("web", "running", "start")
    engine.await_open(stats_path("web"))


def test_named_ones_stay_and_others_are_left_out(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin("db", identifier("db"))
    engine.await_open(stats_path("db"))
    engine.set_state("late", "running", "start")
    engine.set_state("db", "", "destroy")
    until(live, lambda: names(live) == [("db", "removed")])
    assert stats_path("web") not in engine.open_paths()


def test_an_engine_that_goes_and_comes_back(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin()
    engine.await_open(stats_path("web"))
    engine.read("web")
    engine.await_open("/events")
    engine.close()
    until(live, lambda: live.state is WatchState.GONE)
    assert isinstance(live.error, ConnectionFailed)
    engine.listen()
    until(live, lambda: live.state is WatchState.LIVE)
    assert live.error is None
    for name in ("web", "db"):
        engine.await_open(stats_path(name))
    engine.await_open("/events")
    engine.read("web")
    until(live, lambda: len(live.history("web")) == 2)


def test_readings_that_end_are_asked_for_again_as_long_as_it_runs(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin("web")
    engine.await_open(stats_path("web"))
    engine.cut(stats_path("web"))
    engine.await_open(stats_path("web"), 0)
    engine.await_open(stats_path("web"))
    engine.read("web")
    until(live, lambda: bool(live.latest()))
    assert [row.problem for row in live.rows()] == [""]


def test_readings_that_are_refused_are_a_problem_of_that_container(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    engine.refusals[stats_path("db")] = (500, "no cgroup")
    live = begin()
    until(live, lambda: any(row.problem for row in live.rows()))
    assert {row.name: "no cgroup" in row.problem for row in live.rows()} == {
        "web": False,
        "db": True,
    }
    engine.await_open(stats_path("web"))
    engine.read("web")
    until(live, lambda: live.complete)  # there is nothing to wait for
    del engine.refusals[stats_path("db")]
    engine.await_open(stats_path("db"))
    engine.read("db")
    until(live, lambda: not any(row.problem for row in live.rows()))


def test_an_answer_that_is_no_reading_is_a_problem_too(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin("web")
    for junk in (b"{\n", b"[]\n"):
        engine.await_open(stats_path("web"))
        engine.send(stats_path("web"), None, raw=junk)
        engine.await_open(stats_path("web"), 0)
    until(live, lambda: any(row.problem for row in live.rows()))


def test_without_events_the_list_is_read_again_and_again(
    engine: ReportingEngine, begin: Begin, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stats, "_CHECK", 0.05)
    engine.refusals["/events"] = (403, "not for you")
    live = begin()
    engine.await_requests("/containers/json", 3)  # at the start, a moment later, and again
    engine.states["late"] = "running"  # and no event says so
    until(live, lambda: ("late", "running") in names(live))


def test_a_request_that_says_nothing_for_long_is_made_anew(
    engine: ReportingEngine, begin: Begin, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = begin("web")
    engine.await_open(stats_path("web"))
    monkeypatch.setattr(live_stats, "_SILENCE", -1.0)
    live._check()
    monkeypatch.undo()
    engine.await_open(stats_path("web"))
    engine.await_requests(f"{stats_path('web')}?stream=1", 2)
    assert live.state is WatchState.LIVE


def test_too_many_containers_are_counted(
    engine: ReportingEngine, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stats, "MOST", 2)
    engine.states.update(more="running", most="running")
    live = begin()
    assert (names(live), live.left_out) == ([("web", "running"), ("db", "running")], 2)


def test_only_the_newest_readings_are_kept(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin("web")
    engine.await_open(stats_path("web"))
    for _ in range(live_stats.KEPT + 5):
        engine.read("web")
    until(live, lambda: live.revision >= live_stats.KEPT + 5)
    [row] = live.rows()
    assert len(row.readings) == live_stats.KEPT
    assert row.readings[-1].number == live.revision


def test_once_each_is_asked_until_it_is_complete(
    engine: ReportingEngine, begin: Begin, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_stats, "_INTERVAL", 0.01)
    live = begin("web", once=True)
    for _ in range(2):
        engine.await_open(stats_path("web"))
        assert engine.queries(stats_path("web")) == [{"stream": ["0"]}]
        engine.read("web", cpu=40.0, preread="0001-01-01T00:00:00Z")  # as Podman has it
        engine.end(stats_path("web"))
        engine.await_open(stats_path("web"), 0)
    until(live, lambda: live.complete)
    [stats] = live.latest()
    assert round(stats.cpu_percent or 0) == 40


def test_nothing_runs_on_after_the_end(engine: ReportingEngine, begin: Begin) -> None:
    live = begin()
    for path in ("/events", stats_path("web"), stats_path("db")):
        engine.await_open(path)
    assert watches() == [live]
    live.stop()
    live.stop()
    for path in ("/events", stats_path("web"), stats_path("db")):
        engine.await_open(path, 0)
    assert (live.state, watches()) == (WatchState.STOPPED, [])
    with live._lock:
        jobs = (live._look_job, live._check_job, live._events_job)
    assert jobs == (None, None, None)
