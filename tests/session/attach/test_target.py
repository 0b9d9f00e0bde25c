"""What a session is attached to: every request as it is sent, every call as it is made."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.client import Container, Deadline, EngineProfile
from hyper_jupyter.exceptions import ConnectionFailed, NotFound
from hyper_jupyter.protocol.log_entries import Entries
from hyper_jupyter.session.attach import target as module
from hyper_jupyter.session.attach.target import (
    ContainerTarget,
    Framing,
    Stamps,
    StreamRequest,
    inspect_settled,
    target_of,
)
from hyper_jupyter.session.rules.plan import LogOptions, Plan
from hyper_jupyter.session.rules.planning import plan_log
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, HYPER, PODMAN, plan_of

WEB = Container("f00d", "web", "busybox")
ATTACH_HEADERS = {"Connection": "Upgrade", "Upgrade": "tcp", "Content-Type": "text/plain"}
OWN_KEYS = "ctrl-^,ctrl-@"


def target(plan: Plan, container: Container = WEB, client: Any = None) -> ContainerTarget:
    made = target_of(client or PairedClient(plan.profile), container, plan)
    assert isinstance(made, ContainerTarget)
    return made


def log_plan(
    profile: EngineProfile = DOCKER,
    *,
    tty: bool = False,
    follow: bool = False,
    stderr: bool = True,
    tail: int | None = None,
    log: LogOptions | None = None,
) -> Plan:
    inspected = {"Id": "f00d", "Name": "/web", "Config": {"Tty": tty}}
    return plan_log(
        inspected, profile, follow=follow, stdout=True, stderr=stderr, tail=tail, log=log
    )


# -- requests --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tty", "framing"), [(False, Framing.FRAMES), (True, Framing.RAW)], ids=["framed", "tty"]
)
def test_the_attach_request_has_all_six_parameters_and_asks_for_the_upgrade(
    tty: bool, framing: Framing
) -> None:
    assert target(plan_of(DOCKER, tty=tty)).attach_request() == StreamRequest(
        "POST",
        "/containers/f00d/attach",
        {
            "detachKeys": OWN_KEYS,
            "logs": "0",
            "stream": "1",
            "stdin": "1",
            "stdout": "1",
            "stderr": "1",
        },
        ATTACH_HEADERS,
        None,
        framing,
        True,
    )


def test_by_websocket_it_is_a_get_of_another_path_and_its_answer_is_messages() -> None:
    assert target(plan_of(DOCKER, ws=True)).attach_request() == StreamRequest(
        "GET",
        "/containers/f00d/attach/ws",
        {
            "detachKeys": OWN_KEYS,
            "logs": "0",
            "stream": "1",
            "stdin": "1",
            "stdout": "1",
            "stderr": "1",
        },
        ATTACH_HEADERS,
        None,
        Framing.MESSAGES,
        True,
    )


def test_where_stdin_has_a_connection_of_its_own_each_asks_for_its_streams_only() -> None:
    split = target(plan_of(DOCKER, once=True, stderr=False))
    output, stdin = split.attach_request(), split.input_request()
    assert (output.method, output.path) == (stdin.method, stdin.path)
    assert (output.headers, output.upgrade) == (stdin.headers, stdin.upgrade)
    assert output.params == {
        "detachKeys": OWN_KEYS,
        "logs": "0",
        "stream": "1",
        "stdin": "0",
        "stdout": "1",
        "stderr": "0",
    }
    assert stdin.params == {
        "detachKeys": OWN_KEYS,
        "logs": "0",
        "stream": "1",
        "stdin": "1",
        "stdout": "0",
        "stderr": "0",
    }


@pytest.mark.parametrize(
    ("tty", "framing"), [(False, Framing.FRAMES), (True, Framing.RAW)], ids=["framed", "tty"]
)
@pytest.mark.parametrize(("follow", "flag"), [(False, "0"), (True, "1")])
def test_a_log_is_a_plain_get(tty: bool, framing: Framing, follow: bool, flag: str) -> None:
    assert target(plan_of(DOCKER, tty=tty)).log_request(follow=follow) == StreamRequest(
        "GET",
        "/containers/f00d/logs",
        {"stdout": "1", "stderr": "1", "follow": flag, "tail": "all"},
        {},
        None,
        framing,
        False,
    )


def test_hyper_wants_an_upgrade_for_a_log_and_need_not_give_it() -> None:
    request = target(log_plan(HYPER)).attach_request()
    assert request.headers == {"Connection": "Upgrade", "Upgrade": "tcp"}
    assert not request.upgrade


@pytest.mark.parametrize("condition", ["not-running", "next-exit"])
def test_the_wait_request_names_its_condition(condition: str) -> None:
    assert target(plan_of(DOCKER)).wait_request(condition) == StreamRequest(
        "POST", "/containers/f00d/wait", {"condition": condition}, {}, None, Framing.RAW, False
    )


def test_an_id_is_quoted_in_every_path() -> None:
    odd = target(plan_of(DOCKER), Container("a/../b?c#d e%2F\u00e9", "web", "busybox"))
    requests = (
        odd.attach_request(),
        odd.input_request(),
        odd.log_request(follow=True),
        odd.wait_request("next-exit"),
    )
    quoted = "/containers/a%2F..%2Fb%3Fc%23d%20e%252F%C3%A9"
    assert [request.path for request in requests] == [
        f"{quoted}/attach",
        f"{quoted}/attach",
        f"{quoted}/logs",
        f"{quoted}/wait",
    ]


def test_a_request_is_dialled_as_it_says() -> None:
    opened: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    class Dialled(PairedClient):
        def open(self, *arguments: Any, **options: Any) -> Any:
            opened.append((arguments, options))
            return "a socket", "an exchange"

    deadline = Deadline(3)
    client: Any = Dialled()
    request = StreamRequest(
        "POST", "/exec/f00d/start", {"a": "b"}, {"X": "y"}, {"Tty": True}, Framing.FRAMES
    )
    assert request.dial(client, deadline) == ("a socket", "an exchange")
    StreamRequest("GET", "/ws", {}, framing=Framing.MESSAGES).dial(client, deadline)
    assert opened == [
        (
            ("POST", "/exec/f00d/start", {"a": "b"}),
            {
                "headers": {"X": "y"},
                "body": {"Tty": True},
                "deadline": deadline,
                "websocket": False,
            },
        ),
        (
            ("GET", "/ws", {}),
            {"headers": {}, "body": None, "deadline": deadline, "websocket": True},
        ),
    ]


# -- a log -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("follow", "flag"), [(False, "0"), (True, "1")])
def test_the_output_of_a_log_is_the_log(follow: bool, flag: str) -> None:
    made = target(log_plan(follow=follow, stderr=False, tail=7))
    assert made.attach_request() == StreamRequest(
        "GET",
        "/containers/f00d/logs",
        {"stdout": "1", "stderr": "0", "follow": flag, "tail": "7", "timestamps": "1"},
        framing=Framing.FRAMES,
        stamps=Stamps(Entries.PIECES, keep=False, joined=True),
    )
    assert made.describe() == "container web"  # whose exit is waited for


@pytest.mark.parametrize(
    ("profile", "since", "until", "entries"),
    [
        (DOCKER, "1795964739.000000007", "1795964740.500000000", Entries.PIECES),
        (
            PODMAN,
            "2026-11-29T15:05:39.000000006Z",
            "2026-11-29T15:05:40.500000001Z",
            Entries.READS,
        ),
    ],
)
def test_a_log_s_limits_include_what_was_printed_just_then(
    profile: EngineProfile, since: str, until: str, entries: Entries
) -> None:
    limits = LogOptions(1795964739 * 10**9 + 7, 1795964740 * 10**9 + 500_000_000, timestamps=True)
    request = target(log_plan(profile, log=limits)).attach_request()
    assert (request.params["since"], request.params["until"]) == (since, until)
    assert request.stamps == Stamps(entries, keep=True, joined=True)


def test_podman_s_log_without_its_stream_is_no_attachment() -> None:
    made = target(plan_of(PODMAN, logs=True, stream=False))
    assert made.attach_request().path == "/containers/f00d/logs"
    assert target(plan_of(PODMAN, logs=True)).attach_request().path == "/containers/f00d/attach"


# -- calls -----------------------------------------------------------------------------------


def test_calls_are_about_the_container_by_its_id() -> None:
    client = PairedClient()
    made = target(plan_of(DOCKER), client=client)
    made.start()
    made.resize(33, 111)
    made.signal("INT")
    made.signal(9)
    assert client.calls == [
        ("start", "f00d"),
        ("resize", "f00d", 33, 111),
        ("kill", "f00d", "INT"),
        ("kill", "f00d", 9),
    ]
    assert made.describe() == "container web"
    assert made.container is WEB


def test_its_state_is_what_inspect_says() -> None:
    client = PairedClient()
    client.inspected = [
        {"State": {"Status": "running"}},
        {"State": None},
        NotFound(404, "no such container"),
        ConnectionFailed("nobody is there"),
    ]
    made = target(plan_of(DOCKER), client=client)
    assert [made.state(), made.state(), made.state()] == [{"Status": "running"}, {}, None]
    with pytest.raises(ConnectionFailed):
        made.state()
    assert client.calls == [("inspect", "f00d")] * 4


@pytest.mark.parametrize(
    ("plan", "checked"),
    [
        (plan_of(DOCKER, ws=True), ["f00d"]),
        (plan_of(DOCKER), []),
        (log_plan(follow=True), []),
    ],
    ids=["websocket", "attach", "log"],
)
def test_only_a_websocket_is_looked_at_before_it_is_asked_for(
    plan: Plan, checked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(module, "check_websocket", lambda _, container, __: seen.append(container))
    target(plan).check(Deadline(1))
    assert seen == checked


# -- a container that the engine cleans up after ---------------------------------------------


STOPPING = {"State": {"Status": "stopping"}}
EXITED = {"State": {"Status": "exited"}}


def test_a_container_that_has_just_ended_is_inspected_until_it_has_settled(
    pauses: list[float],
) -> None:
    client: Any = PairedClient(PODMAN)
    client.inspected = [STOPPING, STOPPING, EXITED]
    assert inspect_settled(client, "web") == EXITED
    assert client.calls == [("inspect", "web")] * 3
    assert pauses == [0.05, 0.05]


def test_it_is_not_waited_for_longer_than_the_engine_may_need(pauses: list[float]) -> None:
    client: Any = PairedClient(PODMAN)
    client.inspected = [STOPPING]
    assert inspect_settled(client, "web") == STOPPING
    assert PODMAN.settles_after < sum(pauses) < PODMAN.settles_after + 0.1


def test_where_engines_need_no_time_it_is_not_waited_for(pauses: list[float]) -> None:
    client: Any = PairedClient()
    client.inspected = [EXITED]
    assert inspect_settled(client, "web") == EXITED
    assert pauses == []
