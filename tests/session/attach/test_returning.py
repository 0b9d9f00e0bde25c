"""Whether a container that has ended is just being started again."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.session.attach import returning as module
from hyper_jupyter.session.attach.past_lives import PastLives
from hyper_jupyter.session.attach.returning import is_between_lives
from hyper_jupyter.session.rules.lives.between import LifeEvent
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, PODMAN

RAN, RUNS = "2026-11-30T10:00:10Z", "2026-11-30T10:00:22Z"
ENDED = PastLives([LifeEvent(True, 10.0), LifeEvent(False, 20.0, 1)], reaches=True)
LEFT = PastLives(ENDED.events, reaches=True, left=20.5)


def inspected(status: str, started: str = RAN, policy: str = "always") -> dict[str, Any]:
    state = {"Status": status, "Running": status == "running", "ExitCode": 1, "StartedAt": started}
    return {
        "Id": "f00d",
        "Name": "/web",
        "HostConfig": {"RestartPolicy": {"Name": policy}},
        "State": state,
    }


class Asked:
    """An engine that is asked whether its container is between two lives.

    Attributes:
        past: the events that it has kept.
        asked: since when it was asked for them.
        slept: the pauses between two inspects.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.past = ENDED
        self.asked: list[tuple[str, float | None]] = []
        self.slept: list[float] = []
        monkeypatch.setattr(module, "past_lives", self._past)
        monkeypatch.setattr(module.time, "monotonic", lambda: 100.0 + sum(self.slept))
        monkeypatch.setattr(module.time, "sleep", self.slept.append)

    def _past(self, _: object, container: str, since: float | None) -> PastLives:
        self.asked.append((container, since))
        return self.past

    def answers(
        self, first: dict[str, Any], *later: dict[str, Any], profile: EngineProfile = PODMAN
    ) -> bool:
        client: Any = PairedClient(profile)
        client.inspected = list(later) or [first]
        return is_between_lives(client, first)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


@pytest.mark.parametrize(
    "later",
    [
        inspected("running", RUNS),
        inspected("exited", RUNS),  # that life is over as well
        inspected("initialized"),
    ],
    ids=["runs", "came and went", "is being started"],
)
def test_a_start_is_waited_for_where_nothing_says_that_there_is_none(
    engine: Asked, later: dict[str, Any]
) -> None:
    assert engine.answers(inspected("stopped"), inspected("stopped"), later)
    assert engine.asked == [("f00d", 1796032810.0)]
    assert engine.slept == [0.1]


def test_an_event_says_that_the_engine_leaves_it_at_its_end(engine: Asked) -> None:
    engine.past = LEFT
    assert not engine.answers(inspected("exited"))
    assert engine.slept == []


def test_a_start_that_does_not_come_is_none(engine: Asked) -> None:
    assert not engine.answers(inspected("exited"))
    assert PODMAN.settles_after <= sum(engine.slept) < PODMAN.settles_after + 0.2


@pytest.mark.parametrize(
    ("first", "profile"),
    [
        (inspected("exited", policy="no"), PODMAN),
        (inspected("running"), PODMAN),
        (inspected("created"), PODMAN),
        (inspected("exited"), DOCKER),
    ],
    ids=["no policy", "runs", "not started", "docker"],
)
def test_nothing_is_asked_where_it_is_known(
    engine: Asked, first: dict[str, Any], profile: EngineProfile
) -> None:
    assert not engine.answers(first, profile=profile)
    assert engine.asked == engine.slept == []
