"""How a session ended, in words."""

from __future__ import annotations

import pytest

from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.session import State
from hyper_jupyter.session.rules.outcome import outcome_text


@pytest.mark.parametrize(
    ("state", "exit_code", "error", "expected"),
    [
        (State.CONNECTING, None, None, "connecting"),
        (State.ATTACHED, None, None, "attached"),
        (State.EXITED, 0, None, "exited with code 0"),
        (State.EXITED, 3, None, "exited with code 3"),
        (State.EXITED, None, None, "exited, code unknown"),
        (State.DETACHED, None, None, "detached, the container runs on"),
        (State.DETACHED, 3, None, "detached, the container has since exited with code 3"),
        (State.LOST, None, ConnectionFailed("the peer\n  is gone"), "lost (the peer is gone)"),
        (State.FAILED, None, ConnectionFailed("refused"), "failed (refused)"),
        (State.LOST, None, None, "lost"),
        ("exited", 7, "", "exited with code 7"),
        ("lost", None, "no\nanswer", "lost (no answer)"),
    ],
)
def test_an_outcome_in_words(
    state: str, exit_code: int | None, error: Exception | str | None, expected: str
) -> None:
    assert outcome_text(state, exit_code, error) == expected
    assert outcome_text(str(state), exit_code, error) == expected
