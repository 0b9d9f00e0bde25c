"""The states of a container: start, exit, stop, restart, pause and removal."""

from __future__ import annotations

import pytest

from tests.engine.driver import Engine
from tests.engine.processes import DESCENDANTS, processes_of


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


def test_the_end_of_the_program_ends_its_descendants_wherever_they_went(engine: Engine) -> None:
    container = engine.create("sh", "-c", DESCENDANTS + "read x", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up", times=5)
    assert len(processes_of(container)) >= 6
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
