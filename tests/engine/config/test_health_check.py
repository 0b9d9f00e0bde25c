"""How a health check is read."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.engine.config.health_check import HealthCheck
from hyper_jupyter.exceptions import ApiError

SECOND = 1_000_000_000


@pytest.mark.parametrize("given", [{}, {"Test": []}, {"Test": ["NONE"]}, {"Test": ["CMD"]}])
def test_there_may_be_nothing_to_run(given: dict[str, Any]) -> None:
    assert HealthCheck.parse(given) is None


def test_defaults_are_docker_s() -> None:
    check = HealthCheck.parse({"Test": ["CMD", "true", "x"], "Interval": 0})
    assert check == HealthCheck(("true", "x"), 30.0, 30.0, 0.0, 5.0, 3)


def test_each_time_is_in_nanoseconds_and_a_shell_runs_text() -> None:
    check = HealthCheck.parse(
        {
            "Test": ["CMD-SHELL", "exit 1"],
            "Interval": SECOND // 2,
            "Timeout": 2 * SECOND,
            "StartPeriod": 3 * SECOND,
            "StartInterval": 4 * SECOND,
            "Retries": 5,
        }
    )
    assert check == HealthCheck(("/bin/sh", "-c", "exit 1"), 0.5, 2.0, 3.0, 4.0, 5)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"Test": ["WHAT", "x"]}, "Unknown healthcheck type 'WHAT'"),
        ({"Test": ["CMD", "x"], "Interval": 999_999}, "Interval in Healthcheck cannot be less"),
        ({"Test": ["CMD", "x"], "Timeout": -1}, "Timeout in Healthcheck cannot be less than 1ms"),
        ({"Test": ["CMD", "x"], "Retries": -1}, "Retries in Healthcheck cannot be negative"),
        ({"Test": ["CMD", "x"], "StartPeriod": "1"}, "StartPeriod must be a number"),
    ],
    ids=str,
)
def test_a_bad_check_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ApiError, match=reason) as refused:
        HealthCheck.parse(given)
    assert refused.value.status == 400
