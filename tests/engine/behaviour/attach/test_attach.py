"""Attach: the head of the response, the parameters, and refusals."""

from __future__ import annotations

import pytest

from tests.engine.driver import (
    NOT_UPGRADED,
    UPGRADED,
    UPGRADED_FRAMED,
    Engine,
    Stream,
    frame_sizes,
)

BOTH = "printf out; printf err >&2; exec cat"
ALL = "stream=1&stdin=1&stdout=1&stderr=1"


def refusal(status: bytes, text: str) -> bytes:
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
        + text.encode()
        + b"\r\n"
    )


def test_an_upgrade_is_answered_with_moby_s_bytes(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.attach(container).head == UPGRADED_FRAMED
    assert engine.attach(container, prefix="").head == UPGRADED_FRAMED
    assert engine.attach(container, prefix="/v1.42").head == UPGRADED_FRAMED


@pytest.mark.parametrize("version", ["1.41", "1.24", "1.23", "01.41", "1.41."])
def test_below_1_42_a_framed_stream_has_the_raw_content_type(engine: Engine, version: str) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.attach(container, prefix=f"/v{version}").head == UPGRADED


def test_a_terminal_s_stream_is_raw(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, tty=True)
    assert engine.attach(container).head == UPGRADED


def test_without_an_upgrade_header_the_same_stream_follows_a_200(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container, upgrade=False)
    assert stream.head == NOT_UPGRADED
    stream.send(b"hello")
    assert stream.read_until(b"hello") == b"\x01\0\0\0\0\0\0\x05hello"


def test_any_upgrade_value_is_answered_with_tcp(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    connected = engine.dial()
    connected.sendall(
        f"POST /v1.41/containers/{container}/attach?{ALL} HTTP/1.1\r\nHost: x\r\n"
        "Upgrade: foo\r\n\r\n".encode()
    )
    assert Stream(connected).head == UPGRADED


def test_http_1_0_and_an_empty_host_will_do(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    for line in ("HTTP/1.0\r\n", "HTTP/1.1\r\nHost:\r\n"):
        connected = engine.dial()
        connected.sendall(f"POST /containers/{container}/attach?{ALL} {line}\r\n".encode())
        assert Stream(connected).head == NOT_UPGRADED


@pytest.mark.parametrize(
    "body",
    ["", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"],
)
def test_the_body_may_be_absent_or_empty(engine: Engine, body: str) -> None:
    container = engine.run("cat", stdin=True)
    connected = engine.dial()
    end = "0\r\n\r\n" if "chunked" in body else ""
    connected.sendall(
        f"POST /v1.41/containers/{container}/attach?{ALL} HTTP/1.1\r\nHost: x\r\n"
        f"Upgrade: tcp\r\n{body}\r\n{end}".encode()
    )
    stream = Stream(connected)
    assert stream.head == UPGRADED
    stream.send(b"x")
    stream.read_until(b"x")


def test_parameters_may_come_in_a_form_and_win_over_the_query(engine: Engine) -> None:
    container = engine.sh("printf out; printf err >&2")
    engine.wait(container)
    connected = engine.dial()
    form = b"logs=1&stdout=0&stderr=1"
    connected.sendall(
        f"POST /containers/{container}/attach?stdout=1 HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n".encode()
        + form
    )
    assert Stream(connected).outputs() == (b"", b"err")


def test_stdin_that_comes_with_the_request_is_kept(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container, trailing=b"early")
    assert stream.read_until(b"early").endswith(b"early")


@pytest.mark.parametrize(
    ("query", "out", "err"),
    [
        ("logs=1&stdout=1&stderr=1", b"out", b"err"),
        ("logs=1&stdout=1&stderr=0", b"out", b""),
        ("logs=1&stdout=1", b"out", b""),
        ("logs=1&stdout=0&stderr=1", b"", b"err"),
        ("logs=1&stdout=0&stderr=0", b"", b""),
        ("logs=0&stdout=1&stderr=1", b"", b""),
        ("", b"", b""),
        ("LOGS=1&stdout=1", b"", b""),
        ("logs=1&logs=0&stdout=1", b"out", b""),
        ("logs=0&logs=1&stdout=1", b"", b""),
    ],
)
def test_each_parameter_of_the_log_counts(
    engine: Engine, query: str, out: bytes, err: bytes
) -> None:
    container = engine.sh("printf out; printf err >&2")
    engine.wait(container)
    assert engine.attach(container, query).outputs() == (out, err)


@pytest.mark.parametrize(
    "spelling", ["1", "true", "True", "TRUE", "yes", "on", "off", "2", "n", "f", "null", "%20x"]
)
def test_everything_else_is_true(engine: Engine, spelling: str) -> None:
    container = engine.sh("printf out")
    engine.wait(container)
    assert engine.attach(container, f"logs={spelling}&stdout=1").outputs() == (b"out", b"")


@pytest.mark.parametrize(
    "spelling", ["", "0", "no", "No", "false", "FALSE", "none", "%200%20", "None"]
)
def test_five_spellings_are_false(engine: Engine, spelling: str) -> None:
    container = engine.sh("printf out")
    engine.wait(container)
    assert engine.attach(container, f"logs={spelling}&stdout=1").outputs() == (b"", b"")


def test_a_parameter_without_a_value_is_false(engine: Engine) -> None:
    container = engine.sh("printf out")
    engine.wait(container)
    assert engine.attach(container, "logs&stdout=1").outputs() == (b"", b"")


@pytest.mark.parametrize("query", ["stream=1", "stream=0&logs=0&stdin=1&stdout=1&stderr=1", ""])
def test_a_client_that_asks_for_nothing_gets_the_end_at_once(engine: Engine, query: str) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container, query)
    assert stream.status == 101
    assert stream.read_all() == b""
    assert engine.status(container) == "running"


def test_stdin_alone_stays_open(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    reader = engine.attach(container, "stream=1&stdout=1")
    writer = engine.attach(container, "stream=1&stdin=1")
    assert writer.is_open()
    writer.send(b"typed")
    reader.read_until(b"typed")
    assert writer.data == b""


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("stdout=1", b"out"), ("stderr=1", b"err")],
)
def test_a_live_stream_has_only_what_was_asked_for(
    engine: Engine, query: str, wanted: bytes
) -> None:
    container = engine.create("sh", "-c", "printf out; printf err >&2")
    stream = engine.attach(container, f"stream=1&{query}")
    engine.start(container)
    assert b"".join(stream.outputs()) == wanted


def test_without_stdin_input_is_ignored(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    stream = engine.attach(container, "stream=1&stdout=1")
    stream.send(b"unwanted")
    other = engine.attach(container)
    other.send(b"wanted")
    assert stream.read_until(b"wanted") == b"\x01\0\0\0\0\0\0\x06wanted"


def test_an_unknown_container_is_refused_in_plain_text(engine: Engine) -> None:
    stream = engine.attach("nosuch")
    assert stream.head + stream.read_all() == refusal(b"404 Not Found", "No such container: nosuch")


def test_bad_detach_keys_are_refused_before_the_container_is_looked_for(engine: Engine) -> None:
    stream = engine.attach("nosuch", "stream=1&detachKeys=ctrl-p,,q")
    assert stream.head + stream.read_all() == refusal(
        b"400 Bad Request", "Invalid detach keys (ctrl-p,,q) provided"
    )


def test_an_ambiguous_prefix_is_refused(engine: Engine) -> None:
    by_digit: dict[str, int] = {}
    while True:  # 17 ids cannot all begin differently
        first = engine.create("true")[0]
        by_digit[first] = by_digit.get(first, 0) + 1
        if by_digit[first] > 1:
            break
    stream = engine.attach(first)
    assert stream.head + stream.read_all() == refusal(
        b"400 Bad Request", f"multiple IDs found with provided prefix: {first}"
    )


def test_a_paused_container_is_refused(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    assert engine.call("POST", f"/containers/{container}/pause").status == 204
    stream = engine.attach(container)
    assert stream.head + stream.read_all() == refusal(
        b"409 Conflict",
        f"container {container} is paused, unpause the container before attach",
    )
    assert engine.call("POST", f"/containers/{container}/unpause").status == 204
    assert engine.attach(container).status == 101


def test_a_refusal_below_1_24_has_the_same_form(engine: Engine) -> None:
    stream = engine.attach("nosuch", prefix="/v1.23" if engine.process else "/v1.24")
    assert stream.head + stream.read_all() == refusal(b"404 Not Found", "No such container: nosuch")


def test_an_undecodable_query_is_a_json_error(engine: Engine) -> None:
    reply = engine.call("POST", "/containers/x/attach?stream=%zz")
    assert (reply.status, reply.message) == (400, 'invalid URL escape "%zz"')


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/containers/x/attach"), ("POST", "/containers/x/attach/")]
)
def test_get_and_a_trailing_slash_are_no_attach(engine: Engine, method: str, path: str) -> None:
    reply = engine.call(method, path)
    assert (reply.status, reply.message) == (404, "page not found")


def test_a_created_container_s_client_waits_for_the_start(engine: Engine) -> None:
    container = engine.create("cat", stdin=True, once=True)
    stream = engine.attach(container)
    assert stream.is_open()
    stream.send(b"before the start")
    engine.start(container)
    stream.half_close()
    assert stream.outputs() == (b"before the start", b"")
    assert engine.inspect(container)["State"]["ExitCode"] == 0


def test_an_exited_container_s_client_waits_for_the_next_start(engine: Engine) -> None:
    container = engine.sh("echo again")
    engine.wait(container)
    stream = engine.attach(container, "stream=1&stdout=1")
    assert stream.is_open()
    engine.start(container)
    assert stream.outputs() == (b"again\n", b"")


def test_a_container_is_found_by_name_and_by_the_beginning_of_its_id(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, name="found_by_name")
    assert engine.attach("found_by_name").status == 101
    assert engine.attach(container[:16]).status == 101


def test_two_clients_both_get_all_output(engine: Engine) -> None:
    container = engine.create("sh", "-c", "echo one; echo two")
    streams = [engine.attach(container, "stream=1&stdout=1") for _ in range(2)]
    engine.start(container)
    assert [stream.outputs()[0] for stream in streams] == [b"one\ntwo\n"] * 2


def test_an_unterminated_frame_never_has_more_than_32_kib(engine: Engine) -> None:
    container = engine.create("sh", "-c", "head -c 300000 /dev/zero")
    stream = engine.attach(container, "stream=1&stdout=1")
    engine.start(container)
    sizes = frame_sizes(stream.read_all())
    assert sum(sizes) == 300_000
    assert max(sizes) <= 32768
