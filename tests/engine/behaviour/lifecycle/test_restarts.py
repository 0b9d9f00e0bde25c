"""Restart policies, through the socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.engine.driver import Engine, until

ALWAYS = {"RestartPolicy": {"Name": "always"}}


def test_a_failure_is_followed_by_so_many_starts(engine: Engine) -> None:
    policy = {"RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 2}}
    container = engine.create("sh", "-c", "echo run; exit 3", host=policy)
    filters = f'{{"container":["{container}"]}}'
    with engine.streaming("GET", f"/events?filters={filters}") as seen:
        engine.start(container)
        actions = [json.loads(seen.readline())["Action"] for _ in range(6)]
    assert actions == ["start", "die"] * 3
    state = until(lambda: _ended(engine, container), "the end")
    assert (state["Status"], state["ExitCode"], state["Restarting"]) == ("exited", 3, False)
    assert engine.inspect(container)["RestartCount"] == 2
    assert engine.logs(container, "stdout=1").count(b"run\n") == 3


def test_a_success_is_no_failure(engine: Engine) -> None:
    container = engine.run("true", host={"RestartPolicy": {"Name": "on-failure"}})
    assert engine.wait(container) == 0
    assert engine.status(container) == "exited"
    assert engine.inspect(container)["RestartCount"] == 0


@pytest.mark.parametrize("name", ["always", "unless-stopped"])
def test_what_a_client_stops_stays_stopped(engine: Engine, name: str) -> None:
    container = engine.sh(
        "echo up; exec cat", stdin=True, once=True, host={"RestartPolicy": {"Name": name}}
    )
    engine.wait_for_log(container, b"up\n")
    assert engine.call("POST", f"/containers/{container}/stop?t=0").status == 204
    assert engine.status(container) == "exited"
    engine.start(container)  # and the policy holds again
    engine.attach(container, "stream=1&stdin=1").half_close()
    until(lambda: engine.inspect(container)["RestartCount"], "a start by itself")


def test_what_waits_for_its_start_is_running_in_docker_s_words(
    engine: Engine, tmp_path: Path
) -> None:
    container = waiting(engine, tmp_path)
    details = engine.inspect(container)
    state = details["State"]
    assert (state["Status"], state["Running"], state["Restarting"]) == ("restarting", True, True)
    assert (state["ExitCode"], state["Pid"]) == (7, 0)
    listed = engine.call("GET", '/containers/json?filters={"status":["restarting"]}').json
    assert [entry["State"] for entry in listed] == ["restarting"]
    assert listed[0]["Status"].startswith("Restarting (7) ")
    for method, path, status in (
        ("POST", "start", 304), ("POST", "pause", 409), ("GET", "top", 409),
        ("POST", "resize?h=1&w=1", 409), ("POST", "attach", 409),
    ):  # fmt: skip
        assert engine.call(method, f"/containers/{container}/{path}").status == status, path
    reply = engine.call("POST", f"/containers/{container}/exec", {"Cmd": ["true"]})
    assert (reply.status, "is restarting, wait until" in reply.message) == (409, True)
    reply = engine.call("DELETE", f"/containers/{container}")
    assert (reply.status, "container is restarting: stop the container" in reply.message) == (
        409,
        True,
    )


@pytest.mark.parametrize("verb", ["stop", "kill?signal=TERM", "kill"])
def test_a_start_that_is_due_can_be_given_up(engine: Engine, tmp_path: Path, verb: str) -> None:
    container = waiting(engine, tmp_path)
    with engine.streaming("POST", f"/containers/{container}/wait") as answer:
        assert engine.call("POST", f"/containers/{container}/{verb}").status == 204
        assert json.loads(answer.read())["StatusCode"] == 7
    assert engine.status(container) == "exited"
    assert engine.inspect(container)["State"]["Running"] is False


def test_force_removes_what_waits_for_its_start(engine: Engine, tmp_path: Path) -> None:
    container = waiting(engine, tmp_path)
    assert engine.call("DELETE", f"/containers/{container}?force=1").status == 204
    assert engine.call("GET", f"/containers/{container}/json").status == 404


def test_a_policy_can_be_exchanged(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, once=True)
    reply = engine.call("POST", f"/containers/{container}/update", ALWAYS)
    assert (reply.status, reply.json) == (200, {"Warnings": None})
    policy = engine.inspect(container)["HostConfig"]["RestartPolicy"]
    assert policy == {"Name": "always", "MaximumRetryCount": 0}
    assert engine.events_of(container)[-1]["Action"] == "update"
    engine.attach(container, "stream=1&stdin=1").half_close()  # the program ends by itself
    until(lambda: engine.inspect(container)["RestartCount"], "another start")


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"RestartPolicy": {"Name": "xx"}}, 400, "unknown policy 'xx'"),
        ({"Memory": 1 << 20}, 501, "the embedded engine has no update of Memory"),
        ({"CpuShares": 5, **ALWAYS}, 501, "no update of CpuShares"),
    ],
)
def test_what_cannot_be_exchanged_is_said(
    engine: Engine, body: dict[str, Any], status: int, words: str
) -> None:
    container = engine.create("true")
    reply = engine.call("POST", f"/containers/{container}/update", body)
    assert reply.status == status
    assert words in reply.message
    assert engine.inspect(container)["HostConfig"]["RestartPolicy"]["Name"] == "no"


def test_an_update_of_nothing_changes_nothing(engine: Engine) -> None:
    container = engine.create("true", host=ALWAYS)
    body = {"Memory": 0, "RestartPolicy": {}}
    assert engine.call("POST", f"/containers/{container}/update", body).status == 200
    assert engine.inspect(container)["HostConfig"]["RestartPolicy"]["Name"] == "always"
    reply = engine.call(
        "POST",
        f"/containers/{engine.create('true', host={'AutoRemove': True})}/update",
        ALWAYS,
    )
    assert (reply.status, "AutoRemove is enabled" in reply.message) == (400, True)


def waiting(engine: Engine, folder: Path) -> str:
    """Return a container whose next start is some seconds away."""
    script = f"echo >> {folder}/runs; exit 7"
    container = engine.sh(script, host=ALWAYS)
    until(lambda: engine.inspect(container)["RestartCount"] >= 5, "a long pause")
    until(lambda: engine.status(container) == "restarting", "the pause")
    return container


def _ended(engine: Engine, container: str) -> dict[str, Any] | None:
    state: dict[str, Any] = engine.inspect(container)["State"]
    return state if state["Status"] == "exited" else None
