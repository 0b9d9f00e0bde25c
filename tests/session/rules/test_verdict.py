"""How a session ended, as a table over what is known: no engine, no clock, no threads."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, ProtocolError
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
STOPPING = {"Status": "stopping", "Running": False, "ExitCode": 0}
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
    assert verdict(stream, state, **known) == Verdict(
        State.EXITED, exited=True, exit_code=3, restarting=state is RESTARTING
    )


@pytest.mark.parametrize("state", [RUNNING, PAUSED, CREATED, STOPPING])
@pytest.mark.parametrize("known", [{"detaching": True}, {"keys_typed": True}, {"follows": False}])
def test_the_end_of_what_was_wanted_of_a_container_that_goes_on_is_a_detach(
    state: Mapping[str, Any], known: dict[str, bool]
) -> None:
    for patient in (True, False):
        assert verdict(CLOSED, state, patient=patient, **known) == Verdict(State.DETACHED)


@pytest.mark.parametrize("state", [RUNNING, PAUSED, CREATED, STOPPING])
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


def test_after_a_kill_inspect_is_asked_whether_memory_ran_out() -> None:
    killed = {"exited": True, "killed": True}
    assert verdict(CLOSED, **killed) == until(Next.INSPECT)
    for out_of_memory in (True, False):
        state = {**EXITED, "ExitCode": 137, "OOMKilled": out_of_memory}
        assert verdict(CLOSED, state, **killed) == Verdict(
            State.EXITED, exited=True, exit_code=137, out_of_memory=out_of_memory
        )


@pytest.mark.parametrize("inspected", [GONE, FAILED, RUNNING, PAUSED])
def test_a_kill_that_inspect_knows_nothing_of_is_an_exit_all_the_same(inspected: Any) -> None:
    ended = Verdict(State.EXITED, exited=True)
    assert verdict(CLOSED, inspected, exited=True, killed=True, patient=False) == ended


def test_a_container_that_removed_itself_has_ended_once_wait_has_said_so() -> None:
    assert verdict(CLOSED, GONE) == until(Next.LOOK_AGAIN)
    assert verdict(CLOSED, GONE, exited=True) == Verdict(State.EXITED, exited=True)


def test_a_container_that_removed_itself_has_ended_though_nobody_knows_its_code() -> None:
    assert verdict(CLOSED, GONE, patient=False) == Verdict(State.EXITED)


@pytest.mark.parametrize(
    "state", [RUNNING, CREATED, EXITED], ids=["runs again", "set back by Podman", "exited"]
)
def test_a_known_exit_wins_where_the_engine_has_started_the_container_again(
    state: Mapping[str, Any],
) -> None:
    assert verdict(CLOSED, exited=True, restarts=True) == until(Next.INSPECT)
    found = verdict(CLOSED, state, exited=True, restarts=True)
    assert (found.state, found.restarting) == (State.EXITED, state is RUNNING)
    assert verdict(CLOSED, state, exited=True, patient=False).state is not (
        State.LOST if state is CREATED else None
    )


def test_podman_s_created_is_an_exit_where_the_exit_is_known() -> None:
    assert verdict(CLOSED, CREATED, exited=True) == Verdict(State.EXITED, exited=True)
    assert verdict(CLOSED, CREATED, patient=False).state is State.FAILED


LOSSES = [(True, State.LOST), (False, State.FAILED)]


@pytest.mark.parametrize(("received", "ends"), LOSSES)
@pytest.mark.parametrize("known", [{}, {"detaching": True}, {"keys_typed": True}])
def test_a_stream_that_broke_while_the_container_runs_is_lost(
    received: bool, ends: State, known: dict[str, bool]
) -> None:
    broke = {"error": RESET, "received": received, **known}
    assert verdict(BROKEN, **broke) == until(Next.INSPECT)
    for state in (RUNNING, PAUSED, CREATED, FAILED):
        assert verdict(BROKEN, state, **broke) == Verdict(ends, error=RESET, cut=True)


@pytest.mark.parametrize(("received", "ends"), LOSSES)
@pytest.mark.parametrize("complete", [False, None])
def test_a_stream_that_broke_is_lost_though_the_container_ended_and_its_code_is_known(
    received: bool, ends: State, complete: bool | None
) -> None:
    broke = {"error": RESET, "received": received, "complete": complete}
    lost = Verdict(ends, exited=True, error=RESET, cut=True)
    assert verdict(BROKEN, EXITED, **broke) == replace(lost, exit_code=3)
    assert verdict(BROKEN, GONE, **broke) == until(Next.LOOK_AGAIN)
    assert verdict(BROKEN, GONE, exited=True, **broke) == lost
    assert verdict(BROKEN, FAILED, exited=True, **broke) == lost


def test_a_stream_that_broke_after_all_output_had_come_is_an_exit() -> None:
    assert verdict(BROKEN, EXITED, error=RESET, complete=True) == Verdict(
        State.EXITED, exited=True, exit_code=3
    )
    fault = ProtocolError("unrecognized stream: 9")
    assert verdict(BROKEN, error=fault, complete=True) == Verdict(State.FAILED, error=fault)


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(CLOSED, exited=True),
        Evidence(CLOSED, inspected=EXITED),
        Evidence(SILENT, inspected=EXITED),
        Evidence(CLOSED, inspected=GONE, exited=True),
        Evidence(CLOSED, inspected=GONE, patient=False),
        Evidence(BROKEN, RESET, inspected=EXITED),
    ],
)
def test_an_exit_is_reported_once_the_output_was_compared_with_the_log(evidence: Evidence) -> None:
    assert conclude(replace(evidence, compared=False)) == until(Next.COMPARE)
    assert conclude(evidence).state is not None


def test_what_is_no_exit_does_not_wait_for_the_log() -> None:
    assert verdict(CLOSED, RUNNING, detaching=True, compared=False).state is State.DETACHED
    assert verdict(BROKEN, RUNNING, error=RESET, compared=False).state is State.FAILED


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
            assert found.state is State.EXITED or evidence.stream is BROKEN
            assert isinstance(evidence.inspected, Mapping)
            assert found.exit_code == evidence.inspected["ExitCode"]


def test_once_patience_is_over_the_engines_answer_ends_the_session() -> None:
    for evidence in everything():
        if evidence.stream in (CLOSED, SILENT) and evidence.inspected is not NOT_ASKED:
            found = conclude(evidence)
            assert found.state is not None or evidence.patient


@pytest.mark.parametrize(
    ("stream", "known", "cut"),
    [
        (BROKEN, {"inspected": RUNNING, "error": RESET}, True),
        (BROKEN, {"inspected": FAILED, "error": RESET}, True),
        (BROKEN, {"error": ProtocolError("unrecognized stream: 9")}, False),
        (CLOSED, {"inspected": RUNNING, "patient": False}, True),
        (CLOSED, {"inspected": FAILED, "error": RESET}, True),
        (CLOSED, {"inspected": EXITED}, False),
        (CLOSED, {"inspected": RUNNING, "detaching": True}, False),
    ],
    ids=[
        "broken while it runs",
        "broken, and the engine is silent",
        "nonsense came",
        "ended while it runs",
        "ended, and the engine is silent",
        "exited",
        "detached",
    ],
)
def test_a_cut_is_an_end_of_the_connection_alone(
    stream: StreamEnd, known: dict[str, Any], cut: bool
) -> None:
    assert conclude(Evidence(stream, received=True, **known)).cut is cut
