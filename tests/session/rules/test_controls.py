"""What can be done with a session, by what its container is and what has happened: no engine."""

from __future__ import annotations

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.session.rules import controls as rules
from hyper_jupyter.session.rules.controls import Controls
from hyper_jupyter.session.rules.lives.prospect import Prospect
from hyper_jupyter.session.rules.plan import AttachOptions, Plan
from hyper_jupyter.session.rules.planning import plan_attach
from hyper_jupyter.session.rules.state import State
from tests.session.rules.plans import (
    DOCKER,
    EMBEDDED,
    EXITED,
    PODMAN,
    by_websocket,
    plan,
    plan_of,
    plan_of_exec,
    plan_of_log,
)


def controls(of: Plan, state: State, *, exited: bool = False) -> Controls:
    return rules.controls(of, state, stdin_used=False, input_ended="", exited=exited)


def test_behind_leaving_it_says_what_became_of_the_container() -> None:
    assert controls(plan(), State.DETACHED).leave == "The container runs on."
    left = controls(plan(), State.DETACHED, exited=True)
    assert left.leave == "The container has ended."
    assert controls(plan(), State.EXITED, exited=True).leave == ""


def test_a_log_that_was_read_says_how_to_read_on_and_not_what_was_left() -> None:
    for log in (plan(logs=True, stream=False), plan_of_log(follow=True)):
        assert controls(log, State.DETACHED).leave == (
            "The container runs on. Run its cell again to read what it has printed since."
        )
        assert controls(log, State.ATTACHED).leave == (
            "Detach stops reading the log, and does nothing to the container."
        )


def test_an_attached_session_takes_signals_and_is_not_attached_again() -> None:
    now = controls(plan(), State.ATTACHED)
    assert now.signal == ""
    assert now.again == now.start == "the session is attached"


def test_no_signal_reaches_a_container_that_has_ended() -> None:
    assert controls(plan(), State.ATTACHED, exited=True).signal == "the container has ended"


@pytest.mark.parametrize("state", [State.DETACHED, State.LOST, State.FAILED])
def test_a_session_that_ended_before_its_container_can_be_attached_again(state: State) -> None:
    now = controls(plan(), state)
    assert now.again == ""
    assert now.start == "the container is not known to have ended"
    assert now.signal == f"the session has ended ({state})"


@pytest.mark.parametrize("state", [State.EXITED, State.DETACHED])
def test_a_container_that_has_ended_can_be_started_and_attached(state: State) -> None:
    now = controls(plan(), state, exited=True)
    assert now.again == "the container has ended: start it first"
    assert now.start == ""


def test_so_can_one_whose_log_stood_for_the_stream() -> None:
    for profile in (DOCKER, PODMAN):
        log = plan_attach(
            {"Id": "f00d", "State": {"Status": "exited"}}, profile, AttachOptions(logs=True), None
        )
        now = controls(log, State.EXITED, exited=True)
        assert (now.again, now.start) == ("the container has ended: start it first", "")


def test_a_container_that_removed_itself_cannot_be_started() -> None:
    now = controls(plan(auto_remove=True), State.EXITED, exited=True)
    assert now.again == now.start == "the container removed itself when it ended"
    assert controls(plan(auto_remove=True), State.DETACHED).again == ""


def test_a_reading_of_the_log_is_not_attached_again() -> None:
    now = controls(plan(EXITED, logs=True, stream=False), State.EXITED)
    assert now.again == now.start == "this session only read the log: run its cell again"


def test_a_container_that_we_start_is_not_waited_for() -> None:
    # Else the header would say that it waits for the start which it has had.
    chosen = plan({"Status": "created"}, start=True)
    assert not chosen.wait_for_start
    assert "Waiting" not in controls(chosen, State.ATTACHED).leave


def test_a_shared_websocket_says_what_the_end_of_the_kernel_does() -> None:
    leave = controls(by_websocket(once=True, ws_chooses=False), State.ATTACHED).leave
    assert leave.endswith("When the kernel ends, the engine ends the container's input.")


