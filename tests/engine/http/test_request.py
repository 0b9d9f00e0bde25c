"""Requests: parameters, bodies and their spelling, as moby and Go read them."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.engine.http.request import Request, parse_bool, parse_form, unescape
from hyper_jupyter.exceptions import ApiError
from tests.engine.http.connections import UnusedConnection


def request(query: bytes = b"", body: bytes = b"", **headers: str) -> Request:
    return Request(
        method="GET",
        path="/",
        version=(1, 45),
        form=parse_form(query),
        headers=headers,
        body=body,
        connection=UnusedConnection(),
    )


@pytest.mark.parametrize("text", ["1", "true", "True", "yes", "on", "off", "2", "null", " x"])
def test_every_other_spelling_is_true(text: str) -> None:
    assert parse_bool(text)


@pytest.mark.parametrize("text", ["", "0", "no", "No", "false", "FALSE", "none", " 0 "])
def test_five_spellings_are_false_in_any_case_and_with_spaces(text: str) -> None:
    assert not parse_bool(text)


@pytest.mark.parametrize(
    ("text", "plus", "wanted"),
    [
        (b"a+b", True, "a b"),
        (b"a+b", False, "a+b"),
        (b"%2B+%2b", True, "+ +"),
        (b"%41%c3%a9", True, "Aé"),
        (b"%ff", True, "\udcff"),
        (b"", True, ""),
    ],
)
def test_percent_encoding_is_undone(text: bytes, plus: bool, wanted: str) -> None:
    assert unescape(text, plus=plus) == wanted


@pytest.mark.parametrize(
    ("text", "shown"), [(b"%", "%"), (b"a%4", "%4"), (b"%zz", "%zz"), (b"%4g1", "%4g")]
)
def test_a_bad_escape_is_refused_in_go_s_words(text: bytes, shown: str) -> None:
    with pytest.raises(ApiError) as refused:
        unescape(text, plus=True)
    assert (refused.value.status, refused.value.message) == (400, f'invalid URL escape "{shown}"')


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a=1&b=2&a=3", {"a": ["1", "3"], "b": ["2"]}),
        (b"a", {"a": [""]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"a+b=%26", {"a b": ["&"]}),
    ],
)
def test_a_query_is_read_as_go_does(text: bytes, form: dict[str, list[str]]) -> None:
    assert parse_form(text) == form


def test_a_semicolon_in_a_query_is_refused() -> None:
    with pytest.raises(ApiError, match="invalid semicolon separator in query") as caught:
        parse_form(b"a=1;b=2")
    assert caught.value.status == 400


def test_the_first_value_of_a_parameter_counts() -> None:
    asked = request(b"a=0&a=1&b=yes")
    assert (asked.text("a"), asked.flag("a"), asked.flag("b")) == ("0", False, True)
    assert (asked.text("c"), asked.flag("c")) == ("", False)


@pytest.mark.parametrize(
    ("query", "number"), [(b"", None), (b"t=", None), (b"t=0", 0), (b"t=-1", -1), (b"t=10", 10)]
)
def test_a_number_may_be_missing(query: bytes, number: int | None) -> None:
    assert request(query).number("t") == number


@pytest.mark.parametrize("text", ["x", "1.5", "1" * 21])
def test_what_is_not_a_number_is_refused(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        request(b"t=" + text.encode()).number("t")
    assert refused.value.status == 400
    assert refused.value.message == f"invalid t: {text!r} is not a number"


@pytest.mark.parametrize(
    ("body", "value"), [(b"", {}), (b" \n", {}), (b"null", {}), (b'{"a":[1]}', {"a": [1]})]
)
def test_the_body_is_an_object(body: bytes, value: dict[str, Any]) -> None:
    assert request(body=body).json() == value


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b'"text"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_an_object_is_refused(body: bytes) -> None:
    with pytest.raises(ApiError, match="invalid JSON") as refused:
        request(body=body).json()
    assert refused.value.status == 400


def test_any_upgrade_header_counts() -> None:
    assert request(upgrade="anything").upgrade
    assert not request().upgrade
