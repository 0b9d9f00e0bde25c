"""A body in chunks is what h11 says it is, however it is cut, and what breaks it is told."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.chunks import ChunkDecoder
from tests.protocol.feeding import byte_by_byte, splits

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes, extension: bytes = b"", form: bytes = b"%x") -> bytes:
    return form % len(data) + extension + b"\r\n" + data + b"\r\n"


def decoded(pieces: list[bytes]) -> tuple[bytes, bool, str]:
    """The body, whether it is complete, and what is wrong with it."""
    decoder = ChunkDecoder()
    found: list[bytes] = []
    try:
        for piece in pieces:
            decoder.receive_data(piece, found)
    except ProtocolError as error:
        return b"".join(found), False, str(error)
    return b"".join(found), decoder.ended, ""


def by_h11(data: bytes) -> tuple[bytes, bool]:
    """The body of chunks as h11 reads them, and whether it is complete."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "engine")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(HEAD + data)
    body = b""
    while True:
        event = connection.next_event()
        if isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return body, True
        elif event is h11.NEED_DATA:
            return body, False


bodies = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.sampled_from([b"\r\n", b"a\r\nb", b"0\r\n\r\n", b"5\r\n", b"\r", b"\n", b"x" * 600]),
)
chunks = st.builds(
    chunk,
    bodies,
    st.sampled_from([b"", b";a", b";a=b", b" ", b';q="x"']),
    st.sampled_from([b"%x", b"%X", b"%04x"]),
)
ends = st.sampled_from([END, b"0;last\r\n\r\n", b"000\r\nSum: 1\r\nMore: 2\r\n\r\n", b""])


@given(st.data())
def test_it_is_what_h11_reads_however_it_is_cut(draw: st.DataObject) -> None:
    parts = draw.draw(st.lists(chunks, max_size=60))
    data = b"".join(parts) + draw.draw(ends)
    assert decoded(draw.draw(splits(data)))[:2] == by_h11(data)
    assert decoded(byte_by_byte(data))[:2] == by_h11(data)


@given(st.integers(0, 3000))
def test_many_short_chunks_are_cut_anywhere(at: int) -> None:
    lines = [b"%d some words\n" % n for n in range(200)]
    data = b"".join(map(chunk, lines)) + END + b"what follows it"
    assert decoded([data[:at], data[at:]]) == (b"".join(lines), True, "")


@pytest.mark.parametrize("before", [0, 100], ids=["alone", "after many"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"X\r\nhi\r\n", r"b'X' is no size of a chunk"),
        (b"\r\nhi\r\n", r"b'' is no size of a chunk"),
        (b"-2\r\nhi\r\n", r"b'-2' is no size of a chunk"),
        (b"0x2\r\nhi\r\n", r"b'0x2' is no size of a chunk"),
        (b"1_0\r\n0123456789012345\r\n", r"b'1_0' is no size of a chunk"),
        (b"f" * 16 + b"\r\nhi\r\n", "is no size of a chunk"),
        (b"2\r\nhii\r\n", "a chunk is longer than its size"),
        (b"2\r\nhi\n\r", "a chunk is longer than its size"),
        (b"2;" + b"x" * 5000, "a line between chunks is too long"),
        (b"2;" + b"x" * 5000 + b"\r\nhi\r\n", "a line between chunks is too long"),
        (b"0\r\n" + b"Name: value\r\n" * 6000, "the trailers have no end"),
    ],
)
def test_what_is_no_chunk_is_told_with_what_came_before(
    data: bytes, reason: str, before: int
) -> None:
    good = chunk(b"good\n") * before
    for pieces in ([good + data], [good, *(data[n : n + 7] for n in range(0, len(data), 7))]):
        body, ended, fault = decoded(pieces)
        assert body.startswith(b"good\n" * before)
        assert len(body) <= 5 * before + 2
        assert not ended
        assert reason in fault
        assert fault.startswith("not a valid HTTP answer: ")


def test_a_body_without_its_last_chunk_is_not_complete() -> None:
    assert decoded([chunk(b"a") + b"5\r\nab"]) == (b"aab", False, "")
    assert decoded([chunk(b"a") * 300 + b"5\r\nab"]) == (b"a" * 300 + b"ab", False, "")
