"""The frame decoder against the vectors, and against every sentence of its contract."""

from __future__ import annotations

import hashlib
import itertools
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.protocol import (
    MAX_SYSTEM_ERR,
    EndOfStream,
    Fault,
    FrameDecoder,
    Output,
    ProtocolError,
    StreamType,
    SystemErr,
    encode_frame,
)
from tests.protocol.feeding import Decoded, byte_by_byte, decode, reads, splits, vectors
from tests.protocol.feeding import whole_stream as stream_of

STDOUT, STDERR = StreamType.STDOUT, StreamType.STDERR

FRAMES = {vector["id"]: vector for vector in vectors("frames.json")["vectors"]}
SMALL = {name: vector for name, vector in FRAMES.items() if vector["chunks_hex"] is not None}
CUT_SHORT = {"corrupt-prefix", "seven-bytes"}
"""They end inside a header, to which bytes behind them would belong."""


def assert_as_moby(vector: dict[str, Any], decoded: Decoded) -> None:
    """The result of moby's StdCopy."""
    expected = vector["moby_head"]
    for stream, name in ((STDOUT, "stdout"), (STDERR, "stderr")):
        data = decoded.of(stream)
        if expected[f"{name}_hex"] is not None:
            assert data == bytes.fromhex(expected[f"{name}_hex"])
        else:
            assert hashlib.sha256(data).hexdigest() == expected[f"{name}_sha256"]
        assert len(data) == expected[f"{name}_len"]
    error = expected["error"]
    messages = [event.message for event in decoded.events if isinstance(event, SystemErr)]
    if error is None:
        assert (decoded.fault, messages) == ("", [])
    elif error.startswith("unrecognized stream"):
        assert (decoded.fault, messages) == (error, [])
    else:
        assert decoded.fault == ""
        assert [b"error from daemon in stream: " + text for text in messages] == [error.encode()]
        assert isinstance(decoded.events[-1], SystemErr)


@pytest.mark.parametrize("name", FRAMES)
def test_each_vector_read_as_it_was_recorded(name: str) -> None:
    assert_as_moby(FRAMES[name], decode(reads(FRAMES[name])))


@pytest.mark.parametrize("name", FRAMES)
def test_each_vector_whole(name: str) -> None:
    assert_as_moby(FRAMES[name], decode([stream_of(FRAMES[name])]))


@pytest.mark.parametrize("name", SMALL)
def test_each_vector_byte_by_byte(name: str) -> None:
    assert_as_moby(FRAMES[name], decode(byte_by_byte(stream_of(FRAMES[name]))))


@pytest.mark.parametrize("name", FRAMES)
@given(data=st.data())
def test_each_vector_at_random_splits(name: str, data: st.DataObject) -> None:
    assert_as_moby(FRAMES[name], decode(data.draw(splits(stream_of(FRAMES[name])))))


@pytest.mark.parametrize("name", sorted(SMALL.keys() - CUT_SHORT))
def test_bytes_behind_a_whole_vector_change_nothing_before_them(name: str) -> None:
    data = stream_of(FRAMES[name])
    alone = decode([data])
    followed = decode([data, b"\x01\0\0"])
    assert followed.events == alone.events == decode([data + b"\x01\0\0"]).events
    assert followed.fault == alone.fault


@pytest.mark.parametrize("name", FRAMES)
def test_only_the_vectors_that_are_cut_short_are_truncated(name: str) -> None:
    end = decode(reads(FRAMES[name])).end
    assert (end == EndOfStream(truncated=True)) == (name in CUT_SHORT)


# -- the contract --------------------------------------------------------------------------


def test_output_is_delivered_in_the_middle_of_a_frame() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x01\0\0\0\0\0\0\x05he") == [Output(STDOUT, b"he")]
    assert decoder.receive_data(b"l") == [Output(STDOUT, b"l")]
    assert decoder.receive_data(b"lo") == [Output(STDOUT, b"lo")]
    assert decoder.receive_eof() == EndOfStream(truncated=False)


