"""One end of a WebSocket, as the client and as the server: frames in, payloads out."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.protocol import Side

from hyper_jupyter.protocol.messages import MAX_MESSAGE, SILENT, Messages, accept_key
from tests.protocol.feeding import splits

# Examples of RFC 6455, section 5.7, masked with 37 fa 21 3d where a client sends them.
HELLO = b"\x81\x05Hello"
MASKED_HELLO = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
PING = b"\x89\x05Hello"
MASKED_PING = b"\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
CLOSE = b"\x88\x02\x03\xe8"
MASKED_CLOSE = b"\x88\x82\x00\x00\x00\x00\x03\xe8"


def test_the_answer_to_a_key_is_that_of_the_rfc() -> None:
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    ("side", "data"), [(Side.CLIENT, HELLO), (Side.SERVER, MASKED_HELLO)], ids=["client", "server"]
)
def test_each_end_reads_what_the_other_one_sends(side: Side, data: bytes) -> None:
    messages = Messages(side)
    assert messages.receive_data(data) == [b"Hello"]
    assert (messages.broken, messages.ended, messages.close) == ("", False, None)


@pytest.mark.parametrize(
    ("side", "data", "rule"),
    [(Side.CLIENT, MASKED_HELLO, "masking"), (Side.SERVER, HELLO, "masking")],
    ids=["client", "server"],
)
def test_a_mask_is_the_client_s_and_never_the_server_s(side: Side, data: bytes, rule: str) -> None:
    messages = Messages(side)
    assert messages.receive_data(data) == []
    assert messages.broken.startswith("not a valid WebSocket frame: ")
    assert rule in messages.broken
    assert messages.ended


STREAM = HELLO + b"\x02\x02ab" + PING + b"\x80\x01c" + b"\x82\x00" + CLOSE


@given(splits(STREAM))
def test_how_frames_are_cut_changes_nothing(pieces: list[bytes]) -> None:
    messages = Messages(Side.CLIENT)
    received = [payload for piece in pieces for payload in messages.receive_data(piece)]
    assert received == [b"Hello", b"ab", b"c"]
    assert messages.ended
    assert messages.close is not None
    assert (messages.close.code, messages.close.reason) == (1000, "")


def test_text_and_binary_are_the_same_and_empty_ones_are_nothing() -> None:
    messages = Messages(Side.CLIENT)
    assert messages.receive_data(b"\x81\x01\xff" + b"\x82\x01\xff" + b"\x82\x00\x81\x00") == [
        b"\xff",
        b"\xff",
    ]


def test_of_many_pings_the_last_is_answered_once() -> None:
    messages = Messages(Side.SERVER)
    assert messages.receive_data(MASKED_PING + b"\x89\x81\x00\x00\x00\x00x") == []
    assert messages.take_reply() == b"\x8a\x01x"
    assert messages.take_reply() == b""


def test_a_close_frame_is_answered_and_nothing_counts_behind_it() -> None:
    messages = Messages(Side.SERVER)
    assert messages.receive_data(MASKED_CLOSE + MASKED_HELLO) == []
    assert (messages.ended, messages.take_reply()) == (True, CLOSE)
    assert messages.farewell() == b""


def test_we_take_our_leave_once() -> None:
    messages = Messages(Side.SERVER)
    assert messages.farewell() == CLOSE
    assert messages.farewell() == b""
    assert not messages.ended  # what the other end has sent meanwhile still counts
    assert messages.receive_data(MASKED_HELLO) == [b"Hello"]


@pytest.mark.parametrize(
    ("size", "broken"), [(MAX_MESSAGE, False), (MAX_MESSAGE + 1, True)], ids=["largest", "larger"]
)
@pytest.mark.parametrize("fragments", [1, 2])
def test_a_message_has_a_bound_in_however_many_frames(
    size: int, broken: bool, fragments: int
) -> None:
    messages = Messages(Side.CLIENT)
    first = size if fragments == 1 else size - 1
    data = bytes([0x82 if fragments == 1 else 0x02, 127]) + first.to_bytes(8, "big") + bytes(first)
    if fragments == 2:
        data += b"\x80\x01" + bytes(1)
    received = b"".join(messages.receive_data(data))
    assert bool(messages.broken) is broken
    assert (len(received) == size) is not broken


def test_a_fault_is_told_in_little_and_what_came_before_it_is_kept() -> None:
    messages = Messages(Side.CLIENT)
    assert messages.receive_data(HELLO + b"\x83\x01x" + HELLO) == [b"Hello"]
    assert messages.ended
    assert len(messages.broken) <= 250
    assert messages.broken.isprintable()


def test_what_is_said_is_written_to_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        messages = Messages(Side.CLIENT)
        messages.receive_data(b"\x81\x06secret" + PING + CLOSE)
        messages.farewell()
    assert caplog.records == []
    assert not SILENT.isEnabledFor(logging.CRITICAL)


@given(st.lists(st.binary(max_size=60), max_size=6), st.sampled_from(list(Side)))
def test_any_bytes_are_payloads_or_a_fault(pieces: list[bytes], side: Side) -> None:
    messages = Messages(side)
    for piece in pieces:
        payloads = messages.receive_data(piece)
        assert all(isinstance(payload, bytes) and payload for payload in payloads)
        assert not (messages.broken and not messages.ended)
