"""What a terminal shows after some output."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.recording.screen.screen import Screen
from hyper_jupyter.recording.screen.style import Style


def shown(text: str, width: int | None = None, height: int = 24, **options: bool) -> list[str]:
    screen = Screen(width, height, **options)
    screen.feed(text)
    return ["".join(line.characters) for line in screen.lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n", ["one", "two"]),
        ("one\r\ntwo", ["one", "two"]),
        (" 10 %\r100 %\rdone", ["done%"]),
        ("downloading\r\x1b[Kdone", ["done"]),
        ("abc\b\bX", ["aXc"]),
        ("a\tb", ["a       b"]),
        ("pull 1\npull 2\n\x1b[2Adone 1\n", ["done 1", "pull 2"]),
        ("one\ntwo\n\x1b[2Jnew", ["", "", "new"]),
        ("\x1b[2;3Hx\x1b[1;1Hy", ["y", "  x"]),
        ("hello\x1b[3D\x1b[P", ["helo"]),
        ("held\x1b[2D\x1b[2@--", ["he--ld"]),
        ("one\ntwo\x1b[1;1H\x1b[Lnew", ["new", "one", "two"]),
        ("one\ntwo\x1b[1;1H\x1b[M", ["two"]),
        ("-\x1b[4b", ["-----"]),
        ("\x1b7here\x1b8T", ["Tere"]),
        ("\x1b[?1049hvim\x1b[5;5Hx\x1b[?1049lafter", ["after"]),
        ("\x1b[?1049hstill there", ["still there"]),
    ],
)
def test_what_is_written_over_or_erased_is_gone(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b]0;a title\x07",
        "\x1b]8;;https://example.org/\x1b\\",
        "\x1b]52;c;c2VjcmV0\x07",
        "\x1bPq#0;2;0;0;0\x1b\\",
        "\x1b_Ga=T;AAAA\x1b\\",
        "\x1b[c",
        "\x1b[6n",
        "\x1b[>0q",
        "\x1b[?2004h",
        "\x1b[1$r",
        "\x9b31m",
        "\x9d0;title\x9c",
        "\x07",
        "\x00",
        "\x7f",
        "\x83",
    ],
)
def test_other_sequences_and_controls_are_dropped(sequence: str) -> None:
    assert shown(f"be{sequence}fore") == ["before"]


def test_a_sequence_that_is_cut_off_is_dropped() -> None:
    for sequence in ("\x1b", "\x1b[", "\x1b[38;5", "\x1b]0;tit", "\x1bP"):
        assert shown(f"text{sequence}") == ["text"]


def test_a_line_feed_of_a_terminal_stays_in_its_column() -> None:
    assert shown("ab\ncd", 80, newline_returns=False) == ["ab", "  cd"]


def test_a_line_longer_than_the_terminal_wraps_and_says_so() -> None:
    screen = Screen(4, newline_returns=False)
    screen.feed("abcdef\r\ngh")
    assert [("".join(line.characters), line.wrapped) for line in screen.lines] == [
        ("abcd", False),
        ("ef", True),
        ("gh", False),
    ]


def test_lines_that_left_the_screen_are_kept_and_the_cursor_cannot_go_back_to_them() -> None:
    assert shown("1\n2\n3\n4\n5", height=3) == ["1", "2", "3", "4", "5"]
    assert shown("1\n2\n3\n4\n5\x1b[Hx", height=3) == ["1", "2", "x", "4", "5"]
    assert shown("\x1b[1;2r1\n2\n3\n4", height=3) == ["1", "2", "3", "4"]
    # From a scrolling region below the first row, or on the alternate screen, they are gone.
    assert shown("0\x1b[2;3r\x1b[2;1H1\n2\n3", height=3) == ["0", "2", "3"]
    assert shown("main\x1b[?1049h\x1b[H1\n2\n3\n4\n5", height=3) == ["3", "4", "5"]


def test_a_reset_shows_the_main_screen_and_empties_it() -> None:
    assert shown("main\x1b[?1049hother\x1bcnew") == ["new"]
    assert shown("\x1b[31m\x1b[1;2r\x1bc1\n2\n3\n4", height=3) == ["1", "2", "3", "4"]


def test_a_scrolling_region_moves_its_lines_only() -> None:
    assert shown("a\r\nb\r\nc\r\nd\x1b[2;3r\x1b[3;1H\nX", 10, 4) == ["a", "c", "X", "d"]


def test_wide_and_joining_characters_keep_the_columns() -> None:
    assert shown("\u6f22x\x1b[1;3Hy") == ["\u6f22y"]
    assert shown("e\u0301x\x1b[1;2Hy") == ["e\u0301y"]


def test_characters_that_reorder_a_line_and_bytes_that_are_none_are_seen_as_such() -> None:
    assert shown("a\u202eb\u2066c\u2028d\udcffe") == ["a\ufffdb\ufffdc\ufffdd\ufffde"]


def test_concealed_text_is_not_there() -> None:
    assert shown("pass: \x1b[8msecret\x1b[28m!") == ["pass:       !"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b(0lqqk\x1b(B\r\nx\x1b)0\x0ex\x0fx", ["┌──┐", "x│x"]),
        ("\x1b(0mqj\x1b[m~\x1b(Bmqj", ["└─┘·mqj"]),
        ("\x1b*0\x1bnq\x1b+0\x1boq\x1b%Gq", ["──q"]),
        ("\x1b(0q\x1b7\x1b(Bq\x1b8q", ["──"]),
        ("\x1b(A#\x1b(K[\x1b(B[", ["£Ä["]),
        ("\x1b(0\x1b[!pq", ["q"]),
        ("\x1b(0q\u6f22q", ["─\u6f22─"]),
    ],
)
def test_a_character_set_replaces_letters(text: str, expected: list[str]) -> None:
    assert shown(text, 80) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[?7labcdefgh", ["abcdh"]),
        ("\x1b[?7labcdefgh\x1b[?7hij", ["abcdh", "ij"]),
        ("abc\r\x1b[4hXY\x1b[4lZ", ["XYZbc"]),
        ("abcde\r\x1b[4hX", ["Xabcd"]),
        ("\x1b[4h\u6f22\r\u5b57", ["\u5b57\u6f22"]),
        ("\x1b[20ha\nb\x1b[20lc\nd", ["a", "bc", "  d"]),
        ("abcd\x1b[?45hef\b\bX", ["abcdX", "f"]),
    ],
)
def test_modes_change_how_text_is_written(text: str, expected: list[str]) -> None:
    assert shown(text, 5, newline_returns=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\t\tb\x1b[Zc", ["a               c"]),
        ("\x1b[20G\x1b[2Zx", ["        x"]),
        ("\x1b[3G\x1bH\x1b[6G\x88\ra\tb\tc\td", ["a b  c  d"]),
        ("\x1b[9G\x1b[g\ra\tb", ["a               b"]),
        ("\x1b[3g\x1b[5G\x1bH\ra\tb\tc", ["a   b" + " " * 34 + "c"]),
    ],
)
def test_tab_stops_are_set_cleared_and_gone_back_to(text: str, expected: list[str]) -> None:
    assert shown(text, 40) == expected


def test_erased_cells_have_the_background() -> None:
    screen = Screen(4)
    screen.feed("\x1b[41ma\x1b[K\x1b[m\n\x1b[2;42mab\x1b[1K")
    red, green = Style(background=1), Style(background=2)
    assert [line.styles for line in screen.lines[:1]] == [[red] * 4]
    screen.feed("\x1b[mx")
    assert [line.styles for line in screen.lines][1] == [green, green, Style()]


def test_a_protected_character_is_spared_by_a_selective_erasure_only() -> None:
    assert shown('\x1b[1"qkeep\x1b[0"qlose\x1b[?2K', 20) == ["keep    "]
    assert shown('\x1b[1"qkeep\x1b[0"qlose\x1b[2K', 20) == []


def test_a_control_within_a_sequence_acts_and_the_sequence_too() -> None:
    assert shown("ab\x1b[1\rCx", 20) == ["ax"]


def test_only_a_title_ends_with_a_bell() -> None:
    assert shown("a\x1b]0;t\x07b\x1bPtmux;\x1b\x1b]0;t\x07\x1b\\c\x1b_Gm=1;\x07AAA\x1b\\d") == [
        "abcd"
    ]


def test_what_a_full_screen_program_showed_last_is_there_if_nothing_else_is() -> None:
    assert shown("\x1b[?1049h\x1b[Htop - 1\x1b[H\x1b[Jtop - 2\r\nPID\x1b[?1049l", 20) == [
        "top - 2",
        "PID",
    ]
    assert shown("$ top\r\n\x1b[?1049h\x1b[Htop - 1\x1b[?1049l$ ", 20) == ["$ top", "$ "]


def test_styles_belong_to_characters() -> None:
    screen = Screen()
    screen.feed("a\x1b[1;31mb\x1b[0mc")
    assert screen.lines[0].styles == [Style(), Style(1, None, True), Style()]


@pytest.mark.parametrize("width", [None, 80])
@pytest.mark.parametrize(
    "piece",
    [
        "\x1b[999Ga\n",
        "\x1b[9999L",
        "\x1b[9999@",
        "a\x1b[9999b",
        "e\u0301",
        "\u0301",
        "\x1b[?1049h\x1b[?1049l",
        "\x1bM",
        "a\r\x1b[@",
        "\x1b[" + "9" * 200 + "A",
        "\x1b]",
    ],
)
def test_hostile_output_stays_small_and_quick(piece: str, width: int | None) -> None:
    screen = Screen(width)
    began = time.process_time()
    screen.feed(piece * (256 * 1024 // len(piece)))
    assert time.process_time() - began < 20
    assert sum(len(line.characters) for line in screen.lines) <= 1_100_000


PIECES = (
    *("\x1b[", "\x1b]", "\x1b(", "?", ">", "$", ";", ":", "1", "0", "38", "5", "48", "2", "1049"),
    *("99999999", *"mncqhlrHALMPSTX@bJKa", "\x07", "\r", "\n", "\t", "\b", "\x9b", "\u6f22"),
    *("\u0301", "\udcff", "\x1b7", "\x1b8", "\x1bM", "\x1bc"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from([None, 2, 5]))
def test_nothing_that_is_fed_raises(pieces: list[str], width: int | None) -> None:
    shown("".join(pieces), width, 3)
