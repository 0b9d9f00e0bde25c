"""What the magics return: data that shows itself as the docker command would print it.

Layer: magics. No I/O; any thread.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Generic, TypeVar

from hyper_jupyter.recording.screen.style import FONT, NO_MATH

__all__ = [
    "Column",
    "Document",
    "Documents",
    "Line",
    "Lines",
    "Rows",
    "Warned",
    "json_text",
    "text_table",
]

_T = TypeVar("_T")

_CELL: Final = "text-align: left; white-space: pre; padding: 2px 10px 2px 0"
"""A cell never wraps. Names and ids are for copying, and a table may be scrolled."""

_WARNED: Final = (
    f"{FONT}; margin: 0; padding-left: 5px; border-left: 3px solid var(--jp-warn-color1, #f57c00); "
    "white-space: pre-wrap; background: none"
)

_SHOWN: Final = 1000
"""Rows of a table in a cell's output: a notebook keeps them all."""


def text_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns. The first row is the header."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = (
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


class Line(str):
    """A text that shows itself as it is, such as an id. Otherwise an ordinary ``str``."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))


class Warned(Line):
    """A line of our own between lines of output, with the colour of a warning."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f'<pre style="{_WARNED}">{html.escape(self)}</pre>'


class Lines(list[str]):
    """Texts that show themselves one in a line, such as ids. Otherwise an ordinary list."""

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("[…]" if cycle else str(self))


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make a Column[int]("…")
class Column(Generic[_T]):
    """One column of a table.

    Attributes:
        title: as the docker command writes it, such as ``"CONTAINER ID"``.
        text: returns a record's cell, in one line.
        key: what docker's templates call it, such as ``"ID"``.
    """

    title: str
    text: Callable[[_T], str]
    key: str = ""


class Rows(list[_T]):
    """Records that show themselves as a table. Otherwise an ordinary list.

    Args:
        records: any objects.
        columns: how they are shown.
        expand: returns the rows of one record, if it may have more than one; the columns are those
            of what it returns.
    """

    def __init__(
        self,
        records: Iterable[_T],
        columns: Sequence[Column[Any]],
        expand: Callable[[_T], Sequence[Any]] | None = None,
    ) -> None:
        super().__init__(records)
        self.columns = tuple(columns)
        self._expand = expand

    def _cells(self, most: int | None = None) -> list[list[str]]:
        rows = (row for record in self for row in (self._expand or _alone)(record))
        return [[column.text(row) for column in self.columns] for row in islice(rows, most)]

    def _rest(self) -> str:
        """Say that a cell's output does not have all of a long list; empty if it has."""
        more = len(self) - _SHOWN
        return f"… {more:,} more; the value has all of them" if more > 0 else ""

    def __str__(self) -> str:
        return text_table([[column.title for column in self.columns], *self._cells()])

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        titles = [column.title for column in self.columns]
        lines = [text_table([titles, *self._cells(_SHOWN)]), self._rest()]
        printer.text("[…]" if cycle else "\n".join(line for line in lines if line))

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th style="{_CELL}">{html.escape(each.title)}</th>' for each in self.columns
        )
        body = "".join(
            "<tr>"
            + "".join(f'<td style="{_CELL}">{html.escape(cell)}</td>' for cell in row)
            + "</tr>"
            for row in self._cells(_SHOWN)
        )
        return (
            f'<div class="{NO_MATH}" style="overflow-x: auto"><table>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{self._rest()}</div>"
        )


def _alone(record: _T) -> tuple[_T]:
    return (record,)


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that a terminal can show.

    Args:
        value: as :func:`json.dumps` takes it.
        indent: spaces for each level; ``None`` writes one line.
    """
    separators = (",", ":") if indent is None else None  # in one line as docker writes it
    # As json escapes all but ASCII, only DEL is left of what a terminal would act on.
    return json.dumps(value, indent=indent, separators=separators).replace("\x7f", "\\u007f")


class Document(dict[str, Any]):
    """An engine's own JSON object, shown as JSON that folds where the front end can do that."""

    def __str__(self) -> str:
        return json_text(self, indent=2)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("{…}" if cycle else str(self))

    def _repr_json_(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        return dict(self), {"expanded": False}


class Documents(list[Document]):
    """Several of an engine's JSON objects, shown as :class:`Document` is."""

    def __str__(self) -> str:
        return json_text(self, indent=2)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("[…]" if cycle else str(self))

    def _repr_json_(self) -> tuple[Sequence[Any], Mapping[str, Any]]:
        return list(self), {"expanded": False}
