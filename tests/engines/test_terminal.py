"""Containers with a terminal, on every engine."""

from __future__ import annotations

from tests.engines.scenarios import Attach, Make, wait_for


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
