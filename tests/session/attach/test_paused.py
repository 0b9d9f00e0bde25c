"""A container that its engine may call paused by mistake."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import Conflict
from hyper_jupyter.session.attach.paused import unless_paused
from hyper_jupyter.session.rules.planning import paused_error
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, EMBEDDED, PODMAN

OURS = paused_error("web")
DOCKERS = Conflict(409, "container web is paused, unpause the container before attach")
OTHER = Conflict(409, "container web has ended: start it first")


def attach(profile: EngineProfile, *answers: Conflict | str) -> str:
    """Attach; the last answer stays."""
    left = list(answers)

    def answer() -> str:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Conflict):
            raise found
        return found

    client: Any = PairedClient(profile)
    return unless_paused(client, answer)


@pytest.mark.parametrize("refusal", [OURS, DOCKERS], ids=["inspect", "attach"])
def test_it_is_tried_again_after_a_moment(refusal: Conflict, pauses: list[float]) -> None:
    assert attach(DOCKER, refusal, refusal, "attached") == "attached"
    assert pauses == [0.05, 0.05]


def test_one_that_stays_paused_is_refused_when_docker_must_have_noticed(
    pauses: list[float],
) -> None:
    with pytest.raises(Conflict, match="is paused"):
        attach(DOCKER, OURS)
    assert DOCKER.unpause_lags <= sum(pauses) < DOCKER.unpause_lags + 0.1


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [(DOCKER, OTHER), (PODMAN, OURS), (EMBEDDED, OURS)],
    ids=["other conflict", "podman", "embedded"],
)
def test_what_is_certain_is_refused_at_once(
    profile: EngineProfile, refusal: Conflict, pauses: list[float]
) -> None:
    with pytest.raises(Conflict) as caught:
        attach(profile, refusal, "attached")
    assert caught.value is refusal
    assert pauses == []
