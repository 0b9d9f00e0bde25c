"""What was printed before, on every engine, with and without what is printed from now on."""

from __future__ import annotations

import contextlib

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.session import State
from tests.engines.scenarios import (
    ECHO,
    PATIENCE,
    Attach,
    Make,
    status,
    wait_for,
    wait_for_log,
    wait_until_ended,
)

ON_SIGNAL = "trap 'echo on; exit 0' USR1; while :; do sleep 0.05; done"

ALTERNATING = "for i in 1 2 3 4 5 6; do echo out$i; echo err$i >&2; done"


@pytest.mark.core
@pytest.mark.depends_on("reads_log_apart")
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


@pytest.mark.depends_on("reads_log_apart")
def test_logs_without_stream_of_a_running_container_ends_as_detached(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo out; sleep 60")
    wait_for_log(client, made, b"out")
    session = attach(made, logs=True, stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    assert session.stdout.getvalue() == b"out\n"


@pytest.mark.core
@pytest.mark.depends_on("reads_log_apart", "shares_stdio_connection")
def test_logs_with_stream_gives_both(container: Make, attach: Attach, client: Client) -> None:
    made = container(f"echo before; {ECHO}", stdin=True)
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True)
    wait_for(session, b"before")
    session.send_line("after")
    assert wait_for(session, b"got:after") == b"before\ngot:after\n"


@pytest.mark.depends_on("reads_log_apart", "transport")
def test_logs_with_stream_without_stdin_gives_both(
    container: Make, attach: Attach, client: Client
) -> None:
    made = container("echo before; while [ ! -e /tmp/never ]; do sleep 0.05; echo on; done")
    wait_for_log(client, made, b"before")
    session = attach(made, logs=True, stdin=False)
    value = wait_for(session, b"on\non\non\n")
    assert value.startswith(b"before\non\n")


@pytest.mark.depends_on("log_alters")
@pytest.mark.parametrize("tty", [False, True])
@pytest.mark.parametrize("runs_on", [False, True])
def test_a_log_s_last_lines_are_followed_by_what_comes(
    container: Make, client: Client, tty: bool, runs_on: bool
) -> None:
    end = f"; {ON_SIGNAL}" if runs_on else ""
    made = container(f"seq 1 50{end}", tty=tty)
    if runs_on:
        wait_for_log(client, made, b"50")
    else:
        wait_until_ended(client, made)
    newline = b"\r\n" if tty else b"\n"
    with contextlib.closing(client.logs(made, follow=True, tail=1)) as session:
        wait_for(session, b"50" + newline)
        if runs_on:
            client.kill(made, "USR1")
        assert session.join(PATIENCE) is State.EXITED
        later = b"on" + newline if runs_on else b""
        assert session.stdout.getvalue() == b"50" + newline + later


@pytest.mark.depends_on("log_alters")
def test_a_log_keeps_the_engine_s_order_of_the_streams(container: Make, client: Client) -> None:
    made = container(ALTERNATING)
    wait_until_ended(client, made)
    with contextlib.closing(client.logs(made, follow=False)) as session:
        assert session.join(PATIENCE) is State.EXITED
        records, _ = session.journal.records(0, 1 << 20)
    received = b"".join(data for _, _, data in records).splitlines()
    numbered = [b"%s%d" % (name, number) for number in range(1, 7) for name in (b"out", b"err")]
    assert sorted(received) == sorted(numbered)
    # Two pipes: an engine may read one sooner than the other, by a line or two.
    assert all(abs(numbered.index(line) - place) <= 8 for place, line in enumerate(received))


@pytest.mark.depends_on("reads_log_apart", "readable_log_drivers", "settles_after")
@pytest.mark.parametrize("tty", [False, True])
def test_attaching_to_an_ended_container_with_its_log_shows_the_log(
    container: Make, attach: Attach, client: Client, tty: bool
) -> None:
    made = container("echo out; exit 4", tty=tty)
    wait_until_ended(client, made)
    session = attach(made, logs=True)
    assert session.join(PATIENCE) is State.EXITED
    assert (session.exit_code, session.error) == (4, None)
    assert session.stdout.getvalue() == (b"out\r\n" if tty else b"out\n")
    assert client.inspect(made)["State"]["ExitCode"] == 4
    again = session.attach_again(start=True)
    assert again.wait(PATIENCE) == 4
    again.close(force=True)
