"""Watches of an engine that reports what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.session.rules import retrying
from hyper_jupyter.session.watch import Watch
from tests.reporting_engine import PATIENCE, ReportingEngine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReportingEngine]:
    """An engine with two containers that run. What is tried again is tried at once."""
    monkeypatch.setattr(retrying, "PAUSES", (0.05,))
    with ReportingEngine("web", "db") as made:
        yield made


@pytest.fixture
def client(engine: ReportingEngine) -> Client:
    return Client(client_for(engine.url).discovery)


@pytest.fixture
def until(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """A function that waits until a watch is as wanted. All watches are stopped at the end."""
    waited: set[Watch] = set()

    def wait(watched: Watch, condition: Callable[[], bool]) -> None:
        waited.add(watched)
        changed = threading.Event()
        end = watched.subscribe(changed.set)
        try:
            while not condition():
                assert changed.wait(PATIENCE), (watched.state, watched.error)
                changed.clear()
        finally:
            end()

    yield wait
    for each in waited:
        each.stop()