def test_one_stream_s_neighbours_are_joined_and_others_are_not() -> None:
    events = FrameDecoder().receive_data(
        b"\x01\0\0\0\0\0\0\x01a\x01\0\0\0\0\0\0\x01b\x02\0\0\0\0\0\0\x01c\x01\0\0\0\0\0\0\x01d"
    )
    assert events == [Output(STDOUT, b"ab"), Output(STDERR, b"c"), Output(STDOUT, b"d")]


def test_the_rest_of_a_frame_and_the_next_of_its_stream_are_joined() -> None:
    decoder = FrameDecoder()
    decoder.receive_data(b"\x02\0\0\0\0\0\0\x03a")
    assert decoder.receive_data(b"bc\x02\0\0\0\0\0\0\x01d\0\0\0\0\0\0\0\x01e") == [
        Output(STDERR, b"bcd"),
        Output(STDOUT, b"e"),
    ]


@pytest.mark.parametrize("kind", [0, 1])
def test_types_0_and_1_are_stdout(kind: int) -> None:
    data = bytes([kind]) + b"\0\0\0\0\0\0\x02hi"
    assert FrameDecoder().receive_data(data) == [Output(STDOUT, b"hi")]


def test_types_0_and_1_are_neighbours_of_one_stream() -> None:
    data = b"\0\0\0\0\0\0\0\x01a\x01\0\0\0\0\0\0\x01b\0\0\0\0\0\0\0\x01c"
    assert FrameDecoder().receive_data(data) == [Output(STDOUT, b"abc")]


def test_empty_frames_give_nothing() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x01\0\0\0\0\0\0\0" + b"\x02\0\0\0\0\0\0\0") == []
    assert decoder.receive_data(b"") == []
    assert decoder.receive_eof() == EndOfStream(truncated=False)


def test_an_empty_frame_between_two_of_one_stream_does_not_part_them() -> None:
    data = b"\x01\0\0\0\0\0\0\x01a\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01b"
    assert FrameDecoder().receive_data(data) == [Output(STDOUT, b"ab")]


LARGE = b"L" * 5000  # such payloads take another path than small ones


def test_an_empty_frame_between_two_large_ones_of_one_stream_does_not_part_them() -> None:
    data = encode_frame(1, LARGE) + encode_frame(2, b"") + encode_frame(1, LARGE)
    assert FrameDecoder().receive_data(data) == [Output(STDOUT, LARGE * 2)]


@pytest.mark.parametrize(
    ("kind", "last"), [(3, SystemErr(b"")), (4, Fault("unrecognized stream: 4"))]
)
def test_an_empty_frame_that_ends_the_stream_is_seen_after_a_large_one(
    kind: int, last: SystemErr | Fault
) -> None:
    data = encode_frame(1, LARGE) + bytes([kind]) + bytes(7)
    assert FrameDecoder().receive_data(data) == [Output(STDOUT, LARGE), last]


def test_large_frames_of_both_streams_come_in_order() -> None:
    data = b"".join(encode_frame(kind, LARGE) for kind in (2, 0, 1, 2))
    assert FrameDecoder().receive_data(data) == [
        Output(STDERR, LARGE),
        Output(STDOUT, LARGE * 2),
        Output(STDERR, LARGE),
    ]


@pytest.mark.parametrize("ignored", [b"\0\0\0", b"\xff\xff\xff", b"\x01\x02\x03"])
def test_header_bytes_1_to_3_are_ignored(ignored: bytes) -> None:
    data = b"\x02" + ignored + b"\0\0\0\x02no"
    assert FrameDecoder().receive_data(data) == [Output(STDERR, b"no")]


