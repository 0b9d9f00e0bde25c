"""Restart policies: which ends are followed by a start, and after which pause."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.engine.config.restarts import RestartPolicy, Restarts
from hyper_jupyter.exceptions import ApiError


def restarts(name: str, most: int = 0) -> Restarts:
    made = Restarts(RestartPolicy(name, most))
    made.begin()
    return made


@pytest.mark.parametrize("name", ["always", "unless-stopped"])
def test_the_pause_doubles_up_to_a_minute(name: str) -> None:
    made = restarts(name)
    pauses = [made.after(0, 0.0) for _ in range(12)]
    assert pauses[:4] == [0.1, 0.2, 0.4, 0.8]
    assert pauses[-2:] == [60.0, 60.0]
    assert made.count == 12


def test_a_long_run_makes_the_pause_short_again() -> None:
    made = restarts("always")
    assert [made.after(1, seconds) for seconds in (0, 9.9, 10, 0)] == [0.1, 0.2, 0.1, 0.2]


def test_on_failure_is_for_failures_and_so_many_of_them() -> None:
    made = restarts("on-failure", 2)
    assert made.after(0, 0) is None
    assert [made.after(3, 0) is None for _ in range(3)] == [False, False, True]
    assert made.count == 2
    endless = restarts("on-failure")
    assert None not in [endless.after(1, 0) for _ in range(50)]


def test_without_a_policy_the_end_is_the_end() -> None:
    assert restarts("no").after(1, 0) is None


@pytest.mark.parametrize("name", ["always", "unless-stopped", "on-failure"])
def test_what_a_client_ends_stays_ended_until_a_client_starts_it(name: str) -> None:
    made = restarts(name)
    made.after(1, 0)
    made.stop()
    assert made.after(1, 0) is None
    made.begin()
    assert made.count == 0
    assert made.after(1, 0) == 0.1


@pytest.mark.parametrize(
    ("given", "policy"),
    [
        ({}, RestartPolicy()),
        ({"Name": ""}, RestartPolicy()),
        ({"Name": "no", "MaximumRetryCount": 0}, RestartPolicy()),
        ({"Name": "always"}, RestartPolicy("always")),
        ({"Name": "on-failure", "MaximumRetryCount": 3}, RestartPolicy("on-failure", 3)),
    ],
    ids=str,
)
def test_a_policy_is_read_and_shown(given: dict[str, Any], policy: RestartPolicy) -> None:
    assert RestartPolicy.parse(given) == policy
    assert RestartPolicy.parse(policy.as_json()) == policy


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Name": "xx"}, "unknown policy 'xx'"),
        ({"Name": "on-failure", "MaximumRetryCount": -1}, "cannot be negative"),
        ({"Name": "always", "MaximumRetryCount": 3}, "can only be used with 'on-failure'"),
        ({"Name": 5}, "a name and a number"),
        ({"Name": "on-failure", "MaximumRetryCount": True}, "a name and a number"),
    ],
    ids=str,
)
def test_a_bad_policy_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiError, match=reason) as refused:
        RestartPolicy.parse(given)
    assert refused.value.status == 400
