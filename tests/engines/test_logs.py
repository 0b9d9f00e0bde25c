"""What was printed before, on every engine, with and without what is printed from now on."""

from __future__ import annotations

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
