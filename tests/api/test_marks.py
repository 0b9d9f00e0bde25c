"""Marks that a user sets, in a session whose engine is the test."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.data.printing import Printing


def test_a_mark_is_one_line_of_text_and_nothing_else_counts() -> None:
    session = Printing()
    nothing: list[Any] = [3, None, b"text"]
    for each in nothing:
        with pytest.raises(TypeError, match=f"a mark is a text, not {type(each).__name__}"):
            session.mark(each)
    session.prints(b"one\n")
    session.mark("two\nthree")
    (mark,) = session.marks
    assert (mark.number, mark.text, mark.position) == (1, "two three", 4)
