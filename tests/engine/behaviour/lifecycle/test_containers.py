"""Containers: creating, states, signals, waiting, names, lists, removal."""

from __future__ import annotations

import json
import os
import pwd
import threading
import time
from typing import Any

import pytest

from tests.engine.driver import Engine, processes_of, until


def test_create_gives_an_id_of_64_digits_and_a_name(engine: Engine) -> None:
    container = engine.create("true")
    assert len(container) == 64
    assert int(container, 16) >= 0
    assert engine.inspect(container)["Name"].startswith("/")


def test_inspect_tells_what_was_asked_for(engine: Engine) -> None:
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
    told = engine.inspect(container)
    assert (told["Path"], told["Args"]) == ("sh", ["-c", "true"])
    config = told["Config"]
    assert config["Entrypoint"] == ["sh"]
    assert config["Cmd"] == ["-c", "true"]
    flags = ("Tty", "OpenStdin", "StdinOnce", "AttachStdin", "AttachStdout", "AttachStderr")
    assert [config[flag] for flag in flags] == [True, True, True, False, True, False]
    assert "A=b" in config["Env"]
    assert config["Labels"] == {"x": "y"}
    assert (config["WorkingDir"], config["StopSignal"]) == ("/", "INT")
    assert told["HostConfig"]["LogConfig"]["Type"] == "json-file"
    assert told["HostConfig"]["RestartPolicy"]["Name"] == "no"
    state = told["State"]
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
        ({"HostConfig": {"RestartPolicy": {"Name": "always"}}}, 400, "restart policy"),
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
        {"Image": "host", "Cmd": ["true"], "HostConfig": {"Binds": ["/a:/b"]}},
    )
    engine.created.append(reply.json["Id"])
    assert reply.status == 201
    assert "Binds is ignored" in reply.json["Warnings"][0]


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(engine: Engine, body: bytes) -> None:
    answer = engine.raw(
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ok-1_2.3", 201),
        ("a", 400),
        ("-x", 400),
        ("x%2Fy", 400),
        ("%2Fslash", 201),
        ("x" * 300, 400),
    ],
)
def test_names_are_checked(engine: Engine, name: str, status: int) -> None:
    reply = engine.call(
        "POST", f"/containers/create?name={name}", {"Image": "host", "Cmd": ["true"]}
    )
    assert reply.status == status
    if status == 201:
        engine.created.append(reply.json["Id"])


def test_a_name_is_given_once(engine: Engine) -> None:
    container = engine.create("true", name="twice")
    reply = engine.call(
        "POST", "/containers/create?name=twice", {"Image": engine.image, "Cmd": ["true"]}
    )
    assert reply.status == 409
    assert reply.message.startswith(
        f'Conflict. The container name "/twice" is already in use by container "{container}".'
    )


def test_rename(engine: Engine) -> None:
    container = engine.create("true", name="before")
    engine.create("true", name="taken")
    assert engine.call("POST", f"/containers/{container}/rename?name=after").status == 204
    assert engine.inspect("after")["Name"] == "/after"
    assert engine.call("GET", "/containers/before/json").status == 404
    assert engine.call("POST", "/containers/after/rename?name=taken").status == 409
    assert engine.call("POST", "/containers/after/rename?name=").status == 400


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 42", 42), ("kill -9 $$", 137), ("kill -15 $$", 143)]
)
def test_exit_codes(engine: Engine, script: str, code: int) -> None:
    container = engine.sh(script)
    assert engine.wait(container) == code
    assert engine.inspect(container)["State"]["ExitCode"] == code


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (["nosuchcommand"], 127, "executable file not found in $PATH"),
        (["/nosuch/command"], 127, "no such file or directory"),
        (["/etc/passwd"], 126, "permission denied"),
        (["/"], 126, "permission denied"),
    ],
)
def test_a_command_that_cannot_run_fails_at_the_start(
    engine: Engine, argv: list[str], code: int, text: str
) -> None:
    container = engine.create(*argv)
    stream = engine.attach(container, "stream=1&stdout=1")
    reply = engine.call("POST", f"/containers/{container}/start")
    assert reply.status == 400
    assert text in reply.message
    assert stream.read_all() == b""
    state = engine.inspect(container)["State"]
    assert (state["Status"], state["ExitCode"]) == ("created", code)
    assert text in state["Error"]


