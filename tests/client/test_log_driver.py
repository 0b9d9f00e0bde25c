"""Whether a container's log can be read: by inspect's word, or by asking for none of its lines."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client import PASSED_THROUGH, EngineClient, check_log
from hyper_jupyter.exceptions import Conflict, NotFound
from tests.client.conftest import Serve, client_of
from tests.client.servers import ScriptedServer, answer

PODMAN = answer(b"OK", headers={"Api-Version": "1.41", "Libpod-API-Version": "5.4.2"})
LOGS = "GET /containers/f00d/logs"
ASKED = "GET /v1.45/containers/f00d/logs?stdout=1&stderr=1&follow=0&tail=0 HTTP/1.1"
NO_READING = "configured logging driver does not support reading"


def container(driver: Any, *, runs: bool = True) -> dict[str, Any]:
    config = {"LogConfig": {"Type": driver}}
    return {"Id": "f00d", "Name": "/web", "HostConfig": config, "State": {"Running": runs}}


def on(serve: Serve, engine: str, **answers: Any) -> tuple[EngineClient, ScriptedServer]:
    ping = {"GET /_ping": PODMAN} if engine == "podman" else {}
    server = serve({**ping, **answers})
    return client_of(server.url), server


@pytest.mark.parametrize(
    ("engine", "driver"),
    [("docker", "json-file"), ("docker", "local"), ("docker", "journald"),
     ("podman", "k8s-file"), ("podman", "json-file"), ("podman", "journald")],
)  # fmt: skip
def test_some_drivers_are_known_to_be_readable(serve: Serve, engine: str, driver: str) -> None:
    client, server = on(serve, engine)
    check_log(client, container(driver))
    assert server.lines == []


@pytest.mark.parametrize(
    ("engine", "driver"),
    [("docker", "none"), ("podman", "none"), ("podman", "passthrough"),
     ("podman", "passthrough-tty")],
)  # fmt: skip
@pytest.mark.parametrize("ask", [True, False])
def test_some_are_known_not_to_be_and_are_never_asked(
    serve: Serve, engine: str, driver: str, ask: bool
) -> None:
    client, server = on(serve, engine)
    with pytest.raises(Conflict) as caught:
        check_log(client, container(driver), ask=ask)
    said = f"the log of container web cannot be read: its log driver is {driver}"
    assert str(caught.value) == said
    assert server.lines == []


@pytest.mark.parametrize(
    ("engine", "driver", "runs", "hint"),
    [
        ("docker", "none", True, "%hyper_attach web shows what it prints from now on."),
        ("docker", "none", False, ""),
        ("podman", "passthrough", True, PASSED_THROUGH),  # it cannot be attached either
    ],
)
def test_the_hint_is_what_can_be_seen_instead(
    serve: Serve, engine: str, driver: str, runs: bool, hint: str
) -> None:
    client, _ = on(serve, engine)
    with pytest.raises(Conflict) as caught:
        check_log(client, container(driver, runs=runs))
    assert caught.value.hint == hint


@pytest.mark.parametrize("driver", ["syslog", "gelf", "awslogs", "my/plugin:1", "", None])
def test_of_others_the_engine_is_asked_for_no_line_of_the_log(serve: Serve, driver: Any) -> None:
    client, server = on(serve, "docker", **{LOGS: answer(b"")})
    check_log(client, container(driver))
    assert server.lines == [ASKED]


@pytest.mark.parametrize("status", ["501 Not Implemented", "500 Broken", "400 Bad", "403 No"])
def test_and_its_refusal_is_the_reason(serve: Serve, status: str) -> None:
    client, server = on(serve, "docker", **{LOGS: answer({"message": NO_READING}, status)})
    with pytest.raises(Conflict) as caught:
        check_log(client, container("syslog"))
    assert str(caught.value) == f"the log of container web cannot be read: {NO_READING}"
    assert server.lines == [ASKED]


@pytest.mark.parametrize("config", [{}, {"HostConfig": None}, {"HostConfig": {"LogConfig": 7}}])
def test_an_inspect_that_says_nothing_is_no_promise(serve: Serve, config: dict[str, Any]) -> None:
    client, server = on(serve, "docker", **{LOGS: answer(b"")})
    check_log(client, {"Id": "f00d", **config})
    assert server.lines == [ASKED]
    check_log(client, {"Id": "f00d", **config}, ask=False)
    assert server.lines == [ASKED]


def test_a_container_that_is_gone_meanwhile_is_missing(serve: Serve) -> None:
    missing = answer({"message": "No such container: f00d"}, "404 Not Found")
    client, _ = on(serve, "docker", **{LOGS: missing})
    with pytest.raises(NotFound):
        check_log(client, container("syslog"))


@pytest.mark.parametrize(
    "reads",
    [
        lambda client: client.attach("web", logs=True),
        lambda client: client.attach("web", logs=True, stream=False),
        lambda client: client.logs("web"),
    ],
    ids=["attach", "log alone", "logs"],
)
def test_nothing_is_attached_and_no_log_asked_for_where_none_is_kept(
    serve: Serve, reads: Any
) -> None:
    inspected = {**container("none"), "State": {"Status": "running", "Running": True}}
    server = serve({"GET /containers/web/json": answer(inspected)})
    client: Client = client_for(server.url)
    with pytest.raises(Conflict, match="its log driver is none"):
        reads(client)
    assert server.lines == ["GET /v1.45/containers/web/json HTTP/1.1"]
