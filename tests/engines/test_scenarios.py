"""One list of scenarios, the same on the embedded engine, Docker and Podman."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

import pytest

from hyper_jupyter.api import Client, Session
from hyper_jupyter.exceptions import (
    ApiError,
    Conflict,
    HyperJupyterError,
    InvalidDetachKeys,
    NotFound,
    SessionClosed,
)
from hyper_jupyter.protocol import FrameDecoder, Output, StreamType
from hyper_jupyter.session import ENDED, State
from tests.engines.scenarios import (
    CHATTY,
    ECHO,
    PATIENCE,
    raw_attach,
    read_log,
    status,
    wait_for,
    wait_for_log,
    wait_until_ended,
)

Make = Callable[..., str]
Attach = Callable[..., Session]

KINDS = [
    pytest.param({"stdin": True}, id="framed"),
    pytest.param({"stdin": True, "stdin_once": True}, id="framed-once"),
    pytest.param({"stdin": True, "tty": True}, id="tty"),
]
FRAMED = KINDS[:2]


# -- output ----------------------------------------------------------------------------------


def test_stdout_and_stderr_come_apart_and_the_exit_code_is_known(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo to-out; echo to-err >&2; exit 7", start=False)
    session = attach(made)
    assert session.state is State.ATTACHED
    client.start(made)
    assert session.wait(PATIENCE) == 7
    assert session.state is State.EXITED
    assert session.stdout.getvalue() == b"to-out\n"
    assert session.stderr.getvalue() == b"to-err\n"


def test_a_signal_shows_in_the_exit_code(container: Make, attach: Attach) -> None:
    session = attach(container("trap 'exit 3' INT; echo ready; while sleep 0.05; do :; done"))
    session.send_signal("KILL")
    assert session.wait(PATIENCE) == 137


def test_all_bytes_come_through_as_they_are(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(
        r"printf '\000\001\002\377\376\n\r\033[31m'; printf 'caf\303'; sleep 0.2; printf '\251\n'",
        start=False,
    )
    session = attach(made)
    client.start(made)
    session.wait(PATIENCE)
    assert session.stdout.getvalue() == b"\x00\x01\x02\xff\xfe\n\r\x1b[31mcaf\xc3\xa9\n"
    assert list(session.stdout.lines())[-1].endswith("café")


def test_ten_megabytes_at_once_arrive_whole(
    container: Make, attach: Attach, client: Client
) -> None:
    script = (
        "i=0; while [ $i -lt 10 ]; do head -c 1000000 /dev/zero | tr '\\0' $i; i=$((i+1)); done"
    )
    made = container(script, start=False)
    session = attach(made)
    client.start(made)
    assert session.wait(PATIENCE) == 0
    expected = b"".join(bytes([48 + digit]) * 1_000_000 for digit in range(10))
    assert len(session.stdout) == len(expected)
    assert hashlib.sha256(session.stdout.getvalue()).digest() == hashlib.sha256(expected).digest()


def test_an_on_output_function_gets_every_byte_in_order_before_the_end_is_told(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("for i in 1 2 3 4 5; do echo $i; sleep 0.02; done", start=False)
    session = attach(made)
    seen: list[tuple[StreamType, bytes]] = []
    states: list[tuple[State, State, int]] = []
    session.on_output(lambda stream, data: seen.append((stream, data)))
    session.observe(lambda old, new: states.append((old, new, len(seen))))
    client.start(made)
    session.wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while not states and time.monotonic() < deadline:
        pass
    assert {stream for stream, _ in seen} == {StreamType.STDOUT}
    assert b"".join(data for _, data in seen) == b"1\n2\n3\n4\n5\n"
    assert states == [(State.ATTACHED, State.EXITED, len(seen))]


# -- stdin -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_line_typed_comes_back(container: Make, attach: Attach, kind: dict[str, bool]) -> None:
    session = attach(container(ECHO, **kind))
    session.send_line("hello")
    wait_for(session, b"got:hello")
    if kind.get("tty"):
        wait_for(session, b"err:hello")
        assert len(session.stderr) == 0
    else:
        wait_for(session, b"err:hello", StreamType.STDERR)


@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_input_arrives_or_its_impossibility_is_told(
    container: Make, attach: Attach, client: Client, kind: dict[str, bool]
) -> None:
    session = attach(container(ECHO, **kind))
    session.send_line("last")
    wait_for(session, b"got:last")
    possible = kind.get("tty") or kind.get("stdin_once") or client.engine == "podman"
    if not possible:
        assert "StdinOnce" in session.controls().eof
        with pytest.raises(Conflict, match="StdinOnce"):
            session.send_eof()
        assert status(client, session.container.id) == "running"
        return
    assert session.controls().eof == ""
    session.send_eof()
    assert session.wait(PATIENCE) == 5
    wait_for(session, b"END")
    with pytest.raises(SessionClosed):
        session.send("more")


def test_a_megabyte_typed_comes_back_whole(container: Make, attach: Attach) -> None:
    session = attach(container("cat", stdin=True, stdin_once=True))
    data = bytes(range(256)) * 4096
    session.send(data)
    session.send_eof()
    assert session.wait(PATIENCE) == 0
    assert session.stdout.getvalue() == data


def test_a_container_without_stdin_says_so(container: Make, attach: Attach) -> None:
    session = attach(container("while sleep 0.1; do echo on; done"))
    assert "stdin is not open" in session.controls().stdin
    with pytest.raises(SessionClosed, match="stdin is not open"):
        session.send("x")


# -- leaving ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [True, False], ids=["typed", "untyped"])
@pytest.mark.parametrize("kind", KINDS)
def test_detaching_while_it_prints_leaves_it_running_with_its_input_open(
    container: Make, attach: Attach, client: Client, kind: dict[str, bool], typed: bool
) -> None:
    made = container(CHATTY, **kind)
    session = attach(made)
    if typed:
        session.send_line("one")
        wait_for(session, b"got:one")
    wait_for(session, b"tick")
    session.detach()
    assert session.state is State.DETACHED
    assert b"detached" not in session.stdout.getvalue()
    before = read_log(client, made).count(b"tick")
    wait_for_log(client, made, b"tick", before + 8)
    assert status(client, made) == "running"

    again = attach(made)
    again.send_line("two")
    wait_for(again, b"got:two")
    assert b"END" not in read_log(client, made)
    again.detach()
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 8)
    assert status(client, made) == "running"


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_only_session_leaves_without_ending_the_input(
    container: Make, attach: Attach, client: Client, kind: dict[str, bool]
) -> None:
    made = container(CHATTY, **kind)
    session = attach(made, stdin=False)
    wait_for(session, b"tick")
    session.detach()
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 8)
    assert status(client, made) == "running"


def test_a_terminal_survives_the_loss_of_its_connection(container: Make, client: Client) -> None:
    made = container(CHATTY, stdin=True, tty=True)
    raw_attach(client, made, {**ALL, "logs": "0", "stream": "1", "stdin": "1"}, read=False)
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 8)
    assert status(client, made) == "running"


def test_the_exit_code_is_known_after_detaching(container: Make, attach: Attach) -> None:
    made = container("read line; exit 6", stdin=True, tty=True)
    session = attach(made)
    session.detach()
    other = attach(made)
    other.send_line("go")
    assert session.wait(PATIENCE) == 6
    assert session.state is State.DETACHED


def test_close_refuses_to_end_the_input_unless_forced(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(ECHO, stdin=True, stdin_once=True)
    session = attach(made)
    session.send_line("x")
    wait_for(session, b"got:x")
    with pytest.raises(Conflict, match="input"):
        session.close()
    assert session.state is State.ATTACHED
    session.close(force=True)
    wait_until_ended(client, made)
    assert b"END" in read_log(client, made)


@pytest.mark.parametrize("keys", ["a,b", "ctrl-x,ctrl-y,z"])
def test_typing_the_detach_keys_on_a_terminal_detaches(
    container: Make, attach: Attach, client: Client, keys: str
) -> None:
    made = container(CHATTY, stdin=True, tty=True)
    session = attach(made, detach_keys=keys)
    wait_for(session, b"tick")
    for key in session._plan.detach_keys:
        session.send(bytes([key]))
        ended = session._lifecycle.wait_for(lambda: session.state in ENDED, 0.15)
        assert not ended or key == session._plan.detach_keys[-1]
    assert session.join(PATIENCE) is State.DETACHED
    assert status(client, made) == "running"


def test_two_sessions_of_one_container_both_see_its_output(container: Make, attach: Attach) -> None:
    made = container(ECHO, stdin=True, stdin_once=True)
    first, second = attach(made), attach(made)
    first.send_line("from-first")
    wait_for(first, b"got:from-first")
    wait_for(second, b"got:from-first")
    second.send_line("from-second")
    wait_for(first, b"got:from-second")
    assert second.name == f"{first.name}-2"
    second.detach()
    first.send_line("alone")
    wait_for(first, b"got:alone")


# -- the six parameters ----------------------------------------------------------------------


def test_logs_without_stream_gives_what_was_printed(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out; echo err >&2; exit 4")
    wait_until_ended(client, made)
    session = attach(made, logs=True, stream=False)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code == 4
    assert session.stdout.getvalue() == b"out\n"
    assert session.stderr.getvalue() == b"err\n"
    assert status(client, made) == "exited"


def test_logs_without_stream_of_a_running_container_ends_as_detached(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out; sleep 60")
    wait_for_log(client, made, b"out")
    session = attach(made, logs=True, stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    assert session.stdout.getvalue() == b"out\n"


def test_logs_with_stream_gives_both(container: Make, attach: Attach, client: Client) -> None:
    made = container(f"echo before; {ECHO}", stdin=True)
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True)
    wait_for(session, b"before")
    session.send_line("after")
    assert wait_for(session, b"got:after") == b"before\ngot:after\n"


def test_logs_with_stream_without_stdin_gives_both(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo before; while [ ! -e /tmp/never ]; do sleep 0.05; echo on; done")
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True, stdin=False)
    value = wait_for(session, b"on\non\non\n")
    assert value.startswith(b"before\non\n")


def test_without_stream_and_logs_it_ends_at_once(container: Make, attach: Attach) -> None:
    session = attach(container("sleep 60"), stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    assert len(session.journal) == 0


@pytest.mark.parametrize("kind", FRAMED)
def test_without_stdout_only_stderr_comes(
    container: Make, attach: Attach, kind: dict[str, bool]
) -> None:
    session = attach(container(CHATTY, **kind), stdout=False)
    wait_for(session, b"tock\ntock\n", StreamType.STDERR)
    assert len(session.stdout) == 0


@pytest.mark.parametrize("kind", FRAMED)
def test_without_stderr_only_stdout_comes(
    container: Make, attach: Attach, kind: dict[str, bool]
) -> None:
    session = attach(container(CHATTY, **kind), stderr=False)
    wait_for(session, b"tick\ntick\n")
    assert len(session.stderr) == 0


def test_without_stdin_nothing_can_be_sent(container: Make, attach: Attach) -> None:
    session = attach(container(ECHO, stdin=True), stdin=False)
    with pytest.raises(SessionClosed, match="without stdin"):
        session.send("x")


# -- states of the container -----------------------------------------------------------------


def test_a_created_container_is_attached_and_streams_from_its_start(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(ECHO, start=False, stdin=True, stdin_once=True)
    session = attach(made)
    assert session.state is State.ATTACHED
    client.start(made)
    session.send_line("early")
    wait_for(session, b"got:early")


def test_a_stopped_container_is_a_conflict_that_says_what_to_do(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("exit 4")
    wait_until_ended(client, made)
    with pytest.raises(Conflict, match="start it first") as caught:
        attach(made)
    assert "%hyper start" in caught.value.hint
    assert client.inspect(made)["State"]["ExitCode"] == 4


def test_a_paused_container_is_a_conflict(container: Make, attach: Attach, client: Client) -> None:
    made = container("sleep 60")
    client.pause(made)
    with pytest.raises(Conflict, match="paused") as caught:
        attach(made)
    assert "%hyper unpause" in caught.value.hint
    client.unpause(made)
    assert attach(made).state is State.ATTACHED


def test_a_container_that_removes_itself_leaves_its_exit_code(
    container: Make, attach: Attach
) -> None:
    session = attach(container("read line; echo bye; exit 9", stdin=True, auto_remove=True))
    session.send_line("go")
    assert session.wait(PATIENCE) == 9
    assert session.state is State.EXITED
    assert session.stdout.getvalue() == b"bye\n"


def test_a_container_that_is_removed_by_force_ends_the_session(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container(CHATTY, stdin=True)
    session = attach(made)
    wait_for(session, b"tick")
    client.kill(made)
    client.remove(made, force=True)
    assert session.join(PATIENCE) is State.EXITED
    assert session.exit_code in (137, None)


def test_force_asks_nobody_to_end_first(container: Make, client: Client) -> None:
    made = container("sleep 60")  # which as the first process does not end when it is asked to
    impatient = Client(client.discovery, timeout=8)  # an engine that asks first takes ten seconds
    impatient.remove(made, force=True)
    with pytest.raises(NotFound):
        client.inspect(made)


def test_a_missing_container_is_not_found_with_near_names(container: Make, attach: Attach) -> None:
    container("sleep 60", name="hyper-jupyter-web")
    with pytest.raises(NotFound) as caught:
        attach("hyper-jupyter-wbe")
    assert "hyper-jupyter-web" in caught.value.hint


def test_a_name_that_is_taken_is_a_conflict(container: Make) -> None:
    container("sleep 60", name="hyper-jupyter-taken")
    with pytest.raises(Conflict, match="in use"):
        container("sleep 60", name="hyper-jupyter-taken")


@pytest.mark.parametrize("keys", ["", ",", "ctrl-", "xy", "ctrl-p, ctrl-q"])
def test_bad_detach_keys_are_refused_before_anything_is_sent(
    container: Make, attach: Attach, keys: str
) -> None:
    with pytest.raises(InvalidDetachKeys):
        attach(container("sleep 60", tty=True, stdin=True), detach_keys=keys)


# -- the terminal ----------------------------------------------------------------------------


def test_a_terminal_has_the_size_that_it_is_given(container: Make, attach: Attach) -> None:
    session = attach(container("read line; stty size", stdin=True, tty=True))
    session.resize(33, 111)
    session.send_line("")
    wait_for(session, b"33 111")


def test_a_terminal_is_raw_and_all_stdout(container: Make, attach: Attach) -> None:
    session = attach(container("test -t 0 && echo yes >&2; sleep 60", stdin=True, tty=True))
    session.resize(20, 80)
    # It may have printed before we came: a terminal's output is not repeated.
    session.send_line("echoed")
    wait_for(session, b"echoed\r\n")
    assert len(session.stderr) == 0


# -- the request itself ----------------------------------------------------------------------

ALL = {"logs": "1", "stream": "0", "stdin": "0", "stdout": "1", "stderr": "1"}


def test_the_request_of_the_documentation_is_answered_with_the_stream(
    container: Make, client: Client
) -> None:
    made = container("echo out; echo err >&2")
    wait_until_ended(client, made)
    head, body = raw_attach(client, made, {"logs": "1", "stream": "0", "stdout": "1"})
    assert head.status == 101
    if client.engine == "podman":
        assert b"out\n" in body  # 4.3 counts one byte too few in the frame's header
    else:
        assert FrameDecoder().receive_data(body) == [Output(StreamType.STDOUT, b"out\n")]


def test_without_upgrade_the_answer_is_200_with_the_same_stream(
    container: Make, client: Client
) -> None:
    made = container("echo out; echo err >&2")
    wait_until_ended(client, made)
    head, body = raw_attach(client, made, ALL, upgrade=False)
    assert head.status == 200
    assert body.count(b"out\n") == body.count(b"err\n") == 1


def test_bad_detach_keys_are_status_400(container: Make, client: Client) -> None:
    made = container("sleep 60", tty=True, stdin=True)
    params = {**ALL, "stream": "1", "logs": "0", "stdin": "1", "detachKeys": "nonsense"}
    head, body = raw_attach(client, made, params)
    assert head.status == (500 if client.engine == "podman" else 400)
    assert b"nonsense" in body or client.engine == "podman"


def test_an_unknown_container_is_status_404(client: Client) -> None:
    head, body = raw_attach(client, "hyper-jupyter-nobody", {**ALL, "stream": "1"})
    assert head.status == 404
    assert b"no such container" in body.lower()


def test_a_paused_container_is_status_409(container: Make, client: Client) -> None:
    made = container("sleep 60")
    client.pause(made)
    head, body = raw_attach(client, made, {**ALL, "stream": "1", "logs": "0"})
    assert head.status == (500 if client.engine == "podman" else 409)
    assert b"paused" in body


def test_an_ambiguous_id_is_a_server_error(container: Make, client: Client) -> None:
    first: dict[str, str] = {}
    prefix = ""
    for _ in range(17):
        made = container("true", start=False)
        if made[0] in first:
            prefix = made[0]
            break
        first[made[0]] = made
    head, body = raw_attach(client, prefix, {**ALL, "stream": "1"})
    generation = f"{client.engine} {client.engine_version.partition('.')[0]}"
    expected = {"docker 20": 500, "podman 4": 404, "podman 5": 404}.get(generation, 400)
    assert (head.status, bool(body)) == (expected, True)
    with pytest.raises(ApiError):
        client.attach(prefix)


def test_why_a_container_that_removes_itself_did_not_start_is_told(client: Client) -> None:
    network = None if client.engine == "embedded" else "none"
    with pytest.raises(HyperJupyterError, match="/no/such"):
        client.run("default", ["/no/such"], auto_remove=True, network=network)


def test_the_input_of_a_second_run_is_not_that_of_the_first(
    container: Callable[..., str], attach: Callable[..., Session], client: Client
) -> None:
    identifier = container("read x; echo got $x", start=False, stdin=True, stdin_once=True)
    for word in ("one", "two"):
        if word == "two":
            client.start(identifier)
        session = attach(identifier)
        if word == "one":
            client.start(identifier)
        session.send_line(word)
        assert session.wait(20) == 0
        assert session.stdout.text == f"got {word}\n"


def test_an_api_without_wait_conditions_gives_the_true_exit_code(
    container: Callable[..., str], client: Client
) -> None:
    identifier = container("sleep 1; echo said; exit 7", start=False)
    old = Client(client.discovery, api_version="1.24", timeout=20)
    session = old.attach(identifier)
    old.start(identifier)
    assert session.wait(20) == 7
    assert session.stdout.text == "said\n"
    session.close()
