"""The I/O thread: its calls, its timers, its end, and what it says of stalls."""

from __future__ import annotations

import functools
import os
import selectors
import socket
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.stall_detector import HEARTBEAT, STALL, StallDetector
from tests.session.gil import keep_the_gil, sleep_without_the_gil
from tests.session.interrupts import interrupted_beginnings

PATIENCE = 10.0


def refuse(_: threading.Thread) -> NoReturn:
    raise RuntimeError("can't start new thread")


def processor_time(loop: Loop) -> float:
    """Seconds that the thread has computed, once it has gone round once more."""
    used: list[float] = []
    loop.call_soon(lambda: used.append(time.thread_time()))
    turn(loop)
    return used[0]


class Heard:
    """Keeps what a loop tells of its stalls."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []
        self.came = threading.Event()

    def receive_stall(self, begin: float, end: float) -> None:
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


# -- calls and timers ------------------------------------------------------------------------


@pytest.fixture
def idle() -> Iterator[Loop]:
    """One that has nothing to do, and so no thread."""
    made = Loop()
    yield made
    made.close()


def test_calls_run_on_one_thread_in_their_order(loop: Loop) -> None:
    ran: list[tuple[int, threading.Thread, bool]] = []
    done = threading.Event()
    for number in range(100):
        loop.call_soon(
            lambda number=number: ran.append(  # type: ignore[misc]
                (number, threading.current_thread(), loop.is_current())
            )
        )
    loop.call_soon(done.set)
    assert done.wait(PATIENCE)
    assert [number for number, _, _ in ran] == list(range(100))
    assert len({thread for _, thread, _ in ran}) == 1
    assert all(current for _, _, current in ran)
    assert not loop.is_current()


def test_calls_of_the_thread_itself_run_behind_those_that_wait(idle: Loop) -> None:
    order: list[str] = []
    done = threading.Event()

    def first() -> None:
        idle.call_soon(lambda: order.append("third"))
        idle.call_soon(done.set)
        order.append("first")

    idle.call_soon(lambda: (idle.call_soon(first), idle.call_soon(lambda: order.append("second"))))
    assert done.wait(PATIENCE)
    assert order == ["first", "second", "third"]


def test_a_call_that_fails_keeps_no_other_from_its_turn(
    idle: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Event()
    idle.call_soon(lambda: 1 / 0)
    idle.call_later(0.0, lambda: 1 / 0)
    idle.call_later(0.0, ran.set)
    assert ran.wait(PATIENCE)
    assert caplog.messages == ["! a callback on the I/O thread failed"] * 2


def test_timers_run_by_their_time_and_those_of_one_time_in_their_order(
    idle: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("hyper_jupyter.session.io.loop.time.monotonic", lambda: now[0])
    order: list[str] = []
    idle.call_later(60.0, lambda: None)
    for delay, name in ((9.0, "late"), (5.0, "first"), (5.0, "second"), (20.0, "not yet")):
        idle.call_later(delay, lambda name=name: order.append(name))  # type: ignore[misc]
    turn(idle)
    assert order == []
    now[0] += 9.0
    turn(idle)
    assert order == ["first", "second", "late"]


def test_a_timer_that_was_cancelled_does_not_run(idle: Loop) -> None:
    ran: list[str] = []
    done, holds, held = (threading.Event() for _ in range(3))
    idle.call_soon(lambda: (holds.set(), held.wait(PATIENCE)))
    assert holds.wait(PATIENCE)
    timer = idle.call_later(0.0, lambda: ran.append("cancelled"))
    idle.call_later(0.0, done.set)
    timer.cancel()
    held.set()
    assert done.wait(PATIENCE)
    assert ran == []
    timer.cancel()


def test_a_timer_that_was_cancelled_keeps_no_thread(idle: Loop) -> None:
    timer = idle.call_later(3600.0, lambda: None)
    thread = idle._thread
    assert thread is not None
    timer.cancel()
    idle.call_later(0.0, lambda: None)  # what wakes it
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_timers_that_were_cancelled_do_not_pile_up(
    idle: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])  # of this module alone
    monkeypatch.setattr("hyper_jupyter.session.io.loop.time", clock)
    order: list[int] = []
    most = 0
    for number in range(2000):
        timer = idle.call_later(60.0 - number / 100, lambda number=number: order.append(number))  # type: ignore[misc]
        if number % 100:
            timer.cancel()
        most = max(most, len(idle._timers))
    assert most < 100
    now[0] += 60.0
    turn(idle)
    assert order == list(range(1900, -1, -100))


# -- the thread ------------------------------------------------------------------------------


def test_ctrl_c_while_the_thread_begins_leaves_the_calls_to_the_next_one(
    idle: Loop,
) -> None:
    ran: list[bool] = []
    with interrupted_beginnings() as begun, pytest.raises(KeyboardInterrupt):
        idle.call_soon(lambda: ran.append(idle.is_current()))
    begun[0].join(PATIENCE)
    assert not begun[0].is_alive()
    assert ran == []
    turn(idle)
    assert ran == [True]


def test_the_thread_ends_with_its_work_and_the_next_call_starts_another(idle: Loop) -> None:
    threads: list[threading.Thread] = []
    for _ in range(2):
        ran = threading.Event()
        idle.call_soon(
            lambda ran=ran: (threads.append(threading.current_thread()), ran.set())  # type: ignore[misc]
        )
        assert ran.wait(PATIENCE)
        threads[-1].join(PATIENCE)
        assert not threads[-1].is_alive()
        assert idle._thread is None
    assert threads[0] is not threads[1]


def test_a_registered_socket_keeps_the_thread_and_its_end_is_told(idle: Loop) -> None:
    ours, theirs = socket.socketpair()
    events: list[int] = []
    told = threading.Semaphore(0)

    def ready(which: int) -> None:
        events.append(which)
        if ours.recv(1) == b"":
            idle.unregister(ours)
        told.release()

    idle.call_soon(lambda: idle.register(ours, selectors.EVENT_READ, ready))
    turn(idle)
    thread = idle._thread
    assert thread is not None
    with ours:
        theirs.send(b"x")
        assert told.acquire(timeout=PATIENCE)
        assert thread.is_alive()
        theirs.close()
        assert told.acquire(timeout=PATIENCE)
        assert events == [selectors.EVENT_READ] * 2
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_other_events_of_a_socket_are_waited_for_when_somebody_says_so(idle: Loop) -> None:
    ours, theirs = socket.socketpair()
    came = threading.Event()
    events: list[int] = []

    def ready(which: int) -> None:
        events.append(which)
        idle.unregister(ours)
        came.set()

    idle.call_soon(lambda: idle.register(ours, selectors.EVENT_READ, ready))
    turn(idle)
    assert events == []  # it could be written to all the time
    with ours, theirs:
        idle.call_soon(lambda: idle.modify(ours, selectors.EVENT_READ | selectors.EVENT_WRITE))
        assert came.wait(PATIENCE)
        assert events == [selectors.EVENT_WRITE]


def test_closing_runs_what_waits_and_closes_the_sockets(idle: Loop) -> None:
    ours, theirs = socket.socketpair()
    theirs.settimeout(PATIENCE)
    ran: list[str] = []
    idle.call_soon(lambda: idle.register(ours, selectors.EVENT_READ, lambda _: None))
    turn(idle)
    idle.call_later(3600.0, lambda: ran.append("a timer"))
    idle.call_soon(lambda: ran.append("a call"))
    thread = idle._thread
    assert thread is not None
    idle.close()
    assert not thread.is_alive()
    with theirs:
        assert theirs.recv(1) == b""
    assert (ours.fileno(), ran) == (-1, ["a call"])


def test_a_loop_that_was_closed_starts_again(idle: Loop) -> None:
    idle.close()
    ran = threading.Event()
    idle.call_soon(ran.set)
    assert ran.wait(PATIENCE)


def test_many_calls_while_the_thread_is_busy_all_run(idle: Loop) -> None:
    """More than its waking socket holds: a full one wakes it too."""
    held, done = threading.Event(), threading.Event()
    ran: list[int] = []
    idle.call_soon(lambda: held.wait(PATIENCE))
    for number in range(2000):
        idle.call_soon(lambda number=number: ran.append(number))  # type: ignore[misc]
    idle.call_soon(done.set)
    held.set()
    assert done.wait(PATIENCE)
    assert ran == list(range(2000))


def test_a_thread_that_cannot_start_is_tried_again(
    idle: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="start new thread"):
            idle.call_soon(lambda: None)
    idle.call_soon(ran.set)
    assert ran.wait(PATIENCE)


# -- stalls ----------------------------------------------------------------------------------


def test_code_that_keeps_the_gil_is_a_stall_of_at_least_nearly_its_length(loop: Loop) -> None:
    heard = Heard()
    loop.add_stall_listener(heard)
    since = time.monotonic()
    used = processor_time(loop)
    before = time.monotonic()
    keep_the_gil(1.0)
    assert heard.came.wait(PATIENCE)
    ((begin, end),) = heard.stalls
    # What the thread itself has computed does not count: a busy machine makes that more.
    used = processor_time(loop) - used
    assert end - begin >= 1.0 - HEARTBEAT - used - 0.01
    # Behind the turn's begin: the thread may be on its way to its wait yet. This thread, too, may
    # have been kept from its processor before it kept the GIL, and before it looked at the clock.
    assert since <= begin <= before + HEARTBEAT + STALL
    assert before + 1.0 <= end <= time.monotonic()


def test_code_that_gives_the_gil_away_is_none(loop: Loop) -> None:
    heard = Heard()
    loop.add_stall_listener(heard)
    turn(loop)
    sleep_without_the_gil(1.0)
    turn(loop)
    assert heard.stalls == []


def test_a_callback_of_ours_that_blocks_is_none(loop: Loop) -> None:
    heard = Heard()
    loop.add_stall_listener(heard)
    turn(loop)
    loop.call_soon(lambda: sleep_without_the_gil(1.0))
    turn(loop)
    turn(loop)
    assert heard.stalls == []


def test_who_stops_listening_right_behind_a_stall_is_told_of_it(loop: Loop) -> None:
    heard = Heard()
    kept, keeper = os.pipe()

    def wait_and_remove() -> None:
        os.read(kept, 1)  # without the GIL, and then it waits for that
        loop.discard_stall_listener(heard)

    loop.add_stall_listener(heard)
    turn(loop)
    loop.call_soon(wait_and_remove)
    keep_the_gil(1.5, wake=keeper)
    turn(loop)
    os.close(kept)
    os.close(keeper)
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
        listener = Heard()
        loop.add_stall_listener(listener)
        assert last_wait(lambda wait: wait == HEARTBEAT)
        loop.discard_stall_listener(listener)
        assert last_wait(lambda wait: wait > 50)
    finally:
        loop.close()


def test_a_thread_with_nothing_to_do_ends_although_somebody_wants_to_know() -> None:
    loop = Loop()
    loop.add_stall_listener(Heard())
    loop.call_soon(lambda: None)
    thread = loop._thread
    if thread is not None:
        thread.join(PATIENCE)
        assert not thread.is_alive()


# -- what it keeps ---------------------------------------------------------------------------


class Subject:
    """What a callback is about."""


def test_a_waiting_thread_keeps_nothing_of_the_callbacks_that_it_ran(loop: Loop) -> None:
    subject, gone = Subject(), threading.Event()
    weakref.finalize(subject, gone.set)
    ran = threading.Event()
    loop.call_soon(functools.partial(keep, subject, ran))
    assert ran.wait(PATIENCE)
    del subject
    assert gone.wait(PATIENCE)


def test_a_waiting_thread_keeps_nothing_of_a_socket_that_was_ready(loop: Loop) -> None:
    ours, theirs = socket.socketpair()
    subject, gone = Subject(), threading.Event()
    weakref.finalize(subject, gone.set)
    ran = threading.Event()

    def ready(about: Subject, _: int) -> None:
        loop.unregister(ours)
        keep(about, ran)

    with ours, theirs:
        callback = functools.partial(ready, subject)
        loop.call_soon(functools.partial(loop.register, ours, selectors.EVENT_READ, callback))
        theirs.send(b"x")
        assert ran.wait(PATIENCE)
        del subject, callback
        assert gone.wait(PATIENCE)


def keep(subject: Subject, ran: threading.Event) -> None:
    assert subject is not None
    ran.set()


def test_closing_waits_for_a_thread_that_is_ending_by_itself() -> None:
    # It holds its last callback until it has ended: what that is about would outlive the close.
    loop = Loop()
    for _ in range(200):
        threads: list[threading.Thread] = []
        ran = threading.Event()
        loop.call_soon(lambda t=threads, r=ran: (t.append(threading.current_thread()), r.set()))
        assert ran.wait(PATIENCE)
        loop.close(PATIENCE)
        assert not threads[0].is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_crashed_is_replaced(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    turn(loop)
    crashed = loop._thread
    assert crashed is not None

    def crash(*_: object) -> NoReturn:
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patch:
        patch.setattr(StallDetector, "lap", crash)
        loop.call_soon(lambda: None)
        crashed.join(PATIENCE)
        assert not crashed.is_alive()
    turn(loop)
    assert loop._thread is not crashed
