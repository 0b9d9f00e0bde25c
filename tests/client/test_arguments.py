"""Arguments that engines would take amiss, and parameters that were renamed."""

from __future__ import annotations

import inspect
import math
import warnings
from typing import Any

import pytest

from hyper_jupyter.client import ExecOptions
from hyper_jupyter.client.arguments import (
    NO_LIMIT,
    check_grace,
    check_size,
    command_words,
    environment_lines,
    renamed_parameter,
)
from hyper_jupyter.exceptions import HyperJupyterError


@renamed_parameter("c", "container")
def show(container: str, *, times: int = 1) -> list[str]:
    return [container] * times


def test_the_new_name_and_the_position_work_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert show("web") == ["web"]
        assert show(container="web", times=2) == ["web", "web"]


def test_the_old_name_works_with_a_warning_at_the_caller_s_line() -> None:
    expected = r"the parameter c of show\(\) is now called container"
    with pytest.warns(DeprecationWarning, match=expected) as caught:
        assert show(c="web", times=2) == ["web", "web"]  # type: ignore[call-arg]
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "call",
    [
        lambda: show(c="web", container="web"),  # type: ignore[call-arg]
        lambda: show("web", c="web"),  # type: ignore[call-arg]
        lambda: show(times=2),  # type: ignore[call-arg]
        lambda: show("web", d="web"),  # type: ignore[call-arg]
    ],
    ids=["both names", "position and old name", "none", "another name"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_was_a_type_error_still_is_one(call: object) -> None:
    assert callable(call)
    with pytest.raises(TypeError):
        call()


def test_the_signature_has_the_new_name_only() -> None:
    assert list(inspect.signature(show).parameters) == ["container", "times"]
    assert show.__name__ == "show"


@pytest.mark.parametrize("size", [None, (1, 1), (24, 80), (65_535, 65_535)])
def test_a_terminal_can_have_these_sizes(size: tuple[int, int] | None) -> None:
    check_size(size)


@pytest.mark.parametrize(
    "size",
    [(0, 0), (0, 80), (24, 0), (-1, 80), (70_000, 80), (24, 65_536), (24.0, 80), (True, 80),
     ("24", "80"), (24,), (1, 2, 3), (math.nan, 80)],
)  # fmt: skip
def test_other_sizes_are_refused_with_the_range(size: Any) -> None:
    with pytest.raises(HyperJupyterError, match="is not a size of a terminal") as caught:
        check_size(size)
    assert caught.value.hint == "Rows and columns are whole numbers from 1 to 65,535."


@pytest.mark.parametrize(
    ("grace", "seconds"),
    [(0, 0), (0.2, 1), (10.0, 10), (None, NO_LIMIT), (math.inf, NO_LIMIT), (1e300, NO_LIMIT)],
)
def test_a_grace_is_whole_seconds(grace: float | None, seconds: int) -> None:
    assert check_grace(grace) == seconds


@pytest.mark.parametrize("grace", [-1, -0.1, math.nan, -math.inf])
def test_a_grace_that_is_no_time_is_refused(grace: float) -> None:
    with pytest.raises(HyperJupyterError, match="is not a number of seconds") as caught:
        check_grace(grace)
    assert caught.value.hint == "None waits without a limit."


@pytest.mark.parametrize("command", [["a\0"], ["sh", "-c", "\0"], "echo a\0b"])
def test_a_command_with_a_nul_is_refused(command: Any) -> None:
    with pytest.raises(HyperJupyterError, match="the command has a NUL character"):
        command_words(command)


@pytest.mark.parametrize("option", [{"user": "a\0"}, {"working_dir": "\0"}])
def test_an_exec_with_a_nul_is_refused(option: dict[str, str]) -> None:
    with pytest.raises(HyperJupyterError, match="has a NUL character"):
        ExecOptions.of("ls", **option)


@pytest.mark.parametrize("entry", ["", "=", "=value"])
def test_a_variable_without_a_name_is_refused(entry: str) -> None:
    with pytest.raises(HyperJupyterError, match="a variable of the environment has no name"):
        environment_lines(["A=1", entry], unset=True)


def test_a_nul_in_the_environment_is_refused_without_its_value() -> None:
    with pytest.raises(HyperJupyterError) as caught:
        environment_lines(["TOKEN=not-a-real-secret\0"], unset=True)
    assert "variable TOKEN of the environment has a NUL" in str(caught.value)
    assert "not-a-real" not in str(caught.value)
