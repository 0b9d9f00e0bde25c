"""Columns have one type, and lose nothing for it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from hyper_jupyter.api.data.columns import arrow_column, pandas_column, polars_column

LARGE = 2**60 + 1


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ([1, 2.5, None], [1.0, 2.5, None]),
        ([LARGE, None], [LARGE, None]),
        ([2**63, None], [2**63, None]),
        ([{"a": 1}, {"a": 2, "b": "x"}, None], [{"a": 1, "b": None}, {"a": 2, "b": "x"}, None]),
        ([[1], [2.5], []], [[1.0], [2.5], []]),
        ([[{"a": 1}], [{"b": [0.5]}]], [[{"a": 1, "b": None}], [{"a": None, "b": [0.5]}]]),
        ([{}, {"a": None}], [{"a": None}, {"a": None}]),
        ([[], None], [[], None]),
        ([True, None], [True, None]),
        ([None], [None]),
        # Several types, or none that holds the values exactly: texts, as JSON.
        (["a", 1, {"b": None}, True, None], ["a", "1", '{"b": null}', "true", None]),
        ([1, True], ["1", "true"]),
        ([[1], ["é"]], ["[1]", '["é"]']),
        ([LARGE, 0.5], [str(LARGE), "0.5"]),
        ([2**64, -1], [str(2**64), "-1"]),
        ([{}], ["{}"]),
    ],
)
def test_a_column_has_all_of_its_values(values: list[Any], column: list[Any]) -> None:
    for found in (polars_column(pl, "v", values).to_list(), arrow_column(pa, values).to_pylist()):
        assert found == column
        assert [*map(type, found)] == [*map(type, column)]


@pytest.mark.parametrize("value", [deep(40), {str(number): 0 for number in range(1001)}])
def test_an_object_with_too_many_parts_is_a_text(value: Any) -> None:
    assert polars_column(pl, "v", [value]).dtype == pl.String
    assert arrow_column(pa, [value]).type == pa.string()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], "float64"),
        ([1, 2.5], "float64"),
        ([1e300, 1, None], "float64"),
        ([LARGE, 1], "int64"),
        ([LARGE, None], "Int64"),
        ([2**63, None], "UInt64"),
        ([2**64, None], "object"),
        ([LARGE, 0.5, None], "object"),
    ],
)
def test_pandas_makes_no_float_of_an_integer_that_is_none(values: list[Any], kind: str) -> None:
    column = pandas_column(pd, values)
    assert str(column.dtype) == kind
    assert [*column.dropna()] == [value for value in values if value is not None]
