"""What counts as a stall: a thread's laps by a scripted clock."""

from __future__ import annotations

import sys

import pytest

from hyper_jupyter.session.io.stall_detector import STALL, StallDetector


class ScriptedThread:
    """A thread's clock, processor time and number of waits, as a test says."""

    def __init__(self, waits: int = 1) -> None:
        self.now = 100.0
        self.used = 5.0
        self.waits = waits

    def detector(self) -> StallDetector:
        return StallDetector(lambda: self.now, lambda: (self.used, self.waits))

    def wait_for_the_gil(self, seconds: float) -> None:
        """By the switch interval."""
        self.now += seconds
        self.waits += int(seconds / sys.getswitchinterval())

    def wait_for_something_else(self, seconds: float, times: int = 1) -> None:
        self.now += seconds
        self.waits += times

    def compute(self, seconds: float) -> None:
        self.now += seconds
        self.used += seconds


def test_what_a_lap_took_beyond_its_wait_is_a_stall() -> None:
    thread = ScriptedThread()
    detector = thread.detector()
    detector.lap(0.25)
    thread.wait_for_something_else(0.25)
    thread.wait_for_the_gil(2.0)
    assert detector.lap(0.25) == (100.25, 102.25)
    thread.wait_for_something_else(0.25)
    assert detector.lap(0.25) is None


def test_what_our_own_callbacks_compute_is_no_stall() -> None:
    thread = ScriptedThread()
    detector = thread.detector()
    detector.lap(0.25)
    thread.compute(3.0)
    thread.wait_for_the_gil(0.4)
    assert detector.lap(0.25) is None
    thread.compute(3.0)
    thread.wait_for_the_gil(1.0)
    assert detector.lap(0.25) == pytest.approx((106.65, 107.4))


@pytest.mark.parametrize("times", [0, 1, 20], ids=["no processor", "a lock", "a slow disk"])
def test_waiting_for_something_else_than_the_gil_is_no_stall(times: int) -> None:
    thread = ScriptedThread()
    detector = thread.detector()
    detector.lap(0.25)
    thread.wait_for_something_else(2.25, times)
    assert detector.lap(0.25) is None


def test_where_waits_are_not_counted_any_delay_is_a_stall() -> None:
    thread = ScriptedThread(waits=0)
    detector = thread.detector()
    detector.lap(0.25)
    thread.wait_for_something_else(2.25, times=0)
    assert detector.lap(0.25) == (100.25, 102.25)


def test_a_delay_below_the_bound_is_no_stall() -> None:
    thread = ScriptedThread()
    detector = thread.detector()
    detector.lap(0.25)
    thread.wait_for_the_gil(0.25 + STALL - 0.01)
    assert detector.lap(0.25) is None


def test_a_wait_without_an_end_says_nothing_until_the_thread_is_woken() -> None:
    thread = ScriptedThread()
    detector = thread.detector()
    detector.lap(0.0)
    thread.wait_for_something_else(250.0)
    assert detector.lap(None) is None
    thread.wait_for_something_else(250.0)
    detector.wake()
    thread.wait_for_the_gil(2.0)
    assert detector.lap(None) == (600.0, 602.0)
    thread.wait_for_something_else(3.0)
    assert detector.lap(None) is None
