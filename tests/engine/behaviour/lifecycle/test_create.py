"""Create: what a container is made of, and which requests are refused."""

from __future__ import annotations

import os
import pwd
from typing import Any

import pytest

from tests.engine.driver import Engine


def test_create_gives_an_id_of_64_digits_and_a_name(engine: Engine) -> None:
    container = engine.create("true")
    assert len(container) == 64
    assert int(container, 16) >= 0
    assert engine.inspect(container)["Name"].startswith("/")


def test_inspect_shows_what_was_asked_for(engine: Engine) -> None:
    container = engine.create(
        "-c",
        "true",
        Entrypoint=["sh"],
        tty=True,
        stdin=True,
        once=True,
        Env=["A=b"],
        Labels={"x": "y"},
        WorkingDir="/",
        StopSignal="INT",
        AttachStdout=True,
    )
    details = engine.inspect(container)
    assert (details["Path"], details["Args"]) == ("sh", ["-c", "true"])
    config = details["Config"]
    assert config["Entrypoint"] == ["sh"]
    assert config["Cmd"] == ["-c", "true"]
    flags = ("Tty", "OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr")
    assert [config[flag] for flag in flags] == [True, True, True, False, True, False]
    assert "A=b" in config["Env"]
    assert config["Labels"] == {"x": "y"}
    assert (config["WorkingDir"], config["StopSignal"]) == ("/", "INT")
    assert details["HostConfig"]["LogConfig"]["Type"] == "json-file"
    assert details["HostConfig"]["RestartPolicy"]["Name"] == "no"
    state = details["State"]
    assert (state["Status"], state["Running"], state["Pid"]) == ("created", False, 0)
    assert state["StartedAt"] == state["FinishedAt"] == "0001-01-01T00:00:00Z"


def test_the_program_gets_the_environment_and_the_folder(engine: Engine) -> None:
    container = engine.sh('echo "$A|$HOME|$(pwd)|${TERM-none}"', Env=["A=b c"], WorkingDir="/")
    engine.wait(container)
    assert engine.logs(container, "stdout=1")[8:] == f"b c|{os.environ['HOME']}|/|none\n".encode()


def test_a_variable_without_a_value_is_removed(engine: Engine) -> None:
    container = engine.sh('echo "${HOME-none}"', Env=["HOME"])
    engine.wait(container)
    assert engine.logs(container, "stdout=1")[8:] == b"none\n"


def test_the_program_leads_its_own_session(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    pid = engine.inspect(container)["State"]["Pid"]
    assert os.getsid(pid) == os.getpgid(pid) == pid


def test_without_a_command_a_shell_runs(engine: Engine) -> None:
    body = {"Image": "host:latest", "OpenStdin": True, "StdinOnce": True}
    container = engine.call("POST", "/containers/create", body).json["Id"]
    engine.created.append(container)
    stream = engine.attach(container)
    engine.start(container)
    stream.send(b"echo shell")
    stream.half_close()
    assert stream.outputs() == (b"shell\n", b"")


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"Image": "busybox"}, 404, "No such image: busybox"),
        ({"Image": ""}, 400, "no image"),
        ({"User": "nosuchuser"}, 400, "User must be empty or this user"),
        ({"HostConfig": {"RestartPolicy": {"Name": "sometimes"}}}, 400, "restart policy"),
        ({"Cmd": 5}, 400, "Cmd must be"),
        ({"Cmd": ["a\0b"]}, 400, "Cmd must be"),
        ({"Tty": "yes"}, 400, "Tty must be"),
        ({"Env": ["=x"]}, 400, "invalid environment variable"),
        ({"WorkingDir": "relative"}, 400, "needs to be an absolute path"),
        ({"StopSignal": "NOPE"}, 400, "Invalid signal: NOPE"),
        ({"HostConfig": {"ConsoleSize": [1]}}, 400, "ConsoleSize"),
        ({"HostConfig": []}, 400, "HostConfig must be"),
        ({"Labels": {"a": 1}}, 400, "Labels must be"),
    ],
)
def test_what_cannot_be_run_is_refused(
    engine: Engine, change: dict[str, Any], status: int, message: str
) -> None:
    reply = engine.call("POST", "/containers/create", {"Image": "host", "Cmd": ["true"], **change})
    assert reply.status == status
    assert message in reply.message


def test_this_user_may_be_named(engine: Engine) -> None:
    user = pwd.getpwuid(os.getuid()).pw_name
    for spelling in (user, str(os.getuid()), f"{os.getuid()}:{os.getgid()}"):
        assert engine.wait(engine.run("true", User=spelling)) == 0


def test_what_has_no_effect_here_is_warned_about(engine: Engine) -> None:
    reply = engine.call(
        "POST",
        "/containers/create",
        {"Image": "host", "Cmd": ["true"], "HostConfig": {"Memory": 1 << 30}},
    )
    engine.created.append(reply.json["Id"])
    assert reply.status == 201
    assert "Memory is ignored" in reply.json["Warnings"][0]


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(engine: Engine, body: bytes) -> None:
    answer = engine.raw(
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
