"""The comparison of the soak finds what is lost, doubled or counted wrongly."""

from __future__ import annotations

import re

import pytest

from tests.soak.compare import Hole, compare, compare_alike, typed_numbers

PRINTED = b"".join(b"line %d\n" % number for number in range(1000))
A, B = PRINTED.index(b"line 300\n"), PRINTED.index(b"line 500\n")
LINE = b"the same\n"


def test_what_was_printed_is_right() -> None:
    verdict = compare(PRINTED, PRINTED)
    assert (verdict.wrong, verdict.compared, verdict.missing) == ([], len(PRINTED), 0)


@pytest.mark.parametrize("missing", [B - A, None])
def test_a_hole_that_is_marked_is_right(missing: int | None) -> None:
    verdict = compare(PRINTED[:A] + PRINTED[B:], PRINTED, [Hole(A, missing)])
    assert (verdict.wrong, verdict.missing) == ([], B - A)


@pytest.mark.parametrize(
    ("transcript", "holes", "text"),
    [
        (PRINTED[:A] + PRINTED[B:], [], r"\(lost, 1,800 bytes\)"),
        (PRINTED[:B] + PRINTED[A:], [], r"\(doubled, 1,800 bytes\)"),
        (PRINTED[:A] + b"?" + PRINTED[A + 1 :], [], "not printed at all"),
        (PRINTED[:A] + PRINTED[B:], [Hole(A, B - A - 9)], "lost, 9 bytes"),
        (PRINTED[:A] + PRINTED[B:], [Hole(A, None, B - A + 1)], "it says at least 1,801"),
        (PRINTED[:A] + PRINTED[B:], [Hole(A - 9, None)], "never printed there|not printed"),
        (PRINTED[:B] + PRINTED[A:], [Hole(B)], "never printed there"),
        (PRINTED[:A], [], "of the end are missing, and nothing says so"),
        (PRINTED + b"x", [], "not printed at all"),
    ],
)
def test_what_is_not_right_is_found(transcript: bytes, holes: list[Hole], text: str) -> None:
    assert re.search(text, "; ".join(compare(transcript, PRINTED, holes).wrong))


def test_an_end_that_is_said_to_be_missing_may_be() -> None:
    verdict = compare(PRINTED[:A], PRINTED, ends=False)
    assert (verdict.wrong, verdict.missing) == ([], len(PRINTED) - A)


@pytest.mark.parametrize(
    ("lines", "holes"),
    [
        (100, []),
        (90, [Hole(40 * len(LINE), 10 * len(LINE))]),
        (90, [Hole(40 * len(LINE) + 4, 10 * len(LINE))]),
        (90, [Hole(40 * len(LINE), None)]),
        (90, [Hole(40 * len(LINE), None, 10 * len(LINE))]),
    ],
)
def test_lines_that_are_alike_are_counted(lines: int, holes: list[Hole]) -> None:
    assert compare_alike(LINE * lines, LINE, 100, holes).wrong == []


@pytest.mark.parametrize(
    ("transcript", "holes", "text"),
    [
        (LINE * 99, [], "nothing says so"),
        (LINE * 101, [], "doubled"),
        (LINE * 90, [Hole(40 * len(LINE), 9 * len(LINE))], "9 bytes are missing"),
        (LINE * 90, [Hole(40 * len(LINE), 11 * len(LINE))], "doubled, or a wrong count"),
        (LINE * 90, [Hole(40 * len(LINE), None, 90 * len(LINE) + 1)], "doubled"),
        (LINE * 40 + b"same\n" + LINE * 59, [], "not that line"),
        (LINE * 90, [Hole(40 * len(LINE), 4)], "not that line"),
    ],
)
def test_lines_that_are_alike_and_too_many_or_few_are_found(
    transcript: bytes, holes: list[Hole], text: str
) -> None:
    assert re.search(text, "; ".join(compare_alike(transcript, LINE, 100, holes).wrong))


def test_what_was_typed_is_read_by_its_numbers() -> None:
    assert typed_numbers(b"out 1\ntyped 1 in 7\nout 2\ntyped 2 in 9\n") == [7, 9]


def test_a_typed_line_that_a_cut_has_torn_is_left_out() -> None:
    assert typed_numbers(b"typed 1 in 110in 111\ntyped 2 in 1in 12\n") == [111, 12]
