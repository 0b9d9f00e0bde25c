"""How sessions end where several things happen at once, or an engine does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, sessions
from tests.session.clients import patient
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer, sends

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


def test_wait_after_detach_works_where_only_the_log_was_read(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(sends(HEAD_101 + OUT))
    session = client_for(running.url).attach(IDENTIFIER, logs=True, stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    running.exit(3)
    assert session.wait(PATIENCE) == 3
    session.close()


def test_a_created_container_whose_stream_the_engine_ends_is_not_detached(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(sends(HEAD_101))
    running.state.update(Status="created", Running=False)
    session = client_for(running.url).attach(IDENTIFIER)
    assert session.join(PATIENCE) is State.FAILED
    assert "has not started" in str(session.error)


def test_an_exit_while_attaching_leaves_no_connection_behind(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.ending._SILENCE", 0.1)
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        peer.wait_for_end()
        gone.set()

    running = engine(script)
    client = patient(running)

    def exits() -> None:
        running.exit(3)
        session = sessions()[-1]  # this one: it has just been given its name
        assert session.state is State.CONNECTING
        assert session._lifecycle.wait_for(lambda: session._ending.exited, PATIENCE)

    client.before_attaching = exits
    session = client.attach(IDENTIFIER)
    assert session.wait(PATIENCE) == 3
    assert session.stdout.text == "kept\n"
    assert gone.wait(PATIENCE)


def test_an_end_that_the_engine_explains_with_nonsense_is_an_end(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        assert gate.wait(PATIENCE)

    running = engine(script)
    session = client_for(running.url).attach(IDENTIFIER)
    running.answer = {"Id": IDENTIFIER, "State": "running"}
    gate.set()
    assert session.join(PATIENCE) is State.LOST
    assert "State is no object" in str(session.error)
    assert session.stdout.text == "kept\n"


def test_a_fault_of_ours_at_the_end_leaves_no_session_waiting(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr("hyper_jupyter.session.attach.target.ContainerTarget.state", faulty)
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER)
    assert session.join(PATIENCE) is State.LOST
