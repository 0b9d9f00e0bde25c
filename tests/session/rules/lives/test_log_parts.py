"""Which part of a log belongs to which life, as tables."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.rules.lives.log_parts import (
    boundary,
    is_doubtful,
    new_entries,
    reaches_back,
    split_entries,
)

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


@pytest.mark.parametrize(
    ("ended", "heard", "started", "at"),
    [
        (10.0, 10.25, 11.0, 10.25),
        (10.0, None, 11.0, 10.5),
        (10.0, 12.0, 11.0, 10.5),  # it is the end of a later life
        (10.0, None, None, 10.0),
        (None, 10.25, None, 10.25),
        (None, None, 11.0, 11.0),
        (12.0, None, 11.0, 11.0),  # a clock was set back
        (None, None, None, None),
    ],
)
def test_the_time_between_the_log_lines_of_two_lives(
    ended: float | None, heard: float | None, started: float | None, at: float | None
) -> None:
    assert boundary(ended, heard, started) == at


def line(data: bytes, at: float | None, stream: StreamType = OUT) -> TimedOutput:
    return TimedOutput(stream, data, at)


BOOM = b"boom\n"


@pytest.mark.parametrize(
    ("entries", "after", "step", "known", "found"),
    [
        ([line(BOOM, 1), line(BOOM, 2)], None, 1e-9, {}, [BOOM, BOOM]),
        ([line(BOOM, 1), line(BOOM, 2)], 1.5, 1e-9, {OUT: BOOM}, [BOOM]),
        ([line(BOOM, 2), line(b"and\n", None)], 1.5, 1e-9, {OUT: BOOM}, [BOOM, b"and\n"]),
        ([line(b"old\n", 1), line(b"more\n", None)], 1.5, 1e-9, {}, []),
        # Whole seconds: lines of both lives have the same time.
        ([line(BOOM, 1), line(BOOM, 1)], 1.5, 1.0, {OUT: BOOM}, [BOOM]),
        ([line(BOOM, 0), line(BOOM, 1), line(BOOM, 2)], 1.5, 1.0, {OUT: BOOM}, [BOOM]),
        ([line(b"a\nb\n", 1)], 1.5, 1.0, {OUT: b"x\na\n"}, [b"b\n"]),
        ([line(BOOM, 1, ERR), line(BOOM, 1)], 1.5, 1.0, {OUT: BOOM}, [BOOM]),
    ],
)
def test_what_a_log_has_since_the_end_of_a_life(
    entries: list[TimedOutput],
    after: float | None,
    step: float,
    known: dict[StreamType, bytes],
    found: list[bytes],
) -> None:
    assert [e.data for e in new_entries(entries, after, step=step, known=known)] == found


@pytest.mark.parametrize(
    ("entries", "ends", "parts"),
    [
        ([line(b"a", 1), line(b"b", 2)], [], [[b"a", b"b"]]),
        ([line(b"a", 1), line(b"b", 3)], [2], [[b"a"], [b"b"]]),
        ([line(b"a", 1), line(b"b", None), line(b"c", 3)], [2], [[b"a", b"b"], [b"c"]]),
        ([line(b"a", 1), line(b"b", 5)], [2, 4], [[b"a"], [], [b"b"]]),
        ([line(b"a", 3)], [2, 4], [[], [b"a"], []]),
        ([line(b"a", 1), line(b"b", 5)], [None, 4], [[], [b"a"], [b"b"]]),
        ([], [2], [[], []]),
    ],
)
def test_a_log_is_divided_among_lives(
    entries: list[TimedOutput], ends: list[float | None], parts: list[list[bytes]]
) -> None:
    assert [[e.data for e in part] for part in split_entries(entries, ends)] == parts


@pytest.mark.parametrize(
    ("at", "after", "step", "doubtful"),
    [
        (1.0, 1.5, 1.0, True),  # whole seconds: it may have been printed before or after
        (1.0, 2.5, 1.0, False),
        (2.0, 1.5, 1.0, False),
        (1.0, 1.5, 1e-9, False),
        (None, 1.5, 1.0, False),
        (1.0, None, 1.0, False),
    ],
)
def test_whole_seconds_leave_open_whose_a_line_is(
    at: float | None, after: float | None, step: float, doubtful: bool
) -> None:
    assert is_doubtful([line(BOOM, at)], after, step=step) is doubtful


@pytest.mark.parametrize(
    ("times", "after", "reaches"),
    [
        ([1.0, 3.0], 2.0, True),
        ([2.0], 2.0, True),
        ([3.0, None], 2.0, False),
        ([], 2.0, False),
        ([3.0], None, True),
    ],
)
def test_a_log_that_begins_after_the_last_life_may_have_lost_lines(
    times: list[float | None], after: float | None, reaches: bool
) -> None:
    assert reaches_back([line(BOOM, time) for time in times], after) is reaches
