"""Terminals: size, job control, and the detach keys."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.engine.driver import Engine, Stream

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "detach_keys.json").read_text())
RAW_CAT = "stty raw -echo; printf ready; exec cat"


def raw_cat(engine: Engine, keys: str = "") -> tuple[str, Stream]:
    container = engine.create("sh", "-c", RAW_CAT, tty=True, stdin=True)
    stream = engine.attach(container, f"stream=1&stdin=1&stdout=1&stderr=1&detachKeys={keys}")
    engine.start(container)
    stream.read_until(b"ready")
    stream.data = b""
    return container, stream


def spelled(keys: bytes) -> str:
    named = {0: "ctrl-@", **{code: f"ctrl-{chr(code + 96)}" for code in range(1, 27)}}
    return ",".join(named.get(key, f"%{key:02x}") for key in keys)


@pytest.mark.parametrize("vector", VECTORS["copy"], ids=lambda vector: str(vector["id"]))
def test_the_detach_keys_are_looked_for_as_moby_does(
    engine: Engine, vector: dict[str, Any]
) -> None:
    wanted = vector["moby_17_06_and_later"]
    forwarded = bytes.fromhex(wanted["forwarded_hex"])
    container, stream = raw_cat(engine, spelled(bytes.fromhex(vector["keys_hex"])))
    watcher = engine.attach(container, "stream=1&stdout=1")
    for read in vector["reads_hex"]:
        stream.send(bytes.fromhex(read))
    if wanted["detached"]:
        stream.read_all()
        last = engine.attach(container)
    else:
        stream.half_close()  # a held prefix is lost here
        stream.read_all()
        last = engine.attach(container)
    last.send(b"<end>")
    assert watcher.read_until(b"<end>") == forwarded + b"<end>"
    assert engine.status(container) == "running"


def test_detaching_sends_the_end_and_nothing_else(engine: Engine) -> None:
    container, stream = raw_cat(engine)
    with engine.streaming("GET", f'/events?filters={{"container":["{container}"]}}') as events:
        stream.send(b"\x10\x11")
        assert stream.read_all() == b""
        assert json.loads(events.readline())["Action"] == "detach"
    assert engine.status(container) == "running"


def test_keys_may_come_one_by_one(engine: Engine) -> None:
    container, stream = raw_cat(engine, "a,b")
    stream.send(b"xa")
    stream.read_until(b"x")
    stream.send(b"b")
    assert stream.read_all() == b"x"
    assert engine.status(container) == "running"


def test_without_stdin_nothing_is_looked_for(engine: Engine) -> None:
    container, _ = raw_cat(engine)
    stream = engine.attach(container, "stream=1&stdout=1")
    stream.send(b"\x10\x11")
    assert stream.is_open()


def test_without_a_terminal_the_keys_are_data(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container)
    stream.send(b"\x10\x11")
    stream.read_until(b"\x10\x11")


def test_all_output_of_a_terminal_is_stdout(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo out; echo err >&2", tty=True)
    both = engine.attach(container, "stream=1&stdout=1&stderr=1")
    stderr_only = engine.attach(container, "stream=1&stdout=0&stderr=1")
    engine.start(container)
    assert both.read_all() == b"out\r\nerr\r\n"
    assert stderr_only.read_all() == b""


def test_a_new_terminal_has_a_size(engine: Engine) -> None:
    container = engine.sh("stty size", tty=True)
    engine.wait(container)
    assert engine.logs(container, "stdout=1") == b"24 80\r\n"


def test_console_size_is_the_terminal_s_first_size(engine: Engine) -> None:
    container = engine.sh("stty size", tty=True, host={"ConsoleSize": [33, 101]})
    engine.wait(container)
    assert engine.logs(container, "stdout=1") == b"33 101\r\n"


def test_resize_changes_the_size_and_signals_the_program_once(engine: Engine) -> None:
    script = "trap 'stty size' WINCH; echo up; while :; do read x && echo \"got $x\"; done"
    container = engine.create("sh", "-c", script, tty=True, stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up\r\n")
    for _ in range(2):  # the same size again is no change
        assert engine.call("POST", f"/containers/{container}/resize?h=50&w=132").status == 200
    stream.send(b"mark\n")
    stream.read_until(b"got mark")
    assert stream.data.count(b"50 132") == 1


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("h=abc&w=1", 'invalid resize height "abc": invalid syntax'),
        ("h=1&w=", 'invalid resize width "": invalid syntax'),
        ("h=-1&w=1", 'invalid resize height "-1": invalid syntax'),
        ("h=1&w=4294967296", 'invalid resize width "4294967296": value out of range'),
    ],
)
def test_a_bad_size_is_refused(engine: Engine, query: str, message: str) -> None:
    container = engine.run("cat", tty=True, stdin=True)
    reply = engine.call("POST", f"/containers/{container}/resize?{query}")
    assert (reply.status, reply.message) == (400, message)


def test_resize_without_a_terminal_does_nothing_and_needs_a_running_program(
    engine: Engine,
) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.call("POST", f"/containers/{container}/resize?h=0&w=0").status == 200
    engine.kill(container)
    reply = engine.call("POST", f"/containers/{container}/resize?h=1&w=1")
    assert reply.status == 409
    assert engine.call("POST", "/containers/nosuch/resize?h=1&w=1").status == 404


def test_ctrl_c_interrupts_what_is_in_the_foreground(engine: Engine) -> None:
    container = engine.create(
        "sh",
        "-c",
        "trap 'echo caught; exit 9' INT; echo up; while :; do sleep 0.1; done",
        tty=True,
        stdin=True,
    )
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"up")
    stream.send(b"\x03")
    assert b"caught" in stream.read_all()
    assert engine.wait(container) == 9


def test_input_of_a_terminal_without_open_stdin_is_ignored(engine: Engine, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    container = engine.create("sh", "-c", f"echo up; read x < {go}; echo end", tty=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.send(b"\x10\x11\x03")
    engine.let_it_settle()
    go.write_text("\n")
    assert stream.read_all() == b"up\r\nend\r\n"
