"""The spawner, each test in a process of its own; ``spawning.py`` has what they do."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.engine.program import spawning
from tests.engine.program.alone import alone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a spawner")


@pytest.mark.parametrize(
    "function",
    [
        spawning.a_failed_restart_is_made_up_for,
        spawning.a_restart_ends_a_spawner_that_still_runs,
        spawning.descriptors_may_have_any_number,
        spawning.the_end_of_the_engine_is_no_error,
    ],
    ids=lambda function: function.__name__,
)
def test_in_a_process_of_its_own(function: Callable[[], None]) -> None:
    done = alone(function)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("function", [spawning.broken_start, spawning.broken_look])
def test_an_error_of_the_spawner_itself_is_printed(function: Callable[[], None]) -> None:
    done = alone(function)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith("broken on purpose\n")
