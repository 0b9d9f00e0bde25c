"""A followed log goes on where it was cut: by the engine's times and by counting."""

from __future__ import annotations

from typing import Any

from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.logs.log_resume import LogPlace, LogResume, last_places

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


class Collected:
    """Joins what it receives, per stream."""

    def __init__(self) -> None:
        self.data = {OUT: b"", ERR: b""}
        self.ends = 0

    def receive_output(self, outputs: Any, times: Any = None, /) -> None:
        for stream, data in outputs:
            self.data[stream] += data

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


def read(entries: Any) -> tuple[list[Output], list[float | None]]:
    return [Output(s, data) for s, data, _ in entries], [time for _, _, time in entries]


def test_a_place_is_the_last_time_and_the_bytes_that_have_it() -> None:
    assert last_places({}, *read(LOG[:4])) == {OUT: LogPlace(2.0, 8), ERR: LogPlace(1.5, 6)}
    assert last_places({}, *read(LOG)) == {OUT: LogPlace(3.0, 6), ERR: LogPlace(1.9, 7)}


def test_bytes_of_one_time_may_come_in_several_reads() -> None:
    places = last_places(last_places({}, *read(LOG[:3])), *read(LOG[3:4]))
    assert places[OUT] == LogPlace(2.0, 8)


def test_wherever_it_was_cut_every_byte_comes_once() -> None:
    whole = b"".join(data for stream, data, _ in LOG if stream is OUT)
    for cut in range(1, len(LOG)):
        for piece in range(len(LOG[cut][1])):
            stream, data, time = LOG[cut]
            came = [*LOG[:cut], *([(stream, data[:piece], time)] if piece else [])]
            to = Collected()
            to.receive_output(*read(came))
            resume = LogResume(to, last_places({}, *read(came)), 0.5)
            resume.receive_output(*read(LOG))
            assert to.data == {OUT: whole, ERR: b"first\nsecond\n"}
            assert resume.proven


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
