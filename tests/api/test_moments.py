"""Moments as users name them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hyper_jupyter.api import moments as module
from hyper_jupyter.api.moments import nanoseconds
from hyper_jupyter.exceptions import HyperJupyterError

NOW = 1_795_964_739_963_277_096
SECOND = 10**9


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.time, "time_ns", lambda: NOW)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (0, 0),
        (1795964739, 1795964739 * SECOND),
        (1795964739.5, 1795964739 * SECOND + 500_000_000),
        ("1795964739", 1795964739 * SECOND),
        ("1795964739.963277096", NOW),
        ("1795964739.5", 1795964739 * SECOND + 500_000_000),
        (datetime(2026, 11, 29, 15, 5, 39, 963277, UTC), NOW - 96),
        (datetime(2026, 11, 29, 16, 5, 39, 0, timezone(timedelta(hours=1))), NOW - 963277096),
        ("2026-11-29T15:05:39.963277096Z", NOW),
        ("2026-11-29T15:05:39.9632770965Z", NOW),
        ("2026-11-29T16:05:39+01:00", NOW - 963277096),
        (" 2026-11-29T15:05:39.9Z ", NOW - 63277096),
        (timedelta(minutes=10), NOW - 600 * SECOND),
        ("10m", NOW - 600 * SECOND),
        ("1h30m", NOW - 5400 * SECOND),
        ("1.5h", NOW - 5400 * SECOND),
        ("2d", NOW - 172800 * SECOND),
        ("1s500ms250us7ns", NOW - 1_500_250_007),
        ("3µs", NOW - 3000),
        ("3μs", NOW - 3000),  # the Greek letter
    ],
)
def test_a_moment(moment: Any, expected: int) -> None:
    assert nanoseconds(moment) == expected


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_date_without_a_zone_is_one_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for text in ("2026-11-29T15:05", "2026-11-29 15:05:00", "2026-11-29"):
            local = datetime.fromisoformat(text).timestamp()
            assert nanoseconds(text) == round(local) * SECOND
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "moment",
    ["", "yesterday", "10 m", "m", "1h30", "-5m", "5m-", "2026-13-01", -1, float("nan"),
     float("inf"), True, None, "9" * 12, timedelta(days=30_000), "1" * 9 + "d", "h" * 5000],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_what_to_write(moment: Any) -> None:
    with pytest.raises(HyperJupyterError, match="is not a time") as caught:
        nanoseconds(moment)
    assert "10m" in caught.value.hint


def test_a_datetime_without_a_zone_is_refused() -> None:
    with pytest.raises(HyperJupyterError, match="without a time zone"):
        nanoseconds(datetime(2026, 11, 29))  # noqa: DTZ001
