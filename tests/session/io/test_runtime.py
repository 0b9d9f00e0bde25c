"""The threads of the session layer together: none holds up another."""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.idle import IdleConnections
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session.io.runtime import Runtime, call_later, runtime, shutdown
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def test_a_dead_engine_does_not_hold_up_another_ones_sessions(
    engine: Callable[..., MoodyEngine],
) -> None:
    typed = threading.Event()
    ends = threading.Event()

    def drops(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        ends.wait(PATIENCE)

    def types(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line and peer.receive(1):
            typed.set()
        peer.wait_for_end()

    dead, healthy = engine(drops), engine(types, StdinOnce=True)
    lost = [
        client_for(dead.url, timeout=4 * PATIENCE).attach(IDENTIFIER, resume=False)
        for _ in range(2)
    ]
    session = client_for(healthy.url).attach(IDENTIFIER)
    dead.held = threading.Event()
    ends.set()
    for each in lost:
        output: Any = each._attachment.output
        with output._condition:
            assert output._condition.wait_for(lambda output=output: output.ended, PATIENCE)
    session.send("x")
    came = typed.wait(PATIENCE)
    dead.held.set()
    assert came
    session.close(force=True)
    for each in lost:
        each.join(2 * PATIENCE)


def test_an_import_starts_no_thread_and_a_session_s_end_leaves_none() -> None:
    shutdown()
    before = set(threading.enumerate())
    own = runtime()
    assert set(threading.enumerate()) == before
    ran = threading.Barrier(6)
    for worker in (own.callbacks, own.calls, own.publisher, own.recorder):
        worker.submit(lambda: ran.wait(PATIENCE))
    own.loop.call_soon(lambda: ran.wait(PATIENCE))
    names = {thread.name for thread in set(threading.enumerate()) - before}
    ran.wait(PATIENCE)  # all of them at once: none waits for another
    assert names == {
        "hyper_jupyter callbacks",
        "hyper_jupyter calls",
        "hyper_jupyter publisher",
        "hyper_jupyter recorder",
        "hyper_jupyter I/O",
    }
    shutdown()
    assert set(threading.enumerate()) == before


def test_behind_a_shutdown_there_are_new_threads() -> None:
    ended = runtime()
    assert runtime() is ended
    shutdown()
    assert runtime() is not ended
    ran = threading.Event()
    call_later(0.0, ran.set)
    assert ran.wait(PATIENCE)
    assert ended.loop._thread is None
    assert ended.calls.submit(lambda: None).cancelled


def test_a_fork_has_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    parents = runtime()
    real = os.getpid()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: real + 1)
        childs = runtime()
        assert childs is not parents
        assert runtime() is childs
    assert runtime() is not childs


def test_a_stream_that_a_call_opens_at_the_end_is_closed_too() -> None:
    """The loop ends last: a call that is being made may register a stream with it."""
    own = Runtime()
    entered, gate = threading.Event(), threading.Event()
    ours, theirs = socket.socketpair()

    def call() -> None:
        entered.set()
        assert gate.wait(PATIENCE)
        own.loop.call_soon(lambda: own.loop.register(ours, selectors.EVENT_READ, lambda _: None))

    own.calls.submit(call)
    assert entered.wait(PATIENCE)
    closing = threading.Thread(target=own.close)
    closing.start()
    with own.calls._condition:
        assert own.calls._condition.wait_for(lambda: own.calls._closed, PATIENCE)
    gate.set()
    closing.join(PATIENCE)
    with theirs:
        theirs.settimeout(PATIENCE)
        assert theirs.recv(1) == b""
    assert own.loop._thread is None


class Kept(DeadlineSocket):
    """A connection that waits for the next call, and says when it is closed."""

    __slots__ = ("on_close",)

    def __init__(self, on_close: Callable[[], None]) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self.on_close = on_close

    def close(self) -> None:
        super().close()
        self.on_close()


def test_a_connection_that_a_call_keeps_at_the_end_is_closed_too() -> None:
    closed: list[str] = []
    began, first = threading.Event(), threading.Event()

    class Owner:
        pass

    owner = Owner()
    idle = IdleConnections(owner, call_later)

    def call() -> None:
        began.set()
        assert first.wait(PATIENCE)  # the end has begun, and has closed what was kept
        idle.put(Kept(lambda: closed.append("late")))

    idle.put(Kept(first.set))
    runtime().calls.submit(call)
    assert began.wait(PATIENCE)
    shutdown()
    assert closed == ["late"]
