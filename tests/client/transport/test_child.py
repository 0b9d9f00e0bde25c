"""Ending a child process: asked first, killed when it is time, never waited for with a clock."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from hyper_jupyter.client.transport import child
from hyper_jupyter.client.transport.child import (
    GRACE,
    Schedule,
    await_children,
    terminate_child,
)


class ScriptedProcess:
    """A process that ends at SIGTERM, at SIGKILL, or at neither before the test says so."""

    def __init__(self, clock: Clock, ends_at: str = "") -> None:
        self.log: list[str] = []
        self.waited: list[float | None] = []
        self.ended = False
        self._clock = clock
        self._ends_at = ends_at

    def terminate(self) -> None:
        self._signal("TERM")

    def kill(self) -> None:
        self._signal("KILL")

    def poll(self) -> int | None:
        return 0 if self.ended else None

    def wait(self, timeout: float | None = None) -> int:
        self.waited.append(timeout)
        if not self.ended:
            if timeout is None:
                raise AssertionError("this would wait for ever")
            self._clock.now += timeout
            raise subprocess.TimeoutExpired("ssh", timeout)
        return 0

    def _signal(self, name: str) -> None:
        self.log.append(name)
        self.ended = self.ended or name == self._ends_at


class Clock:
    """Time that passes when a test says so, and what is scheduled for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self._next: Callable[[], object] | None = None

    def monotonic(self) -> float:
        return self.now

    def schedule(self, pause: float, callback: Callable[[], object]) -> None:
        assert self._next is None
        self.pauses.append(pause)
        self._next = callback

    def tick(self) -> bool:
        """Let the next check come; ``False`` where there is none."""
        if self._next is None:
            return False
        callback, self._next = self._next, None
        self.now += self.pauses[-1]
        callback()
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(child, "time", made)
    yield made
    assert not child._terminating


def terminate(process: ScriptedProcess, schedule: Schedule | None) -> None:
    terminate_child(cast("subprocess.Popen[bytes]", process), schedule)


@pytest.mark.parametrize("lent", [True, False])
def test_one_that_ends_at_once_is_neither_waited_for_nor_checked(clock: Clock, lent: bool) -> None:
    process = ScriptedProcess(clock, "TERM")
    terminate(process, clock.schedule if lent else None)
    assert (process.log, process.waited, clock.pauses) == (["TERM"], [], [])


def test_with_a_clock_one_that_hangs_is_checked_and_killed_when_it_is_time(clock: Clock) -> None:
    process = ScriptedProcess(clock, "KILL")
    terminate(process, clock.schedule)
    times = []
    while not process.ended and len(times) < 100:
        times.append(clock.now)
        assert clock.tick()
    assert times[-1] < GRACE <= clock.now
    assert clock.tick()
    assert not clock.tick()
    assert (process.log, process.waited) == (["TERM", "KILL"], [])
    assert clock.pauses == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2])


def test_with_a_clock_one_that_ends_in_time_is_not_killed(clock: Clock) -> None:
    process = ScriptedProcess(clock)
    terminate(process, clock.schedule)
    assert clock.tick()
    process.ended = True
    assert clock.tick()
    assert not clock.tick()
    assert process.log == ["TERM"]


def test_without_a_clock_the_caller_waits_no_longer_than_the_grace(clock: Clock) -> None:
    process = ScriptedProcess(clock, "KILL")
    terminate(process, None)
    assert (process.log, process.waited) == (["TERM", "KILL"], [GRACE, None])


def refuse(*_: Any) -> None:
    raise RuntimeError("can't start new thread")


def test_where_no_thread_can_be_started_the_caller_waits_too(clock: Clock) -> None:
    process = ScriptedProcess(clock, "KILL")
    terminate(process, refuse)
    assert process.waited == [GRACE, None]


def test_before_the_clock_ends_all_have_what_is_left_of_the_grace(clock: Clock) -> None:
    processes = [ScriptedProcess(clock, "KILL") for _ in range(2)]
    for process in processes:
        schedule = Clock().schedule  # one that never comes
        terminate(process, schedule)
    clock.now += GRACE / 2
    await_children()
    first, second = sorted(process.waited for process in processes)
    assert first == [0.0, None]  # the other one took the rest of the grace
    assert second == [GRACE / 2, None]
    assert all(process.log == ["TERM", "KILL"] for process in processes)
