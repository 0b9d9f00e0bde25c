"""What inspect's ``State`` says, in the spellings that engines were seen to use."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.session.rules.container_state import has_ended, is_settling, is_unstarted


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
