"""What a session waits for whose container has ended."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.session.rules.lives.prospect import (
    Prospect,
    prospect_in,
    prospect_of,
    prospect_sentence,
    prospect_text,
)

THREE = {"Name": "on-failure", "MaximumRetryCount": 3}


@pytest.mark.parametrize(
    ("policy", "code", "count", "found"),
    [
        (THREE, 1, 3, Prospect.GIVEN_UP),
        (THREE, 1, 4, Prospect.GIVEN_UP),
        (THREE, 143, 2, Prospect.START),  # somebody has stopped it
        (THREE, 0, 3, Prospect.START),  # it has succeeded
        (THREE, None, 3, Prospect.START),
        ({"Name": "on-failure", "MaximumRetryCount": 0}, 1, 9, Prospect.START),
        ({"Name": "on-failure", "MaximumRetryCount": None}, 1, 9, Prospect.START),
        ({"Name": "always", "MaximumRetryCount": 3}, 1, 9, Prospect.START),
        ({"Name": "no"}, 1, 0, Prospect.START),
        ({}, 1, 0, Prospect.START),
    ],
)
def test_why_an_engine_leaves_a_container_at_its_end(
    policy: dict[str, Any], code: int | None, count: int, found: Prospect
) -> None:
    assert prospect_of(policy, code=code, count=count) is found


@pytest.mark.parametrize(
    ("policy", "state", "count", "shown", "found"),
    [
        (THREE, {}, 3, True, Prospect.GIVEN_UP),
        (THREE, {}, 3, False, Prospect.RESTART),  # an engine may count one more
        (THREE, {}, 4, False, Prospect.GIVEN_UP),
        (THREE, {"Restarting": True}, 3, True, Prospect.RESTART),
        ({"Name": "always"}, {}, 0, False, Prospect.RESTART),
        ({"Name": "always"}, {}, 0, True, Prospect.START),  # somebody has stopped it
        (None, {}, 0, True, Prospect.START),
    ],
)
def test_an_engine_may_say_at_once_what_is_waited_for(
    policy: dict[str, Any] | None, state: dict[str, Any], count: int, shown: bool, found: Prospect
) -> None:
    ended = {"Status": "exited", "Running": False, "ExitCode": 1, "StartedAt": "2026-11-30T10:00Z"}
    inspected = {
        "RestartCount": count,
        "HostConfig": {"RestartPolicy": policy},
        "State": {**ended, **state},
    }
    assert prospect_in(inspected, shown=shown) is found


@pytest.mark.parametrize("prospect", Prospect)
def test_each_is_said_in_a_few_words_and_in_a_sentence(prospect: Prospect) -> None:
    assert "waiting for" in prospect_text(prospect)
    assert prospect_sentence(prospect).endswith(".")


def test_a_start_by_hand_is_said_to_be_followed_where_no_other_one_comes() -> None:
    for prospect in (Prospect.START, Prospect.GIVEN_UP):
        assert "waiting for a start by hand" in prospect_text(prospect)
        assert "If it is started by hand, the session goes on." in prospect_sentence(prospect)
    assert prospect_text(Prospect.GIVEN_UP).startswith("its restart policy gave up")
