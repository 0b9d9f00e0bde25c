"""The last lines of a stream, without a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.recording.excerpt import LONGEST, WINDOW, Excerpt, Run, excerpt
from hyper_jupyter.recording.screen.style import PLAIN, Style
from tests.widgets.fakes import ScriptedJournal

RED = Style(foreground=1)


def unchanged(lines: list[list[Run]]) -> list[list[Run]]:
    return lines


def taken(
    output: bytes,
    *,
    count: int = 100,
    size: tuple[int, int] | None = None,
    redact: Callable[[list[list[Run]]], list[list[Run]]] = unchanged,
    start: int = 0,
) -> Excerpt:
    journal = ScriptedJournal(starts={StreamType.STDERR: start})
    journal.append(StreamType.STDOUT, b"other output\n")
    journal.append(StreamType.STDERR, output)
    return excerpt(journal, StreamType.STDERR, size=size, count=count, redact=redact)


def texts(found: Excerpt) -> list[str]:
    return ["".join(text for text, _ in line) for line in found.lines]


def test_lines_are_runs_of_one_style_each() -> None:
    found = taken(b"a\x1b[31mbc\x1b[0md\nlast\n")
    assert found.lines == [[("a", PLAIN), ("bc", RED), ("d", PLAIN)], [("last", PLAIN)]]
    assert found.starts == [0, 14, 19]


def test_nothing_is_no_line() -> None:
    assert taken(b"") == Excerpt([], [0])
    assert taken(b"\n\n") == Excerpt([], [2])


def test_only_the_last_lines_are_taken_and_the_bytes_before_them_are_counted() -> None:
    found = taken(b"one\ntwo\nthree\n", count=2)
    assert (texts(found), found.starts) == (["two", "three"], [4, 8, 14])


def test_none_are_taken_where_none_are_wanted() -> None:
    found = taken(b"one\ntwo\n", count=0)
    assert (list(found.lines), found.starts) == ([], [8])


def test_blanks_at_the_end_of_a_line_are_dropped_unless_their_background_shows() -> None:
    assert texts(taken(b"a   \nb\x1b[41m  \x1b[0m\nc\x1b[7m  \x1b[0m\n")) == ["a", "b  ", "c  "]


def test_a_window_that_begins_within_a_line_leaves_that_line_out() -> None:
    output = b"x" * WINDOW + b"\nsecond\n"
    found = taken(output)
    assert (texts(found), found.starts) == (["second"], [WINDOW + 1, len(output)])


def test_a_window_without_a_line_end_has_nothing_to_show() -> None:
    assert taken(b"x" * (WINDOW + 10)) == Excerpt([], [WINDOW + 10])
    assert taken(b"x" * (WINDOW + 10) + b"\n") == Excerpt([], [WINDOW + 11])
    found = taken(b"x" * WINDOW)
    assert texts(found) == ["x" * LONGEST + f" [{WINDOW - LONGEST:,} more characters]"]


PICTURE = b"QUJDREVG" * (WINDOW // 8 + 1000)


@pytest.mark.parametrize("size", [WINDOW // 3, WINDOW, WINDOW * 5])
@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"\x1bPq#0;2;0;0;0", b"\x1b\\"),
        (b"\x1b]1337;File=inline=1:", b"\x07"),
        (b"\x1b]1337;File=inline=1:", b"\x1b\\"),
        (b"\x1b_Gf=100,a=T;", b"\x1b\\"),
        (b"\xc2\x90q", b"\xc2\x9c"),
        (b"\x1b_Gf=100,a=T;", b"\x18"),
    ],
)
def test_a_picture_is_left_out_and_what_is_around_it_shown(
    begin: bytes, end: bytes, size: int
) -> None:
    picture = begin + (PICTURE * 5)[:size] + end
    found = taken(b"one\ntwo " + picture + b"three\nfour\n")
    assert texts(found) == ["one", "two three", "four"]
    assert found.starts == [0, 4, 14 + len(picture), 19 + len(picture)]


def test_a_picture_that_has_not_ended_is_left_out() -> None:
    assert texts(taken(b"one\n\x1bPq" + PICTURE)) == ["one"]


def test_several_pictures_leave_room_for_the_text_around_them() -> None:
    picture = b"\x1bPq" + PICTURE + b"\x1b\\"
    assert texts(taken(b"".join(b"%d\n" % n + picture for n in range(5)))) == list("01234")


@pytest.mark.parametrize("at", range(6))
def test_a_picture_may_begin_just_where_the_window_does(at: int) -> None:
    after = b"\x07\nlast\n"
    picture = b"\x1b]1337;File=:" + PICTURE
    output = b"first\n" + picture[: WINDOW - len(after) + at] + after
    assert texts(taken(output)) == ["first", "", "last"]


@pytest.mark.parametrize(
    "step",
    ["\r{} %", "\x1b[2K\x1b[1G{} %", "\x1b[G{} %", "\x1b[1;1H{} %"],
)
def test_the_last_state_of_a_long_progress_bar_is_shown(step: str) -> None:
    bar = "".join(step.format(n) for n in range(100, 60_000)).encode()
    assert len(bar) > WINDOW
    found = taken(b"start\nload" + bar + b"\nok\n")
    assert texts(found) == ["59999 %", "ok"]
    assert found.starts[1:] == [10 + len(bar) + 1, 10 + len(bar) + 4]


def test_a_progress_bar_that_goes_back_by_columns_is_read_from_its_line_on() -> None:
    bar = b"".join(b"\b" * 7 + b"%5d %%" % n for n in range(100, 30_000))
    assert WINDOW < len(bar) < 1024 * 1024
    found = taken(b"start\nload:       0 %" + bar + b"\nok\n")
    assert texts(found) == ["load:   29999 %", "ok"]
    assert found.starts[0] == 6


def test_half_a_line_is_not_shown_where_a_colour_comes_first() -> None:
    output = b"secret" * WINDOW + b"\x1b[31mred\x1b[0m\nsecond\n"
    assert texts(taken(output)) == ["second"]


def test_half_a_line_is_not_shown_where_a_picture_divides_it() -> None:
    picture = b"\x1b]1337;File=:" + PICTURE + b"\x07"
    found = taken(b"secret" * WINDOW + picture + b"half\nlast\n")
    assert (texts(found), found.starts[1:]) == (["last"], [6 * WINDOW + len(picture) + 10])


def test_what_follows_a_picture_at_the_very_beginning_is_a_whole_line() -> None:
    picture = b"\x1b]1337;File=:" + PICTURE + b"\x07"
    found = taken(picture + b"one\ntwo\n")
    assert texts(found) == ["one", "two"]
    assert found.starts == [len(picture), len(picture) + 4, len(picture) + 8]


def test_a_line_end_within_a_title_ends_no_line() -> None:
    found = taken(b"secret" * WINDOW + b"\x1b]0;a\nb\x07half\nlast\n")
    assert texts(found) == ["last"]


def test_a_progress_bar_without_an_end_is_read_from_its_line_on() -> None:
    bar = b"".join(b"\b" * 7 + b"%5d %%" % n for n in range(100, 30_000))
    assert texts(taken(b"start\nload:       0 %" + bar)) == ["load:   29999 %"]


def test_a_carriage_return_begins_a_line_that_can_be_shown() -> None:
    found = taken(b"x" * WINDOW + b"\r50 %\r60 %")
    assert (texts(found), found.starts) == (["60 %"], [WINDOW + 1, WINDOW + 10])


def test_bytes_that_are_not_kept_are_counted_and_half_a_line_is_left_out() -> None:
    found = taken(b"one\ntwo\nthree\n", start=5)
    assert (texts(found), found.starts) == (["three"], [8, 14])


def test_a_window_that_begins_with_a_line_s_end_has_no_empty_line_in_front() -> None:
    found = taken(b"one\ntwo\n", start=3)
    assert (texts(found), found.starts) == (["two"], [4, 8])
    found = taken(b"one\n2", start=1)
    assert (texts(found), found.starts) == (["2"], [4, 5])
    found = taken(b"one\n", start=1)  # half a line is not shown: it could be half a secret
    assert (texts(found), found.starts) == ([], [4])


def test_positions_are_bytes_and_not_characters() -> None:
    found = taken("\u20ac\u20ac\n".encode() + b"\xff\nlast\n")
    assert found.starts == [0, 7, 9, 14]


def test_lines_that_wrapped_at_the_edge_of_a_terminal_are_joined() -> None:
    found = taken(b"x" * 50 + b"\r\nnext\r\n", size=(10, 20))
    assert texts(found) == ["x" * 50, "next"]
    assert found.starts == [0, 52, 58]


def test_a_log_is_as_wide_as_its_lines_and_its_line_feed_returns() -> None:
    assert texts(taken(b"x" * 500 + b"\nnext\n")) == ["x" * 500, "next"]
    assert texts(taken(b"ab\ncd\n", size=(10, 80))) == ["ab", "  cd"]  # a terminal's does not


def test_all_lines_are_redacted_before_some_are_taken() -> None:
    seen: list[int] = []

    def redact(lines: list[list[Run]]) -> list[list[Run]]:
        seen.append(len(lines))
        return [[("?", PLAIN)] for _ in lines]

    found = taken(b"one\ntwo\nthree\n", count=1, redact=redact)
    assert (seen, texts(found), found.starts) == ([3], ["?"], [8, 14])


def test_where_lines_were_removed_the_bytes_before_the_first_are_those_before_the_others() -> None:
    found = taken(b"one\ntwo\nthree\n", count=2, redact=lambda lines: lines[1:])
    assert (texts(found), found.starts) == (["two", "three"], [4, 4, 14])
    found = taken(b"one\ntwo\n", redact=lambda lines: [])
    assert (list(found.lines), found.starts) == ([], [8])


@pytest.mark.parametrize("length", [LONGEST - 1, LONGEST, LONGEST + 1])
def test_a_long_line_is_cut_and_says_by_how_much(length: int) -> None:
    [text] = texts(taken(b"\x1b[31mx\x1b[0m" + b"y" * (length - 1) + b"\n"))
    more = f" [{length - LONGEST} more characters]" if length > LONGEST else ""
    assert text == "x" + "y" * (min(length, LONGEST) - 1) + more


# -- what fits --------------------------------------------------------------------------


def made(*lines: str) -> Excerpt:
    return Excerpt([[(line, RED)] for line in lines], list(range(len(lines) + 1)))


@pytest.mark.parametrize(
    ("budget", "text", "cut"),
    [
        (100, "one\ntwo", 0),
        (8, "one\ntwo", 0),
        (7, "two", 1),
        (4, "two", 1),
        (3, "", 2),
        (0, "", 2),
    ],
)
def test_the_last_lines_fit_into_a_budget(budget: int, text: str, cut: int) -> None:
    assert made("one", "two").text(budget) == (text, cut)


def test_html_has_elements_for_styles_and_no_markup_of_the_output() -> None:
    bold = Style(bold=True)
    found = Excerpt([[("<a>", PLAIN), ("&", RED), ("b", bold)]], [0, 5])
    assert found.html(1000) == (
        '&lt;a&gt;<span style="color:var(--h1)">&amp;</span><b style="font-weight:bold">b</b>', 0
    )  # fmt: skip


def test_a_line_whose_colours_do_not_fit_is_shown_without_them() -> None:
    assert made("<one>").html(20) == ("&lt;one&gt;", 0)
    assert made("one", "<two>").html(14) == ("&lt;two&gt;", 1)
