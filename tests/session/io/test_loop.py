"""The I/O thread: its calls, its timers, its end, and what it says of stalls."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.stall_detector import HEARTBEAT, STALL
from hyper_jupyter.session.io.worker import Worker
from tests.session.gil import keep_the_gil, sleep_without_the_gil

PATIENCE = 10.0


def refuse(_: threading.Thread) -> NoReturn:
    raise RuntimeError("can't start new thread")


class Heard:
    """Keeps what a loop tells of its stalls."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        self.came = threading.Event()

    def __call__(self, begin: float, end: float) -> None:
        self.stalls.append((begin, end))
        self.came.set()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """One that has something to wait for."""
    made = Loop()
    made.call_later(60, lambda: None)
    yield made
    made.close()


def turn(loop: Loop) -> None:
    """Return when the thread has gone round once more."""
    done = threading.Event()
    loop.call_soon(lambda: loop.call_soon(done.set))
    assert done.wait(PATIENCE)


@pytest.mark.parametrize("kind", [Loop, Worker])
def test_a_thread_that_cannot_start_is_tried_again(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Any = kind() if kind is Loop else kind("test worker")
    call = made.call_soon if kind is Loop else made.submit
    ran = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="start new thread"):
            call(lambda: None)
    call(ran.set)
    assert ran.wait(PATIENCE)
    made.close()


def test_code_that_keeps_the_gil_is_a_stall_of_at_least_nearly_its_length(loop: Loop) -> None:
    heard = Heard()
    loop.on_stall(heard)
    since = time.monotonic()
    turn(loop)
    before = time.monotonic()
    keep_the_gil(1.0)
    assert heard.came.wait(PATIENCE)
    ((begin, end),) = heard.stalls
    assert end - begin >= 1.0 - HEARTBEAT - 0.01
    # Behind the turn's begin: the thread may be on its way to its wait yet. This thread, too, may
    # have been kept from its processor before it kept the GIL, and before it looked at the clock.
    assert since <= begin <= before + HEARTBEAT + STALL
    assert before + 1.0 <= end <= time.monotonic()


def test_code_that_gives_the_gil_away_is_none(loop: Loop) -> None:
    heard = Heard()
    loop.on_stall(heard)
    turn(loop)
    sleep_without_the_gil(1.0)
    turn(loop)
    assert heard.stalls == []


def test_a_callback_of_ours_that_blocks_is_none(loop: Loop) -> None:
    heard = Heard()
    loop.on_stall(heard)
    turn(loop)
    loop.call_soon(lambda: sleep_without_the_gil(1.0))
    turn(loop)
    turn(loop)
    assert heard.stalls == []


def test_who_stops_listening_right_behind_a_stall_is_told_of_it(loop: Loop) -> None:
    heard = Heard()
    running = threading.Event()
    ours, theirs = socket.socketpair()

    def receive(_: int) -> None:
        loop.unregister(ours)
        running.set()
        time.sleep(0.5)  # gives the GIL away, for as long as the other thread needs to come
        remove()

    remove = loop.on_stall(heard)
    loop.call_soon(lambda: loop.register(ours, selectors.EVENT_READ, receive))
    turn(loop)
    with ours, theirs:
        theirs.send(b"x")
        assert running.wait(PATIENCE)
        keep_the_gil(1.5)
        turn(loop)
    assert len(heard.stalls) == 1


def test_the_thread_wakes_up_by_itself_only_while_somebody_wants_to_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    changed = threading.Condition()

    class ListedWaits(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> Any:
            with changed:
                waits.append(float("inf") if timeout is None else timeout)
                changed.notify_all()
            return super().select(timeout)

    def last_wait(expected: Callable[[float], bool]) -> bool:
        with changed:
            return changed.wait_for(lambda: bool(waits) and expected(waits[-1]), PATIENCE)

    monkeypatch.setattr(selectors, "DefaultSelector", ListedWaits)
    loop = Loop()
    try:
        loop.call_later(60, lambda: None)
        assert last_wait(lambda wait: wait > 50)
        remove = loop.on_stall(lambda *_: None)
        assert last_wait(lambda wait: wait == HEARTBEAT)
        remove()
        assert last_wait(lambda wait: wait > 50)
    finally:
        loop.close()


def test_a_thread_with_nothing_to_do_ends_although_somebody_wants_to_know() -> None:
    loop = Loop()
    loop.on_stall(lambda *_: None)
    loop.call_soon(lambda: None)
    thread = loop._thread
    if thread is not None:
        thread.join(PATIENCE)
        assert not thread.is_alive()
