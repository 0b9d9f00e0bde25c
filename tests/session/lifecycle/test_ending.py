"""How a session ends: the pieces of evidence in every order, and engines that do not answer."""

from __future__ import annotations

import gc
import threading
import traceback
import weakref
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    ConnectionLost,
    NotFound,
    SessionClosed,
)
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, runtime, sessions
from hyper_jupyter.session.attach import exit_watch, shared_exit
from hyper_jupyter.session.lifecycle import findings
from hyper_jupyter.session.lifecycle import judging as module
from hyper_jupyter.session.lifecycle.input_cut import APART, InputCut
from hyper_jupyter.session.rules.plan import Plan
from tests.session.clients import patient
from tests.session.lifecycle.endings import ScriptedSession
from tests.session.rules.plans import DOCKER, PODMAN, plan, plan_of, plan_of_exec
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer, sends

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
LONG = 3600.0
"""Seconds that no test waits."""

RUNNING = {"State": {"Status": "running", "Running": True}}
EXITED = {"State": {"Status": "exited", "Running": False, "ExitCode": 7}}


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets for how long inspect may lag behind; without a pause between two of them."""

    def set_it(seconds: float) -> None:
        monkeypatch.setattr(module, "_SETTLE", seconds)
        monkeypatch.setattr(module, "_SETTLE_STEP", 0.0)

    return set_it


# -- the stream, the answer to wait, and inspect ---------------------------------------------


def test_an_exit_counts_when_the_stream_has_ended_too_and_nobody_is_asked() -> None:
    session = ScriptedSession()
    session.container_exits(3)
    assert (session.state, session.ending.exited, session.ends) == (State.ATTACHED, True, 0)
    assert not session.ending.is_known()
    session.stream_ends()
    assert (session.state, session.ending.exit_code, session.ends) == (State.EXITED, 3, 1)
    assert session.ending.outcome() == 3
    assert session.inspects() == 0
    assert session.attachment.happened == ["end input", "leave"]


def test_the_stream_s_end_before_the_exit_is_kept_until_it_is_known(
    patience: Callable[[float], None],
) -> None:
    patience(LONG)
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    session.stream_ends()
    assert session.state is State.ATTACHED
    session.container_exits(3)
    assert session.join() is State.EXITED
    assert (session.ending.outcome(), session.ends) == (3, 1)


def test_without_an_answer_to_wait_inspect_says_how_it_ended() -> None:
    session = ScriptedSession()
    session.client.inspected = [EXITED]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert (session.ending.outcome(), session.ending.exited) == (7, True)


def test_an_inspect_that_lags_behind_is_asked_again(patience: Callable[[float], None]) -> None:
    patience(LONG)
    session = ScriptedSession()
    session.client.inspected = [RUNNING, RUNNING, EXITED]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert (session.ending.outcome(), session.inspects()) == (7, 3)


def test_a_container_that_runs_on_was_lost(patience: Callable[[float], None]) -> None:
    patience(0.0)
    session = ScriptedSession()
    session.ending.receive_output(kept=True)
    session.client.inspected = [RUNNING]
    session.stream_ends()
    assert session.join() is State.LOST
    with pytest.raises(ConnectionLost, match="the container runs on"):
        session.ending.outcome()


def test_the_code_of_a_container_that_is_gone_may_be_late(
    patience: Callable[[float], None],
) -> None:
    patience(LONG)
    session = ScriptedSession()
    session.client.inspected = [NotFound(404, "no such container")]
    session.stream_ends()
    session.container_exits(9)
    assert session.join() is State.EXITED
    assert session.ending.outcome() == 9


def test_the_code_of_a_container_that_is_gone_may_never_be_known(
    patience: Callable[[float], None],
) -> None:
    patience(0.0)
    session = ScriptedSession()
    session.client.inspected = [NotFound(404, "no such container")]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert session.ending.outcome() is None


@pytest.mark.parametrize("named", ["web", "other"])
def test_a_container_that_was_removed_is_told_from_one_with_its_name(
    patience: Callable[[float], None], named: str
) -> None:
    patience(0.0)
    session = ScriptedSession()
    another = {"Id": "another", "Name": f"/{named}", "Config": {"Image": "busybox"}}
    session.client.inspected = [NotFound(404, "no such container"), another]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert (session.ending.fate.removed, session.ending.fate.recreated) == (True, named == "web")


def test_a_container_that_removes_itself_was_not_removed_by_others(
    patience: Callable[[float], None],
) -> None:
    patience(0.0)
    session = ScriptedSession(replace(plan(), auto_remove=True))
    session.client.inspected = [NotFound(404, "no such container")]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert not session.ending.fate.removed


def test_an_engine_that_cannot_say_is_gone() -> None:
    session = ScriptedSession()
    session.client.inspected = [ConnectionFailed("nobody is there")]
    session.stream_ends()
    assert session.join() is State.FAILED
    with pytest.raises(ConnectionLost, match="the engine is gone: nobody is there"):
        session.ending.outcome()


@pytest.mark.parametrize(
    ("kept", "state"),
    [([], State.FAILED), ([False], State.FAILED), ([False, True, False], State.LOST)],
    ids=["nothing came", "nothing was kept", "some was kept"],
)
def test_a_broken_stream_is_lost_where_output_was_kept_and_has_failed_elsewhere(
    kept: list[bool], state: State
) -> None:
    session = ScriptedSession()
    for each in kept:
        session.ending.receive_output(kept=each)
    error = ConnectionLost("cut")
    session.client.inspected = [RUNNING]
    session.stream_ends(error)
    assert session.join() is state
    assert (session.ending.error, session.ends) == (error, 1)
    assert (session.inspects(), session.attachment.happened) == (1, ["leave"])


def test_the_exit_code_is_learned_after_a_loss_too() -> None:
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    session.stream_ends(ConnectionLost("cut"))
    session.join()
    with pytest.raises(ConnectionLost, match="cut"):
        session.ending.outcome()
    session.container_exits(4)
    assert session.ending.outcome() == 4
    assert session.state is State.FAILED


def test_an_exit_waits_for_the_comparison_with_the_log() -> None:
    session = ScriptedSession()
    session.proof.held = True
    session.container_exits(3)
    session.stream_ends()
    assert (session.state, session.proof.starts) == (State.ATTACHED, 1)
    assert not session.ending.is_known()
    session.proof.finish(complete=True)
    assert (session.join(), session.ending.outcome(), session.ends) == (State.EXITED, 3, 1)


def test_an_exit_that_comes_while_a_broken_stream_is_looked_at_does_not_hide_it() -> None:
    session = ScriptedSession()
    session.proof.held = True
    session.client.inspected = [EXITED]
    session.stream_ends(ConnectionLost("cut"))
    session.container_exits(7)
    session.proof.finish(complete=False)
    assert session.join() is State.FAILED
    assert (str(session.ending.error), session.ending.outcome()) == ("cut", 7)


def test_nothing_is_compared_once_the_user_leaves() -> None:
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    assert session.ending.begin_detach()
    session.stream_ends()
    assert (session.join(), session.proof.starts) == (State.DETACHED, 0)


def test_an_error_is_raised_as_often_as_it_is_asked_for_and_does_not_grow() -> None:
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    session.stream_ends(ConnectionLost("cut"))
    session.join()
    depths = []
    for _ in range(3):
        with pytest.raises(ConnectionLost) as caught:
            session.ending.outcome()
        depths.append(len(traceback.extract_tb(caught.value.__traceback__)))
    assert depths[0] == depths[1] == depths[2]


def test_the_end_of_stdin_alone_ends_nothing_and_is_told() -> None:
    session = ScriptedSession()
    session.ending.receive_end(session.attachment.typed, ConnectionLost("cut"))
    assert (session.state, session.ending.error) == (State.ATTACHED, None)
    assert session.woken == [False]
    assert session.ending.input_cut


@pytest.mark.parametrize(
    "why",
    [
        "we ended the input",
        "another session closed it",
        "it was never open",
        "the container has ended",
        "the engine does that at an exit",
    ],
)
def test_an_end_of_stdin_that_was_due_is_no_cut(why: str) -> None:
    profile = replace(DOCKER, keeps_stdin_connection=not why.startswith("the engine"))
    session = ScriptedSession(plan_of(profile))
    if why == "we ended the input":
        session.attachment.typed.input_ended = True
    elif why == "another session closed it":
        session.attachment.typed.closed = True
    elif why == "it was never open":
        session.attachment.typed.opened = False
    elif why == "the container has ended":
        session.container_exits(0)
    session.ending.receive_end(session.attachment.typed, None)
    assert not session.ending.input_cut


@pytest.mark.parametrize("end", ["output", "exit"])
def test_an_end_of_stdin_just_before_the_container_s_is_no_cut_for_good(end: str) -> None:
    session = ScriptedSession(plan_of(replace(DOCKER, keeps_stdin_connection=False)))
    now = [100.0]
    session.ending.input_cut = InputCut(kept=False, clock=lambda: now[0])
    session.client.inspected = [RUNNING]
    session.ending.receive_end(session.attachment.typed, None)
    if end == "output":
        session.stream_ends()
    else:
        session.container_exits(0)
    now[0] += 10 * APART
    assert not session.ending.input_cut


def test_an_end_before_the_answer_is_attach_s_business() -> None:
    session = ScriptedSession(attached=False)
    session.attachment.output.opened = False
    session.stream_ends(ConnectionLost("cut"))
    assert (session.state, session.ending.error) == (State.CONNECTING, None)


# -- silence ---------------------------------------------------------------------------------


def test_a_stream_that_never_ends_is_left_when_it_was_silent_for_long_after_the_exit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    session = ScriptedSession()
    session.client.inspected = [EXITED]
    session.ending.receive_output(kept=True)
    session.ending.exited = True
    now[0] += module._SILENCE - 0.1
    session.ending._check_silence()
    assert (session.state, session.attachment.happened) == (State.ATTACHED, [])
    session.ending.receive_output(kept=True)
    now[0] += 0.2
    session.ending._check_silence()
    assert session.attachment.happened == []
    now[0] += module._SILENCE
    session.ending._check_silence()
    assert session.attachment.happened[0] == "leave output"
    monkeypatch.undo()
    assert session.join() is State.EXITED
    assert session.ending.outcome() == 7


def test_an_exit_while_it_is_opened_counts_once_it_is_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_SILENCE", 0.0)
    session = ScriptedSession(attached=False)
    session.client.inspected = [EXITED]
    session.container_exits(7)
    assert (session.state, session.ending.exited) == (State.CONNECTING, True)
    session.ending.opened()
    assert session.join() is State.EXITED
    assert session.ending.outcome() == 7


def test_an_end_while_it_is_opened_leaves_nothing_open() -> None:
    session = ScriptedSession(attached=False)
    session.container_exits(7)
    session.stream_ends()
    assert session.state is State.EXITED
    session.attachment.happened.clear()
    session.ending.opened()
    assert (session.state, session.attachment.happened) == (State.EXITED, ["leave"])


def test_what_could_not_be_opened_has_failed_and_leaves_nothing_open() -> None:
    session = ScriptedSession(attached=False)
    session.ending.fail()
    assert (session.state, session.attachment.happened) == (State.FAILED, ["leave"])
    assert session.ending.outcome() is None


# -- leaving, and waiting for the exit afterwards --------------------------------------------


def test_one_thread_leaves_and_the_others_have_nothing_to_do() -> None:
    session = ScriptedSession()
    assert [session.ending.begin_detach(), session.ending.begin_detach()] == [True, False]
    session.ending.finish_detach()
    assert (session.state, session.attachment.happened) == (State.DETACHED, ["leave"])
    assert (session.ends, session.ending.begin_detach()) == (1, False)


def test_a_session_that_has_ended_is_not_left() -> None:
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    session.stream_ends(ConnectionLost("cut"))
    session.join()
    assert not session.ending.begin_detach()


def test_the_stream_s_end_is_no_exit_where_we_leave_and_the_container_runs() -> None:
    session = ScriptedSession()
    session.client.inspected = [RUNNING]
    session.ending.begin_detach()
    session.stream_ends()
    assert session.join() is State.DETACHED
    assert session.ending.error is None


def test_it_is_an_exit_where_the_container_has_ended_meanwhile() -> None:
    session = ScriptedSession()
    session.client.inspected = [EXITED]
    session.ending.begin_detach()
    session.stream_ends()
    assert session.join() is State.EXITED
    session.ending.finish_detach()
    assert (session.state, session.ending.outcome()) == (State.EXITED, 7)


def test_who_has_typed_the_detach_keys_has_left(patience: Callable[[float], None]) -> None:
    patience(LONG)
    session = ScriptedSession(plan_of(DOCKER, tty=True))
    session.client.inspected = [RUNNING]
    session.ending.keys_typed = True
    session.stream_ends()
    assert session.join() is State.DETACHED


def test_the_exit_after_detaching_wakes_who_waits_for_it() -> None:
    session = ScriptedSession()
    session.detaches()
    assert not session.ending.is_known()
    session.woken.clear()
    session.container_exits(4)
    assert session.woken[-1:] == [True]
    assert (session.state, session.ending.outcome()) == (State.DETACHED, 4)
    assert session.attachment.happened == ["leave", "end input"]


def test_an_engine_that_goes_after_detaching_wakes_who_waits_for_the_exit() -> None:
    session = ScriptedSession()
    session.detaches()
    session.woken.clear()
    error = ConnectionFailed("nobody is there")
    session.ending.receive_unwatched(error)
    assert session.woken == [True]
    with pytest.raises(ConnectionFailed) as caught:
        session.ending.outcome()
    assert caught.value is error


def test_closing_wakes_who_waits_for_the_exit_after_detaching() -> None:
    session = ScriptedSession()
    session.detaches()
    session.woken.clear()
    session.ending.close()
    assert session.woken == [True]
    with pytest.raises(SessionClosed, match="closed before the container ended"):
        session.ending.outcome()


def test_closing_does_not_forget_an_exit_that_is_known() -> None:
    session = ScriptedSession()
    session.detaches()
    session.container_exits(4)
    session.ending.close()
    assert session.ending.outcome() == 4


def test_an_engine_that_goes_while_the_stream_is_open_is_no_end() -> None:
    session = ScriptedSession()
    session.ending.receive_unwatched(ConnectionFailed("nobody is there"))
    assert (session.state, session.ending.is_known()) == (State.ATTACHED, False)


@pytest.mark.parametrize("broke", [None, ConnectionLost("reset")], ids=["ended", "broke"])
def test_an_engine_that_has_ended_is_the_reason_however_its_streams_end(
    broke: ConnectionLost | None,
) -> None:
    session = ScriptedSession()
    ended = ConnectionLost("the engine has ended")
    session.client.inspected = [ended]
    session.ending.receive_output(kept=True)
    session.stream_ends(broke)
    assert session.join() is State.LOST
    assert session.ending.error is ended


def test_who_waits_after_detaching_asks_once_where_nobody_watched_the_exit() -> None:
    session = ScriptedSession()
    session.client.inspected = [EXITED]
    session.detaches()
    session.ending.ensure_watched()
    session.ending.ensure_watched()
    assert session.lifecycle.wait_for_end(session.ending.is_known, PATIENCE)
    session.ending.ensure_watched()
    assert (session.ending.outcome(), session.inspects()) == (7, 1)


def test_who_waits_again_where_the_engine_was_gone_has_it_asked_again() -> None:
    session = ScriptedSession()
    gate = threading.Event()

    def inspect(_: str) -> dict[str, Any]:
        assert gate.wait(PATIENCE)
        return EXITED

    session.client.inspect = inspect
    session.detaches()
    session.ending.receive_unwatched(ConnectionFailed("nobody is there"))
    session.ending.ensure_watched()
    assert not session.ending.is_known()  # not by what was known before
    gate.set()
    assert session.lifecycle.wait_for_end(lambda: session.ending.exited, PATIENCE)
    assert session.ending.outcome() == 7


GOES_ON = {"Running": True, "ExitCode": None}
IS_OVER = {"Running": False, "ExitCode": 5}


@pytest.fixture
def polled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect what is polled again without a pause."""
    monkeypatch.setattr(exit_watch, "_POLL", 0.0)


