"""What can be done with a session, by what its container is: no engine, only inspect's answer."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import Conflict, HyperJupyterError
from hyper_jupyter.session.rules import controls as rules
from hyper_jupyter.session.rules.controls import Controls
from hyper_jupyter.session.rules.plan import AttachOptions, ConnectionScheme, Plan, plan_attach
from hyper_jupyter.session.rules.state import State

DOCKER = EngineProfile.of("docker", "26.1.5", api="1.45")
EXITED = {"Status": "exited", "Running": False}


def plan(
    state: dict[str, Any] | None = None,
    *,
    start: bool = False,
    auto_remove: bool = False,
    **options: Any,
) -> Plan:
    inspected = {
        "Id": "f00d",
        "Name": "/web",
        "Config": {"OpenStdin": True},
        "HostConfig": {"AutoRemove": auto_remove},
        "State": state or {"Status": "running", "Running": True},
    }
    return plan_attach(inspected, DOCKER, AttachOptions(**options), None, start=start)


def controls(of: Plan, state: State, *, exited: bool = False) -> Controls:
    return rules.controls(of, state, stdin_used=False, input_ended="", exited=exited)


def test_behind_leaving_it_says_what_became_of_the_container() -> None:
    assert controls(plan(), State.DETACHED).leave == "You have left; the container runs on."
    left = controls(plan(), State.DETACHED, exited=True)
    assert left.leave == "You have left; the container has ended since."
    assert controls(plan(), State.EXITED, exited=True).leave == ""


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
    assert now.start == "the container has not ended, as far as is known"
    assert now.signal == f"the session has ended ({state})"


@pytest.mark.parametrize("state", [State.EXITED, State.DETACHED])
def test_a_container_that_has_ended_can_be_started_and_attached(state: State) -> None:
    now = controls(plan(), state, exited=True)
    assert now.again == "the container has ended: it has to be started"
    assert now.start == ""


def test_a_container_that_removed_itself_cannot_be_started() -> None:
    now = controls(plan(auto_remove=True), State.EXITED, exited=True)
    assert now.again == now.start == "the container removed itself when it ended"
    assert controls(plan(auto_remove=True), State.DETACHED).again == ""


def test_a_reading_of_the_log_is_not_attached_again() -> None:
    now = controls(plan(EXITED, logs=True, stream=False), State.EXITED)
    assert now.again == now.start == "this session read the log only: run its cell again"


def test_an_ended_container_is_attached_only_to_start_it() -> None:
    with pytest.raises(Conflict, match="start it first"):
        plan(EXITED)
    assert plan(EXITED, start=True).start


def test_a_container_that_we_start_is_not_waited_for() -> None:
    # Else the header would say that it waits for the start which it has had.
    chosen = plan({"Status": "created"}, start=True)
    assert not chosen.wait_for_start
    assert "before the container's start" not in controls(chosen, State.ATTACHED).leave


def test_a_paused_container_is_not_started() -> None:
    with pytest.raises(Conflict, match="is paused"):
        plan({"Status": "paused"}, start=True)


def by_websocket(
    kind: str = "docker", *, once: bool = False, ws_chooses: bool = True, **options: Any
) -> Plan:
    inspected = {
        "Id": "f00d",
        "Config": {"OpenStdin": True, "StdinOnce": once},
        "State": {"Status": "running", "Running": True},
    }
    chosen = AttachOptions(ws=True, **options)
    profile = EngineProfile.of(kind, api="1.42" if ws_chooses else "1.41")
    return plan_attach(inspected, profile, chosen, None)


def test_by_websocket_a_stdin_of_its_own_needs_an_engine_that_lets_choose() -> None:
    assert by_websocket(once=True).scheme is ConnectionScheme.SPLIT
    assert by_websocket(once=True, ws_chooses=False).scheme is ConnectionScheme.SHARED
    assert by_websocket(once=True, ws_chooses=False, stdin=False).scheme is ConnectionScheme.SHARED
    assert by_websocket(ws_chooses=False).scheme is ConnectionScheme.ONE


def test_the_embedded_engine_has_a_websocket_as_docker() -> None:
    assert by_websocket(kind="embedded", once=True).scheme is ConnectionScheme.SPLIT
    assert by_websocket(kind="embedded").profile.has_websocket


def test_a_shared_websocket_says_what_the_end_of_the_kernel_does() -> None:
    leave = controls(by_websocket(once=True, ws_chooses=False), State.ATTACHED).leave
    assert leave.endswith("when the kernel ends, the engine ends the container's input.")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"kind": "podman"}, "Podman has no attach by WebSocket"),
        ({"stderr": False}, "stdout and stderr come as one"),
        ({"once": True, "ws_chooses": False, "logs": True}, "its connection is kept and shared"),
    ],
)
def test_what_a_websocket_cannot_do_is_refused_beforehand(
    options: dict[str, Any], text: str
) -> None:
    with pytest.raises(HyperJupyterError, match=text) as caught:
        by_websocket(**options)
    assert caught.value.hint.startswith("Leave --")
