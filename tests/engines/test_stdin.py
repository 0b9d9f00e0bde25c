"""What is typed into a container, on every engine, and the end of it."""

from __future__ import annotations

import pytest

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import Conflict, SessionClosed
from hyper_jupyter.protocol import StreamType
from tests.engines.scenarios import ECHO, KINDS, PATIENCE, Attach, Make, status, wait_for


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


@pytest.mark.core
@pytest.mark.depends_on("shares_stdio_connection", "keeps_stdin_connection", "transport")
@pytest.mark.parametrize("kind", KINDS)
def test_the_end_of_input_arrives_or_its_impossibility_is_told(
    container: Make, attach: Attach, client: Client, kind: dict[str, bool]
) -> None:
    session = attach(container(ECHO, **kind))
    session.send_line("last")
    wait_for(session, b"got:last")
    ends_with_any_client = client.profile.shares_stdio_connection
    possible = kind.get("tty") or kind.get("stdin_once") or ends_with_any_client
    if not possible:
        assert "stays open for those who attach later" in session.controls().eof
        with pytest.raises(Conflict, match="stays open for those who attach later"):
            session.send_eof()
        assert status(client, session.container.id) == "running"
        return
    assert session.controls().eof == ""
    session.send_eof()
    assert session.wait(PATIENCE) == 5
    wait_for(session, b"END")
    with pytest.raises(SessionClosed):
        session.send("more")


@pytest.mark.depends_on("shares_stdio_connection", "transport")
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


def test_without_stdin_nothing_can_be_sent(container: Make, attach: Attach) -> None:
    session = attach(container(ECHO, stdin=True), stdin=False)
    with pytest.raises(SessionClosed, match="without stdin"):
        session.send("x")


@pytest.mark.depends_on("settles_after", "shares_stdio_connection")
def test_the_input_of_a_second_run_is_not_that_of_the_first(
    container: Make, attach: Attach, client: Client
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
