"""What our own lines call a session, and how they say how it ended."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.magics.labels import kind_text, label, outcome_of, shortened
from hyper_jupyter.session import State


def a_session(kind: str, *command: str) -> Any:
    return SimpleNamespace(
        kind=kind,
        command=command,
        name="web-2",
        container=SimpleNamespace(name="web"),
        state=State.EXITED,
        exit_code=3,
        error=None,
        complete=None,
        out_of_memory=False,
        paused=False,
        removed=False,
        recreated=False,
        awaits="",
        engine_ended=False,
    )


@pytest.mark.parametrize(
    ("session", "kind", "called"),
    [
        (a_session("attach"), "attach", "web-2"),
        (a_session("logs"), "logs", "log of web"),
        (a_session("exec", "ls", "-l"), "exec ls -l", "exec ls -l in web"),
        (
            a_session("exec", "sh", "-c", "echo\x1b[2J"),
            "exec sh -c 'echo [2J'",
            "exec sh -c 'echo [2J' in web",
        ),
    ],
)
def test_a_session_is_called_what_it_is(session: Any, kind: str, called: str) -> None:
    assert (kind_text(session), label(session)) == (kind, called)


def test_a_long_command_is_shortened() -> None:
    assert kind_text(a_session("exec", "x" * 80)) == f"exec {'x' * 39}…"


@pytest.mark.parametrize(("text", "line"), [("a\n b", "a b"), ("abcd", "abcd"), ("abcde", "abc…")])
def test_a_text_is_one_line_of_a_width(text: str, line: str) -> None:
    assert shortened(text, 4) == line


def test_how_it_ended_has_all_that_is_known() -> None:
    session = a_session("attach")
    session.state, session.exit_code, session.complete = State.LOST, None, False
    session.error = ValueError("it broke")
    assert outcome_of(session) == "lost, output is missing (it broke)"
    session = a_session("exec", "sh")
    session.state, session.exit_code = State.DETACHED, None
    assert outcome_of(session) == "detached, the program runs on"
    session = a_session("attach")
    session.exit_code, session.out_of_memory = 137, True
    assert outcome_of(session) == "exited with code 137 (out of memory)"
