"""Frames as they are, for those who want to look at them."""

from __future__ import annotations

import pytest

from hyper_jupyter.protocol import FrameDecoder, StreamType, encode_frame
from hyper_jupyter.protocol.frame_scanner import FrameScanner, ScannedFrame

STREAM = (
    encode_frame(StreamType.STDOUT, b"one")
    + encode_frame(StreamType.STDOUT, b"")
    + encode_frame(StreamType.STDERR, b"two")
    + b"\x01\x09\x08\x07\0\0\0\x64"
    + bytes(range(100))
    + b"\x07\0\0\0\0\0\0\x01x"
)
FOUND = [
    (b"\x01\0\0\0\0\0\0\x03", 3, b"one"),
    (b"\x01\0\0\0\0\0\0\0", 0, b""),
    (b"\x02\0\0\0\0\0\0\x03", 3, b"two"),
    (b"\x01\x09\x08\x07\0\0\0\x64", 100, bytes(range(64))),
    (b"\x07\0\0\0\0\0\0\x01", 1, b"x"),
]


def seen(frames: list[ScannedFrame]) -> list[tuple[bytes, int, bytes]]:
    return [(frame.header, frame.length, frame.start) for frame in frames]


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 50, 1000])
def test_each_frame_is_reported_however_the_stream_is_cut(size: int) -> None:
    scanner = FrameScanner()
    found: list[ScannedFrame] = []
    for at in range(0, len(STREAM), size):
        found += scanner.receive_data(STREAM[at : at + size])
    assert seen(found) == FOUND
    assert all(frame.received == frame.length for frame in found)


@pytest.mark.parametrize("at", range(30))
def test_it_may_begin_anywhere_in_a_stream(at: int) -> None:
    decoder = FrameDecoder()
    decoder.receive_data(STREAM[:at])
    found = FrameScanner(decoder.pending).receive_data(STREAM[at:])
    assert seen(found) == FOUND[-len(found) :]
    assert len(found) == sum(begin + 8 > at for begin in (0, 11, 19, 30, 138))


def test_a_header_that_announces_much_costs_nothing() -> None:
    [frame] = FrameScanner().receive_data(b"\x01\0\0\0\xff\xff\xff\xff" + b"a" * 100)
    assert (frame.length, frame.received, frame.start) == (0xFFFFFFFF, 100, b"a" * 64)
