"""A line: its cells, and how they shift."""

from __future__ import annotations

import pytest

from hyper_jupyter.recording.screen.line import EMPTY, LONE, Line
from hyper_jupyter.recording.screen.style import PLAIN, Style

RED = Style(background=1)


def made(text: str) -> Line:
    """Make a line: ``Ww`` is one character of two columns, ``_`` an empty cell."""
    line = Line(0)
    cells = [{"w": "", "_": EMPTY}.get(character, character) for character in text]
    line.put(0, cells, PLAIN)
    return line


def shown(line: Line) -> str:
    return "".join({"": "w", EMPTY: "_", LONE: "1"}.get(cell, cell) for cell in line.characters)


@pytest.mark.parametrize(
    ("before", "column", "count", "after"),
    [
        ("abcdef", 2, 2, "ab__cd"),
        ("abcdef", 2, 9, "ab____"),
        ("ab", 4, 2, "ab"),
        ("aWwcde", 2, 1, "a__1cd"),  # half a wide character is none
        ("abcdWw", 0, 1, "_abcd_"),
    ],
)
def test_inserted_cells_shift_the_others_over_the_edge(
    before: str, column: int, count: int, after: str
) -> None:
    line = made(before)
    line.insert(column, count, PLAIN, 6)
    assert shown(line) == after
    assert len(line.styles) == len(line.characters)


@pytest.mark.parametrize(
    ("before", "column", "count", "after"),
    [
        ("abcdef", 2, 2, "abef"),
        ("abcdef", 2, 9, "ab"),
        ("aWwcd", 2, 1, "a_cd"),
        ("aWwcd", 1, 1, "a_cd"),
    ],
)
def test_deleted_cells_are_closed_up(before: str, column: int, count: int, after: str) -> None:
    line = made(before)
    line.delete(column, count, PLAIN, 6)
    assert shown(line) == after


@pytest.mark.parametrize(
    ("before", "start", "stop", "after"),
    [
        ("abcdef", 1, 3, "a__def"),
        ("abcdef", 3, 99, "abc"),
        ("aWwcWw", 2, 5, "a_____"),
    ],
)
def test_erased_cells_are_empty(before: str, start: int, stop: int, after: str) -> None:
    line = made(before)
    line.erase(start, stop, PLAIN, 6)
    assert shown(line) == after


def test_half_a_wide_character_that_is_written_over_leaves_no_other_one() -> None:
    line = made("aWwb")
    line.put(1, ["x"], PLAIN)
    assert (shown(line), line.width_at(1), line.width_at(2)) == ("ax1b", 1, 0)


def test_erased_cells_have_the_background_up_to_the_edge() -> None:
    line = made("ab")
    line.erase(1, 6, RED, 6)
    assert (shown(line), line.styles) == ("a_____", [PLAIN, *[RED] * 5])


def test_without_an_edge_a_line_ends_where_it_was_written_to() -> None:
    line = made("abc")
    line.erase(2, 100, RED, None)
    assert (shown(line), line.styles) == ("ab_", [PLAIN, PLAIN, RED])
    line.delete(0, 1, RED, None)
    line.insert(9, 3, RED, None)
    assert shown(line) == "b_"


def test_protected_cells_are_spared() -> None:
    line = made("abc")
    line.styles[1] = Style(protected=True)
    line.erase(0, 3, PLAIN, 6, spare=True)
    assert shown(line) == "_b_"
    line.clear(PLAIN, 6)
    assert shown(line) == ""


def test_a_line_is_filled_with_plain_blanks_up_to_a_column_and_never_cut() -> None:
    line = Line(7)
    bold = Style(bold=True)
    line.characters, line.styles = ["a"], [bold]
    line.reach(3)
    assert (line.characters, line.styles) == (["a", EMPTY, EMPTY], [bold, PLAIN, PLAIN])
    line.reach(2)
    assert len(line.characters) == len(line.styles) == 3
    assert (line.begun, line.wrapped) == (7, False)
