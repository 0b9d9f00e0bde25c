"""Containers with a terminal, on every engine."""

from __future__ import annotations

import contextlib

import pytest

from hyper_jupyter.api import Client
from tests.engines.scenarios import PATIENCE, Attach, Make, wait_for


@pytest.mark.core
def test_a_terminal_has_the_size_that_it_is_given(container: Make, attach: Attach) -> None:
    session = attach(container("read line; stty size", stdin=True, tty=True))
    session.resize(33, 111)
    session.send_line("")
    wait_for(session, b"33 111")


@pytest.mark.depends_on("loses_quick_resizes")
def test_the_last_of_two_sizes_counts(container: Make, attach: Attach) -> None:
    session = attach(container("while :; do stty size; sleep 0.05; done", stdin=True, tty=True))
    for number in range(8):  # one of them would be lost on Podman, or several
        session.resize(31 + number, 101 + number)
        session.resize(30 + number, 100 + number)
        wait_for(session, b"%d %d\r\n" % (30 + number, 100 + number))


@pytest.mark.core
def test_a_terminal_is_raw_and_all_stdout(container: Make, attach: Attach) -> None:
    session = attach(container("test -t 0 && echo yes >&2; sleep 60", stdin=True, tty=True))
    session.resize(20, 80)
    # It may have printed before we came: a terminal's output is not repeated.
    session.send_line("echoed")
    wait_for(session, b"echoed\r\n")
    assert len(session.stderr) == 0


@pytest.mark.depends_on("takes_console_size", "resizes_before_start")
@pytest.mark.parametrize("size", [None, (33, 111)])
def test_a_terminal_has_a_size_when_its_program_starts(
    client: Client, size: tuple[int, int] | None
) -> None:
    profile = client.profile
    in_time = profile.takes_console_size or profile.resizes_before_start
    # Elsewhere the size comes right after the start: this program looks later.
    script = "stty size" if in_time else "read line; stty size"
    if profile.resizes_before_start:
        script = f"until {script} 2>/dev/null | grep .; do :; done"  # it may come a moment late
    network = None if client.engine == "embedded" else "none"
    session = client.run(
        "default", ["sh", "-c", script], tty=True, stdin=True, network=network, size=size
    )
    with contextlib.closing(session):
        if not in_time:
            session.send_line("")
        rows, columns = size or (24, 80)
        wait_for(session, b"%d %d\r\n" % (rows, columns))
        assert session.terminal_size == (rows, columns)
        assert session.wait(PATIENCE) == 0
    client.remove(session.container.id, force=True)


@pytest.mark.depends_on("takes_console_size", "resizes_before_start")
def test_started_again_it_has_the_size_that_it_had(container: Make, client: Client) -> None:
    profile = client.profile
    in_time = profile.takes_console_size or profile.resizes_before_start
    script = "stty size" if in_time else "read line; stty size"
    if profile.resizes_before_start:
        script = f"until {script} 2>/dev/null | grep .; do :; done"  # it may come a moment late
    made = container(script, start=False, tty=True, stdin=True, size=(33, 111))
    session = client.start_attached(made, size=(33, 111))
    for times in (1, 2):
        if times == 2:
            session.attach_again(start=True)
        if not in_time:
            session.send_line("")
        assert session.wait(PATIENCE) == 0
        assert session.stdout.getvalue().count(b"33 111\r\n") == times
    session.close(force=True)
