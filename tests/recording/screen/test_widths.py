"""The columns of characters, alone and together: the same table and the same rules on the page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from wcwidth import iter_graphemes, wcswidth

from hyper_jupyter.recording.screen.line import EMPTY
from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.width_table import RUNS
from hyper_jupyter.recording.screen.widths import joins, properties, width_of

ROOT = Path(__file__).resolve().parents[3]


def cells_of(text: str) -> list[str]:
    screen = Screen()
    screen.feed(text)
    return [cell for line in screen.lines for cell in line.characters]


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
        ("\u2705", ["\u2705", ""]),
        ("\U0001f44d\U0001f3fd", ["\U0001f44d\U0001f3fd", ""]),  # a hand and its skin
        ("a\U0001f3fd", ["a", "\U0001f3fd", ""]),  # a skin of nothing
        ("\U0001f1e9\U0001f1ea\U0001f1eb", ["\U0001f1e9\U0001f1ea", "", "\U0001f1eb", ""]),
        (
            "\U0001f468\u200d\U0001f469\u200d\U0001f467x",
            ["\U0001f468\u200d\U0001f469\u200d\U0001f467", "", "x"],
        ),
        ("e\u0301\u0323x", ["e\u0301\u0323", "x"]),
        ("\u6f22\u0301x", ["\u6f22\u0301", "", "x"]),
        ("\u2764", ["\u2764"]),
        ("\u2764\ufe0f", ["\u2764\ufe0f", ""]),
        ("1\ufe0f\u20e3", ["1\ufe0f\u20e3", ""]),
        ("\u0e01\u0e31", ["\u0e01\u0e31"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("a\u200bb", ["a\u200b", "b"]),
        ("\u0301a", ["\u0301", "a"]),  # no character to join
        ("e\x1b[1m\u0301", ["e\u0301"]),  # a colour does not part them
        ("\u0e02\u0e49\u0e2d", ["\u0e02\u0e49", "\u0e2d"]),
        (
            "\u0928\u092e\u0938\u094d\u0924\u0947",
            ["\u0928", "\u092e", "\u0938\u094d\u0924\u0947", ""],
        ),
        ("\u0915\u093f", ["\u0915\u093f", ""]),
        ("\u1112\u119e\u11ab", ["\u1112\u119e\u11ab", ""]),
        ("e" + "\u0301" * 100, ["e" + "\u0301" * 15]),
        ("a\u202eb", ["a", "\ufffd", "b"]),
        ("a\u2066b\u2069", ["a", "\ufffd", "b", "\ufffd"]),
        ("a\u2028b\u2029", ["a", "\ufffd", "b", "\ufffd"]),
        ("a\udcff\udc80b", ["a", "\ufffd", "\ufffd", "b"]),
    ],
)
def test_a_character_takes_as_many_columns_as_in_a_terminal(text: str, cells: list[str]) -> None:
    assert cells_of(text) == cells


def columns(text: str) -> int:
    """The columns of a text, as xterm counts them."""
    state = total = 0
    for character in text:
        before = width_of(state)
        state = properties(character, state)
        total += width_of(state) - (before if joins(state) else 0)
    return total


REPLACED = {0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def test_every_character_has_the_columns_that_wcwidth_gives_it() -> None:
    wrong = [
        hex(code)
        for code in (*range(0x20, 0x20000), *range(0x20000, 0x110000, 97))
        if not (0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000 or code in REPLACED)
        and columns(f"a{chr(code)}") != wcswidth(f"a{chr(code)}")
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "cluster",
    [
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "\u261d\ufe0f\U0001f3fd",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "\U0001f469\U0001f3fd\u200d\U0001f680",
        "\u0915\u094d\u0937\u094d\u0937",
        "\u0b95\u0bca",
        "\u0d37\u0d4d\u0d1f\u0d4d\u0d30",
        "\u1796\u17d2\u179a",
        "#\ufe0f\u20e3",
    ],
)
def test_a_cluster_has_the_columns_that_wcwidth_gives_it(cluster: str) -> None:
    assert list(iter_graphemes(cluster)) == [cluster]
    assert columns(cluster) == wcswidth(cluster) == 2


def test_the_cursor_is_after_both_columns() -> None:
    screen = Screen(80, newline_returns=False)
    screen.feed("\u2705\x1b[6n")
    assert screen.cursor == (0, 2)  # column 3, as programs count


def test_a_wide_character_that_does_not_fit_leaves_no_blank_in_a_joined_line() -> None:
    screen = Screen(5, newline_returns=False)
    screen.feed("\u6f22\u5b57\u6f22")
    first, second = screen.lines
    assert ("".join(first.characters), "".join(second.characters)) == ("\u6f22\u5b57", "\u6f22")
    assert second.wrapped
    assert EMPTY not in first.characters


def test_the_page_has_the_same_table_and_it_is_current() -> None:
    page = (ROOT / "js/src/terminal/width-table.ts").read_text(encoding="utf-8")
    assert re.search(r'RUNS =\s*"([^"]*)"', page)[1] == RUNS  # type: ignore[index]
    done = subprocess.run(
        [sys.executable, "-P", "scripts/widths", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
