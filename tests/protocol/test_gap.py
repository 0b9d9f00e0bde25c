"""The mark of output that is missing, written and found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol.gap import GapFinder, gap_mark

REASON = "the disk of /tmp is full"


def test_a_mark_is_a_line_that_says_how_much_is_missing_and_why() -> None:
    assert gap_mark(12, 1, REASON) == (
        b"\r\n[hyper engine: 12 bytes of stdout are missing here: the disk of /tmp is full]\r\n"
    )
    assert b" of stderr " in gap_mark(12, 2, REASON)


@given(
    counts=st.lists(st.integers(1, 10**12), max_size=3),
    between=st.sampled_from([b"", b"[", b"[hyper", b"[hyper engine: no]", b"x" * 1000, b"\n"]),
    size=st.integers(1, 600),
)
def test_marks_are_found_however_the_stream_is_cut(
    counts: list[int], between: bytes, size: int
) -> None:
    stream = between.join([b"", *(gap_mark(count, 1, REASON) for count in counts), b""])
    finder = GapFinder()
    found = [finder.receive_data(stream[at : at + size]) for at in range(0, len(stream), size)]
    assert finder.missing == sum(counts)
    assert any(found) is bool(counts)
    assert finder.reason == (REASON if counts else "")


def test_a_reason_may_have_anything_in_it() -> None:
    finder = GapFinder()
    assert finder.receive_data(gap_mark(5, 2, "a]b\nc\x1b[2J" + "é" * 400))
    assert finder.reason.startswith("a?b?c?[2J")
    assert not finder.undecided


def test_what_only_looks_like_one_is_not_kept_for_long() -> None:
    finder = GapFinder()
    for piece in (b"[hyper engine: " + b"1" * 1000, b"2" * 1000, b"[hyper engine: x\n"):
        assert not finder.receive_data(piece)
        assert len(finder._rest) <= 400
    assert not finder.receive_data(b"no mark")
    assert (finder.missing, finder.undecided) == (0, False)
