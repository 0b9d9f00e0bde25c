"""Events: what a listener gets, what is kept, and which events a filter accepts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hyper_jupyter.engine.containers import events as events_module
from hyper_jupyter.engine.containers.events import Events, matches
from hyper_jupyter.engine.containers.filters import Filters

ID = "0123456789abcdef"


def publish(events: Events, action: str = "start", **attributes: str) -> None:
    events.publish(action, ID, "host", {"name": "web", **attributes})


def test_an_event_has_moby_s_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_500_000_000)
    events = Events()
    publish(events, "die", exitCode="3")
    assert events.past(0, None) == [
        {
            "status": "die",
            "id": ID,
            "from": "host",
            "Type": "container",
            "Action": "die",
            "Actor": {"ID": ID, "Attributes": {"name": "web", "exitCode": "3"}},
            "scope": "local",
            "time": 1,
            "timeNano": 1_500_000_000,
        }
    ]


def test_the_past_is_cut_by_time_at_both_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    events = Events()
    for moment in (10, 20, 30):
        monkeypatch.setattr("time.time_ns", lambda moment=moment: moment)
        publish(events)
    for since, until, wanted in [(20, None, [20, 30]), (0, 20, [10, 20]), (21, 29, [])]:
        assert [event["timeNano"] for event in events.past(since, until)] == wanted


def test_the_newest_256_are_kept() -> None:
    events = Events()
    for number in range(300):
        publish(events, str(number))
    assert [event["Action"] for event in events.past(0, None)] == [str(n) for n in range(44, 300)]


def test_a_listener_gets_events_from_then_on_and_until_it_leaves() -> None:
    async def scenario() -> None:
        events = Events()
        publish(events, "before")
        with events.listen() as queue:
            publish(events, "while")
            assert (await queue.get() or {})["Action"] == "while"
        publish(events, "after")
        assert queue.empty()

    asyncio.run(scenario())


def test_a_listener_that_is_too_slow_gets_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "QUEUED", 2)

    async def scenario() -> list[Any]:
        events = Events()
        with events.listen() as slow, events.listen() as fast:
            for number in range(4):
                publish(events, str(number))
                assert (await fast.get() or {})["Action"] == str(number)
            return [slow.get_nowait() for _ in range(slow.qsize())]

    first, second, end = asyncio.run(scenario())
    assert (first["Action"], second["Action"], end) == ("0", "1", None)


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        ({}, True),
        ({"type": ["container"]}, True),
        ({"type": ["image"]}, False),
        ({"scope": ["local"]}, True),
        ({"scope": ["swarm"]}, False),
        ({"event": ["exec_start"]}, True),
        ({"event": ["exec_start: sh"]}, True),
        ({"event": ["exec_start", "die"]}, True),
        ({"event": ["exec"]}, False),
        ({"image": ["host"]}, True),
        ({"image": ["busybox"]}, False),
        ({"container": [ID]}, True),
        ({"container": ["web"]}, True),
        ({"container": [ID[:4]]}, True),
        ({"container": [""]}, False),
        ({"container": ["we", "other"]}, False),
        ({"label": ["l=1"]}, True),
        ({"label": ["l=2"]}, False),
        ({"event": ["exec_start"], "container": ["other"]}, False),
    ],
    ids=str,
)
def test_an_event_has_to_match_each_key(filters: dict[str, list[str]], accepted: bool) -> None:
    events = Events()
    publish(events, "exec_start: sh", l="1")
    [event] = events.past(0, None)
    assert matches(event, Filters(filters)) is accepted
