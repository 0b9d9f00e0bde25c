"""Lists of records: tables, templates and filters."""

from __future__ import annotations

import argparse

import pytest

from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.values import Column
from hyper_jupyter.magics.verbs.tables import Table, filters_of, short_id

COLUMNS: list[Column[str]] = [
    Column("CONTAINER ID", lambda record: record[:2], "ID"),
    Column("NAMES", lambda record: record, "Names"),
    Column("SIZE", lambda record: str(len(record)), "Size"),
]
TABLE = Table(COLUMNS, ("ID", "Names"), "client.containers()")


def test_a_table_has_the_columns_that_are_shown() -> None:
    assert str(TABLE.rows(["abc"])).splitlines() == ["CONTAINER ID   NAMES", "ab             abc"]


def test_a_template_names_any_column() -> None:
    assert TABLE.rows(["abc", "de"], "{{.Names}}:{{.Size}}") == ["abc:3", "de:2"]
    assert TABLE.rows(["abc"], "json") == ['{"ID":"ab","Names":"abc","Size":"3"}']
    shown = TABLE.rows(["abc"], r"table {{.Size}}\t{{.ID}}")
    assert str(shown).splitlines() == ["SIZE   CONTAINER ID", "3      ab"]


def test_an_empty_template_is_none() -> None:
    assert str(TABLE.rows(["abc"], "")).startswith("CONTAINER ID")


def test_a_field_that_is_not_there_is_an_error_with_those_that_are() -> None:
    with pytest.raises(UsageFault, match=r"there is no field \.Name") as caught:
        TABLE.rows([], "{{.Name}}")
    assert caught.value.hint == "Fields: .ID, .Names, .Size."


def test_filters_may_be_repeated_and_have_equals_signs() -> None:
    given = ["name=web", "label=color=blue", "name=db", " Status = exited"]
    assert filters_of(argparse.Namespace(filter=given)) == {
        "name": ["web", "db"],
        "label": ["color=blue"],
        "status": ["exited"],
    }


@pytest.mark.parametrize("text", ["web", "=web", ""])
def test_a_filter_has_a_name_and_a_value(text: str) -> None:
    with pytest.raises(UsageFault, match="is not a filter"):
        filters_of(argparse.Namespace(filter=[text]))


def test_an_id_is_short() -> None:
    assert short_id("sha256:" + "a" * 64) == "a" * 12
