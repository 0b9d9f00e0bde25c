from __future__ import annotations

import threading

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import (
    LONGEST,
    MOST,
    Mark,
    MarkKind,
    Marks,
    newest_after,
    woven,
)

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


def test_a_mark_is_after_what_has_come_of_both_streams() -> None:
    journal = Journal()
    marks = Marks(journal, threading.RLock())
    journal.append(OUT, b"abc")
    journal.append(ERR, b"de")
    mark = marks.add(MarkKind.NOTE, "half\n way", when=7.0)
    journal.append(OUT, b"f")
    assert mark == Mark(MarkKind.NOTE, "half way", 7.0, 5, {OUT: 3, ERR: 2}, 1)
    assert marks.all == (mark,)
    assert marks.revision == 1


def test_only_the_newest_marks_are_kept() -> None:
    marks = Marks(Journal(), threading.RLock())
    for number in range(MOST + 3):
        marks.add(MarkKind.LIFE, str(number))
    assert [marks.all[0].text, marks.all[-1].text, len(marks.all)] == ["3", str(MOST + 2), MOST]
    assert marks.revision == MOST + 3


def test_a_mark_is_one_line_of_text_that_only_shows() -> None:
    mark = Marks(Journal(), threading.RLock()).add(
        MarkKind.NOTE, "a\x1b[2J\r\n\u202eb" + "c" * 1000
    )
    assert mark.text == "a [2J b" + "c" * (LONGEST - 7)


def test_those_after_a_number_are_the_newest_ones() -> None:
    marks = Marks(Journal(), threading.RLock())
    made = [marks.add(MarkKind.NOTE, str(number)) for number in range(5)]
    assert newest_after(marks.all, 3, 9) == tuple(made[3:])
    assert newest_after(marks.all, 0, 2) == tuple(made[3:])
    assert newest_after(marks.all, 5, 9) == ()
    assert newest_after((), 0, 9) == ()


def place(position: int) -> Mark:
    return Mark(MarkKind.NOTE, "", 0.0, position)


def test_marks_are_woven_into_the_bytes_at_their_places() -> None:
    records = [(OUT, 1.0, b"abcd"), (ERR, 2.0, b"ef")]
    marks = [place(position) for position in (10, 12, 12, 14, 16)]
    assert list(woven(records, 10, 16, marks)) == [
        marks[0],
        (OUT, 1.0, b"ab"),
        marks[1],
        marks[2],
        (OUT, 1.0, b"cd"),
        marks[3],
        (ERR, 2.0, b"ef"),
        marks[4],
    ]


def test_a_mark_after_the_bytes_waits_for_them_and_one_before_them_comes_first() -> None:
    early, late = place(3), place(17)
    assert list(woven([(OUT, 1.0, b"ab")], 10, 12, [early, late])) == [early, (OUT, 1.0, b"ab")]
