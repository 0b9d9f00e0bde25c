"""Filters of lists and events: both spellings, and what they accept."""

from __future__ import annotations

import pytest

from hyper_jupyter.engine.containers.filters import Filters
from hyper_jupyter.exceptions import ApiError

KNOWN = ("name", "label", "status")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("{}", []),
        ('{"name":["a","b"]}', ["a", "b"]),
        ('{"name":{"a":true,"b":false,"c":true}}', ["a", "c"]),
        ('{"name":[]}', []),
    ],
)
def test_both_spellings_are_read(text: str, names: list[str]) -> None:
    filters = Filters.parse(text, KNOWN)
    assert filters.values("name") == names
    assert ("name" in filters) is bool(names)
    assert filters.values("status") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "invalid filter: Expecting property name"),
        ("[]", "invalid filter: not a JSON object"),
        ("[" * 100_000, "invalid filter: "),
        ('{"other":["x"]}', "invalid filter 'other'"),
        ('{"name":"x"}', "invalid filter 'name': values are a list of strings"),
        ('{"name":[1]}', "invalid filter 'name': values are a list of strings"),
    ],
)
def test_a_malformed_or_unknown_one_is_refused(text: str, message: str) -> None:
    with pytest.raises(ApiError) as refused:
        Filters.parse(text, KNOWN)
    assert refused.value.status == 400
    assert refused.value.message.startswith(message)


def test_a_key_without_values_accepts_all() -> None:
    for filters in (Filters(), Filters({"name": []})):
        assert filters.accepts("name", "x")
        assert filters.accepts_part("name", "x")
        assert filters.accepts_labels({})


def test_a_value_has_to_be_one_of_the_key_s() -> None:
    filters = Filters({"status": ["exited", "created"]})
    assert filters.accepts("status", "created")
    assert not filters.accepts("status", "create")
    assert not filters.accepts("status", "running")


@pytest.mark.parametrize(
    ("wanted", "value", "accepted"),
    [
        ("eb", "web", True),
        ("^w", "web", True),
        ("^e", "web", False),
        ("w.b$", "web", True),
        ("(", "web", False),
        ("(", "we(b", True),
    ],
)
def test_a_part_is_text_or_a_pattern(wanted: str, value: str, accepted: bool) -> None:
    assert Filters({"name": [wanted]}).accepts_part("name", value) is accepted
    assert Filters({"name": ["nothing", wanted]}).accepts_part("name", value) is accepted


@pytest.mark.parametrize(
    ("wanted", "accepted"),
    [
        (["a"], True),
        (["a=1"], True),
        (["a=2"], False),
        (["a=1", "b"], True),
        (["a=1", "c"], False),
        (["b="], True),
        (["a="], False),
        (["d=x=y"], True),
    ],
)
def test_all_labels_have_to_be_there(wanted: list[str], accepted: bool) -> None:
    labels = {"a": "1", "b": "", "d": "x=y"}
    assert Filters({"label": wanted}).accepts_labels(labels) is accepted
