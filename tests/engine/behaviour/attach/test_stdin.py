"""Attach: what happens to the program and to the client when input ends."""

from __future__ import annotations

import os
from pathlib import Path

from tests.engine.driver import Engine


def echo(data: bytes) -> bytes:
    return b"\x01\0\0\0" + len(data).to_bytes(4, "big") + data


def test_with_stdin_once_a_half_close_ends_the_program_s_input_and_output_goes_on(
    engine: Engine,
) -> None:
    container = engine.sh("cat; echo after; exit 7", stdin=True, once=True)
    stream = engine.attach(container)
    stream.send(b"typed\n")
    stream.half_close()
    assert stream.outputs() == (b"typed\nafter\n", b"")
    assert engine.inspect(container)["State"]["ExitCode"] == 7


def test_with_stdin_once_a_full_close_ends_the_program_s_input_too(engine: Engine) -> None:
    container = engine.sh("cat; echo after", stdin=True, once=True)
    reader = engine.attach(container, "stream=1&stdout=1")
    writer = engine.attach(container)
    writer.send(b"typed\n")
    writer.close()
    assert reader.outputs() == (b"typed\nafter\n", b"")


def test_what_is_sent_before_an_immediate_close_still_arrives(
    engine: Engine, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    container = engine.sh(f"read x < {go}; cat", stdin=True, once=True)
    reader = engine.attach(container, "stream=1&stdout=1")
    writer = engine.attach(container, "stream=1&stdin=1")
    writer.send(b"x" * 100_000)
    writer.close()
    go.write_text("\n")
    assert reader.outputs() == (b"x" * 100_000, b"")


def test_with_stdin_once_the_first_to_go_closes_it_for_all(engine: Engine) -> None:
    container = engine.sh("cat; echo closed; exec sleep 100", stdin=True, once=True)
    first, second = engine.attach(container), engine.attach(container)
    first.half_close()
    second.read_until(b"closed")
    second.send(b"goes nowhere")
    assert second.is_open()
    assert second.data == echo(b"closed\n")


def test_without_stdin_once_a_half_close_ends_only_this_attachment(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    first = engine.attach(container)
    first.send(b"one")
    first.read_until(b"one")
    first.half_close()
    assert first.read_all() == echo(b"one")
    assert engine.status(container) == "running"
    second = engine.attach(container)
    second.send(b"two")
    second.read_until(b"two")


def test_without_stdin_once_a_full_close_leaves_the_program_alone(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    engine.attach(container).close()
    other = engine.attach(container)
    other.send(b"still there")
    other.read_until(b"still there")


def test_without_stdin_a_half_close_changes_nothing(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, once=True)
    stream = engine.attach(container, "stream=1&stdout=1")
    stream.half_close()
    other = engine.attach(container)
    other.send(b"goes on")
    stream.read_until(b"goes on")


def test_where_stdin_is_not_open_it_is_ignored_and_a_half_close_changes_nothing(
    engine: Engine,
) -> None:
    container = engine.create("sh", "-c", "cat; echo end")
    stream = engine.attach(container)
    engine.start(container)
    stream.send(b"dropped")
    stream.half_close()
    assert stream.outputs() == (b"end\n", b"")


def test_on_a_terminal_a_half_close_ends_only_this_attachment(engine: Engine) -> None:
    for once in (False, True):
        container = engine.run("cat", stdin=True, tty=True, once=once)
        stream = engine.attach(container)
        stream.send(b"x\n")
        stream.read_until(b"x\r\nx\r\n")
        stream.half_close()
        stream.read_all()
        assert engine.status(container) == "running"
        other = engine.attach(container)
        other.send(b"y\n")
        other.read_until(b"y\r\ny\r\n")


def test_on_a_terminal_byte_04_is_the_end_of_input(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, tty=True)
    stream = engine.attach(container)
    stream.send(b"x\n")
    stream.read_until(b"x\r\nx\r\n")
    stream.send(b"\x04")
    stream.read_all()
    assert engine.inspect(container)["State"]["ExitCode"] == 0


def test_input_of_several_clients_is_merged(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    first, second = engine.attach(container), engine.attach(container)
    first.send(b"a")
    first.read_until(b"a")
    second.send(b"b")
    first.read_until(b"b")
    second.read_until(b"b")
    assert second.data.replace(echo(b"a"), b"") in (echo(b"b"), echo(b"ab"))


def test_a_program_that_does_not_read_holds_up_its_writer_alone(engine: Engine) -> None:
    container = engine.sh("echo up; exec sleep 100", stdin=True)
    engine.wait_for_log(container, b"up")
    writer = engine.attach(container, "stream=1&stdin=1")
    writer.socket.setblocking(False)
    sent = 0
    try:
        while sent < 50_000_000:
            sent += writer.socket.send(b"x" * 65536)
    except BlockingIOError:
        pass
    assert sent < 5_000_000
    assert engine.attach(container, "logs=1&stdout=1").outputs() == (b"up\n", b"")
    engine.kill(container)
    assert engine.status(container) == "exited"


def test_input_is_binary(engine: Engine) -> None:
    every = bytes(range(256)) * 400
    container = engine.run("cat", stdin=True, once=True)
    stream = engine.attach(container)
    stream.send(every)
    stream.half_close()
    assert stream.outputs() == (every, b"")


def test_a_writer_that_left_while_the_program_does_not_read_is_forgotten_at_its_end(
    engine: Engine,
) -> None:
    container = engine.sh("echo up; exec sleep 100", stdin=True, once=True)
    writer = engine.attach(container, "stream=1&stdin=1")
    writer.send(b"x" * 100_000)
    writer.close()
    engine.kill(container)
    assert engine.wait(container) == 137


def test_what_a_client_sent_before_it_left_arrives_although_output_was_on_its_way(
    engine: Engine,
) -> None:
    script = "yes & read x; kill $!; echo got $x >&2; cat; echo end >&2"
    for _ in range(5):
        container = engine.create("sh", "-c", script, stdin=True, once=True)
        watcher = engine.attach(container, "stream=1&stderr=1")
        client = engine.attach(container)
        engine.start(container)
        client.read_until(b"y\n")
        client.send(b"hello\n")
        client.close()
        assert watcher.outputs() == (b"", b"got hello\nend\n")
