"""Errors as Python itself shows them."""

from __future__ import annotations

import traceback

from hyper_jupyter.exceptions import Conflict, HyperJupyterError


def test_a_traceback_ends_with_the_next_step() -> None:
    error = Conflict(409, "it has ended", hint="Start it.")
    error.add_note("said by somebody else")
    error.hint = "Start it first."
    shown = "".join(traceback.format_exception_only(error)).splitlines()
    assert shown == [
        "hyper_jupyter.exceptions.Conflict: it has ended",
        "said by somebody else",
        "Start it first.",
    ]


def test_without_a_next_step_there_is_no_note() -> None:
    error = HyperJupyterError("x", hint="y")
    error.hint = ""
    assert error.__notes__ == []
