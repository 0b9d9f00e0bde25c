"""Where a log and the live output after it meet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.session.rules.log.overlap import overlap

LONG = b"".join(b"line %d\n" % number for number in range(100))


@pytest.mark.parametrize(
    ("log", "live", "expected"),
    [
        (b"", b"", 0),
        (b"one\n", b"", 0),
        (b"", b"one\n", 0),
        (b"one\n", b"two\n", 0),
        (b"one\ntwo\n", b"two\nthree\n", 4),
        (b"one\n", b"one\n", 4),
        (b"one\ntwo", b"two\n", 3),  # the last line was cut in the log
        (b"aaa", b"aa", 2),
        (b"ab", b"ba", 1),
        (LONG, LONG, len(LONG)),
        (LONG, LONG[-400:] + b"more\n", 400),
        (LONG[:-3], LONG[-100:], 97),
        (b"x" * 200, b"x" * 100, 100),
        (LONG + b"x", LONG[-200:], 0),
        (b"a" * 65 + b"b", b"a" * 64 + b"b" + b"c" * 9, 65),  # the next place is one byte on
        (LONG[:63], LONG, 63),
        (LONG[:64], LONG, 64),
    ],
)
def test_how_much_of_the_live_output_the_log_has(log: bytes, live: bytes, expected: int) -> None:
    assert overlap(log, live) == expected


@given(before=st.binary(max_size=200), both=st.binary(max_size=200), after=st.binary(max_size=200))
def test_it_is_the_longest_end_of_the_log_that_the_live_output_starts_with(
    before: bytes, both: bytes, after: bytes
) -> None:
    log, live = before + both, both + after
    longest = max(n for n in range(min(len(log), len(live)) + 1) if log[len(log) - n :] == live[:n])
    assert overlap(log, live) == longest
