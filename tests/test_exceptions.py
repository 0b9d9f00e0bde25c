"""Errors as Python itself shows them."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable

import pytest

from hyper_jupyter.exceptions import (
    Conflict,
    ConnectionLost,
    HyperJupyterError,
    NotFound,
    ProcessFailed,
)


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


@pytest.mark.parametrize(
    "error",
    [
        NotFound(404, "no such container", hint="Look at ps."),
        ProcessFailed("it failed", exit_code=3),
        ConnectionLost("it broke"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_can_be_copied_and_sent_to_another_process(
    error: HyperJupyterError, copied: Callable[[HyperJupyterError], HyperJupyterError]
) -> None:
    made = copied(error)
    assert type(made) is type(error)
    assert (str(made), made.hint, vars(made)) == (str(error), error.hint, vars(error))