def test_start_of_a_running_and_stop_of_a_stopped_one_are_not_modified(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.call("POST", f"/containers/{container}/start").status == 304
    engine.kill(container)
    assert engine.call("POST", f"/containers/{container}/stop").status == 304


@pytest.mark.parametrize("spelling", ["TERM", "SIGTERM", "sigterm", "15"])
def test_signals_by_every_spelling(engine: Engine, spelling: str) -> None:
    container = engine.create("sh", "-c", "trap 'exit 8' TERM; echo up; read x", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    engine.kill(container, spelling)
    assert engine.wait(container) == 8


@pytest.mark.parametrize("spelling", ["NOPE", "0", "99", "-1", "1.5"])
def test_unknown_signals_are_refused(engine: Engine, spelling: str) -> None:
    container = engine.run("cat", stdin=True)
    reply = engine.call("POST", f"/containers/{container}/kill?signal={spelling}")
    assert (reply.status, reply.message) == (400, f"Invalid signal: {spelling}")


def test_kill_without_a_signal_waits_for_the_end(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.call("POST", f"/containers/{container}/kill").status == 204
    assert engine.status(container) == "exited"
    assert engine.inspect(container)["State"]["ExitCode"] == 137
    assert engine.call("POST", f"/containers/{container}/kill").status == 409
    reply = engine.call("POST", "/containers/nosuch/kill")
    assert (reply.status, reply.message) == (
        404,
        "Cannot kill container: nosuch: No such container: nosuch",
    )


def test_the_end_of_the_program_ends_its_descendants_wherever_they_went(engine: Engine) -> None:
    script = (
        "sleep 1000 & setsid sleep 1000 & "
        "(setsid sh -c 'sleep 1000 & sleep 1000 & echo up; wait' &) ; read x"
    )
    container = engine.create("sh", "-c", script, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    until(lambda: len(processes_of(container)) >= 5, "the descendants")
    stream.send(b"\n")
    assert engine.wait(container) == 0
    assert processes_of(container) == []


def test_stop_sends_its_signal_then_kills(engine: Engine) -> None:
    polite = engine.create(
        "sh", "-c", "trap 'exit 4' INT; echo up; read x", stdin=True, StopSignal="INT"
    )
    stubborn = engine.create("sh", "-c", "trap '' TERM; echo up; read x", stdin=True)
    for container, code in ((polite, 4), (stubborn, 137)):
        stream = engine.attach(container)
        engine.start(container)
        stream.read_until(b"up")
        assert engine.call("POST", f"/containers/{container}/stop?t=1").status == 204
        assert engine.inspect(container)["State"]["ExitCode"] == code


def test_restart_starts_again(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    first = engine.inspect(container)["State"]["Pid"]
    stream = engine.attach(container)
    assert engine.call("POST", f"/containers/{container}/restart?t=1").status == 204
    assert stream.read_all() == b""
    state = engine.inspect(container)["State"]
    assert state["Running"]
    assert state["Pid"] != first


def test_pause_and_unpause(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    path = f"/containers/{container}"
    stream = engine.attach(container)
    assert engine.call("POST", f"{path}/pause").status == 204
    state = engine.inspect(container)["State"]
    assert (state["Status"], state["Running"], state["Paused"]) == ("paused", True, True)
    assert engine.call("POST", f"{path}/pause").status == 409
    assert engine.call("POST", f"{path}/start").status == 409
    stream.send(b"later")
    assert stream.is_open()
    assert stream.data == b""
    assert engine.call("POST", f"{path}/unpause").status == 204
    stream.read_until(b"later")
    assert engine.call("POST", f"{path}/unpause").status in (409, 500)


def test_a_paused_container_can_be_stopped(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    engine.call("POST", f"/containers/{container}/pause")
    assert engine.call("POST", f"/containers/{container}/stop?t=5").status == 204
    assert engine.status(container) == "exited"


def test_remove_needs_force_for_a_running_one(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container)
    reply = engine.call("DELETE", f"/containers/{container}")
    assert reply.status == 409
    assert "container is running" in reply.message
    assert engine.call("DELETE", f"/containers/{container}?force=1&v=1").status == 204
    assert stream.read_all() == b""
    assert engine.call("GET", f"/containers/{container}/json").status == 404
    assert engine.call("DELETE", f"/containers/{container}").status == 404


def test_removing_a_created_one_ends_its_waiting_clients(engine: Engine) -> None:
    container = engine.create("cat", stdin=True)
    stream = engine.attach(container)
    engine.remove(container)
    assert stream.read_all() == b""


def begin_wait(
    engine: Engine, container: str, query: str
) -> tuple[threading.Thread, list[Any], threading.Event]:
    """A thread that waits; the event is set when the head of the answer has come."""
    answers: list[Any] = []
    begun = threading.Event()

    def wait() -> None:
        with engine.streaming("POST", f"/containers/{container}/wait{query}") as response:
            begun.set()
            answers.append(json.loads(response.read()))

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(5)
    return thread, answers, begun


def test_wait_answers_its_head_at_once_and_the_code_at_the_end(engine: Engine) -> None:
    container = engine.sh("read x; exit 3", stdin=True)
    thread, answers, _ = begin_wait(engine, container, "")
    stream = engine.attach(container)
    stream.send(b"\n")
    thread.join(5)
    assert [answer["StatusCode"] for answer in answers] == [3]


def test_not_running_returns_at_once_for_a_created_and_for_an_exited_one(engine: Engine) -> None:
    container = engine.create("sh", "-c", "exit 3")
    assert engine.wait(container) == 0
    engine.start(container)
    assert engine.wait(container) == 3
    assert engine.wait(container) == 3


def test_a_restart_gives_waiters_the_code_of_the_run_that_ended(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    waits = [begin_wait(engine, container, "") for _ in range(5)]
    assert engine.call("POST", f"/containers/{container}/restart?t=1").status == 204
    for thread, answers, _ in waits:
        thread.join(5)
        assert answers[0]["StatusCode"] == 143


def test_next_exit_waits_for_the_next_one(engine: Engine) -> None:
    container = engine.create("sh", "-c", "exit 3")
    for _ in range(2):
        thread, answers, _ = begin_wait(engine, container, "?condition=next-exit")
        assert answers == []
        engine.start(container)
        thread.join(5)
        assert answers[0]["StatusCode"] == 3


def test_removed_waits_for_the_removal(engine: Engine) -> None:
    container = engine.sh("exit 3")
    engine.wait(container)
    thread, answers, _ = begin_wait(engine, container, "?condition=removed")
    engine.remove(container)
    thread.join(5)
    assert answers[0]["StatusCode"] == 3


def test_an_unknown_condition_is_refused(engine: Engine) -> None:
    container = engine.create("true")
    reply = engine.call("POST", f"/containers/{container}/wait?condition=maybe")
    assert (reply.status, reply.message) == (400, 'invalid condition: "maybe"')


def test_below_1_30_conditions_are_unknown(engine: Engine) -> None:
    container = engine.sh("exit 3")
    engine.prefix = "/v1.29"
    assert engine.wait(container, "removed") == 3


def test_auto_remove_gives_waiters_the_code_and_is_gone(engine: Engine) -> None:
    container = engine.create("sh", "-c", "read x; exit 6", stdin=True, host={"AutoRemove": True})
    waits = [
        begin_wait(engine, container, f"?condition={condition}")
        for condition in ("removed", "next-exit")
    ]
    stream = engine.attach(container)
    engine.start(container)
    stream.send(b"\n")
    stream.read_all()
    for thread, answers, _ in waits:
        thread.join(5)
        assert answers[0]["StatusCode"] == 6
    until(lambda: engine.call("GET", f"/containers/{container}/json").status == 404, "removal")
    assert engine.call("POST", f"/containers/{container}/wait").status == 404


def listed(engine: Engine, query: str) -> list[str]:
    reply = engine.call("GET", f"/containers/json?{query}")
    assert reply.status == 200, reply.body
    return [each["Id"] for each in reply.json]


def test_list_and_its_filters(engine: Engine) -> None:
    created = engine.create("true", name="list_created", Labels={"a": "1"})
    running = engine.run("cat", stdin=True, name="list_running", Labels={"a": "2", "b": ""})
    exited = engine.sh("exit 2", name="list_exited")
    engine.wait(exited)

    def filtered(**filters: list[str]) -> list[str]:
        return listed(engine, f"all=1&filters={json.dumps(filters).replace(' ', '')}")

    assert listed(engine, "") == [running]
    assert listed(engine, "all=1") == [exited, running, created]
    assert listed(engine, "limit=1") == [exited]
    assert filtered(name=["list_c"]) == [created]
    assert filtered(name=["^/list_(created|exited)$"]) == [exited, created]
    assert filtered(id=[running[:12]]) == [running]
    assert filtered(status=["exited", "created"]) == [exited, created]
    assert filtered(label=["a"]) == [running, created]
    assert filtered(label=["a=2", "b"]) == [running]
    assert filtered(exited=["2"]) == [exited]
    assert filtered(ancestor=[engine.image]) == [exited, running, created]
    assert engine.call("GET", "/containers/json?filters={").status == 400
    assert engine.call("GET", '/containers/json?filters={"x":["y"]}').status == 400
    assert listed(engine, 'filters={"status":{"exited":true}}') == [exited]


def test_a_list_entry_has_what_ps_shows(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, name="shown")
    entry = engine.call("GET", "/containers/json").json[0]
    assert (entry["Id"], entry["Names"], entry["Image"]) == (container, ["/shown"], engine.image)
    assert (entry["State"], entry["Command"]) == ("running", "cat")
    assert entry["Status"].startswith("Up ")


def test_top_shows_the_processes(engine: Engine) -> None:
    container = engine.create("sh", "-c", "sleep 1000 & echo up; read x", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    deadline = time.monotonic() + 10
    while True:  # the shell's child is a copy of the shell until it has become sleep
        told = engine.call("GET", f"/containers/{container}/top").json
        column = told["Titles"].index("CMD")
        commands = [row[column] for row in told["Processes"]]
        if "sleep 1000" in commands:
            break
        assert time.monotonic() < deadline, commands
    engine.kill(container)
    assert engine.call("GET", f"/containers/{container}/top").status == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "json"),
        ("POST", "start"),
        ("POST", "stop"),
        ("POST", "wait"),
        ("POST", "pause"),
        ("POST", "unpause"),
        ("POST", "restart"),
        ("POST", "rename?name=xx"),
        ("GET", "logs?stdout=1"),
        ("GET", "top"),
        ("POST", "resize?h=1&w=1"),
    ],
)
def test_an_unknown_container_is_404_everywhere(engine: Engine, method: str, path: str) -> None:
    reply = engine.call(method, f"/containers/nosuch/{path}")
    assert (reply.status, reply.message) == (404, "No such container: nosuch")
