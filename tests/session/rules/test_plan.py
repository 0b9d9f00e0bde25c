"""Which connections carry a session, from inspect's answer alone: no engine."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    ConnectionFailed,
    HyperJupyterError,
    InvalidDetachKeys,
    NotFound,
    ProtocolError,
)
from hyper_jupyter.protocol import parse_detach_keys
from hyper_jupyter.session.rules.plan import (
    OWN_DETACH_KEYS,
    AttachOptions,
    ConnectionScheme,
    FirstSize,
    InputEnd,
    LogOptions,
    Plan,
)
from hyper_jupyter.session.rules.planning import plan_attach, plan_log
from tests.session.rules.plans import (
    DOCKER,
    EMBEDDED,
    EXITED,
    HYPER,
    PODMAN,
    by_websocket,
    plan,
    plan_of,
    plan_of_exec,
)

ONE, SPLIT, SHARED, LOG = ConnectionScheme
NONE, BYTE, HALF_CLOSE = InputEnd
RUNNING = {"Status": "running", "Running": True}


def attach(inspected: dict[str, Any], profile: EngineProfile = DOCKER, **options: Any) -> Plan:
    whole = {"Id": "f00d", "Name": "/web", "State": RUNNING, **inspected}
    return plan_attach(whole, profile, AttachOptions(**options), None)


def test_an_ended_container_is_attached_only_to_start_it() -> None:
    with pytest.raises(Conflict, match="start it first"):
        plan(EXITED)
    assert plan(EXITED, start=True).start


def test_a_paused_container_is_not_started() -> None:
    with pytest.raises(Conflict, match="is paused"):
        plan({"Status": "paused"}, start=True)


def test_by_websocket_a_stdin_of_its_own_needs_an_engine_that_lets_choose() -> None:
    assert by_websocket(once=True).scheme is ConnectionScheme.SPLIT
    assert by_websocket(once=True, ws_chooses=False).scheme is ConnectionScheme.SHARED
    assert by_websocket(once=True, ws_chooses=False, stdin=False).scheme is ConnectionScheme.SHARED
    assert by_websocket(ws_chooses=False).scheme is ConnectionScheme.ONE


def test_the_embedded_engine_has_a_websocket_as_docker() -> None:
    assert by_websocket(kind="embedded", once=True).scheme is ConnectionScheme.SPLIT
    assert by_websocket(kind="embedded").profile.has_websocket


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


@pytest.mark.parametrize(
    ("profile", "container", "scheme", "input_end"),
    [
        (DOCKER, {"tty": True}, ONE, BYTE),
        (DOCKER, {"tty": True, "once": True}, ONE, BYTE),
        (DOCKER, {"stdin": False}, ONE, NONE),
        (DOCKER, {}, ONE, NONE),
        (DOCKER, {"once": True}, SPLIT, HALF_CLOSE),
        (HYPER, {"once": True}, SPLIT, HALF_CLOSE),
        (EMBEDDED, {}, ONE, NONE),
        (EMBEDDED, {"once": True}, SPLIT, HALF_CLOSE),
        (PODMAN, {"tty": True}, ONE, BYTE),
        (PODMAN, {"stdin": False}, ONE, NONE),
        (PODMAN, {}, SHARED, HALF_CLOSE),
        (PODMAN, {"once": True}, SHARED, HALF_CLOSE),
    ],
)
def test_which_connections_carry_a_session(
    profile: EngineProfile,
    container: dict[str, bool],
    scheme: ConnectionScheme,
    input_end: InputEnd,
) -> None:
    chosen = plan_of(profile, **container)
    assert (chosen.scheme, chosen.input_end) == (scheme, input_end)


def test_without_stdin_there_is_nothing_to_split() -> None:
    once = {"Config": {"OpenStdin": True, "StdinOnce": True}}
    assert attach(once, stdin=False).scheme is ONE
    # Podman's clients without stdin end the input as well, so theirs is shared too.
    assert attach(once, PODMAN, stdin=False).scheme is SHARED


@pytest.mark.parametrize(
    ("options", "container", "reason"),
    [
        ({"stdin": False}, {}, "attached without stdin"),
        ({"stream": False, "logs": True}, {}, "attached without streaming (--no-stream)"),
        ({}, {"open": False}, "the container's stdin is not open (it was created without -i)"),
        ({}, {}, ""),
    ],
)
def test_why_nothing_can_be_typed(
    options: dict[str, bool], container: dict[str, bool], reason: str
) -> None:
    inspected = {"Config": {"OpenStdin": container.get("open", True)}}
    assert attach(inspected, **options).stdin_reason == reason


def test_only_a_terminal_that_takes_input_is_left_by_keys() -> None:
    own = parse_detach_keys(OWN_DETACH_KEYS)
    assert plan_of(DOCKER, tty=True).detach_keys == own
    assert plan_of(DOCKER, tty=True, stdin=False).detach_keys == b""
    assert plan_of(DOCKER).detach_keys == b""
    assert plan_of(PODMAN).detach_keys == b""


@pytest.mark.parametrize(
    ("named", "configured", "spec"),
    [
        (None, None, OWN_DETACH_KEYS),
        (None, "ctrl-a", "ctrl-a"),
        ("ctrl-b,x", "ctrl-a", "ctrl-b,x"),
    ],
)
def test_named_keys_win_over_configured_ones_and_those_over_ours(
    named: str | None, configured: str | None, spec: str
) -> None:
    chosen = plan_of(DOCKER, tty=True, configured_keys=configured, detach_keys=named)
    assert chosen.detach_spec == spec
    assert chosen.detach_keys == parse_detach_keys(spec)


def test_podman_is_told_to_look_for_no_keys_on_framed_streams() -> None:
    assert plan_of(PODMAN).detach_spec == ""
    assert plan_of(PODMAN, detach_keys="ctrl-a").detach_spec == "ctrl-a"
    assert plan_of(PODMAN, tty=True).detach_spec == OWN_DETACH_KEYS
    assert plan_of(DOCKER).detach_spec == OWN_DETACH_KEYS


def test_an_empty_sequence_of_keys_is_an_error() -> None:
    with pytest.raises(InvalidDetachKeys, match="the sequence is empty"):
        plan_of(DOCKER, detach_keys="")


def test_a_bad_sequence_says_where_it_comes_from() -> None:
    with pytest.raises(InvalidDetachKeys) as caught:
        plan_of(DOCKER, configured_keys="nonsense")
    assert "configuration file" in caught.value.hint
    with pytest.raises(InvalidDetachKeys) as caught:
        plan_of(DOCKER, detach_keys="nonsense")
    assert "configuration file" not in caught.value.hint


def test_all_six_parameters_are_always_sent() -> None:
    assert plan_of(DOCKER, tty=True, logs=True, stderr=False).output_params() == {
        "detachKeys": OWN_DETACH_KEYS,
        "logs": "1",
        "stream": "1",
        "stdin": "1",
        "stdout": "1",
        "stderr": "0",
    }


def test_a_split_session_types_on_its_second_connection_only() -> None:
    chosen = plan_of(DOCKER, once=True)
    assert chosen.output_params()["stdin"] == "0"
    assert chosen.stdin_params() == {
        "detachKeys": OWN_DETACH_KEYS,
        "logs": "0",
        "stream": "1",
        "stdin": "1",
        "stdout": "0",
        "stderr": "0",
    }


def test_a_shared_connection_has_every_stream_whatever_this_session_wants() -> None:
    params = plan_of(PODMAN, stdout=False).output_params()
    assert (params["stdin"], params["stdout"], params["stderr"]) == ("1", "1", "1")


def test_podman_s_log_comes_by_a_request_of_its_own() -> None:
    both = plan_of(PODMAN, logs=True)
    assert both.reads_log_apart
    assert both.output_params()["logs"] == "0"
    assert plan_of(PODMAN, logs=True, stream=False).scheme is LOG
    assert not plan_of(PODMAN).reads_log_apart
    assert not plan_of(DOCKER, logs=True).reads_log_apart
    assert plan_of(DOCKER, logs=True, stream=False).scheme is ONE


def test_a_session_that_reads_the_log_only_does_not_read_it_twice() -> None:
    inspected = {"Config": {"Tty": False}}
    log = plan_log(inspected, PODMAN, follow=True, stdout=True, stderr=True, tail=3)
    assert not log.reads_log_apart


@pytest.mark.parametrize(
    ("status", "options", "waits"),
    [
        ("restarting", {}, True),
        ("restarting", {"follow_restarts": True}, True),
        ("exited", {"follow_restarts": True}, True),
        ("exited", {"follow_name": True, "logs": True}, True),
        ("exited", {"logs": True}, False),
        ("running", {"follow_restarts": True}, False),
        ("created", {"follow_restarts": True}, False),
    ],
)
def test_the_next_start_of_a_container_that_has_ended_is_waited_for(
    status: str, options: dict[str, Any], waits: bool
) -> None:
    made = plan({"Status": status, "Running": status == "running"}, **options)
    assert made.awaits_life is waits


def test_one_that_is_being_started_again_without_saying_so_is_waited_for() -> None:
    state = {"Status": "exited", "Running": False, "ExitCode": 1}
    inspected = {"Id": "f00d", "Name": "/web", "State": state}
    made = plan_attach(inspected, PODMAN, AttachOptions(), None, returns=True)
    assert (made.awaits_life, made.options.stream) == (True, True)


def test_the_log_of_a_container_that_is_restarting_cannot_be_had_by_attaching() -> None:
    with pytest.raises(Conflict, match="container web is restarting"):
        plan({"Status": "restarting"}, logs=True, stream=False)


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("paused", "container web is paused"),
        *[(status, "start it first") for status in ("exited", "dead", "removing", "stopped")],
    ],
)
def test_a_state_that_cannot_be_attached_to_is_a_conflict(status: str, text: str) -> None:
    with pytest.raises(Conflict, match=text) as caught:
        attach({"State": {"Status": status}})
    assert caught.value.hint


@pytest.mark.parametrize(
    ("profile", "policy", "code", "offered"),
    [
        (PODMAN, {"Name": "always"}, 0, True),
        (PODMAN, {"Name": "on-failure", "MaximumRetryCount": 3}, 1, True),
        (PODMAN, {"Name": "on-failure"}, 0, False),
        (PODMAN, {"Name": "no"}, 1, False),
        (DOCKER, {"Name": "always"}, 1, False),  # it would be "restarting"
    ],
)
def test_between_two_lives_the_hint_says_how_to_wait_for_the_next_one(
    profile: EngineProfile, policy: dict[str, Any], code: int, offered: bool
) -> None:
    state = {"Status": "exited", "Running": False, "ExitCode": code}
    with pytest.raises(Conflict, match="start it first") as caught:
        attach({"State": state, "HostConfig": {"RestartPolicy": policy}}, profile)
    assert ("%hyper_attach web --follow-restarts" in caught.value.hint) is offered
    assert "%hyper start web" in caught.value.hint


@pytest.mark.parametrize("status", ["exited", "dead", "removing", "stopped", "stopping"])
@pytest.mark.parametrize(
    ("profile", "scheme"), [(DOCKER, ONE), (EMBEDDED, ONE), (HYPER, ONE), (PODMAN, LOG)]
)
@pytest.mark.parametrize("config", [{}, {"Tty": True, "OpenStdin": True}, {"OpenStdin": True}])
def test_an_ended_container_gives_its_log_whether_the_stream_is_wanted_or_not(
    status: str, profile: EngineProfile, scheme: ConnectionScheme, config: dict[str, Any]
) -> None:
    ended = {"State": {"Status": status}, "Config": config}
    only = attach(ended, profile, logs=True, stream=False)
    both = attach(ended, profile, logs=True)
    assert both.scheme is only.scheme is scheme
    assert both.output_params() == only.output_params()
    assert not both.options.stream
    assert both.wanted.stream
    assert not only.wanted.stream
    assert both.log_instead
    assert not only.log_instead
    assert both.stdin_reason == "the container has ended: this is its log"


def test_the_log_stands_for_the_stream_of_an_ended_container_only() -> None:
    running = attach({}, logs=True)
    assert running.options.stream
    assert not running.log_instead
    started = plan(EXITED, start=True, logs=True)
    assert started.options.stream
    assert not started.log_instead


def test_the_first_size_of_a_terminal_is_set_when_the_engine_takes_it() -> None:
    def first_size(profile: EngineProfile, size: Any, *, tty: bool = True) -> FirstSize:
        inspected = {"Id": "f00d", "Config": {"Tty": tty}, "State": {"Status": "created"},
                     "HostConfig": {"ConsoleSize": size}}  # fmt: skip
        return plan_attach(inspected, profile, AttachOptions(), None, start=True).first_size

    old = EngineProfile.of("docker", "20.10.24", api="1.41")
    for profile, size, moment in (
        (DOCKER, [24, 80], FirstSize.CREATED),
        (EMBEDDED, [24, 80], FirstSize.CREATED),
        (DOCKER, [0, 0], FirstSize.AFTER_START),  # it was created by somebody else
        (DOCKER, None, FirstSize.AFTER_START),
        (DOCKER, "24x80", FirstSize.AFTER_START),
        (old, [24, 80], FirstSize.AFTER_START),  # inspect says so, but nothing was done
        (HYPER, [24, 80], FirstSize.AFTER_START),
        (PODMAN, [0, 0], FirstSize.BEFORE_START),
    ):
        assert first_size(profile, size) is moment
        assert first_size(profile, size, tty=False) is FirstSize.CREATED
    assert plan({"Status": "created"}).first_size is FirstSize.CREATED


def test_a_created_container_is_attached_and_its_start_waited_for() -> None:
    assert attach({"State": {"Status": "created"}}).wait_for_start
    assert not attach({"State": {"Status": "running"}}).wait_for_start


def test_a_state_without_words_goes_by_whether_it_runs() -> None:
    assert attach({"State": {"Running": True}}).scheme is ONE
    with pytest.raises(Conflict, match="start it first"):
        attach({"State": {"Running": False}})


@pytest.mark.parametrize(
    ("tail", "follow", "params"),
    [
        (None, False, {"stdout": "1", "stderr": "0", "follow": "0", "tail": "all"}),
        (7, True, {"stdout": "1", "stderr": "0", "follow": "1", "tail": "7"}),
        (0, True, {"stdout": "1", "stderr": "0", "follow": "1", "tail": "0"}),
    ],
)
def test_a_log_is_read_and_nothing_typed(
    tail: int | None, follow: bool, params: dict[str, str]
) -> None:
    inspected = {"Config": {"Tty": True, "OpenStdin": True}}
    chosen = plan_log(inspected, DOCKER, follow=follow, stdout=True, stderr=False, tail=tail)
    assert chosen.scheme is LOG
    assert chosen.tty
    assert chosen.stdin_reason == "this session only reads the log"
    assert chosen.log_params(follow=follow) == params


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (ConnectionFailed("reset"), "Where a proxy in between blocks upgrades"),
        (ProtocolError("no HTTP"), "Where a proxy in between blocks upgrades"),
        (ApiError(502, "bad gateway"), "Where a proxy in between blocks upgrades"),
        (ApiError(401, "who"), ""),
        (NotFound(404, "no such"), ""),
        (Conflict(409, "paused"), ""),
        (HyperJupyterError("else"), ""),
    ],
)
def test_what_may_be_a_proxy_s_doing_has_the_other_way_as_a_hint(
    error: HyperJupyterError, hint: str
) -> None:
    said = plan_of(DOCKER).other_way(error)
    assert said.startswith(hint) if hint else said == ""
    assert plan_of(PODMAN).other_way(error) == ""


@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("stdin", [False, True])
def test_an_exec_has_no_other_way(tty: bool, stdin: bool) -> None:
    chosen = plan_of_exec(DOCKER, tty=tty, stdin=stdin)
    assert not chosen.can_use_websocket
    assert chosen.other_way(ConnectionFailed("reset")) == ""


def test_what_a_websocket_cannot_carry_has_no_other_way_either() -> None:
    assert plan_of(DOCKER).can_use_websocket
    assert not plan_of(DOCKER, stderr=False).can_use_websocket
    assert plan_of(DOCKER, stderr=False, tty=True).can_use_websocket
    assert not by_websocket().can_use_websocket
    assert not plan_of(PODMAN).can_use_websocket
    log = plan_log({}, DOCKER, follow=True, stdout=True, stderr=True, tail=None)
    assert not log.can_use_websocket


@pytest.mark.parametrize("tty", [False, True])
def test_a_part_of_a_log_is_not_the_whole_log(tty: bool) -> None:
    def whole(
        *,
        stdout: bool = True,
        stderr: bool = True,
        tail: int | None = None,
        log: LogOptions | None = None,
        follow: bool = False,
    ) -> bool:
        inspected = {"Config": {"Tty": tty}}
        return plan_log(
            inspected, DOCKER, follow=follow, stdout=stdout, stderr=stderr, tail=tail, log=log
        ).reads_whole_log

    assert whole()
    assert whole(log=LogOptions(timestamps=True))
    assert whole(stderr=False) is tty  # a terminal has no stderr
    assert not whole(stdout=False)
    assert not whole(tail=1)
    assert not whole(follow=True)  # engines leave lines out
    assert not whole(tail=0)
    assert not whole(log=LogOptions(since=1))
    assert not whole(log=LogOptions(until=1))
    assert not plan_of(DOCKER, logs=True).reads_whole_log


@pytest.mark.parametrize(
    ("follow", "until", "goes_on"), [(True, None, True), (True, 5, False), (False, None, False)]
)
def test_a_log_that_ends_at_a_time_ends_by_itself(
    follow: bool, until: int | None, goes_on: bool
) -> None:
    log = LogOptions(until=until)
    made = plan_log({}, DOCKER, follow=follow, stdout=True, stderr=True, tail=None, log=log)
    assert made.goes_on is goes_on


def test_by_websocket_the_hint_names_what_may_be_missing() -> None:
    missing = by_websocket().other_way(NotFound(404, "page not found"))
    assert missing == "The engine, or a proxy in between, has no attach by WebSocket."
    blocked = by_websocket().other_way(ConnectionFailed("reset"))
    assert blocked == "A proxy in between may not let WebSocket through either."


@pytest.mark.parametrize("driver", ["passthrough", "passthrough-tty"])
def test_podman_cannot_attach_to_output_that_it_passes_through(driver: str) -> None:
    inspected = {
        "Id": "f00d",
        "Name": "web",
        "State": {"Status": "running", "Running": True},
        "HostConfig": {"LogConfig": {"Type": driver}},
    }
    with pytest.raises(Conflict) as caught:
        plan_attach(inspected, PODMAN, AttachOptions(), None)
    assert str(caught.value) == f"container web cannot be attached: its log driver is {driver}"
    assert "a systemd unit's is in the journal" in caught.value.hint
    assert plan_attach(inspected, DOCKER, AttachOptions(), None).log_readable
