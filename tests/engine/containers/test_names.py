"""Ids and names of containers."""

from __future__ import annotations

import re

import pytest

from hyper_jupyter.engine.containers.names import check_name, new_id, new_name
from hyper_jupyter.exceptions import ApiError


@pytest.mark.parametrize(
    ("name", "checked"),
    [("web", "web"), ("/web", "web"), ("a1", "a1"), ("A_b.c-d", "A_b.c-d"), ("x" * 255, "x" * 255)],
)
def test_a_name_loses_its_slash(name: str, checked: str) -> None:
    assert check_name(name) == checked


@pytest.mark.parametrize(
    "name", ["a", "/", "//a", "-x", ".x", "_x", "ab/c", "ab c", "ab\n", "é1", "x" * 256, ""]
)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ApiError) as refused:
        check_name(name)
    assert refused.value.status == 400
    assert refused.value.message.startswith(f"Invalid container name ({name}), only [a-zA-Z0-9]")
    assert ("two characters" in refused.value.message) == (len(name.removeprefix("/")) < 2)


def test_an_id_has_64_digits_and_is_new() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch("[0-9a-f]{64}", each) for each in ids)


def test_new_names_are_allowed() -> None:
    for name in {new_name(()) for _ in range(100)}:
        assert check_name(name) == name


def test_a_new_name_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.choice", lambda words: words[0])
    monkeypatch.setattr("secrets.randbelow", lambda _: 7)
    assert new_name(()) == "amber_acorn"
    assert new_name(["amber_acorn"]) == "amber_acorn7"


def test_a_number_behind_a_new_name_has_three_digits_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("secrets.choice", lambda words: words[0])
    monkeypatch.setattr("secrets.randbelow", lambda count: count - 1)
    assert new_name(["amber_acorn"]) == "amber_acorn999"
