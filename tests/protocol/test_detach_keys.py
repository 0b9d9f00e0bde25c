"""Detach keys against the vectors of moby's own functions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import (
    DEFAULT_DETACH_KEYS,
    DetachKeys,
    InvalidDetachKeys,
    parse_detach_keys,
)
from tests.protocol.feeding import byte_by_byte, splits, vectors

KEYS = vectors("detach_keys.json")
SPECS: list[dict[str, Any]] = KEYS["specs"]
COPIES = {vector["id"]: vector for vector in KEYS["copy"]}


@pytest.mark.parametrize("vector", SPECS, ids=[vector["spec_hex"] for vector in SPECS])
def test_each_spec_gives_the_engine_s_bytes_or_its_refusal(vector: dict[str, Any]) -> None:
    specs: list[str | bytes] = [bytes.fromhex(vector["spec_hex"])]
    if vector["spec"] is not None:
        specs.append(vector["spec"])
    for spec in specs:
        if vector["error"] is None:
            assert parse_detach_keys(spec) == bytes(vector["bytes"])
        else:
            with pytest.raises(InvalidDetachKeys):
                parse_detach_keys(spec)


def test_each_letter_has_its_control_byte() -> None:
    for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz", start=1):
        assert parse_detach_keys(f"ctrl-{letter}") == bytes([number])
    assert parse_detach_keys("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_,DEL") == (
        b"\x00\x1b\x1c\x1d\x1e\x1f\x7f"
    )


def test_invalid_keys_are_a_value_error_that_names_the_key_and_the_grammar() -> None:
    with pytest.raises(
        ValueError, match=r"(?m)^invalid detach keys: 'ctrl-1' is not a key$"
    ) as caught:
        parse_detach_keys("ctrl-p,ctrl-1")
    assert isinstance(caught.value, InvalidDetachKeys)
    assert isinstance(caught.value, HyperJupyterError)
    assert "ctrl-p,ctrl-q" in caught.value.hint


@pytest.mark.parametrize(
    "spec", ["\ud800", "a,\udfff", "ctrl-\U0001f600", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_text_that_is_no_single_byte_is_refused(spec: str) -> None:
    with pytest.raises(InvalidDetachKeys):
        parse_detach_keys(spec)


@given(spec=st.text() | st.binary())
def test_any_spec_gives_bytes_or_invalid_detach_keys(spec: str | bytes) -> None:
    try:
        keys = parse_detach_keys(spec)
    except InvalidDetachKeys:
        return
    comma: Any = "," if isinstance(spec, str) else b","
    assert len(keys) == spec.count(comma) + 1


@pytest.mark.parametrize("name", COPIES)
def test_each_copy_forwards_and_detaches_as_moby_does(name: str) -> None:
    vector = COPIES[name]
    expected = vector["moby_17_06_and_later"]
    keys = DetachKeys(bytes.fromhex(vector["keys_hex"]) or DEFAULT_DETACH_KEYS)
    forwarded, detached = b"", False
    for read in vector["reads_hex"]:
        forward, detached = keys.receive_data(bytes.fromhex(read))
        forwarded += forward
        if detached:
            break
    assert (forwarded.hex(), detached) == (expected["forwarded_hex"], expected["detached"])


def test_what_follows_the_keys_in_one_read_is_dropped() -> None:
    assert DetachKeys(b"\x10\x11").receive_data(b"ls\x10\x11rm -r") == (b"ls", True)


def test_a_prefix_is_held_back_until_the_next_byte() -> None:
    keys = DetachKeys(b"\x10\x11")
    assert keys.receive_data(b"a\x10") == (b"a", False)
    assert keys.receive_data(b"") == (b"", False)
    assert keys.receive_data(b"b") == (b"\x10b", False)


def test_no_keys_are_an_error() -> None:
    with pytest.raises(InvalidDetachKeys, match="empty"):
        DetachKeys(b"")


@given(data=st.data())
def test_how_input_is_split_changes_nothing(data: st.DataObject) -> None:
    keys = data.draw(st.binary(min_size=1, max_size=4))
    typed = data.draw(st.lists(st.sampled_from([*byte_by_byte(keys), b"x"])).map(b"".join))

    def run(chunks: list[bytes]) -> tuple[bytes, bool]:
        matcher = DetachKeys(keys)
        forwarded = b""
        for chunk in chunks:
            forward, detached = matcher.receive_data(chunk)
            forwarded += forward
            if detached:
                return forwarded, True
        return forwarded, False

    assert run(data.draw(splits(typed))) == run([typed]) == run(byte_by_byte(typed))
