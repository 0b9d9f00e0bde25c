"""The exit code, from the wait request or from inspect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from tests.session.conftest import everywhere
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer, ScriptedEngine, stays

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def test_an_engine_too_busy_for_one_inspect_does_not_end_a_session_whose_stream_is_open(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        gate.wait(PATIENCE)
        running.exit(4)

    running = engine(script)
    session = client_for(running.url).attach(IDENTIFIER)
    running.refusals = 1
    running.ended.set()  # the wait request breaks, and the inspect behind it is refused
    assert running.refused.wait(PATIENCE)
    assert not session._ending.exited
    with pytest.raises(TimeoutError):
        session.join(0.5)
    assert not session._ending.exited
    gate.set()
    assert session.wait(PATIENCE) == 4


def test_wait_after_detach_says_so_where_the_engine_is_gone(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.attach.exit_watch._AGAIN", (0.01, 0.01, 0.01))
    running = engine(stays(HEAD_101 + OUT))
    session = client_for(running.url).attach(IDENTIFIER)
    session.detach()
    running.close()
    with pytest.raises(ConnectionFailed):
        session.wait(PATIENCE)
    session.close()


def test_before_api_130_a_container_that_has_not_started_is_not_taken_for_ended(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        gate.wait(PATIENCE)
        peer.send(OUT)

    running = engine(script)
    running.state.update(Status="created", Running=False)
    running.ended.set()  # so a wait request is answered at once, with 0
    session = client_for(running.url, api_version="1.24").attach(IDENTIFIER)
    with pytest.raises(TimeoutError):
        session.join(0.5)
    assert session.exit_code is None
    running.exit(7)
    gate.set()
    assert session.wait(PATIENCE) == 7
    assert session.stdout.text == "kept\n"


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


@everywhere
def test_the_exit_code_comes_from_the_wait_request(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running: ScriptedEngine

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        running.exit(42)

    running = engine(script)
    session = attach(running)
    assert session.wait(PATIENCE) == 42
    assert session.state is State.EXITED
