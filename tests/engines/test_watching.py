"""What containers use and what happens, followed: on every engine that reports it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.session.watch import LiveEvents, LiveStats, Watch
from tests.engines.scenarios import PATIENCE, Make


@pytest.fixture
def follow(client: Client) -> Iterator[Callable[..., Any]]:
    """A function that starts a watch; all are stopped at the end."""
    started: list[Watch] = []

    def start(kind: type[LiveStats | LiveEvents], *arguments: Any, **options: Any) -> Any:
        started.append(kind(client, *arguments, **options))
        started[-1].start()  # type: ignore[attr-defined]
        return started[-1]

    yield start
    for each in started:
        each.stop()


def wait_for(watch: Watch, condition: Callable[[], bool]) -> None:
    changed = threading.Event()
    end = watch.subscribe(changed.set)
    while not condition():
        assert changed.wait(PATIENCE), (watch.state, watch.error)
        changed.clear()
    end()


@pytest.mark.core
@pytest.mark.depends_on("stats_are_streamed", "event_actions")
def test_a_container_is_followed_from_its_start_to_its_end(
    client: Client, container: Make, follow: Callable[..., Any]
) -> None:
    events = follow(LiveEvents, filters={"type": ["container"]})
    stats = follow(LiveStats)
    made = container("while :; do :; done", name="hyper-jupyter-busy")

    def readings() -> list[Any]:
        rows = {row.id: row for row in stats.rows()}
        row = rows.get(made)
        if row is not None and row.problem:
            pytest.fail(row.problem)
        return [] if row is None else [each.stats for each in row.readings]

    wait_for(stats, lambda: len(readings()) >= 2)
    last = readings()[-1]
    assert (last.name, last.id) == ("hyper-jupyter-busy", made)
    assert last.cpu_percent > 0
    client.kill(made)
    wait_for(stats, lambda: made not in [row.id for row in stats.rows()])

    def happened() -> list[str]:
        return [entry.event.action for entry in events.entries() if entry.event.id == made]

    wait_for(events, lambda: "die" in happened())
    assert happened()[0] == "create"
    assert "start" in happened()


@pytest.mark.core
@pytest.mark.depends_on("stats_are_streamed")
def test_one_complete_reading_comes_soon(container: Make, follow: Callable[..., Any]) -> None:
    made = container("sleep 60")
    stats = follow(LiveStats, [made], once=True)
    wait_for(stats, lambda: stats.complete)
    assert [each.id for each in stats.latest()] == [made]
