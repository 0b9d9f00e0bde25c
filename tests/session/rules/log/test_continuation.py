"""Where a log goes on after what had come when a connection was cut."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hyper_jupyter.session.rules.log.continuation import Found, Missing, find_end, find_missing
from hyper_jupyter.session.rules.log.joint import Conditions, Live
from hyper_jupyter.session.rules.log.tail import Tail

NUMBERS = b"".join(b"line %d\n" % number for number in range(2000))
TICKS = b"tick\n" * 10


def received(data: bytes, *, whole: bool = True, size: int | None = None) -> Tail:
    return Tail(data, len(data) if size is None else size, whole)


def log(data: bytes, *, start: int = 0, whole: bool = True, exact: bool = True) -> Tail:
    return Tail(data, start + len(data), whole, exact)


@pytest.mark.parametrize(
    ("of", "came", "expected"),
    [
        (log(b"one\ntwo\n"), received(b"one\n"), Found(4)),
        (log(b"one\n"), received(b"one\n"), Found(4)),
        (log(b"one\n"), received(b"one\nprompt> "), Found(4, 8)),
        (log(b"one\npro"), received(b"one\nprompt> "), Found(7, 5)),
        (log(TICKS), received(b"tick\n" * 4), Found(20)),
        (log(b"tick\n" * 6, start=20), received(b"tick\n" * 4, size=40), Found(20)),
        (log(b"tick\n" * 6, start=50), received(b"tick\n" * 4, size=40), None),
        (log(b"other\nlines\n"), received(b"one\n"), None),
        (log(b""), received(b""), Found(0)),
        (log(b"first\n"), received(b""), Found(0)),
    ],
    ids=[
        "more came",
        "nothing more",
        "an unfinished line",
        "a part of an unfinished line",
        "the same line again and again",
        "only the end is kept",
        "the place is lost",
        "something else",
        "silence",
        "nothing had come",
    ],
)
def test_who_saw_the_first_byte_knows_the_place_by_counting(
    of: Tail, came: Tail, expected: Found | None
) -> None:
    assert find_end(of, came) == expected


@pytest.mark.parametrize(
    ("of", "tail", "expected"),
    [
        (log(b"before\none\ntwo\n"), b"one\n", Found(11)),
        (log(b"one\nbefore\none\ntwo\n"), b"one\n", None),
        (log(TICKS), b"tick\ntick\n", None),
        (log(b"before\none\ntwo\n", whole=False), b"one\n", None),
        (log(NUMBERS, whole=False), NUMBERS[2000:9000], Found(9000)),
        (log(NUMBERS, whole=False), NUMBERS[2000:9003], Found(9003)),
        (log(NUMBERS[:9000], whole=False), NUMBERS[2000:9000] + b"$ ", Found(9000, 2)),
        (log(b"before\none\n"), b"one\n$ ", Found(11, 2)),
        (log(b"before\none\n$ ls\n"), b"one\n$ ", Found(13)),
        (log(b"before\none\nother\n"), b"one\n$ ", None),
        (log(b"before\n"), b"", None),
    ],
    ids=[
        "once in the whole log",
        "twice",
        "repeated",
        "few bytes of a part of the log",
        "many bytes",
        "many bytes and a piece of a line",
        "many bytes and an unfinished line",
        "an unfinished line",
        "an unfinished line that has ended since",
        "another line",
        "nothing had come",
    ],
)
def test_who_came_later_knows_the_place_where_the_last_bytes_are_there_once(
    of: Tail, tail: bytes, expected: Found | None
) -> None:
    assert find_end(of, received(tail, whole=False)) == expected


def test_bytes_that_the_log_has_altered_are_not_counted() -> None:
    assert find_end(log(TICKS, exact=False), received(b"tick\n" * 4)) is None


HOW = Conditions(settled=True, covers=True, precise=False)


def live(data: bytes, *, quiet: bool = True) -> Live:
    return Live(data, whole=True, quiet=quiet)


@pytest.mark.parametrize(
    ("text", "comes", "how", "expected"),
    [
        (b"one\ntwo\nthree\n", live(b"three\n"), HOW, Missing(4, 8)),
        (b"one\ntwo\n", live(b"two\n"), HOW, Missing(4, 4)),
        (b"one\ntwo\n", live(b""), replace(HOW, unchanged=True), Missing(4, 8)),
        (b"one\n", live(b""), HOW, Missing(4, 4)),
        (b"one\n", live(b""), replace(HOW, by_lines=True), Missing(4, 4, waits=True)),
        (b"one\ntwo\n", live(b""), replace(HOW, settled=False), Missing(4)),
        (b"one\nx\nx\nx\n", live(b"x\n", quiet=False), HOW, Missing(4)),
        (b"one\nx\nx\nx\n", live(b"x\n"), replace(HOW, unchanged=True), Missing(4, 8)),
        (b"two\n", live(b"two\n"), HOW, Missing(None, 0)),
        (b"two\n", live(b"three\n"), HOW, Missing(None)),
        (b"", live(b""), replace(HOW, by_lines=True), Missing(None)),
    ],
    ids=[
        "a line",
        "nothing",
        "a line, and nothing since",
        "silence",
        "perhaps a part of a line",
        "the log may be late",
        "repeated lines that go on",
        "repeated lines that have stopped",
        "only the live output is in the log",
        "not in the log",
        "a log that is late",
    ],
)
def test_what_is_missing_is_between_what_had_come_and_what_comes_live(
    text: bytes, comes: Live, how: Conditions, expected: Missing
) -> None:
    assert find_missing(log(text), received(b"one\n"), comes, how) == expected


def test_bytes_that_the_log_has_lost_are_counted() -> None:
    came = received(b"one\n")
    lost = find_missing(log(b"four\nfive\n", start=14), came, live(b"five\n"), HOW)
    assert lost == Missing(None, 5, lost=15)
    unknown = find_missing(log(b"five\n", start=14, whole=False), came, live(b"five\n"), HOW)
    assert unknown == Missing(None, 0)


def test_few_bytes_are_not_taken_for_those_of_an_earlier_place() -> None:
    came = received(b"tick\n", whole=False, size=20)
    assert find_end(log(b"tick\n"), came) is None  # there were three more before
    assert find_end(log(b"tack\n" * 3 + b"tick\n"), came) == Found(20)
