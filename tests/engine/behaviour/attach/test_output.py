"""Attach: output is complete, slow clients delay no other, and output before the attach."""

from __future__ import annotations

import time

import pytest

from tests.engine.driver import Engine, demultiplex, frame_sizes


def test_the_end_comes_when_the_program_ends_and_the_state_is_final_then(engine: Engine) -> None:
    for code in range(5):
        container = engine.create("sh", "-c", f"echo out; exit {code}")
        stream = engine.attach(container, "stream=1&stdout=1&stderr=1")
        engine.start(container)
        assert stream.outputs() == (b"out\n", b"")
        state = engine.inspect(container)["State"]
        assert (state["Status"], state["Running"], state["ExitCode"]) == ("exited", False, code)


def test_closing_its_outputs_is_not_the_program_s_end(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo out; exec >&- 2>&-; exec sleep 100")
    stream = engine.attach(container, "stream=1&stdout=1&stderr=1")
    engine.start(container)
    stream.read_until(b"out\n")
    assert stream.is_open(0.3)


def test_output_is_binary_and_whole(engine: Engine) -> None:
    script = "i=0; while [ $i -lt 8 ]; do printf '\\377\\000\\001\\n\\r'; i=$((i+1)); done"
    container = engine.create("sh", "-c", script)
    stream = engine.attach(container, "stream=1&stdout=1")
    engine.start(container)
    assert stream.outputs() == (b"\xff\x00\x01\n\r" * 8, b"")


def test_a_character_may_be_split_between_frames(engine: Engine) -> None:
    container = engine.create("sh", "-c", "printf '\\303'; read x; printf '\\251'", stdin=True)
    stream = engine.attach(container)
    engine.start(container)
    stream.read_until(b"\xc3")
    stream.send(b"\n")
    assert stream.outputs() == ("é".encode(), b"")


def test_ten_megabytes_come_quickly_and_whole(engine: Engine) -> None:
    container = engine.create("sh", "-c", "head -c 10000000 /dev/zero | tr '\\0' x; printf end >&2")
    stream = engine.attach(container, "stream=1&stdout=1&stderr=1")
    before = time.monotonic()
    engine.start(container)
    out, err = stream.outputs()
    assert time.monotonic() - before < 5
    assert (len(out), out.strip(b"x"), err) == (10_000_000, b"", b"end")


@pytest.mark.parametrize("tty", [False, True])
def test_a_client_that_does_not_read_delays_no_other(engine: Engine, tty: bool) -> None:
    container = engine.create("sh", "-c", "head -c 20000000 /dev/zero; exit 5", tty=tty)
    stalled = engine.attach(container, "stream=1&stdout=1&stderr=1")
    other = engine.attach(container, "stream=1&stdout=1&stderr=1")
    engine.start(container)
    assert engine.wait(container) == 5
    data = other.read_all()
    assert len(data if tty else demultiplex(data)[0]) == 20_000_000
    assert engine.inspect(container)["State"]["ExitCode"] == 5
    data = stalled.read_all()
    assert len(data if tty else demultiplex(data)[0]) == 20_000_000


def test_a_stalled_client_gets_all_of_an_auto_removed_container(engine: Engine) -> None:
    container = engine.create("sh", "-c", "head -c 5000000 /dev/zero", host={"AutoRemove": True})
    stalled = engine.attach(container, "stream=1&stdout=1")
    engine.start(container)
    engine.wait_for_event(container, "destroy")
    assert engine.call("GET", f"/containers/{container}/json").status == 404
    assert len(stalled.outputs()[0]) == 5_000_000


def test_the_log_has_a_frame_for_each_line_and_the_unterminated_last_one(engine: Engine) -> None:
    container = engine.sh("printf 'one\\n\\ntwo\\nprompt> '")
    engine.wait(container)
    data = engine.attach(container, "logs=1&stdout=1&stderr=1").read_all()
    assert frame_sizes(data) == [4, 1, 4, 8]
    assert demultiplex(data) == (b"one\n\ntwo\nprompt> ", b"")


def test_the_log_s_long_lines_come_in_frames_of_at_most_32_kib(engine: Engine) -> None:
    container = engine.sh("head -c 200000 /dev/zero")
    engine.wait(container)
    data = engine.attach(container, "logs=1&stdout=1").read_all()
    assert max(frame_sizes(data)) <= 32768
    assert demultiplex(data) == (b"\0" * 200_000, b"")


def test_a_terminal_s_log_is_raw(engine: Engine) -> None:
    container = engine.sh("echo one; echo two >&2", tty=True)
    engine.wait(container)
    assert engine.attach(container, "logs=1&stdout=1").read_all() == b"one\r\ntwo\r\n"
    assert engine.attach(container, "logs=1&stderr=1").read_all() == b""


def test_log_and_stream_together_have_an_unterminated_prompt(engine: Engine) -> None:
    for tty in (False, True):
        container = engine.sh("printf 'prompt> '; exec sleep 100", tty=tty)
        engine.wait_for_log(container, b"prompt")
        stream = engine.attach(container, "logs=1&stream=1&stdout=1")
        stream.read_until(b"prompt> ")


def test_log_and_stream_together_have_neither_gap_nor_duplicate(engine: Engine) -> None:
    script = "i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done; read x"
    container = engine.sh(script, stdin=True)
    streams = []
    for _ in range(5):
        engine.wait_for_log(container, b"\n")
        streams.append(engine.attach(container, "logs=1&stream=1&stdout=1"))
    typing = engine.attach(container, "stream=1&stdin=1")
    typing.send(b"\n")  # and stay: a client that goes before the answer may take its input along
    wanted = b"".join(b"%d\n" % number for number in range(20000))
    for stream in streams:
        assert stream.outputs() == (wanted, b"")


def test_the_log_holds_all_runs(engine: Engine) -> None:
    container = engine.sh("echo run")
    engine.wait(container)
    engine.start(container)
    engine.wait(container)
    assert engine.attach(container, "logs=1&stdout=1").outputs() == (b"run\nrun\n", b"")


def test_a_client_that_vanishes_changes_nothing(engine: Engine) -> None:
    container = engine.create("sh", "-c", "head -c 5000000 /dev/zero; exit 3")
    vanishing = engine.attach(container, "stream=1&stdout=1")
    engine.start(container)
    vanishing.read_until(b"\0")
    vanishing.close()
    assert engine.wait(container) == 3


def test_descendants_that_hold_the_pipes_do_not_hold_up_the_end(engine: Engine) -> None:
    container = engine.create("sh", "-c", "sleep 100 & echo out")
    stream = engine.attach(container, "stream=1&stdout=1")
    before = time.monotonic()
    engine.start(container)
    assert stream.outputs() == (b"out\n", b"")
    assert time.monotonic() - before < 4
    assert engine.status(container) == "exited"
