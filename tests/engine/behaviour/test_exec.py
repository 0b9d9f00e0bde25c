"""Execs."""

from __future__ import annotations

import json
import time

import pytest

from tests.engine.driver import Engine, header


@pytest.fixture
def container(engine: Engine) -> str:
    return engine.run("cat", stdin=True, Env=["A=container"])


def test_its_output_is_framed_and_its_code_is_known_after_the_end(
    engine: Engine, container: str
) -> None:
    execution = engine.exec(container, "sh", "-c", "echo out; echo err >&2; exit 5")
    assert engine.exec_code(execution) is None
    stream = engine.exec_start(execution)
    assert stream.outputs() == (b"out\n", b"err\n")
    info = engine.call("GET", f"/exec/{execution}/json").json
    assert (info["ExitCode"], info["Running"], info["ContainerID"]) == (
        5,
        False,
        container,
    )
    assert engine.logs(container) == b""


def test_its_head_is_attach_s_with_the_engine_s_headers(engine: Engine, container: str) -> None:
    head = engine.exec_start(engine.exec(container, "true")).head
    assert head.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    assert header("Content-Type", head) == "application/vnd.docker.multiplexed-stream"
    assert header("Upgrade", head) == "tcp"
    assert header("Api-Version", head)
    head = engine.exec_start(engine.exec(container, "true"), upgrade=False).head
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")


