"""Parameters that were renamed: the old name still works, and says what the new one is."""

from __future__ import annotations

import inspect
import warnings

import pytest

from hyper_jupyter.client.deprecation import renamed_parameter


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
