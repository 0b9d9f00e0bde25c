"""Attaching to a container in each of its states, on every engine."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import Conflict, NotFound
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle.judging import Judging
from tests.engines.scenarios import ECHO, PATIENCE, Attach, Make, wait_for, wait_until_ended


@pytest.mark.core
@pytest.mark.depends_on("shares_stdio_connection")
def test_two_sessions_of_one_container_both_see_its_output(container: Make, attach: Attach) -> None:
    made = container(ECHO, stdin=True, stdin_once=True)
    first, second = attach(made), attach(made)
    first.send_line("from-first")
    wait_for(first, b"got:from-first")
    wait_for(second, b"got:from-first")
    second.send_line("from-second")
    wait_for(first, b"got:from-second")
    assert second.name == f"{first.name}-2"
    second.detach()
    first.send_line("alone")
    wait_for(first, b"got:alone")


@pytest.mark.depends_on("refuses_empty_attach")
def test_without_stream_and_logs_it_ends_at_once(container: Make, attach: Attach) -> None:
    session = attach(container("sleep 60"), stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    assert len(session.journal) == 0


@pytest.mark.depends_on("wait_condition", "wait_answers_at_once")
def test_a_created_container_is_attached_and_streams_from_its_start(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(ECHO, start=False, stdin=True, stdin_once=True)
    session = attach(made)
    assert session.state is State.ATTACHED
    client.start(made)
    session.send_line("early")
    wait_for(session, b"got:early")


@pytest.mark.depends_on("reads_log_apart", "settles_after")
def test_a_stopped_container_is_a_conflict_that_says_what_to_do(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("exit 4")
    wait_until_ended(client, made)
    with pytest.raises(Conflict, match="start it first") as caught:
        attach(made)
    assert "%hyper start" in caught.value.hint
    assert client.inspect(made)["State"]["ExitCode"] == 4


@pytest.mark.core
@pytest.mark.depends_on("unpause_lags")
def test_a_paused_container_is_a_conflict(container: Make, attach: Attach, client: Client) -> None:
    made = container("sleep 60")
    client.pause(made)
    with pytest.raises(Conflict, match="paused") as caught:
        attach(made)
    assert "%hyper unpause" in caught.value.hint
    client.unpause(made)
    # A very busy Docker may hear later of the pause than attach waits; no event says that it has.
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            session = attach(made)
            break
        except Conflict:
            assert time.monotonic() < deadline, client.inspect(made)["State"]
    assert session.state is State.ATTACHED


@pytest.mark.core
def test_a_missing_container_is_not_found_with_near_names(container: Make, attach: Attach) -> None:
    container("sleep 60", name="hyper-jupyter-web")
    with pytest.raises(NotFound) as caught:
        attach("hyper-jupyter-wbe")
    assert "hyper-jupyter-web" in caught.value.hint


def test_who_attaches_again_at_once_is_not_cut_off_by_the_end_before(
    container: Make, attach: Attach, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = container("echo once; exit 3", start=False)
    session = attach(made)
    client.start(made)
    started = threading.Event()
    start, disconnect = session.client.start, Judging._disconnect

    def start_again(c: str) -> None:
        started.set()
        start(c)

    def leave_late(judging: Judging, **options: Any) -> None:
        started.wait(1)
        disconnect(judging, **options)

    monkeypatch.setattr(session.client, "start", start_again)
    monkeypatch.setattr(Judging, "_disconnect", leave_late)
    assert session.wait(PATIENCE) == 3
    session.attach_again(start=True)
    assert session.wait(PATIENCE) == 3
    assert session.stdout.text == "once\n" * 2
    assert session.error is None
