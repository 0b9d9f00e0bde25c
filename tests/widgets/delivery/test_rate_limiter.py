"""How much all sessions may send together."""

from __future__ import annotations

import pytest

from hyper_jupyter.widgets.delivery.rate_limiter import (
    BURST,
    CEILING,
    RATE,
    TOTAL,
    RateLimiter,
)

NOW = 1000.0


def test_the_limits_are_those_of_the_documentation() -> None:
    assert (RATE, BURST) == (200, 20)
    assert (TOTAL, CEILING) == (8 * 1024 * 1024, 16 * 1024 * 1024)


def test_after_a_pause_as_many_messages_as_a_burst_has_may_be_sent_immediately() -> None:
    limiter = RateLimiter()
    assert [limiter.slot(NOW) for _ in range(BURST)] == pytest.approx([NOW] * BURST)
    assert limiter.slot(NOW) == pytest.approx(NOW + 1 / RATE)


def test_a_steady_flow_has_the_rate() -> None:
    limiter = RateLimiter()
    slots = [limiter.slot(NOW) for _ in range(BURST + 10 * RATE)]
    assert slots == sorted(slots)
    assert slots[-1] == pytest.approx(NOW + 10)


def test_a_long_pause_allows_no_more_than_one_burst() -> None:
    limiter = RateLimiter()
    for _ in range(BURST + RATE):
        limiter.slot(NOW)
    later = NOW + 3600
    assert [limiter.slot(later) for _ in range(BURST)] == pytest.approx([later] * BURST)
    assert limiter.slot(later) == pytest.approx(later + 1 / RATE)


def test_a_pause_as_long_as_one_message_allows_one_more() -> None:
    limiter = RateLimiter()
    for _ in range(BURST):
        limiter.slot(NOW)
    soon = NOW + 1 / RATE
    assert limiter.slot(soon) == pytest.approx(soon)
    assert limiter.slot(soon) == pytest.approx(soon + 1 / RATE)


@pytest.mark.parametrize(
    ("in_flight", "room", "full"),
    [
        (0, TOTAL, False),
        (TOTAL - 1, 1, False),
        (TOTAL, 0, False),
        (CEILING - 1, TOTAL - CEILING + 1, False),
        (CEILING, TOTAL - CEILING, True),
    ],
)
def test_unacknowledged_bytes_leave_less_room(in_flight: int, room: int, full: bool) -> None:
    limiter = RateLimiter()
    limiter.in_flight = in_flight
    assert (limiter.room, limiter.full) == (room, full)
