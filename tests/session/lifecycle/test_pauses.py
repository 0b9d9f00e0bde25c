"""Whether a session's container is paused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.client import Container
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.lifecycle import pauses as module
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.pauses import Pauses
from hyper_jupyter.session.store.journal import Journal
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, plan_of


class Watched:
    """Pauses whose events a test makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.watches = 0
        self.removed = 0
        self.notified = 0
        self.change: Callable[[bool], object] = lambda paused: None
        monkeypatch.setattr(module, "watch_pauses", self._watch)
        client: Any = PairedClient(DOCKER)
        target = target_of(client, Container("f00d", "web", "busybox"), plan_of(DOCKER))
        lifecycle = Lifecycle(Journal())
        lifecycle.subscribe(self._notify)
        self.pauses = Pauses(client, target, lifecycle)

    def _watch(self, *arguments: Any) -> Callable[[], None]:
        self.watches += 1
        self.change = arguments[-1]
        return self._remove

    def _remove(self) -> None:
        self.removed += 1

    def _notify(self) -> None:
        self.notified += 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_a_container_is_followed_once_from_the_first_view_to_the_last(watched: Watched) -> None:
    assert not watched.pauses.paused
    first, second = watched.pauses.begin(), watched.pauses.begin()
    assert watched.watches == 1
    watched.change(True)
    first()
    assert (watched.pauses.paused, watched.removed) == (True, 0)
    second()
    second()
    assert (watched.pauses.paused, watched.removed) == (False, 1)
    watched.pauses.begin()
    assert watched.watches == 2


def test_only_changes_are_reported(watched: Watched) -> None:
    watched.pauses.begin()
    for paused, notified in [(False, 0), (True, 1), (True, 1), (False, 2)]:
        watched.change(paused)
        assert (watched.pauses.paused, watched.notified) == (paused, notified)


def test_after_the_end_nothing_is_paused_or_followed(watched: Watched) -> None:
    watched.pauses.begin()
    watched.change(True)
    watched.pauses.end()
    assert (watched.pauses.paused, watched.removed) == (False, 1)
    watched.change(True)
    watched.pauses.begin()()
    assert (watched.pauses.paused, watched.watches, watched.notified) == (False, 1, 1)
