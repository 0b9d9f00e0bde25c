"""What happens on an engine, until the watch is stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import ApiError, ConnectionFailed
from hyper_jupyter.session.watch import LiveEvents, WatchState, live_events, watches
from tests.reporting_engine import ReportingEngine

Until = Callable[..., None]
Begin = Callable[..., LiveEvents]


@pytest.fixture
def begin(client: Client) -> Iterator[Begin]:
    made: list[LiveEvents] = []

    def start(**options: Any) -> LiveEvents:
        made.append(LiveEvents(client, **options))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


def actions(live: LiveEvents, after: int = 0) -> list[tuple[int, str, str]]:
    return [(each.number, each.event.action, each.event.name) for each in live.entries(after)]


def test_events_are_numbered_as_they_come(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin(filters={"type": ["container"], "event": ["start", "die"]})
    assert live.state is WatchState.LIVE
    engine.await_open("/events")
    [query] = engine.queries("/events")
    assert {name: json.loads(value[0]) for name, value in query.items()} == {
        "filters": {"type": ["container"], "event": ["start", "die"]}
    }
    engine.happen("start", "web")
    engine.happen("die", "db", exitCode="3")
    until(live, lambda: live.revision == 2)
    assert actions(live) == [(1, "start", "web"), (2, "die", "db")]
    assert actions(live, 1) == [(2, "die", "db")]
    assert live.entries()[1].event.attributes == {"name": "db", "exitCode": "3"}
    assert live.entries(2) == []


def test_the_oldest_go_and_are_counted(
    engine: ReportingEngine, begin: Begin, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_events, "KEPT", 3)
    live = begin()
    engine.await_open("/events")
    for number in range(5):
        engine.happen("start", f"c{number}")
    until(live, lambda: live.revision == 5)
    assert [name for _, _, name in actions(live)] == ["c2", "c3", "c4"]
    assert live.dropped == 2


def test_large_events_take_the_place_of_more_others(
    engine: ReportingEngine, begin: Begin, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_events, "KEPT_CHARACTERS", 1000)
    live = begin()
    engine.await_open("/events")
    for _ in range(3):
        engine.happen("start", "web")
    engine.happen("start", "big", label="x" * 5000)
    until(live, lambda: live.revision == 4)
    assert [name for _, _, name in actions(live)] == ["big"]
    engine.happen("start", "web")
    until(live, lambda: live.revision == 5)
    assert [name for _, _, name in actions(live)] == ["web"]


def test_after_a_break_nothing_is_missed_and_nothing_comes_twice(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin()
    engine.await_open("/events")
    engine.happen("start", "web")
    engine.happen("start", "db")
    until(live, lambda: live.revision == 2)
    engine.close()
    until(live, lambda: live.state is WatchState.GONE)
    engine.happen("die", "web")
    engine.happen("die", "db")
    engine.listen()
    until(live, lambda: live.state is WatchState.LIVE and live.revision == 4)
    assert [(action, name) for _, action, name in actions(live)] == [
        ("start", "web"),
        ("start", "db"),
        ("die", "web"),
        ("die", "db"),
    ]
    engine.happen("destroy", "db")
    until(live, lambda: live.revision == 5)


def test_it_ends_at_its_time(engine: ReportingEngine, begin: Begin, until: Until) -> None:
    moment = time.time_ns() + 3600 * 10**9
    live = begin(until=moment)
    engine.await_open("/events")
    [query] = engine.queries("/events")
    assert query["until"] == [f"{moment // 10**9}.{moment % 10**9:09}"]
    engine.end("/events")
    until(live, lambda: live.state is WatchState.ENDED)
    assert (live.error, watches()) == (None, [])


def test_an_engine_that_ends_its_list_is_gone(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin()
    engine.await_open("/events")
    engine.end("/events")
    until(live, lambda: live.state is WatchState.GONE)
    assert "ended" in str(live.error)
    until(live, lambda: live.state is WatchState.LIVE)


def test_a_filter_that_is_refused_is_said_at_once(engine: ReportingEngine, begin: Begin) -> None:
    engine.refusals["/events"] = (400, "invalid filter 'tpye'")
    with pytest.raises(ApiError, match="invalid filter"):
        begin(filters={"tpye": ["container"]})
    assert watches() == []


def test_an_engine_that_is_not_there_is_said_at_once(engine: ReportingEngine, begin: Begin) -> None:
    begin().stop()
    engine.close()
    with pytest.raises(ConnectionFailed):
        begin()
    assert watches() == []


def test_the_request_ends_with_it(engine: ReportingEngine, begin: Begin) -> None:
    live = begin()
    engine.await_open("/events")
    live.stop()
    engine.await_open("/events", 0)
    assert live._job is None


def test_what_keeps_the_engine_away_is_reported_when_it_becomes_another(client: Client) -> None:
    live = LiveEvents(client)
    changes: list[str] = []
    live.subscribe(lambda: changes.append(str(1 / 0)))  # its fault is its own
    live.subscribe(lambda: changes.append(str(live.error)))
    for text in ("refused", "refused", "no such host"):
        assert live._enter(WatchState.GONE, ConnectionFailed(text))
    assert changes == ["refused", "no such host"]
    live.stop()
    assert not live._enter(WatchState.LIVE)
