"""One stream as it is read: bytes, text, lines; what is not kept any more shows."""

from __future__ import annotations

import io
import re
import shutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.lines import LONGEST
from hyper_jupyter.session.store.spool import Spool
from hyper_jupyter.session.store.transcript import Transcript
from tests.session.store.disks import RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
LINE = b"0123456789abcde\n"


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def transcript(journal: Journal, stream: StreamType = OUT) -> Transcript:
    return Transcript(journal, stream, lambda length, timeout: False)


class PouringJournal(Journal):
    """More arrives while somebody reads: one line before every read but the first."""

    def __init__(self, lines: int) -> None:
        super().__init__(32, Spool(64, RoomyDisk()))
        self.left = lines
        self.reading = False

    def read_at(self, stream: StreamType, offset: int, size: int) -> tuple[int, bytes]:
        if self.reading and self.left:
            self.left -= 1
            self.append(OUT, LINE)
        self.reading = True
        return super().read_at(stream, offset, size)


def test_what_comes_while_it_is_read_is_for_the_next_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.transcript._CHUNK", 12)
    journal = Journal()
    journal.append(OUT, LINE * 2)
    read_at = Journal.read_at

    def read_and_grow(self: Journal, *arguments: Any) -> tuple[int, bytes]:
        found = read_at(self, *arguments)
        self.append(OUT, LINE)
        return found

    monkeypatch.setattr(Journal, "read_at", read_and_grow)
    assert transcript(journal).getvalue() == LINE * 2


def test_a_transcript_says_how_much_of_its_start_is_not_kept() -> None:
    journal = small()
    for _ in range(10):
        journal.append(OUT, LINE)
    stdout = transcript(journal)
    assert stdout.dropped > 0
    assert stdout.getvalue() == (LINE * 10)[stdout.dropped :]
    head, *_ = repr(stdout).split("\n")
    assert head == f"<stdout: 160 bytes, the first {stdout.dropped} not kept>"


def test_a_transcript_that_is_whole_says_nothing_of_it() -> None:
    journal = small()
    journal.append(ERR, LINE)
    assert repr(transcript(journal, ERR)) == "<stderr: 16 bytes>\n0123456789abcde"
    assert list(transcript(journal, ERR).lines()) == ["0123456789abcde"]


def test_a_line_stands_for_the_bytes_that_are_not_kept() -> None:
    journal = small(40)
    for _ in range(10):
        journal.append(OUT, LINE)
    stdout = transcript(journal)
    first, *rest = stdout.lines()
    assert first == f"[{stdout.dropped} bytes are not kept]"
    assert "\n".join(rest) + "\n" == stdout.text


def test_a_reader_that_is_too_slow_sees_what_it_missed_and_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.transcript._CHUNK", 8)
    journal = Journal(8, Spool(24, RoomyDisk()))
    for number in range(3):
        journal.append(OUT, b"%07d\n" % number)
    lines = transcript(journal).lines(follow=True)
    assert next(lines) == "0000000"
    for number in range(3, 20):
        journal.append(OUT, b"%07d\n" % number)
    dropped = journal.start(OUT)
    assert next(lines) == f"[{dropped - 8} bytes are not kept]"
    assert "\n".join(lines) + "\n" == journal.read(OUT, 0, 1000).decode()


def test_a_character_that_a_gap_has_cut_does_not_spoil_what_follows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.transcript._CHUNK", 4)
    journal = Journal(4, Spool(8, RoomyDisk()))
    journal.append(OUT, b"a\nb\xc3")
    lines = transcript(journal).lines(follow=True)
    assert next(lines) == "a"
    for _ in range(8):
        journal.append(OUT, b"abc\n")
    assert next(lines) == "b\ufffd"
    assert next(lines) == f"[{journal.start(OUT) - 4} bytes are not kept]"


def test_a_stream_of_which_nothing_is_kept_says_so() -> None:
    journal = small(16)
    journal.append(ERR, LINE)
    for _ in range(20):
        journal.append(OUT, LINE)
    assert list(transcript(journal, ERR).lines()) == ["[16 bytes are not kept]"]
    assert transcript(journal, ERR).getvalue() == b""


def test_the_value_has_no_hole_where_bytes_are_dropped_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.store.transcript._CHUNK", 8)
    journal = PouringJournal(3)
    for number in range(10):
        journal.append(OUT, b"%015d\n" % number)
    value = transcript(journal).getvalue()
    # The end as it was at the call: up to then it is exact.
    everything = b"".join(b"%015d\n" % number for number in range(10))
    assert value
    assert everything.endswith(value)


# -- bytes, text, lines ----------------------------------------------------------------------


