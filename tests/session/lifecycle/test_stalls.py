"""Stalls: code of the user's that keeps the GIL stops the I/O thread, and the session says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session.io.stall_detector import HEARTBEAT, STALL
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.stalls import RECENT, Stalls
from hyper_jupyter.session.store.journal import Journal
from tests.session.gil import keep_the_gil
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def stays(peer: Peer) -> None:
    peer.send(HEAD_101 + OUT)
    peer.wait_for_end()


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


def stall(watching: Session) -> bool:
    """Keep the GIL; return whether that was noticed: on a busy machine others may have had it."""
    before = watching.stall_count
    keep_the_gil(1.0)
    return watching._lifecycle.wait_for(lambda: watching.stall_count > before, 3.0)


def test_a_stall_right_before_leaving_is_told_and_one_behind_it_is_not(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays)
    other = client_for(running.url).attach(IDENTIFIER)
    noticed = False
    while not noticed:
        session = client_for(running.url).attach(IDENTIFIER)
        before = other.stall_count
        keep_the_gil(1.0)
        session.detach()
        noticed = other._lifecycle.wait_for(lambda: other.stall_count > before, 3.0)  # noqa: B023
    assert session._lifecycle.wait_for(lambda: session.stall_count == 1, PATIENCE)
    while not stall(other):
        pass
    assert session.stall_count == 1
    other.close()


def test_what_was_before_a_session_is_not_its_stall(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays)
    first = client_for(running.url).attach(IDENTIFIER)
    noticed = False
    while not noticed:
        before = first.stall_count
        keep_the_gil(1.0)
        later = client_for(running.url).attach(IDENTIFIER)
        noticed = first._lifecycle.wait_for(lambda: first.stall_count > before, 3.0)  # noqa: B023
    assert later.stalls == ()
    later.close()
    first.close()


def test_no_session_s_stalls_are_asked_for_after_the_last_one_has_left(
    engine: Callable[..., ScriptedEngine],
) -> None:
    from hyper_jupyter.session import runtime

    session = client_for(engine(stays).url).attach(IDENTIFIER)
    assert len(runtime().loop._stall_listeners) == 1
    session.close()
    thread = runtime().loop._thread
    if thread is not None:
        thread.join(PATIENCE)
    assert runtime().loop._stall_listeners == ()


def test_the_last_stalls_are_kept_one_by_one_and_all_are_counted() -> None:
    stalls = Stalls(Lifecycle(Journal()))
    stalls.begin()
    now = time.monotonic()
    for number in range(RECENT + 4):
        stalls.receive_stall(now + number, now + number + 0.75)
    stalls.end()
    assert stalls.count == RECENT + 4
    assert stalls.seconds == pytest.approx(0.75 * (RECENT + 4))
    assert len(stalls.recent) == RECENT
    assert stalls.recent[-1].at - stalls.recent[0].at == pytest.approx(RECENT - 1, abs=0.01)


def test_of_a_stall_only_what_lies_in_the_attached_time_counts() -> None:
    stalls = Stalls(Lifecycle(Journal()))
    stalls.begin()
    since = stalls._since
    stalls.receive_stall(since - 5.0, since + 0.25)
    assert stalls.recent == ()
    stalls.receive_stall(since - 5.0, since + 2.0)
    stalls.end()
    assert [stall.seconds for stall in stalls.recent] == [pytest.approx(2.0)]
    assert stalls._until is not None
    stalls.receive_stall(stalls._until, stalls._until + 5.0)
    assert len(stalls.recent) == 1
