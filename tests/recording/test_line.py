"""A line, and the columns that characters take in it."""

from __future__ import annotations

import pytest

from hyper_jupyter.recording.line import Line, cells_of
from hyper_jupyter.recording.style import PLAIN, Style


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("\u00e4", ["\u00e4"]),
        ("\u00ad", ["\u00ad"]),  # terminals show a soft hyphen
        ("\u6f22x", ["\u6f22", "", "x"]),
        ("\uff21", ["\uff21", ""]),  # a full-width A
        ("\uac00", ["\uac00", ""]),
        ("\U0001f600", ["\U0001f600", ""]),
        # A hand and the modifier of its skin, each on its own.
        ("\U0001f44d\U0001f3fd", ["\U0001f44d", "", "\U0001f3fd", ""]),
        ("e\u0301\u0323x", ["e\u0301\u0323", "x"]),
        ("\u6f22\u0301x", ["\u6f22\u0301", "", "x"]),
        ("\u2764\ufe0f", ["\u2764\ufe0f"]),
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
        ("\u0e01\u0e31", ["\u0e01\u0e31"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("a\u200bb", ["a\u200b", "b"]),
        ("\u0301a", ["a"]),  # no character to join
        ("e" + "\u0301" * 100, ["e" + "\u0301" * 15]),
        ("a\u202eb", ["a", "\ufffd", "b"]),
        ("a\u2066b\u2069", ["a", "\ufffd", "b", "\ufffd"]),
        ("a\u2028b\u2029", ["a", "\ufffd", "b", "\ufffd"]),
        ("a\udcff\udc80b", ["a", "\ufffd", "\ufffd", "b"]),
    ],
)
def test_a_character_takes_as_many_columns_as_in_a_terminal(text: str, cells: list[str]) -> None:
    assert cells_of(text) == cells


def test_a_line_is_filled_with_plain_blanks_up_to_a_column_and_never_cut() -> None:
    line = Line(7)
    bold = Style(bold=True)
    line.characters, line.styles = ["a"], [bold]
    line.reach(3)
    assert (line.characters, line.styles) == (["a", " ", " "], [bold, PLAIN, PLAIN])
    line.reach(2)
    assert len(line.characters) == len(line.styles) == 3
    assert (line.begun, line.wrapped) == (7, False)
