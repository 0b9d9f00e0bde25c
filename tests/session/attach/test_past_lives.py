"""What an engine has kept of a container's starts and ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.session.attach.past_lives import PastLives, past_lives
from hyper_jupyter.session.rules.lives.between import LifeEvent
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, sends

Engine = Callable[..., MoodyEngine]


@pytest.fixture
def running(engine: Engine) -> MoodyEngine:
    return engine(sends(HEAD_101))


def test_starts_and_ends_since_a_start_are_asked_for(running: MoodyEngine) -> None:
    running.happened("start", 1000.5)
    running.happened("resize", 1001)
    running.happened("die", 1002.25, 3)
    running.happened("start", 1003)
    found = past_lives(client_for(running.url), IDENTIFIER, 1000.5)
    ends = [LifeEvent(True, 1000.5), LifeEvent(False, 1002.25, 3), LifeEvent(True, 1003.0)]
    assert found == PastLives(ends, reaches=True)
    (asked,) = [line for line in running.requests if "/events" in line]
    assert "since=1000.499" in asked
    assert "until=" in asked
    assert IDENTIFIER in asked


@pytest.mark.parametrize(("first", "reaches"), [("exec_start: sh", True), ("die", False)])
def test_something_from_before_the_end_shows_that_nothing_is_missing_after_it(
    running: MoodyEngine, first: str, reaches: bool
) -> None:
    running.happened(first, 1001)
    running.happened("die", 1002, 3)
    assert past_lives(client_for(running.url), IDENTIFIER, 1000).reaches is reaches


def test_an_engine_may_say_that_it_leaves_a_container_at_its_end(running: MoodyEngine) -> None:
    running.happened("start", 1001)
    running.happened("die", 1002, 3)
    running.happened("cleanup", 1003)
    assert past_lives(client_for(running.url), IDENTIFIER, 1001).left == 1003


def test_an_engine_that_does_not_answer_has_kept_nothing(running: MoodyEngine) -> None:
    client = client_for(running.url)
    client.inspect(IDENTIFIER)
    running.close()
    assert past_lives(client, IDENTIFIER, 1000) == PastLives()


def test_without_a_moment_nothing_is_asked(running: MoodyEngine) -> None:
    assert past_lives(client_for(running.url), IDENTIFIER, None) == PastLives()
    assert not any("/events" in line for line in running.requests)