def of(*pieces: bytes) -> Transcript:
    journal = Journal()
    for piece in pieces:
        journal.append(ERR, b"other\n")
        journal.append(OUT, piece)
    return transcript(journal)


def test_a_transcript_is_its_own_stream_byte_by_byte() -> None:
    stdout = of(b"a\x00", b"\xff\r\n")
    assert (len(stdout), stdout.getvalue()) == (5, b"a\x00\xff\r\n")
    assert stdout.text == "a\x00\ufffd\r\n"
    assert stdout.dropped == 0


def test_an_empty_transcript_is_one_too() -> None:
    stdout = of()
    assert bool(stdout)
    assert (len(stdout), stdout.getvalue(), stdout.text, list(stdout.lines())) == (0, b"", "", [])
    assert repr(stdout) == "<stdout: 0 bytes>"


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a\r\nb\r\n"], ["a", "b"]),
        ([b"a\rb\n"], ["a\rb"]),
        ([b"a\n\nb"], ["a", "", "b"]),
        ([b"a", b"b\nc", b"\n"], ["ab", "c"]),
        ([b"caf\xc3", b"\xa9\n"], ["café"]),
        ([b"caf\xc3\n"], ["caf\ufffd"]),
        ([b"caf\xc3"], ["caf\ufffd"]),
    ],
    ids=[
        "lines",
        "CR LF",
        "CR",
        "an empty one and an open one",
        "cut anywhere",
        "inside a character",
        "half a character",
        "half a character at the end",
    ],
)
def test_lines_are_without_their_ends(pieces: list[bytes], lines: list[str]) -> None:
    assert list(of(*pieces).lines()) == lines


def test_lines_that_are_followed_come_with_their_ends_and_the_open_one_at_last() -> None:
    journal = Journal()
    journal.append(OUT, b"a\nb")
    more = [b"", b"c\nd", None]
    lengths: list[int] = []

    def wait(length: int, timeout: float | None) -> bool:
        lengths.append(length)
        data = more.pop(0)
        if data:
            journal.append(OUT, data)
        return data is not None

    lines = Transcript(journal, OUT, wait).lines(follow=True)
    assert next(lines) == "a"
    assert lengths == []
    assert next(lines) == "bc"
    assert lengths == [3, 3]
    assert list(lines) == ["d"]
    assert (lengths, more) == ([3, 3, 6], [])


def test_lines_that_are_not_followed_wait_for_nothing() -> None:
    def wait(length: int, timeout: float | None) -> bool:
        raise AssertionError("it waits")

    journal = Journal()
    journal.append(OUT, b"a\nb")
    assert list(Transcript(journal, OUT, wait).lines()) == ["a", "b"]


@pytest.mark.parametrize("follow", [True, False])
def test_lines_that_are_followed_to_a_loss_end_with_its_error(follow: bool) -> None:
    journal = small()
    journal.append(OUT, b"one\ntw")
    lost = ConnectionLost("cut")
    lines = Transcript(journal, OUT, lambda length, timeout: False, lambda: lost).lines(
        follow=follow
    )
    assert next(lines) == "one"
    if not follow:
        assert list(lines) == ["tw"]
        return
    with pytest.raises(ConnectionLost, match="cut"):
        next(lines)


