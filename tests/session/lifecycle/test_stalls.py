"""Stalls: code of the user's that keeps the GIL stops the I/O thread, and the session says so."""

from __future__ import annotations

import ctypes
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.stall_detector import HEARTBEAT, STALL, StallDetector
from hyper_jupyter.session.lifecycle.stalls import RECENT, Stalls
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def keep_the_gil(seconds: float) -> None:
    """As a large ``sorted`` does: no other thread runs meanwhile."""
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


def sleep_without_the_gil(seconds: float) -> None:
    ctypes.CDLL(None).usleep(int(seconds * 1e6))


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


def stays(peer: Peer) -> None:
    peer.send(HEAD_101 + OUT)
    peer.wait_for_end()


def turn(loop: Loop) -> None:
    """Return when the thread has gone round once more."""
    done = threading.Event()
    loop.call_soon(lambda: loop.call_soon(done.set))
    assert done.wait(PATIENCE)


# -- the measure -----------------------------------------------------------------------------


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


# -- the loop --------------------------------------------------------------------------------


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


# -- a session -------------------------------------------------------------------------------


def test_a_session_says_when_and_how_long_it_was_and_wakes_those_who_show_it(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays)
    since = time.time()
    session = client_for(running.url).attach(IDENTIFIER)
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    assert session.stalls == ()
    told = threading.Event()
    session.subscribe(lambda: told.set() if session.stall_count else None)
    before = time.time()
    keep_the_gil(1.0)
    assert session._lifecycle.wait_for(lambda: session.stall_count == 1, PATIENCE)
    (stall,) = session.stalls
    assert stall.seconds == session.stall_seconds >= STALL
    # As of a loop's: the thread may have been on its way to its wait when this one kept the GIL.
    assert since <= stall.at <= before + HEARTBEAT + STALL
    assert told.wait(PATIENCE)  # who subscribes is called behind those who wait
    session.close()


def test_a_stall_while_output_pours_in_is_told(engine: Callable[..., ScriptedEngine]) -> None:
    flood = encode_frame(StreamType.STDOUT, b"x" * 20) * 1000
    enough = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        while not enough.is_set():
            peer.send(flood)

    session = client_for(engine(script).url).attach(IDENTIFIER)
    assert session._lifecycle.wait_for(lambda: len(session.stdout) > 1_000_000, PATIENCE)
    keep_the_gil(1.0)
    assert session._lifecycle.wait_for(lambda: session.stall_count == 1, PATIENCE)
    enough.set()
    session.close()


def test_a_stall_right_before_leaving_is_told_and_one_behind_it_is_not(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays)
    session = client_for(running.url).attach(IDENTIFIER)
    other = client_for(running.url).attach(IDENTIFIER)
    keep_the_gil(1.0)
    session.detach()
    assert other._lifecycle.wait_for(lambda: other.stall_count == 1, PATIENCE)
    assert session._lifecycle.wait_for(lambda: session.stall_count == 1, PATIENCE)
    keep_the_gil(1.0)
    assert other._lifecycle.wait_for(lambda: other.stall_count == 2, PATIENCE)
    assert session.stall_count == 1
    other.close()


def test_what_was_before_a_session_is_not_its_stall(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays)
    first = client_for(running.url).attach(IDENTIFIER)
    keep_the_gil(1.0)
    later = client_for(running.url).attach(IDENTIFIER)
    assert first._lifecycle.wait_for(lambda: first.stall_count == 1, PATIENCE)
    assert later.stalls == ()
    later.close()
    first.close()


def test_no_session_s_stalls_are_asked_for_after_the_last_one_has_left(
    engine: Callable[..., ScriptedEngine],
) -> None:
    from hyper_jupyter.session import runtime

    session = client_for(engine(stays).url).attach(IDENTIFIER)
    assert len(runtime().loop._stalled) == 1
    session.close()
    thread = runtime().loop._thread
    if thread is not None:
        thread.join(PATIENCE)
    assert runtime().loop._stalled == ()


def test_the_last_stalls_are_kept_one_by_one_and_all_are_counted() -> None:
    stalls = Stalls(lambda: None)
    stalls.begin()
    now = time.monotonic()
    for number in range(RECENT + 4):
        stalls._receive(now + number, now + number + 0.75)
    stalls.end()
    assert stalls.count == RECENT + 4
    assert stalls.seconds == pytest.approx(0.75 * (RECENT + 4))
    assert len(stalls.recent) == RECENT
    assert stalls.recent[-1].at - stalls.recent[0].at == pytest.approx(RECENT - 1, abs=0.01)


def test_of_a_stall_only_what_lies_in_the_attached_time_counts() -> None:
    stalls = Stalls(lambda: None)
    stalls.begin()
    since = stalls._since
    stalls._receive(since - 5.0, since + 0.25)
    assert stalls.recent == ()
    stalls._receive(since - 5.0, since + 2.0)
    stalls.end()
    assert [stall.seconds for stall in stalls.recent] == [pytest.approx(2.0)]
    assert stalls._until is not None
    stalls._receive(stalls._until, stalls._until + 5.0)
    assert len(stalls.recent) == 1
