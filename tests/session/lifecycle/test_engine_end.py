"""Sessions whose embedded engine is killed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client.transport.embedded import stop_embedded_engine
from hyper_jupyter.exceptions import Conflict, ConnectionLost, SessionClosed
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle import engine_watch

PATIENCE = 20.0
ENDED = "the embedded engine has ended"


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of an engine that a test may kill."""
    stop_embedded_engine()
    yield client_for("local:")
    stop_embedded_engine()


def kill(client: Client) -> None:
    assert client.instance is not None
    client.instance.process.kill()


def run(client: Client, script: str) -> str:
    container = client.create("default", ["sh", "-c", script])
    client.start(container)
    return container


def test_open_sessions_end_and_say_why(client: Client) -> None:
    talks = client.attach(run(client, "echo hi; sleep 1000; :"), logs=True)
    is_quiet = client.attach(run(client, "sleep 1000; :"))
    lines = talks.stdout.lines(follow=True)
    assert next(lines) == "hi"
    kill(client)
    assert talks.join(PATIENCE) is State.LOST
    assert is_quiet.join(PATIENCE) is State.FAILED  # it never received anything
    for session in (talks, is_quiet):
        assert isinstance(session.error, ConnectionLost)
        assert str(session.error) == ENDED
        assert "The next call starts a new engine" in session.error.hint
        assert session.controls().again.endswith("run the cells again")
        with pytest.raises(Conflict, match="the engine has ended"):
            session.attach_again()
    with pytest.raises(ConnectionLost, match=ENDED):
        list(lines)


def test_wait_after_detach_says_at_once_that_it_has_ended(client: Client) -> None:
    session = client.attach(run(client, "sleep 1000; :"))
    session.detach()
    kill(client)
    with pytest.raises(ConnectionLost, match=ENDED):
        session.wait(PATIENCE)
    with pytest.raises(ConnectionLost, match=ENDED):
        session.wait(PATIENCE)


def test_what_was_left_says_that_it_has_ended_with_its_engine(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_watch, "_PERIOD", 0.05)
    session = client.attach(run(client, "sleep 1000; :"))
    unwatch = session.watch_pauses()
    session.detach()
    assert not session.engine_ended
    assert session.controls().again == ""
    noticed = threading.Event()
    unsubscribe = session.subscribe(lambda: session.engine_ended and noticed.set())
    kill(client)
    assert noticed.wait(PATIENCE)
    assert session.controls().again.endswith("run the cells again")
    assert "detached, ended with its engine" in repr(session)
    with pytest.raises(SessionClosed, match="the container has ended with its engine"):
        session.send("x")
    with pytest.raises(Conflict, match="the engine has ended"):
        session.attach_again()
    unsubscribe()
    unwatch()


def test_an_old_session_does_not_speak_to_the_engine_in_its_place(client: Client) -> None:
    container = run(client, "sleep 1000; :")
    session, program = client.attach(container), client.exec(container, ["sleep", "1000"])
    session.detach()
    program.detach()
    kill(client)
    assert client.containers() == []  # by the new one
    for call in (
        lambda: session.send_signal("INT"),
        lambda: session.resize(20, 40),
        lambda: session.wait(PATIENCE),
        lambda: program.resize(20, 40),
        lambda: program.wait(PATIENCE),
    ):
        with pytest.raises(ConnectionLost, match=ENDED):
            call()


def test_an_exec_ends_with_its_engine_and_not_with_what_the_next_one_says(client: Client) -> None:
    container = run(client, "sleep 1000; :")
    session = client.exec(container, ["sh", "-c", "echo here; sleep 1000; :"])
    lines = session.stdout.lines(follow=True)
    assert next(lines) == "here"
    kill(client)
    assert session.join(PATIENCE) is State.LOST
    assert (session.exit_code, str(session.error)) == (None, ENDED)
    with pytest.raises(ConnectionLost, match=ENDED):
        session.wait(PATIENCE)
