"""The size of a session's terminal, on an engine that loses some of what is sent."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.client import DEFAULT_SIZE
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.lifecycle import resizing as module
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.sizes import Sizes
from tests.session.rules.plans import DOCKER, PODMAN

Size = tuple[int, int]


class SizedTarget:
    """Lists the sizes that it is given.

    Attributes:
        sizes: they.
        refuses: whether the next one is refused.
    """

    def __init__(self) -> None:
        self.sizes: list[Size] = []
        self.refuses = False

    def resize(self, height: int, width: int) -> None:
        if self.refuses:
            raise ConnectionLost("it has ended")
        self.sizes.append((height, width))


class ScriptedRuntime:
    """A clock and a worker that do as a test says.

    Attributes:
        now: the time.
        jobs: what is due later, with its time.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.jobs: queue.Queue[tuple[float, Callable[[], object]]] = queue.Queue()
        self.calls = self

    def call_later(self, delay: float, job: Callable[[], object]) -> None:
        self.jobs.put((self.now + delay, job))

    def monotonic(self) -> float:
        return self.now

    def run_next(self) -> float:
        """Do what is due next, at its time, which is returned."""
        self.now, job = self.jobs.get_nowait()
        job()
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ScriptedRuntime:
    made = ScriptedRuntime()
    monkeypatch.setattr(module, "runtime", lambda: made)
    monkeypatch.setattr(module, "time", made)
    return made


def make(profile: Any, size: Size | None = None) -> tuple[SizedTarget, Resizing]:
    target = SizedTarget()
    sizes = Sizes(Journal(), size or DEFAULT_SIZE)
    return target, Resizing(target, profile, size, sizes, threading.RLock())  # type: ignore[arg-type]


def test_docker_gets_each_size_once(clock: ScriptedRuntime) -> None:
    target, resizing = make(DOCKER)
    assert resizing.size == (24, 80)
    resizing.set(30, 90)
    assert (target.sizes, resizing.size) == ([(30, 90)], (30, 90))
    assert clock.jobs.empty()


def test_podman_gets_the_last_size_once_more_after_a_pause(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    resizing.set(31, 91)
    clock.now += 0.1
    resizing.set(30, 90)
    clock.run_next()  # at this time the last one is too new
    assert target.sizes == [(31, 91), (30, 90)]
    assert clock.run_next() == pytest.approx(100.35)
    assert target.sizes == [(31, 91), (30, 90), (30, 90)]
    assert clock.jobs.empty()
    resizing.set(33, 99)
    clock.run_next()
    assert target.sizes[3:] == [(33, 99), (33, 99)]
    assert clock.jobs.empty()


def test_a_terminal_that_ends_before_is_left_alone(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    resizing.set(30, 90)
    target.refuses = True
    clock.run_next()
    with pytest.raises(ConnectionLost):
        resizing.set(40, 90)
    assert (resizing.size, clock.jobs.empty()) == ((30, 90), True)


def test_a_size_that_no_terminal_has_is_not_sent(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    with pytest.raises(HyperJupyterError, match="70000 by 80 is not a size"):
        resizing.set(70_000, 80)
    with pytest.raises(HyperJupyterError):
        make(DOCKER, (0, 0))
    assert target.sizes == []


def test_two_sizes_at_once_are_sent_one_after_the_other(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    send = target.resize
    other = threading.Thread(target=resizing.set, args=(40, 90))

    def resize(height: int, width: int) -> None:
        send(height, width)
        target.resize = send  # type: ignore[method-assign]
        other.start()
        other.join(0.1)  # it must not come in between

    target.resize = resize  # type: ignore[method-assign]
    resizing.set(30, 90)
    other.join(60)
    assert (target.sizes, resizing.size) == ([(30, 90), (40, 90)], (40, 90))


def test_the_repeated_size_is_not_sent_in_the_middle_of_a_call(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    send = target.resize
    resizing.set(30, 90)

    def resize(height: int, width: int) -> None:
        target.resize = send  # type: ignore[method-assign]
        clock.run_next()
        send(height, width)

    target.resize = resize  # type: ignore[method-assign]
    resizing.set(40, 90)
    assert target.sizes == [(30, 90), (40, 90)]
    while not clock.jobs.empty():
        clock.run_next()
    assert target.sizes == [(30, 90), (40, 90), (40, 90)]


def test_the_last_size_is_sent_again_if_any_was_sent(clock: ScriptedRuntime) -> None:
    target, resizing = make(DOCKER, (30, 90))
    resizing.send_again()
    assert target.sizes == []
    resizing.send_first()
    resizing.send_again()
    assert target.sizes == [(30, 90)] * 2
    resizing.set(40, 90)
    target.refuses = True
    resizing.send_again()
    target.refuses = False
    resizing.send_again()
    assert target.sizes[2:] == [(40, 90)] * 2


def test_podman_gets_a_size_that_is_sent_again_twice(clock: ScriptedRuntime) -> None:
    target, resizing = make(PODMAN)
    resizing.send_first()
    resizing.send_again()
    clock.run_next()
    assert target.sizes == [(24, 80)] * 3
