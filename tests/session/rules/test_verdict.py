"""How a session ended, as a table over what is known: no engine, no clock, no threads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.rules.state import ENDED, State
from hyper_jupyter.session.rules.verdict import (
    Evidence,
    Inspected,
    Next,
    StreamEnd,
    Verdict,
    conclude,
)

OPEN, CLOSED, SILENT, BROKEN = StreamEnd
NOT_ASKED, GONE, FAILED = Inspected
RESET = ConnectionLost("reset by peer")
RUNNING = {"Status": "running", "Running": True, "ExitCode": 0}
PAUSED = {"Status": "paused", "Running": True, "Paused": True, "ExitCode": 0}
EXITED = {"Status": "exited", "Running": False, "ExitCode": 3}
STOPPED = {"Status": "stopped", "Running": False, "ExitCode": 3}
REMOVING = {"Status": "removing", "Running": False, "ExitCode": 3}
RESTARTING = {"Status": "restarting", "Running": True, "Restarting": True, "ExitCode": 3}
CREATED = {"Status": "created", "Running": False, "ExitCode": 0}


def verdict(stream: StreamEnd, inspected: Any = NOT_ASKED, **known: Any) -> Verdict:
    return conclude(Evidence(stream, inspected=inspected, **known))


def until(step: Next) -> Verdict:
    return Verdict(next=step)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        # The stream is open: nothing has ended, whatever else is known.
        (Evidence(OPEN), until(Next.NOTHING)),
        (Evidence(OPEN, detaching=True), until(Next.NOTHING)),
        # The process has ended, and its last output may still be on its way.
        (Evidence(OPEN, exited=True), until(Next.AWAIT_SILENCE)),
        (Evidence(OPEN, exited=True, detaching=True), until(Next.AWAIT_SILENCE)),
        # The stream's end and the answer to wait agree.
        (Evidence(CLOSED, exited=True), Verdict(State.EXITED, exited=True)),
        (Evidence(CLOSED, exited=True, patient=False), Verdict(State.EXITED, exited=True)),
        # An exit that is reported after the stream's end is one, also while somebody detaches.
        (
            Evidence(CLOSED, exited=True, exit_last=True, detaching=True),
            Verdict(State.EXITED, exited=True),
        ),
        (Evidence(SILENT, exited=True, exit_last=True), until(Next.INSPECT)),
        (Evidence(OPEN, exited=True, exit_last=True), until(Next.AWAIT_SILENCE)),
        # The stream's end alone means nothing, and silence means less.
        (Evidence(CLOSED), until(Next.INSPECT)),
        (Evidence(CLOSED, detaching=True), until(Next.INSPECT)),
        (Evidence(CLOSED, keys_typed=True), until(Next.INSPECT)),
        (Evidence(CLOSED, exited=True, detaching=True), until(Next.INSPECT)),
        (Evidence(SILENT), until(Next.INSPECT)),
        (Evidence(SILENT, exited=True), until(Next.INSPECT)),
    ],
)
def test_before_the_engine_was_asked(evidence: Evidence, expected: Verdict) -> None:
    assert conclude(evidence) == expected


@pytest.mark.parametrize("stream", [CLOSED, SILENT])
@pytest.mark.parametrize("state", [EXITED, STOPPED, REMOVING, RESTARTING])
@pytest.mark.parametrize("known", [{}, {"detaching": True}, {"exited": True}, {"patient": False}])
def test_a_container_that_has_ended_ends_the_session_with_its_code(
    stream: StreamEnd, state: Mapping[str, Any], known: dict[str, bool]
) -> None:
    assert verdict(stream, state, **known) == Verdict(State.EXITED, exited=True, exit_code=3)


@pytest.mark.parametrize("state", [RUNNING, PAUSED, CREATED])
@pytest.mark.parametrize("known", [{"detaching": True}, {"keys_typed": True}, {"follows": False}])
def test_the_end_of_what_was_wanted_of_a_container_that_goes_on_is_a_detach(
    state: Mapping[str, Any], known: dict[str, bool]
) -> None:
    for patient in (True, False):
        assert verdict(CLOSED, state, patient=patient, **known) == Verdict(State.DETACHED)


@pytest.mark.parametrize("state", [RUNNING, PAUSED, CREATED])
def test_a_container_that_seems_to_run_on_is_asked_about_again(state: Mapping[str, Any]) -> None:
    assert verdict(CLOSED, state) == until(Next.INSPECT_AGAIN)


@pytest.mark.parametrize(
    ("state", "how"), [(RUNNING, "runs on"), (PAUSED, "runs on"), (CREATED, "has not started")]
)
@pytest.mark.parametrize(("received", "ends"), [(True, State.LOST), (False, State.FAILED)])
def test_a_container_that_does_run_on_was_lost(
    state: Mapping[str, Any], how: str, received: bool, ends: State
) -> None:
    found = verdict(CLOSED, state, received=received, patient=False)
    assert found.state is ends
    assert str(found.error) == f"the engine ended the stream, but the container {how}"


def test_the_whole_log_of_a_container_that_has_not_started_is_a_detach() -> None:
    assert verdict(CLOSED, CREATED, log_only=True) == Verdict(State.DETACHED)
    assert verdict(CLOSED, RUNNING, log_only=True) == until(Next.INSPECT_AGAIN)


def test_a_container_that_removed_itself_has_ended_once_wait_has_said_so() -> None:
    assert verdict(CLOSED, GONE) == until(Next.LOOK_AGAIN)
    assert verdict(CLOSED, GONE, exited=True) == Verdict(State.EXITED, exited=True)


def test_a_container_that_removed_itself_has_ended_though_nobody_knows_its_code() -> None:
    assert verdict(CLOSED, GONE, patient=False) == Verdict(State.EXITED)


@pytest.mark.parametrize(("received", "ends"), [(True, State.LOST), (False, State.FAILED)])
def test_a_stream_that_broke_is_lost_whatever_else_is_known(received: bool, ends: State) -> None:
    for exited, detaching, inspected in itertools.product(
        (True, False), (True, False), (NOT_ASKED, GONE, EXITED, RUNNING)
    ):
        found = verdict(
            BROKEN, inspected, error=RESET, exited=exited, detaching=detaching, received=received
        )
        assert found == Verdict(ends, error=RESET)


@pytest.mark.parametrize(("received", "ends"), [(True, State.LOST), (False, State.FAILED)])
def test_an_engine_that_cannot_say_is_gone(received: bool, ends: State) -> None:
    error = HyperJupyterError("connection refused")
    found = verdict(CLOSED, FAILED, error=error, received=received)
    assert found.state is ends
    assert str(found.error) == "the engine is gone: connection refused"


def everything() -> Iterator[Evidence]:
    """Every combination of evidence that can come together."""
    states: tuple[Any, ...] = (
        NOT_ASKED, GONE, FAILED, RUNNING, PAUSED, EXITED, STOPPED, RESTARTING, CREATED,
    )  # fmt: skip
    flags = itertools.product((True, False), repeat=8)
    for (stream, inspected), known in itertools.product(
        itertools.product(StreamEnd, states), tuple(flags)
    ):
        exited, exit_last, detaching, keys_typed, follows, log_only, received, patient = known
        error = RESET if stream is BROKEN or inspected is FAILED else None
        yield Evidence(
            stream,
            error,
            exited,
            exited and exit_last,
            inspected,
            detaching=detaching,
            keys_typed=keys_typed,
            follows=follows,
            log_only=log_only,
            received=received,
            patient=patient,
        )


def test_whatever_is_known_something_comes_of_it() -> None:
    for evidence in everything():
        found = conclude(evidence)
        if found.state is None:
            # An end of the stream leaves no session waiting for news that may never come.
            assert (found.next is Next.NOTHING) == (evidence.stream is OPEN and not evidence.exited)
            assert found.error is None
        else:
            assert found.state in ENDED
            assert found.next is Next.NOTHING
            assert evidence.stream is not OPEN


def test_whatever_is_known_what_broke_has_a_reason_and_nothing_else_has() -> None:
    for evidence in everything():
        found = conclude(evidence)
        assert (found.error is not None) == (found.state in (State.LOST, State.FAILED))
        if found.state in (State.LOST, State.FAILED):
            assert (found.state is State.LOST) == evidence.received


def test_whatever_is_known_an_exit_code_is_the_one_that_inspect_has() -> None:
    for evidence in everything():
        found = conclude(evidence)
        if found.exit_code is not None:
            assert found.state is State.EXITED
            assert isinstance(evidence.inspected, Mapping)
            assert found.exit_code == evidence.inspected["ExitCode"]


def test_once_patience_is_over_the_engines_answer_ends_the_session() -> None:
    for evidence in everything():
        if evidence.stream in (CLOSED, SILENT) and evidence.inspected is not NOT_ASKED:
            found = conclude(evidence)
            assert found.state is not None or evidence.patient
