from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import MOST, Mark, MarkKind, Marks

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


def test_a_mark_is_after_what_has_come_of_both_streams() -> None:
    journal = Journal()
    marks = Marks(journal)
    journal.append(OUT, b"abc")
    journal.append(ERR, b"de")
    mark = marks.add(MarkKind.NOTE, "half\n way", when=7.0)
    journal.append(OUT, b"f")
    assert mark == Mark(MarkKind.NOTE, "half way", 7.0, 5, {OUT: 3, ERR: 2}, 1)
    assert marks.all == (mark,)
    assert marks.revision == 1


def test_only_the_newest_marks_are_kept() -> None:
    marks = Marks(Journal())
    for number in range(MOST + 3):
        marks.add(MarkKind.LIFE, str(number))
    assert [marks.all[0].text, marks.all[-1].text, len(marks.all)] == ["3", str(MOST + 2), MOST]
    assert marks.revision == MOST + 3