def test_where_nothing_can_be_typed_the_input_cannot_be_ended_either() -> None:
    now = controls(plan_of(DOCKER, stdin=False), State.ATTACHED)
    assert now.stdin == now.eof != ""
    ended = rules.controls(plan(), State.ATTACHED, stdin_used=True, input_ended="it is over")
    assert ended.stdin == ended.eof == "it is over"


@pytest.mark.parametrize("of", [plan_of(DOCKER, once=True), plan_of(PODMAN)])
def test_the_end_of_the_kernel_cannot_end_an_input_that_has_ended(of: Plan) -> None:
    now = rules.controls(of, State.ATTACHED, stdin_used=True, input_ended="it was cut")
    assert now.leave == "Detach leaves the container running, and so does the end of the kernel."
    open_one = rules.controls(of, State.ATTACHED, stdin_used=True, input_ended="")
    assert "the container's input" in open_one.leave


def test_an_input_that_stays_open_for_the_next_client_cannot_be_ended() -> None:
    now = controls(plan_of(DOCKER), State.ATTACHED)
    assert now.stdin == ""
    assert now.eof == (
        "the container's input stays open for those who attach later, as after run -d -i"
    )
    assert controls(plan_of(DOCKER, once=True), State.ATTACHED).eof == ""
    assert controls(plan_of(DOCKER, tty=True), State.ATTACHED).eof == ""
    assert "WebSocket" in controls(by_websocket(), State.ATTACHED).eof


def test_what_leaving_does_depends_on_engine_and_container() -> None:
    def leave(of: Plan, *, stdin_used: bool = False) -> str:
        return rules.controls(of, State.ATTACHED, stdin_used=stdin_used, input_ended="").leave

    assert leave(plan_of(EMBEDDED)).endswith("When the kernel ends, the container ends with it.")
    assert leave(plan_of(DOCKER)).endswith("running, and so does the end of the kernel.")
    assert "Podman ends the container's input" in leave(plan_of(PODMAN))
    assert "once something was typed" in leave(plan_of(DOCKER, once=True))
    assert "once something was typed" not in leave(plan_of(DOCKER, once=True), stdin_used=True)


@pytest.mark.parametrize("engine", [EMBEDDED, DOCKER, PODMAN])
@pytest.mark.parametrize("tty", [False, True])
def test_leaving_a_further_program_is_said_of_the_program(engine: EngineProfile, tty: bool) -> None:
    leave = controls(plan_of_exec(engine, tty=tty, stdin=True), State.ATTACHED).leave
    assert leave.startswith("Detach leaves the program running")
    assert "container" not in leave
    assert controls(plan_of_exec(engine, tty=tty), State.DETACHED, exited=True).leave == (
        "The program has ended."
    )


def test_an_attachment_before_the_start_says_so_until_something_comes() -> None:
    waiting = plan({"Status": "created"})
    silent = rules.controls(waiting, State.ATTACHED, stdin_used=False, input_ended="", silent=True)
    assert silent.leave.startswith("Waiting for the container's start.")
    assert not controls(waiting, State.ATTACHED).leave.startswith("Waiting")


def test_a_container_that_the_engine_restarts_is_not_to_be_started() -> None:
    now = rules.controls(
        plan(), State.EXITED, stdin_used=False, input_ended="", exited=True, restarting=True
    )
    assert (now.again, now.start) == ("", "the engine has started it again, or is about to")
    assert now.leave == "The container was started again, or is about to be."


def test_who_has_left_between_two_lives_reads_whether_the_next_one_comes() -> None:
    now = rules.controls(
        plan(), State.DETACHED, stdin_used=False, input_ended="", exited=True, restarting=True
    )
    assert now.leave == "The container has ended, and the engine starts it again."
    assert now.again == ""


@pytest.mark.parametrize(
    ("awaits", "reason", "leave"),
    [
        (
            Prospect.RESTART,
            "the container has ended: waiting for its next start",
            "Waiting for the container's next start. Detach stops waiting.",
        ),
        (
            Prospect.GIVEN_UP,
            "the container has ended: its restart policy gave up, waiting for a start by hand",
            (
                "The container's restart policy has given up: the engine does not start it again. "
                "If it is started by hand, the session goes on. Detach stops waiting."
            ),
        ),
    ],
)
def test_while_it_waits_for_the_next_start_only_detaching_is_possible(
    awaits: Prospect, reason: str, leave: str
) -> None:
    found = rules.controls(
        plan(follow_restarts=True),
        State.RECONNECTING,
        stdin_used=False,
        input_ended="",
        exited=True,
        awaits=awaits,
    )
    assert found.detach == ""
    assert found.stdin == found.again == found.start == reason
    assert found.leave == leave


