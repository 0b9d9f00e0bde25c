"""Lines of JSON: complete ones, cut ones, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.json_lines import JsonLines
from tests.protocol.feeding import byte_by_byte

VALUES = st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=5)


@given(VALUES, st.sampled_from([b"\n", b"\r\n", b"\n\n"]), st.booleans())
def test_values_do_not_depend_on_how_the_bytes_are_cut(
    values: list[Any], end: bytes, ended: bool
) -> None:
    data = b"".join(json.dumps(value).encode() + end for value in values)
    if not ended:
        data = data.removesuffix(end)
    for pieces in ([data], byte_by_byte(data)):
        decoder = JsonLines()
        found = [value for piece in pieces for value in decoder.receive_data(piece)]
        assert found + decoder.receive_eof() == values


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no json\n", "not JSON"),
        (b"\xff\n", "not JSON"),
        (b"[" * 5000 + b"\n", "not JSON"),
        (b'"' + b"x" * 100 + b'"\n', "longer than 100 bytes"),
        (b"x" * 1000, "longer than 100 bytes"),
    ],
)
def test_what_is_no_line_is_our_own_error_after_what_came_before(data: bytes, words: str) -> None:
    decoder = JsonLines() if data.startswith(b"[") else JsonLines(limit=100)
    assert decoder.receive_data(b'{"a": 1}\n' + data) == [{"a": 1}]
    for ask in (lambda: decoder.receive_data(b"{}\n"), decoder.receive_eof):
        with pytest.raises(ProtocolError, match=words):
            ask()


def test_a_last_line_that_is_none_is_an_error() -> None:
    decoder = JsonLines()
    decoder.receive_data(b'{"a":')
    with pytest.raises(ProtocolError, match="not JSON"):
        decoder.receive_eof()


def test_a_line_without_end_takes_no_more_memory_than_the_limit() -> None:
    decoder = JsonLines(limit=1000)
    for _ in range(10):
        decoder.receive_data(b"x" * 100)
    for _ in range(100):
        with pytest.raises(ProtocolError):
            decoder.receive_data(b"x" * 100)
    assert len(decoder._rest) <= 1000