@pytest.mark.usefixtures("polled")
@pytest.mark.parametrize("when", ["before", "after", "both", "never"])
def test_the_exit_of_an_exec_is_learned_after_detaching_whenever_somebody_waits(when: str) -> None:
    session = ScriptedSession(plan_of_exec())
    if when in ("before", "both"):
        session.ending.ensure_watched()
    assert session.inspects() == 0  # while it is attached its stream shows the exit
    session.client.inspected = [GOES_ON, GOES_ON, IS_OVER]
    session.detaches()
    if when in ("after", "both"):
        session.ending.ensure_watched()
    assert session.lifecycle.wait_for_end(session.ending.is_known, PATIENCE)
    assert (session.state, session.ending.outcome()) == (State.DETACHED, 5)
    assert session.inspects() == 3  # by one watch


@pytest.mark.usefixtures("polled")
def test_the_exit_of_an_exec_whose_stream_ends_while_we_leave_is_learned() -> None:
    session = ScriptedSession(plan_of_exec(tty=True))
    session.client.inspected = [GOES_ON, GOES_ON, IS_OVER]
    session.ending.begin_detach()
    session.stream_ends()
    assert session.join() is State.DETACHED
    session.ending.finish_detach()
    assert session.lifecycle.wait_for_end(session.ending.is_known, PATIENCE)
    assert session.ending.outcome() == 5


