"""Attach by WebSocket: the handshake, messages in every cut, and every way they may break."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.protocol import EndOfStream, ProtocolError
from hyper_jupyter.protocol.websocket import WebSocketExchange
from tests.protocol.feeding import byte_by_byte, splits

# The key and its answer are the example of RFC 6455, section 1.3.
KEY = b"the sample nonce"
HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
NORMAL_END = b"\x88\x02\x03\xe8"
MESSAGES = b"\x81\x05Hello" + b"\x82\x03\x00\xff\x01" + b"\x02\x02ab" + b"\x89\x01p" + b"\x80\x01c"


def asked() -> WebSocketExchange:
    """An exchange that has sent its request."""
    exchange = WebSocketExchange("/v1.41/containers/x/attach/ws", {"Host": "e"}, key=KEY)
    exchange.data_to_send()
    return exchange


def opened() -> WebSocketExchange:
    """An exchange behind its handshake."""
    exchange = asked()
    assert exchange.receive_data(HEAD) == b""
    return exchange


def test_the_request_is_a_handshake_with_the_headers_that_were_given() -> None:
    headers = {"Host": "e", "Connection": "close", "X-Hyper-Date": "now"}
    exchange = WebSocketExchange("/a/ws?logs=1", headers, key=KEY)
    assert exchange.data_to_send() == (
        b"GET /a/ws?logs=1 HTTP/1.1\r\nHost: e\r\nX-Hyper-Date: now\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert exchange.data_to_send() == b""


def test_every_request_has_a_key_of_its_own() -> None:
    first, second = (WebSocketExchange("/", {"Host": "e"}).data_to_send() for _ in range(2))
    assert first != second


@given(splits(HEAD + MESSAGES + NORMAL_END))
def test_messages_are_the_same_output_however_they_are_cut(pieces: list[bytes]) -> None:
    exchange = asked()
    received = b"".join(bytes(exchange.receive_data(piece)) for piece in pieces)
    assert received == b"Hello\x00\xff\x01abc"
    assert exchange.ended
    assert exchange.receive_eof() == EndOfStream(truncated=False)


def test_what_is_not_utf8_in_a_text_message_is_output_too() -> None:
    assert opened().receive_data(b"\x81\x02\xff\xfe") == b"\xff\xfe"


def test_a_fragment_is_delivered_before_its_message_is_complete() -> None:
    assert opened().receive_data(b"\x02\x02ab") == b"ab"


def test_a_ping_is_answered_and_no_output() -> None:
    exchange = opened()
    assert exchange.receive_data(b"\x89\x03abc") == b""
    reply = exchange.data_to_send()
    assert reply[:2] == b"\x8a\x83"
    assert unmasked(reply) == b"abc"
    assert exchange.data_to_send() == b""


def test_of_many_pings_the_last_is_answered() -> None:
    exchange = opened()
    exchange.receive_data(b"\x89\x01a\x89\x01b\x89\x01c")
    assert unmasked(exchange.data_to_send()) == b"c"


def test_input_goes_out_as_masked_binary_messages() -> None:
    (frame,) = opened().encode(b"hello")
    assert frame[:2] == b"\x82\x85"
    assert unmasked(frame) == b"hello"


def test_much_input_goes_out_in_messages_of_32_kib() -> None:
    frames = opened().encode(bytes(70_000))
    assert [len(unmasked(frame)) for frame in frames] == [32_768, 32_768, 4_464]


def test_we_take_our_leave_once() -> None:
    exchange = opened()
    assert unmasked(exchange.farewell()) == b"\x03\xe8"
    assert exchange.farewell() == b""
    assert asked().farewell() == b""


def test_a_close_frame_is_answered_and_the_end() -> None:
    exchange = opened()
    assert exchange.receive_data(b"\x82\x01x" + NORMAL_END) == b"x"
    assert unmasked(exchange.data_to_send()) == b"\x03\xe8"
    assert exchange.farewell() == b""


def test_a_close_frame_without_a_code_is_an_orderly_end() -> None:
    exchange = opened()
    exchange.receive_data(b"\x88\x00")
    assert exchange.receive_eof() == EndOfStream(truncated=False)


def test_any_other_code_is_a_loss_with_the_servers_words() -> None:
    exchange = opened()
    exchange.receive_data(b"\x88\x0c\x03\xf3\x1b[31mred\n!")
    assert exchange.ended
    with pytest.raises(ConnectionLost) as caught:
        exchange.receive_eof()
    assert str(caught.value) == "the engine closed the WebSocket with code 1011: [31mred !"


@pytest.mark.parametrize("data", [b"", b"\x82\x05ab", b"\x02\x02ab"])
def test_an_end_without_a_close_frame_is_a_cut(data: bytes) -> None:
    exchange = opened()
    exchange.receive_data(data)
    assert exchange.receive_eof() == EndOfStream(truncated=True)


@pytest.mark.parametrize(
    "data",
    [
        b"\x82\x81\x00\x00\x00\x00a",  # masked by a server
        b"\xc2\x01a",  # a reserved bit
        b"\x83\x01a",  # a reserved opcode
        b"\x80\x01a",  # a continuation of nothing
        b"\x02\x01a\x82\x01b",  # a message inside another
        b"\x09\x01a",  # a ping in pieces
        b"\x89\x7e\x00\x80" + bytes(128),  # a ping of 128 bytes
        b"\x88\x01\x03",  # half a code
        b"\x88\x02\x00\x01",  # no code
        b"\x88\x04\x03\xe8\xff\xff",  # a reason that is no text
        b"\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x01",  # 1 MiB and a byte
        b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x08\x00",  # a close in pieces
    ],
)
def test_frames_that_break_the_rules_end_it(data: bytes) -> None:
    for pieces in ([data], byte_by_byte(data)):
        exchange = opened()
        feed(exchange, pieces)
        with pytest.raises(ProtocolError, match="not a valid WebSocket frame"):
            exchange.receive_eof()


def test_output_before_a_fault_is_kept_and_the_fault_told_at_the_end() -> None:
    exchange = opened()
    assert exchange.receive_data(b"\x82\x04kept\x83\x01x") == b"kept"
    assert exchange.ended
    with pytest.raises(ProtocolError, match="not a valid WebSocket frame"):
        exchange.receive_eof()


@pytest.mark.parametrize(
    "head",
    [
        HEAD.replace(b"s3pP", b"S3pP"),
        HEAD.replace(b"Upgrade: websocket", b"Upgrade: tcp"),
        HEAD.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
        b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\n\r\nbytes",
        b"no HTTP\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_handshake_is_refused(head: bytes) -> None:
    exchange = asked()
    with pytest.raises(ProtocolError):
        exchange.receive_data(head)


def test_the_body_of_an_error_comes_as_it_is() -> None:
    exchange = asked()
    answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\ngon"
    assert exchange.receive_data(answer) == b"gon"
    assert exchange.head is not None
    assert exchange.head.status == 404
    assert exchange.receive_eof() == EndOfStream(truncated=False)


def test_an_end_inside_the_head_is_a_fault() -> None:
    exchange = asked()
    exchange.receive_data(HEAD[:20])
    with pytest.raises(ProtocolError, match="before the answer's head"):
        exchange.receive_eof()


def test_a_message_in_endless_fragments_costs_bounded_memory() -> None:
    exchange = opened()
    fragment = Frame(Opcode.CONT, bytes(60_000), fin=False).serialize(mask=False)
    tracemalloc.start()
    feed(exchange, itertools.chain([b"\x02\x01a"], itertools.repeat(fragment, 1000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with pytest.raises(ProtocolError, match="not a valid WebSocket frame"):
        exchange.receive_eof()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("frame", [b"\x89\x00", b"\x82\x00", b"\x8a\x00"])
def test_a_mass_of_empty_frames_costs_bounded_memory(frame: bytes) -> None:
    exchange = opened()
    flood = memoryview(frame * 40_000)
    tracemalloc.start()
    assert exchange.receive_data(flood) == b""
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 6 * 1024 * 1024


@given(st.binary(max_size=200), st.lists(st.integers(1, 40), max_size=5))
def test_any_bytes_behind_the_handshake_are_output_or_a_fault(data: bytes, cuts: list[int]) -> None:
    exchange = opened()
    try:
        for size in [*cuts, len(data)]:
            exchange.receive_data(data[:size])
            data = data[size:]
        exchange.receive_eof()
    except (ProtocolError, ConnectionLost):
        pass


def feed(exchange: WebSocketExchange, pieces: Iterable[bytes]) -> None:
    """Feed these until it has ended, which it must."""
    for piece in pieces:
        try:
            exchange.receive_data(piece)
        except ProtocolError:
            assert exchange.ended
        if exchange.ended:
            return
    pytest.fail("it goes on")


def unmasked(frame: bytes) -> bytes:
    """The payload of a client's frame."""
    length, start = frame[1] & 0x7F, 2
    if length == 126:
        length, start = int.from_bytes(frame[2:4], "big"), 4
    mask, payload = frame[start : start + 4], frame[start + 4 :]
    assert len(payload) == length
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
