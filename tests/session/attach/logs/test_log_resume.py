"""A followed log goes on where it was cut: by the engine's times and by counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hyper_jupyter.protocol import Output, StreamType, encode_frame
from hyper_jupyter.protocol.log_entries import (
    Entries,
    LogDecoder,
    LogPlace,
    LogTimes,
    TimedOutput,
)
from hyper_jupyter.session.attach.logs.log_resume import LogResume

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


class Collected:
    """Joins what it receives, per stream, and knows how far that goes."""

    def __init__(self) -> None:
        self.data = {OUT: b"", ERR: b""}
        self.places: dict[StreamType, LogPlace] = {}
        self.ends = 0

    def receive_output(self, outputs: Any, times: LogTimes | None = None, /) -> None:
        for stream, data in outputs:
            self.data[stream] += data
        if times is not None:
            self.places |= times.places

    def receive_end(self, *_: object) -> None:
        self.ends += 1


LOG = [
    (OUT, b"one\n", 1.0),
    (ERR, b"first\n", 1.5),
    (OUT, b"two\n", 2.0),
    (OUT, b"two\n", 2.0),
    (ERR, b"second\n", 1.9),
    (OUT, b"three\n", 3.0),
]
WHOLE = {each: b"".join(data for stream, data, _ in LOG if stream is each) for each in (OUT, ERR)}
FRAMES = b"".join(
    encode_frame(stream, f"2026-11-30T00:00:{time:04}Z ".encode() + data)
    for stream, data, time in LOG
)


def read(entries: Any) -> tuple[list[Output], LogTimes]:
    return [Output(s, data) for s, data, _ in entries], LogTimes([time for _, _, time in entries])


def feed(subscriber: Collected | LogResume, log: bytes, chunk: int, *, joined: bool) -> None:
    """Pass a log on in reads of a size."""
    decoder = LogDecoder(framed=True, entries=Entries.PIECES, joined=joined)
    for begin in range(0, len(log), chunk):
        events = decoder.receive_data(log[begin : begin + chunk])
        entries = [event for event in events if isinstance(event, TimedOutput)]
        if entries:
            outputs, times = read(entries)
            subscriber.receive_output(outputs, LogTimes(times.moments, decoder.places))


def follow(log: bytes, cuts: Sequence[int], chunk: int, since: float) -> tuple[Collected, bool]:
    """Read a log whose connection is cut after some numbers of bytes, and then to its end."""
    to = Collected()
    feed(to, log[: cuts[0]], chunk, joined=True)
    for cut in [*cuts[1:], len(log)]:
        resume = LogResume(to, to.places, since)
        feed(resume, log[:cut], chunk, joined=False)
    return to, resume.proven


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_wherever_it_was_cut_every_byte_comes_once(chunk: int) -> None:
    for cut in range(0, len(FRAMES), 3):
        for again in range(0, len(FRAMES), 37):
            to, proven = follow(FRAMES, [cut, again], chunk, 0.0)
            assert to.data == WHOLE, (cut, again)
            assert proven


def test_wherever_many_lines_at_once_were_cut_every_byte_comes_once() -> None:
    lines = [
        (1 + n % 3 // 2, b"%d\n" % n, f"2026-11-30T00:00:00.{n // 4:09}Z ") for n in range(500)
    ]
    log = b"".join(encode_frame(kind, at.encode() + line) for kind, line, at in lines)
    whole = {k: b"".join(line for kind, line, _ in lines if kind == k) for k in (OUT, ERR)}
    for cut in range(0, len(log), 997):
        to, proven = follow(log, [cut, len(log) - cut], 5000, 0.0)
        assert to.data == whole, cut
        assert proven


def test_a_log_that_has_lost_the_place_proves_nothing() -> None:
    to = Collected()
    resume = LogResume(to, {OUT: LogPlace(1.0, 4)}, 0.5)
    assert not resume.found.is_set()
    resume.receive_output(*read(LOG[2:3]))
    assert (resume.found.is_set(), resume.proven, to.data[OUT]) == (True, False, b"two\n")


def test_a_stream_that_was_silent_for_long_has_nothing_to_skip() -> None:
    to = Collected()
    resume = LogResume(to, {OUT: LogPlace(2.0, 8), ERR: LogPlace(0.1, 6)}, 1.6)
    resume.receive_output(*read(LOG[2:]))
    assert to.data == {OUT: b"three\n", ERR: b"second\n"}
    assert resume.proven


def test_an_end_is_passed_on_and_ends_the_search() -> None:
    to = Collected()
    resume = LogResume(to, {OUT: LogPlace(1.0, 4)}, 0.5)
    resume.receive_end(None, None)  # type: ignore[arg-type]
    assert (to.ends, resume.found.is_set(), resume.proven) == (1, True, False)
