"""Logs with timestamps: the stamps are taken out, and lines are whole."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol import Fault, StreamType, SystemErr, encode_frame
from hyper_jupyter.protocol.log_entries import Entries, LogDecoder, TimedOutput

OUT, ERR = StreamType.STDOUT, StreamType.STDERR
FIRST = "2026-11-29T15:05:39.963277096Z "
SECOND = "2026-11-29T15:05:40Z "
ZONED = "2026-11-29T16:05:41.5+01:00 "
LATER = "2026-11-29T15:05:41.5Z "
LAST = "2026-11-29T15:05:42.25Z "
TIMES = {
    FIRST: 1795964739.963277096,
    SECOND: 1795964740.0,
    ZONED: 1795964741.5,
    LATER: 1795964741.5,
    LAST: 1795964742.25,
}
LONG = "x" * 16384


def cut(data: bytes, sizes: Sequence[int]) -> list[bytes]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(data[at : at + size])
        at += size
    return [*pieces, data[at:]]


def decoded(decoder: LogDecoder, pieces: Sequence[bytes]) -> list[TimedOutput]:
    """All output; what has the same stream and time is joined."""
    events = [event for piece in pieces for event in decoder.receive_data(piece)]
    events += decoder.receive_eof()[0]
    found: list[TimedOutput] = []
    for event in events:
        assert isinstance(event, TimedOutput)
        assert event.data
        if found and found[-1][::2] == event[::2]:
            event = TimedOutput(event.stream, found.pop().data + event.data, event.time)
        found.append(event)
    return found


def framed(*entries: tuple[str, StreamType]) -> bytes:
    return b"".join(encode_frame(stream, text.encode()) for text, stream in entries)


def output(text: str, stamp: str, stream: StreamType = OUT) -> TimedOutput:
    return TimedOutput(stream, text.encode(), TIMES[stamp])


CASES = {
    "lines of both streams": (
        True,
        Entries.PIECES,
        framed((f"{FIRST}out\n", OUT), (f"{SECOND}err\n", ERR), (f"{ZONED}\n", OUT)),
        [output("out\n", FIRST), output("err\n", SECOND, ERR), output("\n", ZONED)],
    ),
    "no newline at the end": (
        True,
        Entries.PIECES,
        framed((f"{FIRST}a\n", OUT), (f"{SECOND}end", OUT)),
        [output("a\n", FIRST), output("end", SECOND)],
    ),
    "Docker's pieces in frames": (
        True,
        Entries.PIECES,
        framed((FIRST + LONG, OUT), (FIRST + LONG, OUT), (f"{FIRST}y\n", OUT)),
        [output(f"{LONG}{LONG}y\n", FIRST)],
    ),
    "Docker's pieces of a TTY": (
        False,
        Entries.PIECES,
        f"{FIRST}{LONG}{FIRST}{LONG}{FIRST}y\r\n{SECOND}next\r\n".encode(),
        [output(f"{LONG}{LONG}y\r\n", FIRST), output("next\r\n", SECOND)],
    ),
    "Docker's cuts in the middle of a character": (
        False,
        Entries.PIECES,
        f"{FIRST}{LONG}\ufffd{FIRST}\ufffd{LONG}\ufffd\ufffd{FIRST}y\r\n".encode(),
        [output(f"{LONG}\ufffd\ufffd{LONG}\ufffd\ufffdy\r\n", FIRST)],
    ),
    "a line of a TTY that is just one piece": (
        False,
        Entries.PIECES,
        f"{FIRST}{LONG}{FIRST}\r\n{FIRST}{SECOND}\r\n".encode(),
        [output(f"{LONG}\r\n{SECOND}\r\n", FIRST)],
    ),
    "Docker: an earlier stamp at that distance was printed": (
        False,
        Entries.PIECES,
        f"{SECOND}{LONG}{FIRST}\r\n".encode(),
        [output(f"{LONG}{FIRST}\r\n", SECOND)],
    ),
    "Docker: a prompt at the end of a run, and the next run": (
        False,
        Entries.PIECES,
        f"{FIRST}/ # {LATER}/ # {LAST}hello\r\n{LAST}next\r\n".encode(),
        [output("/ # ", FIRST), output("/ # ", LATER), output("hello\r\nnext\r\n", LAST)],
    ),
    "Docker: a program that prints the time": (
        False,
        Entries.PIECES,
        f"{LATER}{FIRST}a 2 {FIRST}b {LATER}2026-11\r\n".encode(),
        [output(f"{FIRST}a 2 {FIRST}b {LATER}2026-11\r\n", LATER)],
    ),
    "Docker: a long line that the next run goes on with": (
        False,
        Entries.PIECES,
        f"{FIRST}{LONG}{FIRST}2{LATER}{LONG}{LATER}y\r\n".encode(),
        [output(f"{LONG}2", FIRST), output(f"{LONG}y\r\n", LATER)],
    ),
    "Podman's pieces in frames, the newline too": (
        True,
        Entries.READS,
        framed((f"{FIRST}abc", OUT), (f"{SECOND}def", OUT), (f"{ZONED}\n", OUT)),
        [output("abc", FIRST), output("def", SECOND), output("\n", ZONED)],
    ),
    "Podman's pieces of a TTY": (
        False,
        Entries.READS,
        f"{FIRST}abc{LATER}def{LATER}\r\n{LATER}2026-1\r\n".encode(),
        [output("abc", FIRST), output("def\r\n2026-1\r\n", LATER)],
    ),
    "Podman: a program that prints stamps of its own": (
        False,
        Entries.READS,
        f"{ZONED}{LATER}info\r\n{FIRST}{LATER}info\r\n{SECOND}x {LATER}y {ZONED}z\r\n".encode(),
        [
            output(f"{LATER}info\r\n", ZONED),
            output(f"{LATER}info\r\n", FIRST),
            output(f"x {LATER}y {ZONED}z\r\n", SECOND),
        ],
    ),
    "Podman: an earlier stamp in a line of a TTY was printed": (
        False,
        Entries.READS,
        f"{SECOND}at {FIRST}2026\r\n".encode(),
        [output(f"at {FIRST}2026\r\n", SECOND)],
    ),
    "a line without a stamp behind one that has one": (
        True,
        Entries.LINES,
        framed((f"{FIRST}a\n", OUT), ("no stamp\n", OUT), (f"{SECOND}b\n", OUT)),
        [
            output("a\n", FIRST),
            TimedOutput(OUT, b"no stamp\n", None),
            output("b\n", SECOND),
        ],
    ),
    "stamps of lines only": (
        True,
        Entries.LINES,
        framed((f"{SECOND}abc", OUT), (FIRST, OUT), ("def\n", OUT), (f"{ZONED}x\n", OUT)),
        [output(f"abc{FIRST}def\n", SECOND), output("x\n", ZONED)],
    ),
    "the next run behind an unfinished line": (
        True,
        Entries.LINES,
        framed((f"{FIRST}/ ", OUT), ("# ", OUT), (f"{LATER}2", OUT), (f"at {LAST}\n", OUT)),
        [output("/ # ", FIRST), output(f"2at {LAST}\n", LATER)],
    ),
    "the next run behind an unfinished line of a TTY": (
        False,
        Entries.LINES,
        f"{FIRST}/ # {LATER}hello\r\n".encode(),
        [output("/ # ", FIRST), output("hello\r\n", LATER)],
    ),
    "two streams in the middle of their lines": (
        True,
        Entries.LINES,
        framed((f"{FIRST}a", OUT), (f"{SECOND}b", ERR), ("c\n", OUT), ("d\n", ERR)),
        [
            output("a", FIRST),
            output("b", SECOND, ERR),
            output("c\n", FIRST),
            output("d\n", SECOND, ERR),
        ],
    ),
    "a stamp inside a framed line was printed": (
        True,
        Entries.PIECES,
        framed((f"{FIRST}at {SECOND}\n", OUT)),
        [output(f"at {SECOND}\n", FIRST)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_stamps_are_taken_out_however_the_log_is_cut(name: str) -> None:
    frames, entries, data, expected = CASES[name]
    assert decoded(LogDecoder(framed=frames, entries=entries), [data]) == expected
    for size in (1, 2, 7, 37, 4096):
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert decoded(LogDecoder(framed=frames, entries=entries), pieces) == expected


@given(st.data())
def test_any_cut_gives_the_same(data: st.DataObject) -> None:
    frames, entries, text, expected = CASES[data.draw(st.sampled_from(sorted(CASES)))]
    sizes = data.draw(st.lists(st.integers(0, 60), max_size=20))
    decoder = LogDecoder(framed=frames, entries=entries)
    assert decoded(decoder, cut(text, sizes)) == expected


def test_a_stamp_is_kept_once_for_each_line() -> None:
    decoder = LogDecoder(framed=False, entries=Entries.PIECES, keep_stamps=True)
    data = f"{FIRST}{LONG}{FIRST}y\r\n{SECOND}next\r\n".encode()
    assert decoded(decoder, [data]) == [
        output(f"{FIRST}{LONG}y\r\n", FIRST),
        output(f"{SECOND}next\r\n", SECOND),
    ]


@given(st.lists(st.integers(0, 40), max_size=10))
def test_details_stay_at_the_start_of_a_line_alone(sizes: list[int]) -> None:
    text = f"{FIRST}a=b+c,d=e {LONG}", f"{FIRST}a=b+c,d=e y\n", f"{SECOND}a=b+c,d=e a z\n"
    for frames in (True, False):
        data = framed(*((each, OUT) for each in text)) if frames else "".join(text).encode()
        decoder = LogDecoder(framed=frames, entries=Entries.PIECES, details=True)
        assert decoded(decoder, cut(data, sizes)) == [
            output(f"a=b+c,d=e {LONG}y\n", FIRST),
            output("a=b+c,d=e a z\n", SECOND),
        ]


@pytest.mark.parametrize("text", ["no stamp\n", "2026-13-41T99:99:99Z x\n", "2026-11-29\n", "20"])
def test_what_is_no_stamp_is_output_without_a_time(text: str) -> None:
    for frames in (True, False):
        data = framed((text, OUT)) if frames else text.encode()
        decoder = LogDecoder(framed=frames, entries=Entries.PIECES)
        assert decoded(decoder, [data]) == [TimedOutput(OUT, text.encode(), None)]


def test_live_output_is_held_back_only_if_it_may_be_a_stamp() -> None:
    decoder = LogDecoder(framed=False, entries=Entries.READS)
    stamped = f"{FIRST}login: ".encode()
    assert decoder.receive_data(stamped) == [output("login: ", FIRST)]
    assert decoder.receive_data(b"20") == []
    assert decoder.holds
    assert decoder.receive_data(b"x") == [output("20x", FIRST)]
    assert not decoder.holds
    assert decoder.receive_data(b"port 8080") == [output("port ", FIRST)]
    assert decoder.release() == [output("8080", FIRST)]
    assert decoder.receive_data(b"2026 it is") == [output("2026 it is", FIRST)]


def test_an_engine_s_error_and_a_fault_end_the_log() -> None:
    line = framed((f"{FIRST}a\n", OUT))
    decoder = LogDecoder(framed=True, entries=Entries.PIECES)
    events = decoder.receive_data(line + encode_frame(StreamType.SYSTEMERR, b"gone") + line)
    assert events == [output("a\n", FIRST), SystemErr(b"gone")]
    assert decoder.receive_data(line) == []
    broken = LogDecoder(framed=True, entries=Entries.PIECES)
    bad = b"\x09\0\0\0\0\0\0\1x"
    assert broken.receive_data(line + bad) == [
        output("a\n", FIRST),
        Fault("unrecognized stream: 9"),
    ]
    with pytest.raises(ProtocolError, match="unrecognized stream: 9"):
        broken.receive_data(line)
    with pytest.raises(ProtocolError):
        LogDecoder(framed=True, entries=Entries.PIECES).receive_data(bad)


@pytest.mark.parametrize(("drop", "truncated"), [(0, False), (1, True), (5, True)])
def test_an_end_inside_a_frame_is_noticed(drop: int, truncated: bool) -> None:
    line = framed((f"{FIRST}a\n", OUT))
    decoder = LogDecoder(framed=True, entries=Entries.PIECES)
    decoder.receive_data(line[: len(line) - drop])
    assert decoder.receive_eof()[1].truncated is truncated
    headers = LogDecoder(framed=True, entries=Entries.PIECES)
    headers.receive_data(line[:5])
    assert headers.receive_eof()[1].truncated
