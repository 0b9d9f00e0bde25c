"""The user's rules for what is saved, on rendered lines."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.recording.cleaning import clean_lines
from hyper_jupyter.recording.excerpt import Run
from hyper_jupyter.recording.screen.style import PLAIN, Style
from hyper_jupyter.settings.saved_output import SavedOutput

RED = Style(foreground=1)
MARK = ("[redacted]", PLAIN)


def cleaned(lines: list[list[Run]], *rules: Any) -> list[list[Run]]:
    return clean_lines(SavedOutput(redact=list(rules)), lines)


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
    assert cleaned([[("text", RED)]]) == [[("text", RED)]]
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
        clean_lines(policy, [[("text", PLAIN)]])
