"""A session that has ended begins again: with new connections, and the same journal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.api import Session, client_for
from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import Conflict, ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import ENDED, State, find
from tests.session.servers import HEAD_101, IDENTIFIER, REFUSED, Lives, MoodyEngine, Peer

PATIENCE = 10.0


def out(data: bytes) -> bytes:
    return encode_frame(StreamType.STDOUT, data)


def attach(engine: MoodyEngine, **options: Any) -> Session:
    client = client_for(engine.url, timeout=PATIENCE, **engine.options)
    return client.attach(IDENTIFIER, **options)


def renew(session: Session) -> None:
    session._renew(session._plan, Deadline(PATIENCE))


def test_a_renewed_session_goes_on_with_its_transcript(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = attach(engine(Lives(HEAD_101 + out(b"one\n"), HEAD_101 + out(b"two\n"))))
    session.expect("one")
    session.detach()
    states: list[State] = []
    ended = threading.Event()
    session.observe(lambda _, new: ended.set() if new in ENDED else states.append(new))
    renew(session)
    session.expect("two")
    assert (session.state, session.stdout.getvalue()) == (State.ATTACHED, b"one\ntwo\n")
    session.detach()
    assert ended.wait(PATIENCE)
    assert states == [State.CONNECTING, State.ATTACHED]


def test_only_a_session_that_has_ended_is_renewed(engine: Callable[..., MoodyEngine]) -> None:
    session = attach(engine(Lives(HEAD_101)))
    with pytest.raises(Conflict, match="has not ended"):
        renew(session)
    session.close(force=True)


def test_what_is_typed_goes_to_the_new_connection(engine: Callable[..., MoodyEngine]) -> None:
    received: list[bytes] = []

    def answers(peer: Peer) -> None:
        peer.send(HEAD_101)
        data = peer.wait_for_end()
        received.append(data)

    session = attach(engine(answers, OpenStdin=True))
    session.detach()
    renew(session)
    session.send_line("hello")
    session.detach()
    wait = threading.Event()
    for _ in range(1000):
        if b"hello\n" in received:
            break
        wait.wait(0.01)
    assert received == [b"", b"hello\n"]


def test_the_exit_code_is_that_of_the_new_run(engine: Callable[..., MoodyEngine]) -> None:
    running = engine(Lives(HEAD_101, HEAD_101))
    session = attach(running)
    session._ending.receive_exit(3)
    session.detach()
    codes = [session.exit_code]
    renew(session)
    codes.append(session.exit_code)
    assert codes == [3, None]
    session.close(force=True)


def test_a_renewal_that_fails_loses_the_session_and_keeps_its_name(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = attach(engine(Lives(HEAD_101 + out(b"one\n"), REFUSED)))
    session.expect("one")
    session.detach()
    with pytest.raises(HyperJupyterError, match="busy"):
        renew(session)
    assert session.state is State.LOST
    assert "busy" in str(session.error)
    assert session.stdout.getvalue() == b"one\n"
    assert find(session.name) is session


def test_a_renewed_session_whose_name_is_taken_gets_another_one(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(Lives(HEAD_101))
    first = attach(running)
    first.detach()
    name = first.name
    second = attach(running)
    assert second.name == name
    renew(first)
    assert (first.name, find(name), find(first.name)) == (f"{name}-2", second, first)
    first.close(force=True)
    second.close(force=True)


def test_a_new_plan_is_what_the_session_says_of_itself(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = attach(engine(Lives(HEAD_101)))
    session.detach()
    plan = replace(session._plan, auto_remove=True, run="2026-01-01T00:00:00Z")
    session._renew(plan, Deadline(PATIENCE))
    assert session._plan is plan
    session.detach()
    session._ending.receive_exit(0)
    assert "removed itself" in session.controls().again


def test_an_engine_that_cannot_be_reached_is_reported(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(Lives(HEAD_101))
    session = attach(running)
    session.detach()
    running.close()
    with pytest.raises(ConnectionFailed):
        renew(session)
    assert session.state is State.LOST
