"""How long completion waits for an engine, and what it has without an answer.

Nothing here waits: the clock is the test's, and so is the thread that makes the calls.
"""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.magics.arguments import Completes
from hyper_jupyter.magics.completion import names as module
from hyper_jupyter.magics.completion.names import PATIENCE, Name, Names

CONTAINER, VOLUME, IMAGE = Completes.CONTAINER, Completes.VOLUME, Completes.IMAGE


class Engine:
    """An engine that lists what a test has put into it, or fails."""

    def __init__(self) -> None:
        self.instance: Any = None
        self.listed: list[str] = ["web"]
        self.failure: ConnectionFailed | None = None
        self.asked = 0

    def containers(self) -> list[Any]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return [SimpleNamespace(name=each, id="", state="running") for each in self.listed]

    def volumes(self) -> list[Any]:
        return [SimpleNamespace(name="data")]

    def images(self) -> list[Any]:
        return [SimpleNamespace(tags=("busybox:latest",), id="sha256:ab")]


class Desk:
    """Names, with a clock and a worker that a test drives.

    Attributes:
        now: what the clock says.
        cell: the number of the next cell.
        jobs: what the worker has to do.
        waits: for how many seconds each waiting was.
        in_time: does the jobs during a waiting, as a fast engine does.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.cell, self.in_time = 1000.0, 1, True
        self.jobs: list[Callable[[], None]] = []
        self.waits: list[float] = []
        self.names = Names(submit=self.jobs.append, clock=lambda: self.now, wait=self._wait)
        monkeypatch.setattr(module, "execution_count", lambda: self.cell)

    def _wait(self, _done: threading.Event, seconds: float) -> None:
        self.waits.append(seconds)
        if self.in_time:
            self.work()

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()

    def of(self, engine: Any, kind: Completes = CONTAINER) -> list[str]:
        return [each.name for each in self.names.of(engine, kind)]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


def test_a_fast_engine_is_waited_for(desk: Desk) -> None:
    assert desk.of(Engine()) == ["web"]
    assert desk.waits == [PATIENCE]


def test_the_wait_leaves_time_for_all_else_within_100_ms() -> None:
    assert Names().patience == PATIENCE <= 0.08


def test_names_are_not_asked_for_again_for_two_seconds(desk: Desk) -> None:
    engine = Engine()
    desk.of(engine)
    desk.now += 1.9
    assert desk.of(engine) == ["web"]
    assert (engine.asked, len(desk.waits)) == (1, 1)
    desk.now += 0.2
    engine.listed = ["worker"]
    assert desk.of(engine) == ["worker"]
    assert (engine.asked, len(desk.waits)) == (2, 2)


def test_names_are_asked_for_again_when_a_cell_has_run(desk: Desk) -> None:
    engine = Engine()
    desk.of(engine)
    desk.cell += 1
    engine.listed = ["web", "new"]
    assert desk.of(engine) == ["web", "new"]


def test_a_slow_engine_is_asked_once_and_offers_its_names_at_the_next_tab(desk: Desk) -> None:
    engine, desk.in_time = Engine(), False
    assert [desk.of(engine) for _ in range(5)] == [[]] * 5
    assert desk.waits == [PATIENCE] * 5
    assert len(desk.jobs) == 1
    desk.work()
    assert desk.of(engine) == ["web"]


def test_a_hung_engine_offers_what_it_listed_before_for_a_minute(desk: Desk) -> None:
    engine = Engine()
    desk.of(engine)
    desk.in_time = False
    desk.now += 59
    assert desk.of(engine) == ["web"]
    desk.now += 2
    assert desk.of(engine) == []
    assert len(desk.jobs) == 1


def test_an_engine_is_asked_for_two_lists_at_a_time_at_most(desk: Desk) -> None:
    engine, other, desk.in_time = Engine(), Engine(), False
    for kind in (CONTAINER, Completes.RUNNING, VOLUME, IMAGE):
        desk.of(engine, kind)
    assert len(desk.jobs) == 2
    desk.of(other)
    assert len(desk.jobs) == 3
    desk.work()
    desk.of(engine, IMAGE)
    desk.work()
    assert desk.of(engine, IMAGE) == ["busybox:latest"]
    assert desk.of(engine, VOLUME) == ["data"]


def test_an_engine_that_is_gone_is_asked_again_at_each_tab(desk: Desk) -> None:
    engine = Engine()
    engine.failure = ConnectionFailed("it is gone")
    assert desk.of(engine) == []
    engine.failure = None
    assert desk.of(engine) == ["web"]
    desk.now += 3
    engine.failure = ConnectionFailed("it is gone again")
    assert desk.of(engine) == ["web"]


def test_a_call_that_the_worker_has_dropped_is_made_again_later(desk: Desk) -> None:
    engine, desk.in_time = Engine(), False
    desk.of(engine)
    desk.jobs.clear()
    desk.now += 59
    assert desk.of(engine) == []
    assert desk.jobs == []
    desk.now += 2
    desk.in_time = True
    assert desk.of(engine) == ["web"]


def test_an_embedded_engine_that_has_ended_is_not_started_again(desk: Desk) -> None:
    engine = Engine()
    desk.of(engine)
    engine.instance = SimpleNamespace(has_ended=lambda: True)
    desk.now += 3
    assert desk.of(engine) == []
    assert engine.asked == 1
    engine.instance = SimpleNamespace(has_ended=lambda: False)
    assert desk.of(engine) == ["web"]


def test_names_that_will_be_needed_are_asked_for_without_waiting(desk: Desk) -> None:
    engine = Engine()
    desk.names.prefetch(engine, CONTAINER)  # type: ignore[arg-type]
    assert desk.waits == []
    desk.work()
    assert desk.of(engine) == ["web"]
    assert (engine.asked, desk.waits) == (1, [])


def test_names_of_an_engine_go_with_its_client(desk: Desk) -> None:
    engine = Engine()
    desk.of(engine)
    gone = weakref.ref(engine)
    del engine
    gc.collect()
    assert gone() is None


def test_kinds_that_no_engine_lists_have_no_names(desk: Desk) -> None:
    assert desk.of(Engine(), Completes.SIGNAL) == []
    assert desk.jobs == []


def test_an_image_without_a_name_has_its_id(desk: Desk) -> None:
    engine = Engine()
    engine.images = lambda: [SimpleNamespace(tags=(), id="sha256:ab")]  # type: ignore[method-assign]
    assert desk.names.of(engine, IMAGE) == [Name("", "ab")]  # type: ignore[arg-type]


def test_the_calls_are_made_by_the_session_layers_worker() -> None:
    engine, threads = Engine(), []
    listed = engine.containers

    def containers() -> list[Any]:
        threads.append(threading.current_thread().name)
        return listed()

    engine.containers = containers  # type: ignore[method-assign]
    names = Names()
    names.patience = 30.0
    assert [each.name for each in names.of(engine, CONTAINER)] == ["web"]  # type: ignore[arg-type]
    assert threads == ["hyper_jupyter calls"]