@pytest.mark.usefixtures("polled")
def test_the_exit_code_of_an_exec_is_learned_after_a_loss_too() -> None:
    session = ScriptedSession(plan_of_exec())
    session.client.inspected = [GOES_ON, GOES_ON, IS_OVER]
    session.ending.receive_output(kept=True)
    session.stream_ends(ConnectionLost("cut"))
    assert session.join() is State.LOST
    assert session.lifecycle.wait_for_end(lambda: session.ending.exited, PATIENCE)
    assert session.ending.outcome() == 5


def test_a_program_that_was_seen_to_run_on_without_its_connection_has_printed_unheard(
    patience: Callable[[float], None],
) -> None:
    patience(LONG)
    session = ScriptedSession(plan_of_exec())
    session.client.inspected = [GOES_ON, GOES_ON, IS_OVER]
    session.stream_ends()
    assert session.join() is State.EXITED
    assert session.ending.traffic.outlived > 0
    other = ScriptedSession(plan_of_exec())
    other.client.inspected = [IS_OVER]
    other.stream_ends()
    assert other.join() is State.EXITED
    assert other.ending.traffic.outlived == 0


def test_an_end_while_the_exit_is_asked_for_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exit_watch, "_PATIENCE", LONG)
    session = ScriptedSession()
    dial = session.client.open

    def dial_and_end(*arguments: Any, **options: Any) -> Any:
        session.ending.close()
        return dial(*arguments, **options)

    session.client.open = dial_and_end
    session.ending.watch(Deadline(None))
    session.ending.await_watch(Deadline(None))  # it waits no longer
    session.client.close()