@pytest.mark.parametrize("kind", [1, 3], ids=["output", "error text"])
def test_a_huge_length_allocates_nothing(kind: int) -> None:
    decoder = FrameDecoder()
    header = bytes([kind]) + b"\0\0\0\xff\xff\xff\xff"
    tracemalloc.start()
    try:
        decoder.receive_data(header + b"x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024


def test_the_decoder_keeps_nothing_of_what_it_delivered() -> None:
    decoder = FrameDecoder()
    decoder.receive_data(b"\x01\0\0\0\xff\xff\xff\xff")
    tracemalloc.start()
    try:
        for _ in range(32):
            decoder.receive_data(bytes(64 * 1024))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 16 * 1024


@pytest.mark.parametrize("kind", [4, 27, 255])
def test_an_unknown_type_with_nothing_before_it_raises_at_once_and_ever_after(kind: int) -> None:
    decoder = FrameDecoder()
    with pytest.raises(ProtocolError, match=rf"^unrecognized stream: {kind}$"):
        decoder.receive_data(bytes([kind]) + b"\0\0\0\0\0\0\x01x")
    for _ in range(2):
        with pytest.raises(ProtocolError, match=rf"^unrecognized stream: {kind}$"):
            decoder.receive_data(b"\x01\0\0\0\0\0\0\x01x")
        with pytest.raises(ProtocolError, match=rf"^unrecognized stream: {kind}$"):
            decoder.receive_data(b"")
        with pytest.raises(ProtocolError, match=rf"^unrecognized stream: {kind}$"):
            decoder.receive_eof()


def test_an_unknown_type_after_something_is_the_last_event_and_raises_ever_after() -> None:
    decoder = FrameDecoder()
    data = b"\x01\0\0\0\0\0\0\x02ok\x02\0\0\0\0\0\0\x01!\x04\0\0\0\0\0\0\x02xx"
    assert decoder.receive_data(data) == [
        Output(STDOUT, b"ok"),
        Output(STDERR, b"!"),
        Fault("unrecognized stream: 4"),
    ]
    for _ in range(2):
        with pytest.raises(ProtocolError, match=r"^unrecognized stream: 4$"):
            decoder.receive_data(b"x")
        with pytest.raises(ProtocolError, match=r"^unrecognized stream: 4$"):
            decoder.receive_eof()


def test_an_unknown_type_after_the_rest_of_a_frame_comes_after_that_rest() -> None:
    decoder = FrameDecoder()
    decoder.receive_data(b"\x01\0\0\0\0\0\0\x02o")
    assert decoder.receive_data(b"k\x09\0\0\0\0\0\0\0") == [
        Output(STDOUT, b"k"),
        Fault("unrecognized stream: 9"),
    ]
    with pytest.raises(ProtocolError, match=r"^unrecognized stream: 9$"):
        decoder.receive_eof()


def test_a_fault_has_the_text_of_the_error_that_follows() -> None:
    decoder = FrameDecoder()
    *_, fault = decoder.receive_data(b"\x01\0\0\0\0\0\0\x01a\x05\0\0\0\0\0\0\0")
    assert isinstance(fault, Fault)
    with pytest.raises(ProtocolError) as caught:
        decoder.receive_data(b"")
    assert str(caught.value) == fault.reason == "unrecognized stream: 5"


def test_a_frame_of_unknown_type_is_a_fault_only_when_its_header_is_whole() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x09\0\0\0\0\0\0") == []
    with pytest.raises(ProtocolError):
        decoder.receive_data(b"\x01")


def test_a_type_3_frame_is_one_system_err_and_the_rest_is_ignored() -> None:
    decoder = FrameDecoder()
    data = b"\x01\0\0\0\0\0\0\x01a\x03\0\0\0\0\0\0\x04boom\x01\0\0\0\0\0\0\x01b\x09junk"
    assert decoder.receive_data(data) == [Output(STDOUT, b"a"), SystemErr(b"boom")]
    assert decoder.receive_data(b"\x09more junk") == []
    assert decoder.receive_eof() == EndOfStream(truncated=False)


def test_a_type_3_frame_in_pieces_is_one_system_err() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x03\0\0\0\0\0\0\x04bo") == []
    assert decoder.receive_data(b"o") == []
    assert decoder.receive_data(b"m\x03\0\0\0\0\0\0\x04bang") == [SystemErr(b"boom")]
    assert decoder.receive_data(b"\x03\0\0\0\0\0\0\x04bang") == []


def test_an_empty_type_3_frame_is_a_system_err_too() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x03\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01b") == [SystemErr(b"")]
    assert decoder.receive_data(b"\x01\0\0\0\0\0\0\x01b") == []
    assert decoder.receive_eof() == EndOfStream(truncated=False)


@pytest.mark.parametrize("length", [b"\0\x01\0\x01", b"\xff\xff\xff\xff"])
def test_a_system_err_is_capped_at_64_kib(length: bytes) -> None:
    decoder = FrameDecoder()
    events = decoder.receive_data(b"\x03\0\0\0" + length + b"e" * (65536 + 1))
    assert events == [SystemErr(b"e" * 65536)]
    assert decoder.receive_data(b"e" * 100) == []
    assert decoder.receive_eof() == EndOfStream(truncated=False)


def test_a_system_err_that_never_ends_comes_when_64_kib_of_it_are_there() -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(b"\x03\0\0\0\xff\xff\xff\xff") == []
    assert decoder.receive_data(b"e" * 65535) == []
    assert decoder.receive_data(b"ee") == [SystemErr(b"e" * 65536)]
    assert MAX_SYSTEM_ERR == 65536


def test_a_system_err_of_64_kib_exactly_is_whole() -> None:
    decoder = FrameDecoder()
    events = decoder.receive_data(b"\x03\0\0\0\0\x01\0\0" + b"e" * 65536 + b"\x01")
    assert events == [SystemErr(b"e" * 65536)]


@pytest.mark.parametrize(
    ("data", "truncated"),
    [
        (b"", False),
        (b"\x01\0\0\0\0\0\0\x01a", False),
        (b"\x01\0\0\0\0\0\0\0", False),
        (b"\x01", True),
        (b"\x01\0\0\0\0\0\0", True),
        (b"\x01\0\0\0\0\0\0\x01", True),
        (b"\x01\0\0\0\0\0\0\x02a", True),
        (b"\x01\0\0\0\0\0\0\x01a\x02", True),
        (b"\x03\0\0\0\0\0\0\x04boo", True),
        (b"\x03\0\0\0\0\0\0\x04boom", False),
        (b"\x03\0\0\0\0\0\0\x04boom\x01\0", False),
    ],
)
def test_an_end_inside_a_header_or_payload_is_truncated(data: bytes, truncated: bool) -> None:
    for chunks in ([data], byte_by_byte(data)):
        assert decode(chunks).end == EndOfStream(truncated)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_input_will_do(kind: type[Any]) -> None:
    decoder = FrameDecoder()
    assert decoder.receive_data(kind(b"\x01\0\0\0\0\0\0\x04ab")) == [Output(STDOUT, b"ab")]
    assert decoder.receive_data(kind(b"cd\x02\0")) == [Output(STDOUT, b"cd")]


def test_a_buffer_that_is_filled_again_does_not_change_what_was_delivered() -> None:
    decoder = FrameDecoder()
    buffer = bytearray(b"\x01\0\0\0\0\0\0\x04ab\x02\0")
    [output] = decoder.receive_data(memoryview(buffer)[:10])
    buffer[:] = bytes(len(buffer))
    assert output == Output(STDOUT, b"ab")
    assert isinstance(output, Output)
    assert type(output.data) is bytes


# -- whatever comes ------------------------------------------------------------------------

frames = st.tuples(
    st.sampled_from([0, 1, 2]) | st.integers(0, 5), st.binary(max_size=40), st.binary(min_size=3)
).map(lambda f: bytes([f[0]]) + f[2][:3] + len(f[1]).to_bytes(4, "big") + f[1])
streams = st.lists(frames, max_size=8).map(b"".join)


@given(data=st.data())
def test_how_a_stream_is_split_changes_nothing(data: st.DataObject) -> None:
    stream = data.draw(streams | st.binary(max_size=100))
    whole = decode([stream])
    assert decode(data.draw(splits(stream))) == whole
    assert decode(byte_by_byte(stream)) == whole


sized = st.tuples(st.integers(0, 2), st.sampled_from([0, 1, 30, 2047, 2048, 4095, 4096, 9000])).map(
    lambda frame: encode_frame(frame[0], bytes([frame[1] % 251]) * frame[1])
)


@given(data=st.data(), end=st.sampled_from([b"", encode_frame(3, b"boom"), b"\x04" + bytes(7)]))
def test_uncopied_payloads_are_the_same_output(data: st.DataObject, end: bytes) -> None:
    stream = b"".join(data.draw(st.lists(sized, max_size=12))) + end
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=4)))
    chunks = [stream[a:b] for a, b in itertools.pairwise([0, *places, len(stream)])]
    assert decode(chunks, views=True) == decode(chunks)


