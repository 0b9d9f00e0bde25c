"""Lists of records: the table, ``--format`` and ``-q`` of the verbs that list something.

Layer: magics. Pure; any thread.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from hyper_jupyter.magics.arguments import Parser, UsageFault
from hyper_jupyter.magics.values import Column, Line, Lines, Rows
from hyper_jupyter.magics.verbs.template import Template

__all__ = ["Table", "add_filters", "add_format", "filters_of", "short_id"]

_T = TypeVar("_T")


def add_format(parser: Parser) -> None:
    """Add ``--format``."""
    parser.add_argument(
        "--format",
        metavar="TEMPLATE",
        help="texts in place of the table: json, '{{.Name}} {{.Status}}', or 'table {{.Name}}'",
    )


def add_filters(parser: Parser) -> None:
    """Add ``--filter``."""
    parser.add_argument(
        "-f",
        "--filter",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="only what has this, such as name=web, status=exited or label=color=blue",
    )


def filters_of(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """Return the filters of a line, each with its values.

    Raises:
        UsageFault: one has no value.
    """
    found: dict[str, list[str]] = {}
    for text in arguments.filter:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise UsageFault(
                f"{text!r} is no filter", hint="A filter is NAME=VALUE: -f status=exited."
            )
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def short_id(identifier: str) -> str:
    """Return an id as the docker command shows it."""
    return identifier.removeprefix("sha256:")[:12]


class Table(Generic[_T]):
    """How the records of one kind are shown.

    Args:
        columns: all that a template may name.
        shown: the keys of those that the table has.
        instead: what to write in Python where a template is not understood.
    """

    def __init__(self, columns: Sequence[Column[_T]], shown: Sequence[str], instead: str) -> None:
        self._columns = {column.key: column for column in columns}
        self._shown = tuple(shown)
        self._instead = instead

    def rows(
        self, records: Sequence[_T], template: str | None = None, *, more: Sequence[str] = ()
    ) -> Rows[_T] | Lines | Line:
        """Return records as the line wants them.

        Args:
            records: all of them.
            template: of ``--format``; ``None`` is the table.
            more: keys of further columns of the table.

        Raises:
            UsageFault: the template is not understood, or names what is not there.
        """
        if template is None:
            return Rows(records, [self._columns[key] for key in (*self._shown, *more)])
        titles = {column.key: column.title for column in self._columns.values()}
        parsed = Template(template, self._instead)
        unknown = [name for name in parsed.names if name not in titles]
        if unknown:
            raise UsageFault(
                f"there is no field .{unknown[0]}", hint=f"Fields: .{', .'.join(self._columns)}."
            )
        fields = [self._field_of(record) for record in records]
        return parsed.lines(fields, titles)

    def _field_of(self, record: _T) -> Callable[[str], Any]:
        def field(name: str) -> Any:
            if not name:
                return {key: column.text(record) for key, column in self._columns.items()}
            return self._columns[name].text(record)

        return field