def test_an_exec_that_is_closed_is_watched_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exit_watch, "_POLL", LONG)
    session = ScriptedSession(plan_of_exec())
    session.client.inspected = [GOES_ON]
    session.detaches()
    assert ("unix:///paired", "beef") in shared_exit._shared
    session.ending.close()
    assert ("unix:///paired", "beef") not in shared_exit._shared
    with pytest.raises(SessionClosed, match="closed before the program ended"):
        session.ending.outcome()


def test_a_session_whose_stream_ends_while_we_leave_is_kept_by_nothing() -> None:
    session = ScriptedSession(plan_of(DOCKER, tty=True), attached=False)
    client = session.client
    session.ending.watch(Deadline(0))
    session.ending.opened()
    client.inspected = [RUNNING]
    session.ending.begin_detach()
    session.stream_ends()
    assert session.join() is State.DETACHED
    session.ending.finish_detach()
    for ask in (runtime().calls.submit, runtime().loop.call_soon):  # they are done with it
        done = threading.Event()
        ask(done.set)
        assert done.wait(PATIENCE)
    gone = weakref.ref(session.ending)
    del session
    gc.collect()
    assert gone() is None
    client.close()


@pytest.mark.parametrize("how", ["closed", "ended"])
def test_nobody_is_asked_for_an_exit_behind_the_end(how: str) -> None:
    session = ScriptedSession()
    if how == "closed":
        session.detaches()
        session.ending.close()
    else:
        session.client.inspected = [RUNNING]
        session.stream_ends(ConnectionLost("cut"))
        session.join()
    calls = list(session.client.calls)
    session.ending.ensure_watched()
    assert not session.ending._watching.active
    assert session.client.calls == calls


