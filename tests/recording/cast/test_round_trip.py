"""A recording that was written and read again is the same recording."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.recording.cast.writing import cast_lines
from hyper_jupyter.recording.formats.jsonl import json_lines
from hyper_jupyter.recording.loading import load
from hyper_jupyter.recording.recording import Output, Recording
from hyper_jupyter.recording.screen.terminal import Terminal
from tests.recording.making import BITS, recordings


def written(found: Recording, version: int = 3) -> bytes:
    return "".join(cast_lines(found, version)).encode()


def read(data: bytes) -> Recording:
    return load(io.BytesIO(data))


@pytest.mark.parametrize("version", [3, 2])
@given(found=recordings())
def test_what_was_written_and_read_is_the_same(version: int, found: Recording) -> None:
    again = read(written(found, version))
    assert again.header == found.header
    assert list(again.events()) == list(found.events())


@pytest.mark.parametrize("version", [3, 2])
@given(found=recordings())
def test_a_file_that_was_read_is_written_as_it_was(version: int, found: Recording) -> None:
    once = written(found, version)
    again = read(once)
    assert written(again, version) == once
    assert list(read(written(again, 5 - version)).events()) == list(again.events())


@given(found=recordings())
def test_lines_that_were_read_are_written_as_they_were(found: Recording) -> None:
    once = "".join(json_lines(found)).encode()
    if once:
        assert "".join(json_lines(read(once))).encode() == once


@given(st.lists(BITS, max_size=30), st.integers(1, 7))
def test_a_screen_shows_the_same_however_its_output_is_cut(bits: list[bytes], size: int) -> None:
    data = b"".join(bits)
    whole, cut = Terminal(20, 5), Terminal(20, 5)
    whole.write(data)
    for at in range(0, len(data), size):
        cut.write(data[at : at + size])
    assert shown(cut) == shown(whole)


@given(found=recordings())
def test_the_screen_after_a_replay_is_the_live_one(found: Recording) -> None:
    assert shown(played(read(written(found)))) == shown(played(found))


def played(found: Recording) -> Terminal:
    terminal = Terminal(40, 10, newline_returns=not found.header.tty)
    for event in found.events():
        if isinstance(event, Output):
            terminal.write(event.data)
    return terminal


def shown(terminal: Terminal) -> list[tuple[list[str], Callable[..., object] | object]]:
    return [(line.characters, line.styles) for line in terminal.screen.lines]
