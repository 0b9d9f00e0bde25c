"""What is saved and what is not: the user's choice, and their rules on text."""

from __future__ import annotations

import re

import pytest
import traitlets

from hyper_jupyter.settings.saved_output import SavedOutput


def test_everything_is_saved_unless_the_user_says_otherwise() -> None:
    policy = SavedOutput()
    assert (policy.enabled, policy.lines, policy.size, policy.redact) == (True, 100, 65536, [])
    assert policy.clean("text") == "text"


@pytest.mark.parametrize(
    ("name", "value"), [("lines", -1), ("lines", 1001), ("size", 2047), ("size", 1024 * 1024 + 1)]
)
def test_amounts_have_limits(name: str, value: int) -> None:
    with pytest.raises(traitlets.TraitError):
        SavedOutput(**{name: value})


def test_rules_are_applied_to_a_text_one_after_another() -> None:
    rules = [r"b+", re.compile("q"), lambda text: text.replace("x", "?")]
    assert SavedOutput(redact=rules).clean("abbqx") == "a[redacted][redacted]?"


def test_patterns_are_compiled_once_and_functions_stay_what_they_are() -> None:
    def function(text: str) -> str:
        return text

    compiled = re.compile("b")
    assert SavedOutput(redact=["a", compiled, function, "c"]).redact == [
        re.compile("a"), compiled, function, re.compile("c")
    ]  # fmt: skip