def test_a_large_payload_is_a_view_of_its_chunk_and_a_small_one_is_not() -> None:
    large, small = encode_frame(1, LARGE), encode_frame(1, b"s" * 3000)
    for chunk in (large + small + large, small + large + small):
        events = FrameDecoder().cut(chunk)
        payloads = [event[1] for event in events if isinstance(event, tuple)]
        for payload in payloads:
            assert isinstance(payload, memoryview) == (payload == LARGE)
            assert not isinstance(payload, memoryview) or payload.obj is chunk


def test_of_a_large_payload_the_part_that_has_come_is_a_view_if_it_is_large_itself() -> None:
    decoder = FrameDecoder()
    frame = encode_frame(2, LARGE)
    began = decoder.cut(frame[:20])
    rest = decoder.cut(frame[20:] + encode_frame(1, b"x"))
    assert [type(event[1]) for event in [*began, *rest] if isinstance(event, tuple)] == [
        bytes,
        memoryview,
        bytes,
    ]


@given(chunks=st.lists(st.binary(max_size=64), max_size=8))
def test_garbage_gives_events_or_a_protocol_error(chunks: list[bytes]) -> None:
    decoded = decode(chunks)  # lets everything but ProtocolError through
    assert all(isinstance(event, Output | SystemErr) for event in decoded.events)
    assert all(event.data for event in decoded.events if isinstance(event, Output))
    assert all(
        event.stream in (STDOUT, STDERR) for event in decoded.events if isinstance(event, Output)
    )
    assert bool(decoded.fault) == (decoded.end is None)


