"""What is typed into a session, and what cannot be."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import Conflict, SessionClosed
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from tests.session.conftest import everywhere
from tests.session.servers import (
    HEAD_101,
    IDENTIFIER,
    REFUSED,
    MoodyEngine,
    Peer,
    ScriptedEngine,
    sends,
    stays,
)

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


def test_a_detach_that_ctrl_c_interrupts_has_detached(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.stdin._KEYS_DEADLINE", PATIENCE)
    main = threading.get_ident()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if peer.receive(1):  # the first of the detach keys: it is in the middle of it
            signal.pthread_kill(main, signal.SIGUSR1)
        peer.wait_for_end()

    session = client_for(engine(script, Tty=True).url).attach(IDENTIFIER)
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.detach()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert session.state is State.DETACHED
    session.close()


def test_a_stdin_that_the_engine_refuses_is_told_at_the_next_send(
    engine: Callable[..., MoodyEngine],
) -> None:
    def script(peer: Peer) -> None:
        (sends(REFUSED) if "stdout=0" in peer.request_line else stays(HEAD_101))(peer)

    session = client_for(engine(script, StdinOnce=True).url).attach(IDENTIFIER)
    session.send("a")
    assert session._lifecycle.wait_for(lambda: session.controls().stdin != "", PATIENCE)
    with pytest.raises(SessionClosed, match="its stdin has ended: busy"):
        session.send("b")
    session.close(force=True)


def test_an_object_that_is_no_bytes_is_not_sent(engine: Callable[..., MoodyEngine]) -> None:
    session = client_for(engine(stays(HEAD_101)).url).attach(IDENTIFIER)
    wrong: Any = 5
    with pytest.raises(TypeError):
        session.send(wrong)
    session.close()


@everywhere
def test_input_of_a_container_that_does_not_read_is_bounded(
    engine: Callable[..., ScriptedEngine],
) -> None:
    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        running.ended.wait()

    running = engine(script)
    session = attach(running)

    def flood() -> None:
        for _ in range(64):
            session.send(bytes(1024 * 1024), timeout=0.1)

    with pytest.raises(Conflict, match="does not read"):
        flood()
    session.close()
