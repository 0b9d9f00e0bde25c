"""Which containers there are, until the watch is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.client import Container
from hyper_jupyter.exceptions import ApiError, ConnectionFailed, NotFound
from hyper_jupyter.session.watch import WatchState, watches
from hyper_jupyter.session.watch.live_containers import LiveContainers
from tests.reporting_engine import ReportingEngine

Until = Callable[..., None]


class ListedContainers(LiveContainers):
    """Lists what it is given: each time the names."""

    lists: tuple[list[str], ...] = ()

    def _use(self, listed: Mapping[str, Container]) -> None:
        self.lists = (*self.lists, [each.name for each in listed.values()])
        self._enter(WatchState.LIVE)
        self._changed()


Begin = Callable[..., ListedContainers]


@pytest.fixture
def begin(client: Client) -> Iterator[Begin]:
    """A function that begins to follow containers; all end with the test."""
    made: list[ListedContainers] = []

    def start(*names: str) -> ListedContainers:
        made.append(ListedContainers(client, names))
        made[-1].start()
        return made[-1]

    yield start
    for each in made:
        each.stop()


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ({"Action": "start"}, True),
        ({"status": "died"}, True),  # as Podman has it
        ({"Action": "exec_start: ls"}, False),
        ({"Action": 5}, False),
        ([], False),
    ],
    ids=str,
)
def test_events_that_may_change_the_list_have_it_read_soon(
    client: Client, monkeypatch: pytest.MonkeyPatch, event: Any, wanted: bool
) -> None:
    live, looks = ListedContainers(client), list[str]()
    monkeypatch.setattr(live, "_look_soon", lambda: looks.append("soon"))
    live._receive_event(event)
    assert looks == (["soon"] if wanted else [])


def test_named_ones_are_listed_in_the_order_of_their_names_and_once(begin: Begin) -> None:
    assert begin("web", "db", "web").lists[0] == ["web", "db"]


def test_a_name_that_nothing_has_is_said_at_once(begin: Begin) -> None:
    with pytest.raises(NotFound) as failure:
        begin("wbe")
    assert failure.value.hint == "Did you mean web?"
    assert watches() == []


def test_an_engine_that_is_not_there_is_said_at_once(engine: ReportingEngine, begin: Begin) -> None:
    client_made_before = begin()
    client_made_before.stop()
    engine.close()
    with pytest.raises(ConnectionFailed):
        begin()


def test_an_engine_that_refuses_the_list_is_asked_once(
    engine: ReportingEngine, begin: Begin, until: Until
) -> None:
    live = begin()
    engine.await_open("/events")
    engine.refusals["/containers/json"] = (403, "not for you")
    engine.happen("start", "web")
    until(live, lambda: live.state is WatchState.FAILED)
    assert isinstance(live.error, ApiError)
    engine.await_open("/events", 0)
    assert (live._look_job, watches()) == (None, [])
