"""What is saved and what is not: the user's rules, on lines and on text."""

from __future__ import annotations

import re
from typing import Any

import pytest
import traitlets

from hyper_jupyter.recording import SavedOutput
from hyper_jupyter.recording.excerpt import Run
from hyper_jupyter.recording.screen.style import PLAIN, Style

RED = Style(foreground=1)
MARK = ("[redacted]", PLAIN)


def cleaned(lines: list[list[Run]], *rules: Any) -> list[list[Run]]:
    return SavedOutput(redact=list(rules)).clean_lines(lines)


def test_everything_is_saved_unless_the_user_says_otherwise() -> None:
    policy = SavedOutput()
    assert (policy.enabled, policy.lines, policy.size, policy.redact) == (True, 100, 65536, [])
    assert policy.clean("text") == "text"
    assert policy.clean_lines([[("text", RED)]]) == [[("text", RED)]]


@pytest.mark.parametrize(
    ("name", "value"), [("lines", -1), ("lines", 1001), ("size", 2047), ("size", 1024 * 1024 + 1)]
)
def test_amounts_have_limits(name: str, value: int) -> None:
    with pytest.raises(traitlets.TraitError):
        SavedOutput(**{name: value})


def test_rules_are_applied_to_a_text_one_after_another() -> None:
    rules = [r"b+", re.compile("q"), lambda text: text.replace("x", "?")]
    assert SavedOutput(redact=rules).clean("abbqx") == "a[redacted][redacted]?"


def test_a_match_is_replaced_and_the_rest_keeps_its_style() -> None:
    line = [("ab", RED), ("cd", PLAIN)]
    assert cleaned([line], "bc") == [[("a", RED), MARK, ("d", PLAIN)]]
    assert cleaned([line], "ab") == [[MARK, ("cd", PLAIN)]]
    assert cleaned([line], "d$") == [[("ab", RED), ("c", PLAIN), MARK]]


def test_every_match_of_a_line_is_replaced() -> None:
    assert cleaned([[("xaxax", RED)]], "a") == [
        [("x", RED), MARK, ("x", RED), MARK, ("x", RED)]
    ]  # fmt: skip


def test_lines_without_a_match_are_the_same() -> None:
    lines = [[("one", RED)], [("two", RED)], [("one", PLAIN)]]
    assert cleaned(lines, "two") == [lines[0], [MARK], lines[2]]
    assert cleaned(lines, "three") is lines


def test_a_match_over_several_lines_leaves_a_mark_in_each_of_them() -> None:
    lines: list[list[Run]] = [[("a BEGIN", RED)], [("secret", RED)], [], [("END b", RED)]]
    assert cleaned(lines, r"(?s)BEGIN.*END") == [
        [("a ", RED), MARK], [MARK], [MARK], [MARK, (" b", RED)]
    ]  # fmt: skip


def test_a_match_of_nothing_replaces_nothing() -> None:
    lines = [[("abc", RED)]]
    assert cleaned(lines, "x*") == lines
    assert cleaned(lines, "^") == lines


def test_a_function_that_changes_a_line_takes_only_that_ones_styles() -> None:
    lines = [[("one", RED)], [("two", RED)]]
    assert cleaned(lines, lambda text: text.replace("two", "2")) == [
        [("one", RED)], [("2", PLAIN)]
    ]  # fmt: skip
    assert cleaned(lines, lambda text: text) is lines


def test_a_function_that_changes_the_number_of_lines_leaves_plain_text() -> None:
    lines = [[("one", RED)], [("two", RED)], [("three", RED)]]
    assert cleaned(lines, lambda text: text.replace("two\n", "")) == [
        [("one", PLAIN)], [("three", PLAIN)]
    ]  # fmt: skip


def test_a_function_gets_what_the_rules_before_it_have_left() -> None:
    seen: list[str] = []

    def note(text: str) -> str:
        seen.append(text)
        return text

    cleaned([[("one", RED), ("1", PLAIN)], [("two", RED)]], "one", note)
    assert seen == ["[redacted]1\ntwo"]


@pytest.mark.parametrize("returned", [None, b"bytes", 1])
def test_a_function_that_returns_no_text_is_an_error(returned: object) -> None:
    policy = SavedOutput(redact=[lambda _: returned])
    kind = type(returned).__name__
    with pytest.raises(TypeError, match=f"returned {kind} instead of str"):
        policy.clean("text")
    with pytest.raises(TypeError, match=f"returned {kind} instead of str"):
        policy.clean_lines([[("text", PLAIN)]])


def test_patterns_are_compiled_once_and_functions_stay_what_they_are() -> None:
    def function(text: str) -> str:
        return text

    compiled = re.compile("b")
    assert SavedOutput(redact=["a", compiled, function, "c"]).redact == [
        re.compile("a"), compiled, function, re.compile("c")
    ]  # fmt: skip