@pytest.mark.parametrize(
    ("made", "exited", "reason"),
    [
        (plan(), True, ""),
        (plan(auto_remove=True), True, "the container removed itself when it ended"),
        (plan(EXITED, logs=True), True, ""),
        (plan(EXITED, logs=True, stream=False), True, "this session only reads the log"),
    ],
)
def test_whether_restarts_can_be_followed_from_now_on(
    made: Plan, exited: bool, reason: str
) -> None:
    found = rules.controls(made, State.EXITED, stdin_used=False, input_ended="", exited=exited)
    assert found.follow == reason


def test_a_page_that_loses_its_kernel_knows_what_that_has_done() -> None:
    def end(of: Plan, state: State = State.ATTACHED, *, used: bool = False) -> str:
        return rules.controls(of, state, stdin_used=used, input_ended="").kernel_end

    assert end(plan_of(EMBEDDED)) == "the container ended with it"
    assert end(plan_of(DOCKER)) == "the container runs on"
    assert end(plan_of(DOCKER, once=True)) == "the container runs on"
    input_ended = "the container's input has ended, and the container runs on unless that ended it"
    assert end(plan_of(DOCKER, once=True), used=True) == input_ended
    assert end(plan_of(PODMAN)) == input_ended
    assert end(plan_of(EMBEDDED), State.RECONNECTING) == "the container ended with it"
    assert end(plan_of(EMBEDDED), State.DETACHED) == "the container ended with it"
    assert end(plan_of(EMBEDDED), State.EXITED) == ""
    assert end(plan_of_exec(EMBEDDED)) == "the program ended with it"
    assert end(plan_of(EMBEDDED), State.LOST) == ""
    ways = {"stdin_used": False, "input_ended": ""}
    lost = rules.controls(plan_of(EMBEDDED), State.LOST, **ways, kernel_ended=True)  # type: ignore[arg-type]
    assert lost.kernel_end == "the container ended with it"


@pytest.mark.parametrize("state", [State.LOST, State.FAILED])
def test_what_has_ended_with_its_engine_is_not_attached_again(state: State) -> None:
    ways = {"stdin_used": False, "input_ended": ""}
    lost = rules.controls(plan_of(EMBEDDED), state, **ways, engine_ended=True)  # type: ignore[arg-type]
    assert {lost.again, lost.start, lost.follow} == {rules.ENGINE_ENDED}
    assert (lost.leave, lost.heed) == ("", False)  # the error says it


@pytest.mark.parametrize("state", [State.DETACHED, State.EXITED])
@pytest.mark.parametrize("made", [plan_of(EMBEDDED), plan_of_exec(EMBEDDED)])
def test_what_was_over_before_its_engine_ended_is_not_attached_again(
    state: State, made: Plan
) -> None:
    ways = {"stdin_used": False, "input_ended": "", "exited": state is State.EXITED}
    gone = rules.controls(made, state, **ways, engine_ended=True)  # type: ignore[arg-type]
    assert {gone.again, gone.start, gone.follow} == {rules.ENGINE_ENDED}
    said = "The engine has ended, and its containers with it: run the cells again."
    assert gone.leave == said
    assert gone.heed is (state is State.DETACHED)
    assert gone.kernel_end == ""


def test_a_container_that_was_removed_is_not_started_again() -> None:
    def ended(*, recreated: bool) -> Controls:
        ways = {"stdin_used": False, "input_ended": "", "exited": True}
        state = State.EXITED
        return rules.controls(plan(), state, **ways, removed=True, recreated=recreated)  # type: ignore[arg-type]

    gone = ended(recreated=False)
    assert (gone.start, gone.leave) == ("the container was removed", "The container was removed.")
    replaced = ended(recreated=True)
    assert replaced.again.endswith("run its cell again for the new one")
    assert "another one has its name now" in replaced.leave
