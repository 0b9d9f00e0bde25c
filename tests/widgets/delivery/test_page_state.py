"""What is known of one page, without a sender and without a clock."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol.frames import StreamType
from hyper_jupyter.widgets.delivery.page_state import (
    FASTEST,
    SAMPLE,
    SLOWEST,
    SPEED,
    PageState,
)
from hyper_jupyter.widgets.delivery.rate_limiter import RateLimiter

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


@pytest.fixture
def limiter() -> RateLimiter:
    return RateLimiter()


@pytest.fixture
def page(limiter: RateLimiter) -> PageState:
    return PageState("p", limiter)


def test_what_is_sent_is_outstanding_until_it_is_acknowledged(
    page: PageState, limiter: RateLimiter
) -> None:
    assert not page.outstanding
    page.sent(1, 10)
    page.sent(2, 0)
    page.sent(3, 5)
    assert (page.last, page.in_flight, limiter.in_flight) == (3, 15, 15)
    page.acknowledge(2, 0.0)
    assert (page.outstanding, page.in_flight, limiter.in_flight) == (True, 5, 5)
    page.acknowledge(3, 0.0)
    assert (page.outstanding, page.in_flight, limiter.in_flight) == (False, 0, 0)


def test_a_message_without_bytes_is_outstanding_too(page: PageState) -> None:
    page.sent(1, 0)
    assert page.outstanding


def test_an_old_acknowledgement_changes_nothing(page: PageState) -> None:
    page.sent(1, 10)
    page.acknowledge(0, 0.0)
    assert (page.outstanding, page.in_flight) == (True, 10)


def test_an_acknowledgement_ends_the_probing(page: PageState) -> None:
    page.sent(1, 10)
    page.probes, page.probe_at = 3, 7.0
    page.acknowledge(0, 0.0)
    assert (page.probes, page.probe_at) == (0, None)


def test_the_limit_is_shared_by_the_pages(limiter: RateLimiter) -> None:
    one, two = PageState("one", limiter), PageState("two", limiter)
    one.sent(1, 10)
    two.sent(2, 5)
    assert limiter.in_flight == 15
    one.discard_unacked()
    assert limiter.in_flight == 5


def test_a_restart_leaves_nothing_outstanding_or_skipped(
    page: PageState, limiter: RateLimiter
) -> None:
    page.sent(1, 10)
    page.skip_to(OUT, 100)
    page.probes, page.probe_at = 3, 7.0
    page.restart({OUT: 20, ERR: 0}, {OUT: 30, ERR: 5})
    assert page.cursors == {OUT: 20, ERR: 0}
    assert page.joined == {OUT: 30, ERR: 5}
    assert page.skipped == {OUT: 0, ERR: 0}
    assert (page.last, page.probes, page.probe_at) == (0, 0, None)
    assert (page.outstanding, page.in_flight, limiter.in_flight) == (False, 0, 0)


def test_skipped_bytes_add_up_and_nothing_is_skipped_backwards(page: PageState) -> None:
    page.skip_to(OUT, 100)
    page.skip_to(OUT, 40)
    page.skip_to(OUT, 130)
    assert (page.cursors, page.skipped) == ({OUT: 130, ERR: 0}, {OUT: 130, ERR: 0})
    page.skipped[OUT] = 0  # the page was informed
    page.skip_to(OUT, 131)
    assert page.skipped[OUT] == 1


def test_the_earliest_flush_counts(page: PageState) -> None:
    assert page.flush_at is None
    for at in (5.0, 3.0, 4.0):
        page.schedule_flush(at)
    assert page.flush_at == 3.0


def test_a_page_that_is_not_counted_leaves_the_shared_limit_alone(
    page: PageState, limiter: RateLimiter
) -> None:
    page.sent(1, 10)
    page.stop_counting()
    page.stop_counting()
    assert (page.in_flight, limiter.in_flight) == (10, 0)
    page.sent(2, 5)
    assert (page.in_flight, limiter.in_flight) == (15, 0)
    page.acknowledge(1, 0.0)  # it is back
    assert (page.in_flight, limiter.in_flight) == (5, 5)
    page.stop_counting()
    page.discard_unacked()
    assert (page.in_flight, limiter.in_flight) == (0, 0)
    page.sent(3, 7)
    assert limiter.in_flight == 7


# -- speed ------------------------------------------------------------------------------


def draws(page: PageState, size: int, seconds: float, *, more: bool) -> None:
    """Let the page draw ``size`` bytes in so many seconds, with or without more to draw after."""
    first = page.last + 1
    page.sent(first, 1)
    page.sent(first + 1, size)
    if more:
        page.sent(first + 2, 1)
    page.acknowledge(first, 100.0)  # from now on it is busy
    page.acknowledge(first + 1, 100.0 + seconds)


def test_a_page_is_assumed_to_have_a_usual_speed(page: PageState) -> None:
    assert page.speed == SPEED


@pytest.mark.parametrize("more", [False, True])
def test_a_faster_page_is_measured_halfway_to_what_was_seen(page: PageState, more: bool) -> None:
    seen = 2 * SPEED
    draws(page, seen, 1.0, more=more)
    assert page.speed == (SPEED + seen) / 2


def test_a_slower_page_is_believed_only_if_it_had_more_to_draw(limiter: RateLimiter) -> None:
    seen = SPEED // 2
    idle, busy = PageState("idle", limiter), PageState("busy", limiter)
    draws(idle, seen, 1.0, more=False)
    draws(busy, seen, 1.0, more=True)
    assert idle.speed == SPEED
    assert busy.speed == (SPEED + seen) / 2


def test_a_few_bytes_say_nothing_about_the_speed(page: PageState) -> None:
    draws(page, SAMPLE - 1, 100.0, more=True)
    assert page.speed == SPEED


def test_few_bytes_at_a_time_add_up_to_a_sample(page: PageState) -> None:
    for seq in range(1, 5):
        page.sent(seq, SAMPLE // 2)
    for seq in range(1, 4):  # busy since the first, at 64 KiB a second
        page.acknowledge(seq, 100.0 + seq / 2)
    assert page.speed == (SPEED + SLOWEST) / 2


@pytest.mark.parametrize(("seconds", "limit"), [(1000.0, SLOWEST), (0.001, FASTEST)])
def test_a_speed_has_limits(page: PageState, seconds: float, limit: int) -> None:
    draws(page, SAMPLE, seconds, more=True)
    assert page.speed == (SPEED + limit) / 2


def test_a_pause_is_not_taken_for_slowness(page: PageState) -> None:
    draws(page, SAMPLE, 0.001, more=False)
    before = page.speed
    page.sent(9, 2 * SAMPLE)
    page.sent(10, 1)
    page.acknowledge(9, 5000.0)  # nothing to draw until then
    assert page.speed == before
