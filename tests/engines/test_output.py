"""What a container prints, on every engine: its bytes and its streams."""

from __future__ import annotations

import hashlib
import re
import threading

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import StreamEnded
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from tests.engines.scenarios import CHATTY, FRAMED, PATIENCE, Attach, Make, wait_for


@pytest.mark.core
@pytest.mark.depends_on("transport")
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


@pytest.mark.core
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


@pytest.mark.depends_on("transport")
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
    observed = threading.Event()

    def observe(old: State, new: State) -> None:
        states.append((old, new, len(seen)))
        observed.set()

    session.observe(observe)
    client.start(made)
    session.wait(PATIENCE)
    assert observed.wait(PATIENCE)
    assert {stream for stream, _ in seen} == {StreamType.STDOUT}
    assert b"".join(data for _, data in seen) == b"1\n2\n3\n4\n5\n"
    assert states == [(State.ATTACHED, State.EXITED, len(seen))]


@pytest.mark.depends_on("shares_stdio_connection")
@pytest.mark.parametrize("kind", FRAMED)
def test_without_stdout_only_stderr_comes(
    container: Make, attach: Attach, kind: dict[str, bool]
) -> None:
    session = attach(container(CHATTY, **kind), stdout=False)
    wait_for(session, b"tock\ntock\n", StreamType.STDERR)
    assert len(session.stdout) == 0


@pytest.mark.depends_on("shares_stdio_connection")
@pytest.mark.parametrize("kind", FRAMED)
def test_without_stderr_only_stdout_comes(
    container: Make, attach: Attach, kind: dict[str, bool]
) -> None:
    session = attach(container(CHATTY, **kind), stderr=False)
    wait_for(session, b"tick\ntick\n")
    assert len(session.stderr) == 0


@pytest.mark.core
def test_a_line_is_waited_for_and_output_is_data(
    container: Make, attach: Attach, client: Client
) -> None:
    script = "echo port=80; echo ready >&2; read line; echo got=$line; printf bye"
    made = container(script, start=False, stdin=True)
    session = attach(made)
    client.start(made)
    assert session.expect("ready\n", PATIENCE).stream == "stderr"
    assert session.expect(re.compile(r"port=(\d+)"), PATIENCE)[1] == "80"
    session.send_line("through")
    match = session.expect(["never", "got="], PATIENCE, stream="stdout")
    assert (match.which, match.before) == (1, "\n")
    with pytest.raises(StreamEnded, match=r"(?s)'never' did not come.*\nready.*\nbye"):
        session.expect("never", PATIENCE)
    assert session.wait(PATIENCE) == 0
    lines = [(r.stream, r.text, r.number, r.complete, r.clock) for r in session.records()]
    assert sorted(lines) == [
        ("stderr", "ready", 1, True, "arrival"),
        ("stdout", "bye", 3, False, "arrival"),
        ("stdout", "got=through", 2, True, "arrival"),
        ("stdout", "port=80", 1, True, "arrival"),
    ]
    log = client.logs(made, follow=False)
    log.join(PATIENCE)
    rows = [row for row in log.to_dicts("stdout", parse="logfmt") if "parse_error" in row]
    assert [row.get("port") for row in rows] == ["80", None, None]
    assert {row["clock"] for row in rows} == {"engine"}


def test_a_terminal_is_talked_to(container: Make, attach: Attach, client: Client) -> None:
    script = "printf 'name? '; read name; echo hello $name"
    made = container(script, tty=True, stdin=True, start=False)
    session = attach(made)
    client.start(made)
    session.expect("name? ", PATIENCE)
    session.send_line("bob")
    assert session.expect(re.compile("hello (.*)\r\n"), PATIENCE)[1] == "bob"
