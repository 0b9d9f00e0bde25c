"""What was typed into each container."""

from __future__ import annotations

import uuid

import pytest

from hyper_jupyter.widgets.page.input_history import (
    CONTAINERS,
    ENTRIES,
    SIZE,
    InputHistory,
    input_history,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ([], []),
        (["ls", "cat"], ["ls", "cat"]),
        (["ls", "ls"], ["ls"]),
        (["ls", "cat", "ls"], ["ls", "cat", "ls"]),
        ([""], []),
        (["x" * SIZE], ["x" * SIZE]),
        (["x" * (SIZE + 1)], []),
        (["two\nlines"], ["two\nlines"]),
    ],
)
def test_a_text_is_kept_unless_empty_too_long_or_repeated(
    typed: list[str], kept: list[str]
) -> None:
    found = InputHistory()
    for text in typed:
        found.add(text)
    assert found.entries() == kept


def test_the_oldest_entries_are_discarded_first() -> None:
    found = InputHistory()
    for number in range(ENTRIES + 2):
        found.add(str(number))
    assert found.entries() == [str(number) for number in range(2, ENTRIES + 2)]


def test_what_is_returned_is_a_copy() -> None:
    found = InputHistory()
    found.add("ls")
    found.entries().clear()
    assert found.entries() == ["ls"]


def test_a_container_is_known_by_its_id_and_its_engine() -> None:
    here, there, container = "unix:///here", "unix:///there", uuid.uuid4().hex
    input_history(here, container).add("ls")
    assert input_history(here, container).entries() == ["ls"]
    assert input_history(there, container).entries() == []


def test_only_so_many_containers_are_remembered() -> None:
    first = input_history("unix:///here", "first")
    first.add("ls")
    for number in range(CONTAINERS):
        assert input_history("unix:///here", "first") is first
        input_history("unix:///here", str(number))
    for number in range(CONTAINERS):
        input_history("unix:///there", str(number))
    assert input_history("unix:///here", "first").entries() == []