# -- the encoder ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "data", "frame"),
    [
        (StreamType.STDOUT, b"hello", b"\x01\0\0\0\0\0\0\x05hello"),
        (StreamType.STDERR, b"", b"\x02\0\0\0\0\0\0\0"),
        (0, b"\n", b"\0\0\0\0\0\0\0\x01\n"),
        (3, b"boom", b"\x03\0\0\0\0\0\0\x04boom"),
        (1, b"x" * 0x010203, b"\x01\0\0\0\0\x01\x02\x03" + b"x" * 0x010203),
    ],
)
def test_a_frame_is_type_three_zeros_big_endian_length_and_payload(
    stream: int, data: bytes, frame: bytes
) -> None:
    assert encode_frame(stream, data) == frame


@pytest.mark.parametrize("stream", [-1, 4, 255])
def test_a_frame_of_unknown_type_is_not_made(stream: int) -> None:
    with pytest.raises(ValueError, match="is not a valid StreamType"):
        encode_frame(stream, b"x")


class FourGibibytes(bytes):
    """Says that it is one byte longer than a frame can be."""

    def __len__(self) -> int:
        return 1 << 32


def test_a_frame_of_4_gib_is_not_made() -> None:
    with pytest.raises(ValueError, match="at most 4294967295 bytes, got 4294967296"):
        encode_frame(1, FourGibibytes())


@given(parts=st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), st.binary(max_size=50))))
def test_what_is_encoded_is_decoded(parts: list[tuple[StreamType, bytes]]) -> None:
    expected = Decoded(end=EndOfStream(truncated=False))
    for stream, data in parts:
        if data:
            expected.add(Output(stream, data))
    assert decode([b"".join(encode_frame(stream, data) for stream, data in parts)]) == expected