# -- watching the exit -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "condition"),
    [
        (plan_of(DOCKER), "not-running"),
        (plan_of(PODMAN), "next-exit"),
        (plan({"Status": "created"}), "next-exit"),
    ],
    ids=["running", "Podman", "created"],
)
def test_the_exit_that_is_asked_for_is_the_next_one_where_it_is_yet_to_start(
    of: Plan, condition: str
) -> None:
    session = ScriptedSession(of, attached=False)
    session.ending.watch(Deadline(0))
    assert session.client.calls == [
        ("open", "POST", "/containers/f00d/wait", {"condition": condition})
    ]
    peer = session.client.peer()
    session.ending.opened()
    peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{"StatusCode":5}')
    assert session.lifecycle.wait_for_end(lambda: session.ending.exited, PATIENCE)
    assert session.ending.exit_code == 5
    session.client.close()


def test_a_container_that_ended_before_it_was_asked_about_is_not_waited_for(
    patience: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    patience(0.0)
    monkeypatch.setattr(module, "_SILENCE", 0.0)
    session = ScriptedSession(plan_of(PODMAN), attached=False)
    session.ending.watch(Deadline(0))
    session.client.inspected = [EXITED]
    session.ending.opened()
    session.ending.recheck()
    assert session.join() is State.EXITED
    assert session.ending.outcome() == 7
    session.client.close()


def test_where_the_wait_request_covers_it_nobody_looks_again() -> None:
    session = ScriptedSession(attached=False)
    session.ending.watch(Deadline(0))
    session.ending.recheck()
    assert session.inspects() == 0
    session.client.close()


# -- a whole session -------------------------------------------------------------------------


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
    session = client_for(running.url).attach(IDENTIFIER, resume=False)
    assert session.join(PATIENCE) is State.FAILED
    assert "has not started" in str(session.error)


def test_an_exit_while_attaching_leaves_no_connection_behind(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.judging._SILENCE", 0.1)
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
    session = client.attach(IDENTIFIER, resume=False)
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
    session = client_for(running.url).attach(IDENTIFIER, resume=False)
    running.answer = {"Id": IDENTIFIER, "State": "running"}
    gate.set()
    assert session.join(PATIENCE) is State.LOST
    assert "State is not an object" in str(session.error)
    assert session.stdout.text == "kept\n"


def test_a_fault_of_ours_at_the_end_leaves_no_session_waiting(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr("hyper_jupyter.session.attach.target.ContainerTarget.state", faulty)
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER, resume=False)
    assert session.join(PATIENCE) is State.LOST


@pytest.mark.parametrize(
    ("of", "kept", "exited", "sent", "idle"),
    [
        (plan_of(PODMAN), True, False, False, 40),
        (plan_of(PODMAN, stdin=False), True, False, False, 40),
        (plan_of(PODMAN), True, False, True, 20),
        (plan_of(PODMAN), True, True, False, 0),
        (plan_of(PODMAN), False, False, False, 0),
        (plan_of_exec(stdin=True), True, False, False, 40),
        (plan_of_exec(), True, False, False, 0),  # it has no input, and always ends so
    ],
)
def test_how_long_a_connection_was_idle_before_it_ended(
    monkeypatch: pytest.MonkeyPatch, of: Plan, kept: bool, exited: bool, sent: bool, idle: int
) -> None:
    now = 100.0
    for each in (module, findings):
        monkeypatch.setattr(each, "time", SimpleNamespace(monotonic=lambda: now))
    session = ScriptedSession(of)
    session.attachment.output.kept = kept
    session.ending.receive_output(kept=True)
    now += 20
    if sent:
        session.ending.note_input()
    now += 20
    if exited:
        session.container_exits(0)
    session.stream_ends()
    assert session.ending.traffic.idle == idle
