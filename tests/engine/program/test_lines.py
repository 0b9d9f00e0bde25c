"""Lines: a frame per line, times before lines, and lines in pieces."""

from __future__ import annotations

import pytest

from hyper_jupyter.engine.program.lines import Lines, rfc3339
from hyper_jupyter.engine.program.piece import Piece

NOON = 1_700_000_000_123_456_789
STAMP = b"2023-11-14T22:13:20.123456789Z "


def encode(lines: Lines, *pieces: tuple[int, bytes]) -> list[bytes]:
    return [lines.encode(Piece(stream, NOON, data)) for stream, data in pieces]


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0001-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000000001Z"),
        (NOON, "2023-11-14T22:13:20.123456789Z"),
        (NOON // 10**9 * 10**9, "2023-11-14T22:13:20.000000000Z"),
    ],
)
def test_times_are_written_as_docker_does(nanoseconds: int, text: str) -> None:
    assert rfc3339(nanoseconds) == text


def test_raw_output_stays_as_it_is() -> None:
    assert encode(Lines(framed=False), (1, b"a\nb"), (1, b"\r\n")) == [b"a\nb", b"\r\n"]


def test_each_line_is_a_frame_and_so_is_an_unterminated_one() -> None:
    assert encode(Lines(framed=True), (1, b"a\n\nbc"), (2, b"d\n")) == [
        b"\x01\0\0\0\0\0\0\x02a\n\x01\0\0\0\0\0\0\x01\n\x01\0\0\0\0\0\0\x02bc",
        b"\x02\0\0\0\0\0\0\x02d\n",
    ]


def test_a_time_stands_before_each_line() -> None:
    lines = Lines(framed=False, timestamps=True)
    assert encode(lines, (1, b"a\n\nb\n")) == [STAMP + b"a\n" + STAMP + b"\n" + STAMP + b"b\n"]


def test_a_line_in_pieces_has_one_time_for_each_stream() -> None:
    lines = Lines(framed=False, timestamps=True)
    assert encode(lines, (1, b"a"), (2, b"x"), (1, b"b"), (1, b"c\nd"), (2, b"\n"), (1, b"\n")) == [
        STAMP + b"a", STAMP + b"x", b"b", b"c\n" + STAMP + b"d", b"\n", b"\n",
    ]  # fmt: skip


def test_what_a_run_prints_behind_an_unfinished_line_has_a_time_of_its_own() -> None:
    lines = Lines(framed=False, timestamps=True)
    pieces = [Piece(1, NOON, b"/ # ", 1), Piece(2, NOON, b"x", 1), Piece(1, NOON, b"/ ", 2)]
    pieces += [Piece(1, NOON, b"# ", 2), Piece(2, NOON, b"\n", 2)]
    assert [lines.encode(each) for each in pieces] == [
        STAMP + b"/ # ", STAMP + b"x", STAMP + b"/ ", b"# ", STAMP + b"\n",
    ]  # fmt: skip


def test_a_frame_has_the_length_of_line_and_time() -> None:
    [frame] = encode(Lines(framed=True, timestamps=True), (2, b"a\n"))
    assert frame == b"\x02\0\0\0" + len(STAMP + b"a\n").to_bytes(4, "big") + STAMP + b"a\n"


def test_equal_lines_have_equal_frames() -> None:
    lines = Lines(framed=True)
    first, second, third = encode(lines, (1, b"ab\n"), (1, b"cd\n"), (2, b"ef\n"))
    assert (second, third) == (first.replace(b"ab", b"cd"), b"\x02" + first[1:-3] + b"ef\n")


def test_details_are_a_blank_behind_the_time() -> None:
    both = Lines(framed=False, timestamps=True, details=True)
    assert encode(both, (1, b"a\nb"), (1, b"c\n")) == [STAMP + b" a\n" + STAMP + b" b", b"c\n"]
    alone = Lines(framed=False, details=True)
    assert encode(alone, (1, b"a\nb\n")) == [b" a\n b\n"]
