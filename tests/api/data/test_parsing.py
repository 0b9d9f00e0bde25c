"""Lines as fields: what each way of parsing takes, and what it says of the others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.api.data.parsing import MOST_FIELDS, Fields, line_parser
from hyper_jupyter.exceptions import HyperJupyterError


@pytest.mark.parametrize(
    ("parse", "line", "fields"),
    [
        ("json", '{"a": 1, "b": [null]}', {"a": 1, "b": [None]}),
        ("json", " {} ", {}),
        ("logfmt", "level=info msg=hello", {"level": "info", "msg": "hello"}),
        ("logfmt", '  msg="two words" n=5  debug ', {"msg": "two words", "n": "5", "debug": True}),
        ("logfmt", r'msg="a \"b\"\n\\ \u00e9"', {"msg": 'a "b"\n\\ é'}),
        ("json", r'{"\ud800": ["\udc00", "\ud83d\ude00"]}', {"?": ["?", "\U0001f600"]}),
        ("logfmt", r'a="\ud800 \x"', {"a": "\ufffd x"}),
        ("logfmt", 'a= b=""', {"a": "", "b": ""}),
        ("logfmt", "url=http://x/?a=b", {"url": "http://x/?a=b"}),
        (r"(?P<level>[A-Z]+): (?P<what>.*)", "at 5 INFO: up", {"level": "INFO", "what": "up"}),
        (re.compile("(?P<a>x)(?P<b>y)?"), "x", {"a": "x", "b": None}),
    ],
)
def test_a_line_has_fields(parse: Any, line: str, fields: dict[str, Any]) -> None:
    assert line_parser(parse)(line) == fields


@pytest.mark.parametrize(
    ("parse", "line", "reason"),
    [
        ("json", "", "not JSON: Expecting value at column 1"),
        ("json", '{"a": }', "not JSON: Expecting value at column 7"),
        ("json", "[1]", "JSON, but not an object"),
        ("json", "[" * 100_000, "JSON that is nested too deeply"),
        ("logfmt", "", "not logfmt: it has no key=value"),
        ("logfmt", "just some words", "not logfmt: it has no key=value"),
        ("logfmt", 'a=1 b="open', "not logfmt at column 5"),
        ("logfmt", "a=1 =2", "not logfmt at column 5"),
        ("logfmt", 'a="x"y', "not logfmt at column 1"),
        ("(?P<a>x)", "y", "the pattern does not match"),
    ],
)
def test_a_line_that_does_not_parse_has_a_reason(parse: Any, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        line_parser(parse)(line)


@pytest.mark.parametrize("parse", ["xml", "(", r"(\d+)", re.compile(b"(?P<a>x)"), 5, None])
def test_what_is_no_way_to_parse_is_refused(parse: Any) -> None:
    with pytest.raises(HyperJupyterError, match="parse=") as caught:
        line_parser(parse)
    assert "named groups" in caught.value.hint


@given(st.text(alphabet=st.sampled_from('a="\\ \n\tu0é'), max_size=30))
def test_no_line_breaks_logfmt(line: str) -> None:
    fields = Fields("logfmt", [])
    fields.add([line], numbers=[1])
    for (value,) in fields.columns().values():
        assert isinstance(value, str) or value is True
    assert bool(fields.columns()) != bool(fields.errors[0])


def test_a_long_line_is_parsed_in_time_that_grows_with_it() -> None:
    line_parser("logfmt")("a=1 " * 100_000)
    with pytest.raises(ValueError, match="not logfmt"):
        line_parser("logfmt")('a="' + "\\\\" * 100_000)


def test_columns_have_a_value_for_each_line() -> None:
    fields = Fields("json", ["time", "text"])
    fields.add(['{"a": 1}', "x", '{"b": 2, "time": 3}'], numbers=[1, 2, 3])
    fields.add(['{"a": 4}', "[1 bytes are not kept]"], numbers=[4, 0])
    assert fields.columns() == {
        "a": [1, None, None, 4, None],
        "b": [None, None, 2, None, None],
        "time_": [None, None, 3, None, None],
    }
    assert fields.errors == [
        None,
        "not JSON: Expecting value at column 1",
        None,
        None,
        "no line: these bytes are not kept",
    ]


def test_the_groups_of_an_expression_are_columns_even_if_no_line_has_them() -> None:
    fields = Fields("(?P<a>x)(?P<b>y)?", [])
    fields.add(["z"], numbers=[1])
    assert fields.columns() == {"a": [None], "b": [None]}


def test_names_that_differ_in_each_line_do_not_make_a_column_each() -> None:
    fields = Fields("json", [])
    lines = [f'{{"name {number}": 1}}' for number in range(MOST_FIELDS + 1)]
    fields.add(lines, numbers=range(1, len(lines) + 1))
    assert len(fields.columns()) == MOST_FIELDS
    assert fields.errors[-1] == f"more than {MOST_FIELDS} different fields: 'name 1000' left out"
    assert fields.errors[-2] is None


def test_the_reason_says_that_a_line_is_only_a_part_of_one() -> None:
    fields = Fields("json", [])
    fields.add(['{"a": "bc', '{"a": 1}', "x"], numbers=[1, 2, 3], complete=[0, 0, 1])
    assert fields.errors == [
        "not a whole line; not JSON: Unterminated string starting at at column 7",
        None,
        "not JSON: Expecting value at column 1",
    ]
