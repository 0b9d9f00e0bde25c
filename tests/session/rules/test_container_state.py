"""What inspect's ``State`` says, in the spellings that engines were seen to use."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.session.rules.container_state import (
    has_ended,
    is_later_run,
    is_settling,
    is_unstarted,
)

NEVER = "0001-01-01T00:00:00Z"
ONE, TWO = "2026-11-30T14:10:34.98Z", "2026-11-30T14:10:38.2Z"


@pytest.mark.parametrize(
    ("state", "ended", "unstarted", "settling"),
    [
        ({"Status": "created", "Running": False}, False, True, False),
        ({"Status": "configured", "Running": False}, False, True, False),
        ({"Status": "initialized", "Running": False}, False, True, False),
        ({"Status": "running", "Running": True}, False, False, False),
        ({"Status": "paused", "Running": True, "Paused": True}, False, False, False),
        ({"Status": "paused", "Running": False}, False, False, False),
        ({"Status": "restarting", "Running": True, "Restarting": True}, True, False, False),
        ({"Status": "exited", "Running": False}, True, False, False),
        ({"Status": "dead", "Running": False}, True, False, False),
        ({"Status": "removing", "Running": False}, True, False, False),
        ({"Status": "stopped", "Running": False}, True, False, True),
        ({"Status": "stopping", "Running": False}, True, False, True),
        ({"Running": True}, False, False, False),
        ({"Running": False}, True, False, False),
        ({}, True, False, False),
    ],
)
def test_what_a_state_says(
    state: dict[str, Any], ended: bool, unstarted: bool, settling: bool
) -> None:
    assert (has_ended(state), is_unstarted(state), is_settling(state)) == (
        ended,
        unstarted,
        settling,
    )


@pytest.mark.parametrize(
    ("run", "finished", "status", "started", "ended", "later"),
    [
        (ONE, "", "running", ONE, NEVER, False),
        (ONE, "", "running", TWO, ONE, True),
        (ONE, "", "exited", TWO, TWO, True),
        (ONE, "", "created", NEVER, ONE, False),
        ("", NEVER, "created", NEVER, NEVER, False),
        ("", NEVER, "running", ONE, NEVER, False),
        ("", NEVER, "exited", ONE, TWO, False),
        ("", NEVER, "running", TWO, ONE, True),
        ("", ONE, "running", TWO, ONE, False),
        ("", ONE, "running", TWO, NEVER, False),
        ("", ONE, "running", TWO, TWO, True),
        ("", "", "running", TWO, TWO, False),
    ],
)
def test_which_run_a_state_is_about(
    run: str, finished: str, status: str, started: str, ended: str, later: bool
) -> None:
    state = {"Status": status, "Running": status == "running"}
    state |= {"StartedAt": started, "FinishedAt": ended}
    assert is_later_run(state, run, finished) is later
