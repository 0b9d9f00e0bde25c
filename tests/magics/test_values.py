"""What the magics return: ordinary data that shows itself as the docker command would print it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from IPython.core.formatters import DisplayFormatter

from hyper_jupyter.magics.values import Column, Document, Documents, Line, Lines, Rows, text_table
from hyper_jupyter.recording.screen.style import NO_MATH


@dataclass(frozen=True)
class Record:
    name: str
    size: int


COLUMNS: list[Column[Record]] = [
    Column("NAME", lambda record: record.name),
    Column("SIZE", lambda record: f"{record.size}"),
]


def shown(value: object) -> dict[str, object]:
    data, _ = DisplayFormatter().format(value)
    return dict(data)


def test_a_table_is_as_wide_as_its_widest_cells() -> None:
    assert text_table([("A", "B"), ("long", ""), ("", "x")]) == "A      B\nlong\n       x"


def test_rows_are_a_list_that_shows_itself_as_a_table() -> None:
    rows = Rows([Record("web", 1), Record("<b>&", 20)], COLUMNS)
    assert rows == [Record("web", 1), Record("<b>&", 20)]
    assert [each.size for each in rows] == [1, 20]
    data = shown(rows)
    assert data["text/plain"] == str(rows) == "NAME   SIZE\nweb    1\n<b>&   20"
    page = str(data["text/html"])
    assert page.count("<tr>") == 3
    assert "&lt;b&gt;&amp;</td>" in page  # other people name containers
    assert page.count("white-space: pre") == 6  # no cell wraps
    assert page.startswith(f'<div class="{NO_MATH}"')  # $…$ is no formula


def test_a_table_without_rows_has_its_header() -> None:
    assert str(Rows([], COLUMNS)) == "NAME   SIZE"
    assert "SIZE</th>" in Rows([], COLUMNS)._repr_html_()


def test_a_long_list_is_shown_in_part_and_says_so() -> None:
    rows = Rows([Record(f"c{number}", number) for number in range(1200)], COLUMNS)
    data = shown(rows)
    assert str(data["text/plain"]).splitlines()[-2:] == [
        "c999   999",
        "… 200 more; the value has all of them",
    ]
    page = str(data["text/html"])
    assert page.count("<tr>") == 1001
    assert "… 200 more" in page
    assert str(rows).count("\n") == 1200  # as text it is whole


def test_texts_show_themselves_without_quotes() -> None:
    assert shown(Line("c0ffee")) == {"text/plain": "c0ffee"}
    assert Line("c0ffee") == "c0ffee"
    assert shown(Lines(["a", "b"])) == {"text/plain": "a\nb"}
    assert Lines(["a", "b"]) == ["a", "b"]


def test_an_object_of_the_engine_is_json_that_folds_and_text_elsewhere() -> None:
    document = Document({"Id": "a", "Env": ["X=\x7f\x1b"]})
    data, metadata = DisplayFormatter().format(document)
    assert data["application/json"] == document
    assert metadata["application/json"] == {"expanded": False}
    assert json.loads(str(data["text/plain"])) == document
    assert not {"\x7f", "\x1b"} & set(data["text/plain"])
    several = Documents([document, document])
    assert shown(several)["application/json"] == [document, document]
    assert json.loads(str(several)) == several
