"""What is not kept any more shows, wherever a session is read."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session.store.callbacks import OutputCallbacks
from hyper_jupyter.session.store.journal import Journal, _rounded
from hyper_jupyter.session.store.spool import Spool
from hyper_jupyter.session.store.transcript import Transcript
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine
from tests.session.store.test_journal import FullDisk, RoomyDisk

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
PATIENCE = 10.0
LINE = b"0123456789abcde\n"


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def transcript(journal: Journal, stream: StreamType = OUT) -> Transcript:
    return Transcript(journal, stream, lambda length: False)


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


# -- reading ---------------------------------------------------------------------------------


def test_a_transcript_says_how_much_of_its_start_is_not_kept() -> None:
    journal = small()
    for _ in range(10):
        journal.append(OUT, LINE)
    stdout = transcript(journal)
    assert stdout.dropped > 0
    assert stdout.getvalue() == (LINE * 10)[stdout.dropped :]
    assert repr(stdout) == f"<stdout: 160 bytes, the first {stdout.dropped} not kept>"


def test_a_transcript_that_is_whole_says_nothing_of_it() -> None:
    journal = small()
    journal.append(ERR, LINE)
    assert repr(transcript(journal, ERR)) == "<stderr: 16 bytes>"
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


def test_a_slow_on_output_function_is_warned_of_what_it_misses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    journal = small()
    output = OutputCallbacks(journal)
    called: list[bytes] = []
    output.add(lambda _, data: called.append(data))
    with caplog.at_level(logging.WARNING):
        journal.append(OUT, LINE)
        output._deliver()
        assert caplog.messages == []
        for _ in range(20):
            journal.append(OUT, LINE)
        output._deliver()
    missed = 21 * len(LINE) - len(b"".join(called))
    assert missed > 0
    (message,) = caplog.messages
    assert f"{missed} bytes, which are no longer kept" in message


# -- the words for it ------------------------------------------------------------------------


def test_a_journal_at_its_bound_says_how_much_is_gone() -> None:
    journal = small()
    assert journal.loss == ""
    for _ in range(10):
        journal.append(OUT, LINE)
    assert journal.loss == (
        "the transcript has reached its limit; "
        f"the oldest {journal.first} bytes of output are not kept"
    )


def test_a_disk_at_its_reserve_is_told_with_what_is_gone() -> None:
    disk = RoomyDisk(40)
    journal = Journal(32, Spool(free=disk))
    for _ in range(3):
        journal.append(OUT, LINE)
        disk.room = 0
    assert journal.loss.startswith("the disk is full except for its reserve; the oldest ")


def test_a_full_disk_is_told_with_what_is_gone() -> None:
    journal = Journal(32, FullDisk(40))
    for _ in range(20):
        journal.append(OUT, LINE)
    assert journal.loss == (
        "writing to the disk failed: No space left on device; "
        f"the oldest {_rounded(journal.first)} of output are not kept"
    )


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 bytes"),
        (99, "99 bytes"),
        (1000, "1000 bytes"),
        (1024, "1.0 KiB"),
        (1_300_000, "1.2 MiB"),
        (130_000_000, "120 MiB"),
        (1_200 * 1024**2, "1.1 GiB"),
        (3 * 1024**4, "3.0 TiB"),
    ],
)
def test_a_size_is_rounded_down_to_two_digits(count: int, text: str) -> None:
    assert _rounded(count) == text


# -- a session -------------------------------------------------------------------------------


def test_a_session_warns_of_what_it_does_not_keep_and_goes_on(
    engine: Callable[..., ScriptedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.session.Journal", small)
    more = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + encode_frame(OUT, LINE))
        assert more.wait(PATIENCE)
        for _ in range(20):
            peer.send(encode_frame(OUT, LINE))
        peer.wait_for_end()

    session = client_for(engine(script).url).attach(IDENTIFIER)
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 16, PATIENCE)
    assert session.warnings == ()
    assert repr(session) == f"<Session {session.name}: attached, 16 bytes>"
    told = threading.Event()
    session.subscribe(lambda: told.set() if session.warnings else None)
    more.set()
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 21 * 16, PATIENCE)
    (warning,) = session.warnings
    assert "of output are not kept" in warning
    assert told.wait(PATIENCE)  # who subscribes is called behind those who wait
    assert repr(session).endswith(f", 336 bytes, the oldest {session.journal.first} not kept>")
    session.close()