def test_only_what_was_asked_for_is_attached(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sh", "-c", "echo out; echo err >&2", AttachStdout=False)
    assert engine.exec_start(execution).outputs() == (b"", b"err\n")


def test_a_half_close_ends_its_input_and_output_goes_on(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sh", "-c", "cat; echo after", AttachStdin=True)
    stream = engine.exec_start(execution)
    stream.send(b"typed\n")
    stream.half_close()
    assert stream.outputs() == (b"typed\nafter\n", b"")


def test_a_full_close_ends_its_input_too(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sh", "-c", "cat >/dev/null; exit 4", AttachStdin=True)
    engine.exec_start(execution).close()
    engine.wait_for_event(container, "exec_die")
    assert engine.exec_code(execution) == 4


def test_a_terminal(engine: Engine, container: str) -> None:
    execution = engine.exec(
        container, "sh", "-c", "read x; stty size; echo $x", Tty=True, AttachStdin=True,
        ConsoleSize=[20, 70],
    )  # fmt: skip
    stream = engine.exec_start(execution, tty=True)
    assert header("Content-Type", stream.head) == "application/vnd.docker.raw-stream"
    assert engine.call("POST", f"/exec/{execution}/resize?h=30&w=90").status == 200
    stream.send(b"typed\n")
    assert stream.read_all() == b"typed\r\n30 90\r\ntyped\r\n"
    assert engine.call("POST", f"/exec/{execution}/resize?h=30&w=90").status in (409, 500)


def test_detach_keys_leave_a_terminal_running(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "cat", Tty=True, AttachStdin=True, DetachKeys="a,b")
    stream = engine.exec_start(execution, tty=True)
    stream.send(b"ab")
    stream.read_all()
    info = engine.call("GET", f"/exec/{execution}/json").json
    assert (info["Running"], info["ExitCode"]) == (True, None)


@pytest.mark.parametrize(
    ("keys", "shown", "typed"),
    [
        ({"DetachKeys": "ctrl-p,ctrl-q"}, "EBE=", b"\x10\x11"),
        ({"detachKeys": "a,b"}, "YWI=", b"ab"),
        ({}, "", b"\x10\x11"),
    ],
    ids=str,
)
def test_detach_keys_are_read_in_either_case_and_shown(
    engine: Engine, container: str, keys: dict[str, str], shown: str, typed: bytes
) -> None:
    execution = engine.exec(container, "cat", Tty=True, AttachStdin=True, **keys)
    assert engine.call("GET", f"/exec/{execution}/json").json["DetachKeys"] == shown
    stream = engine.exec_start(execution, tty=True)
    stream.send(typed)
    stream.read_all()
    assert engine.exec_code(execution) is None


def test_detached_it_runs_by_itself(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sh", "-c", "head -c 1000000 /dev/zero; exit 3")
    reply = engine.call("POST", f"/exec/{execution}/start", {"Detach": True})
    assert reply.status == 200
    engine.wait_for_event(container, "exec_die")
    assert engine.exec_code(execution) == 3


def test_it_has_the_container_s_environment_and_its_own(engine: Engine, container: str) -> None:
    execution = engine.exec(
        container, "sh", "-c", 'echo "$A $B $(pwd)"', Env=["B=own"], WorkingDir="/"
    )
    assert engine.exec_start(execution).outputs() == (b"container own /\n", b"")


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        ("nosuch", 127, b"executable file not found in $PATH"),
        ("/etc/passwd", 126, b"permission denied"),
    ],
)
def test_a_bad_command_is_reported_in_the_stream(
    engine: Engine, container: str, argv: str, code: int, text: bytes
) -> None:
    execution = engine.exec(container, argv)
    out, _ = engine.exec_start(execution).outputs()
    assert out.startswith(b"OCI runtime exec failed: ")
    assert text in out
    assert engine.exec_code(execution) == code
    detached = engine.exec(container, argv)
    assert engine.call("POST", f"/exec/{detached}/start", {"Detach": True}).status in (400, 500)


def test_it_starts_once(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "true")
    engine.exec_start(execution).read_all()
    reply = engine.call("POST", f"/exec/{execution}/start", {"Detach": False})
    assert (reply.status, reply.message) == (
        409, f"Error: Exec command {execution} has already run",
    )  # fmt: skip


def test_what_cannot_be_is_refused(engine: Engine, container: str) -> None:
    path = f"/containers/{container}/exec"
    assert engine.call("POST", path, {}).status == 400
    assert engine.call("POST", path, {"Cmd": []}).status == 400
    assert engine.call("POST", path, {"Cmd": ["cat"], "User": "nosuchuser"}).status == 400
    bad_keys = {"Cmd": ["cat"], "Tty": True, "AttachStdin": True, "DetachKeys": "xx"}
    assert engine.call("POST", path, bad_keys).status in (400, 500)
    assert engine.call("POST", "/containers/nosuch/exec", {"Cmd": ["cat"]}).status == 404
    for method, rest in (("POST", "start"), ("GET", "json"), ("POST", "resize?h=1&w=1")):
        assert engine.call(method, f"/exec/nosuch/{rest}").status == 404
    execution = engine.exec(container, "cat")
    engine.call("POST", f"/containers/{container}/pause")
    assert engine.call("POST", path, {"Cmd": ["cat"]}).status == 409
    engine.call("POST", f"/containers/{container}/unpause")
    engine.kill(container)
    assert engine.call("POST", path, {"Cmd": ["cat"]}).status == 409
    assert engine.call("POST", f"/exec/{execution}/start", {"Detach": True}).status == 409


def test_it_ends_with_its_container(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sleep", "1000")
    stream = engine.exec_start(execution)
    assert engine.call("GET", f"/exec/{execution}/json").json["Running"]
    assert engine.inspect(container)["ExecIDs"] == [execution]
    engine.kill(container)
    assert stream.read_all() == b""
    assert engine.exec_code(execution) == 137


def test_a_stalled_client_does_not_hold_it_up(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "sh", "-c", "head -c 10000000 /dev/zero; exit 2")
    stream = engine.exec_start(execution)
    before = time.monotonic()
    engine.wait_for_event(container, "exec_die")
    assert engine.exec_code(execution) == 2
    assert time.monotonic() - before < 5
    assert len(stream.outputs()[0]) == 10_000_000


def test_the_start_body_is_json(engine: Engine, container: str) -> None:
    execution = engine.exec(container, "true")
    stream = engine.hijack("POST", f"/exec/{execution}/start", b"{")
    assert stream.head.startswith(b"HTTP/1.1 400 ")
    assert "invalid JSON" in json.loads(stream.data or stream.socket.recv(1000))["message"]
