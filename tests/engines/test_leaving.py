"""Leaving a container, on every engine: it runs on, and so does its input."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import Conflict, InvalidDetachKeys
from hyper_jupyter.session import ENDED, State
from tests.engines.scenarios import (
    ALL,
    CHATTY,
    ECHO,
    FRAMED,
    KINDS,
    PATIENCE,
    Attach,
    Make,
    raw_attach,
    read_log,
    status,
    wait_for,
    wait_for_log,
    wait_until_ended,
)


@pytest.mark.depends_on("shares_stdio_connection", "keys_on_framed_streams", "detach_banner")
@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        *(pytest.param(*kind.values, True, id=f"{kind.id}-typed") for kind in KINDS),
        *(pytest.param(*kind.values, False, id=f"{kind.id}-untyped") for kind in FRAMED),
    ],
)
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
    wait_for_log(client, made, b"tick", before + 4)
    assert status(client, made) == "running"

    again = attach(made)
    again.send_line("two")
    wait_for(again, b"got:two")
    assert b"END" not in read_log(client, made)
    again.detach()
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 4)
    assert status(client, made) == "running"


@pytest.mark.depends_on("shares_stdio_connection")
@pytest.mark.parametrize("kind", KINDS)
def test_an_output_only_session_leaves_without_ending_the_input(
    container: Make, attach: Attach, client: Client, kind: dict[str, bool]
) -> None:
    made = container(CHATTY, **kind)
    session = attach(made, stdin=False)
    wait_for(session, b"tick")
    session.detach()
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 4)
    assert status(client, made) == "running"


@pytest.mark.depends_on("shares_stdio_connection", "transport")
def test_a_terminal_survives_the_loss_of_its_connection(container: Make, client: Client) -> None:
    made = container(CHATTY, stdin=True, tty=True)
    raw_attach(client, made, {**ALL, "logs": "0", "stream": "1", "stdin": "1"}, read=False)
    before = read_log(client, made).count(b"tick")
    assert b"END" not in wait_for_log(client, made, b"tick", before + 4)
    assert status(client, made) == "running"


@pytest.mark.depends_on("wait_condition", "transport")
def test_the_exit_code_is_known_after_detaching(container: Make, attach: Attach) -> None:
    made = container("read line; exit 6", stdin=True, tty=True)
    session = attach(made)
    session.detach()
    other = attach(made)
    other.send_line("go")
    assert session.wait(PATIENCE) == 6
    assert session.state is State.DETACHED


@pytest.mark.depends_on("shares_stdio_connection", "transport")
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


@pytest.mark.core
@pytest.mark.depends_on("detach_banner")
@pytest.mark.parametrize("keys", ["a,b", "ctrl-x,ctrl-y,z"])
def test_typing_the_detach_keys_on_a_terminal_detaches(
    container: Make, attach: Attach, client: Client, keys: str
) -> None:
    made = container(CHATTY, stdin=True, tty=True)
    session = attach(made, detach_keys=keys)
    wait_for(session, b"tick")
    for _ in range(10):  # a busy Podman may read two keys at once, and pass both on to the program
        for key in session._plan.detach_keys:
            session.send(bytes([key]))
            ended = session._lifecycle.wait_for(lambda: session.state in ENDED, 0.15)
            assert not ended or key == session._plan.detach_keys[-1]
        if session._lifecycle.wait_for(lambda: session.state in ENDED, 1.0):
            break
    assert session.join(PATIENCE) is State.DETACHED
    assert status(client, made) == "running"


def test_bad_detach_keys_are_refused_before_anything_is_sent(
    container: Make, attach: Attach
) -> None:
    made = container("sleep 60", start=False, tty=True, stdin=True)
    for keys in ("", ",", "ctrl-", "xy", "ctrl-p, ctrl-q"):
        with pytest.raises(InvalidDetachKeys):
            attach(made, detach_keys=keys)