def test_a_follower_waits_so_long_for_each_line_and_no_longer() -> None:
    journal = Journal()
    journal.append(OUT, b"one\nhalf a")
    waited: list[float | None] = []

    def wait(length: int, timeout: float | None) -> bool:
        waited.append(timeout)
        journal.append(ERR, b"another stream\n")
        if len(waited) == 2:
            journal.append(OUT, b" line\n")
        if len(waited) == 4:
            clock[0] = 90.0
        return True

    clock = [0.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hyper_jupyter.client.transport.deadline.time.monotonic", lambda: clock[0])
        lines = Transcript(journal, OUT, wait).lines(follow=True, timeout=50)
        assert [next(lines), next(lines)] == ["one", "half a line"]
        clock[0] = 30.0  # the time of the caller counts for no line
        with pytest.raises(TimeoutError, match="no line of stdout came in 50 s"):
            next(lines)
    assert waited == [50, 50, 50, 50]


def test_a_line_of_many_pieces_costs_no_more_than_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal = Journal()
    scanned = [0]

    class Counted(bytes):
        def rfind(self, *arguments: bytes) -> int:  # type: ignore[override]
            scanned[0] += len(self)
            return super().rfind(*arguments)

    read_at = Journal.read_at

    def read(*arguments: Any) -> tuple[int, bytes]:
        begin, data = read_at(*arguments)
        return begin, Counted(data)

    monkeypatch.setattr(Journal, "read_at", read)
    left = [200]

    def wait(length: int, timeout: float | None) -> bool:
        left[0] -= 1
        journal.append(OUT, b"x" * 100)
        return left[0] > 0

    assert list(Transcript(journal, OUT, wait).lines(follow=True)) == ["x" * 20_000]
    assert scanned == [20_000]


# -- as Python's own things -------------------------------------------------------------------


def test_a_transcript_is_iterated_by_lines() -> None:
    stdout = of(b"a\r\nb", b"b\n", b"c")
    assert list(stdout) == stdout.readlines() == ["a", "bb", "c"]
    assert (len(stdout), bool(stdout)) == (7, True)
    assert next(reversed(list(stdout))) == "c"


@given(st.binary(max_size=12), st.slices(12), st.integers(-14, 14))
def test_a_transcript_is_sliced_by_bytes(data: bytes, part: slice, index: int) -> None:
    stdout = of(data)
    assert stdout[part] == data[part]
    if -len(data) <= index < len(data):
        assert stdout[index] == data[index]
        return
    with pytest.raises(IndexError):
        stdout[index]


def test_slices_lack_what_is_not_kept() -> None:
    journal = small()
    for _ in range(10):
        journal.append(OUT, LINE)
    stdout = transcript(journal)
    dropped = stdout.dropped
    assert stdout[:] == stdout.getvalue()
    assert stdout[0 : dropped + 2] == (LINE * 10)[dropped : dropped + 2]
    assert stdout[::-1] == (LINE * 10)[:dropped:-1] + (LINE * 10)[dropped : dropped + 1]
    assert stdout[:dropped] == b""
    assert stdout[dropped] == (LINE * 10)[dropped]
    with pytest.raises(IndexError, match="byte 0 of stdout is no longer kept"):
        stdout[0]


def test_a_transcript_contains_what_was_printed() -> None:
    stdout = of(b"one tw", b"o caf\xc3\xa9")
    assert "two" in stdout
    assert b"two" in stdout
    assert re.compile("w.*é$") in stdout
    assert "three" not in stdout
    with pytest.raises(ValueError, match="neither a text"):
        1 in stdout  # type: ignore[operator] # noqa: B015


def test_a_transcript_is_read_as_a_file_is() -> None:
    journal = Journal()
    stdout = transcript(journal)
    assert stdout.read() == b""
    journal.append(OUT, b"abcdef")
    assert [stdout.read(2), stdout.read(0), stdout.read(), stdout.read(5)] == [
        b"ab",
        b"",
        b"cdef",
        b"",
    ]
    journal.append(OUT, b"gh")
    assert stdout.read(None) == b"gh"
    copied = io.BytesIO()
    shutil.copyfileobj(of(b"x" * 100_000), copied)
    assert copied.getvalue() == b"x" * 100_000


def test_what_is_not_kept_is_passed_over_by_read() -> None:
    journal = small()
    stdout = transcript(journal)
    for _ in range(10):
        journal.append(OUT, LINE)
    assert stdout.read(3) == stdout.getvalue()[:3]
    assert stdout.read() == stdout.getvalue()[3:]


def test_a_representation_ends_with_the_last_lines() -> None:
    stdout = of(
        *(b"line %d\r\n" % number for number in range(9)), b" 9 %\r<b>\x1b[31mred\x1b[0m\x07 50%\r"
    )
    assert repr(stdout).split("\n") == [
        f"<stdout: {len(stdout)} bytes>",
        "line 5",
        "line 6",
        "line 7",
        "line 8",
        "<b>red\ufffd 50%",
    ]
    assert stdout._repr_html_().endswith("line 8\n&lt;b&gt;red\ufffd 50%</pre>")
    assert repr(of()) == "<stdout: 0 bytes>"
    with pytest.raises(IndexError, match="stdout has 0 bytes"):
        of()[0]
    assert of()._repr_html_() == "<div>&lt;stdout: 0 bytes&gt;</div>"
    long = repr(of(b"x" * 100_000, b"\nlast"))
    assert long.endswith("\nlast")
    assert len(long) < 300


def test_a_line_without_an_end_comes_in_pieces() -> None:
    journal = Journal()
    left = [40]

    def wait(length: int, timeout: float | None) -> bool:
        left[0] -= 1
        journal.append(OUT, b"\xc3\xa9" * 50_000 if left[0] else b"\nnext\n")
        return left[0] > 0

    *pieces, end, after = Transcript(journal, OUT, wait).lines(follow=True)
    assert {len(piece.encode()) for piece in pieces} == {LONGEST}
    assert "".join([*pieces, end]) == "\xe9" * 39 * 50_000
    assert after == "next"
