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

__all__ = [
    "Table",
    "add_filters",
    "add_format",
    "add_labels",
    "filters_of",
    "pairs_of",
    "short_id",
]

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
                f"{text!r} is not a filter", hint="A filter is NAME=VALUE: -f status=exited."
            )
        found.setdefault(name.strip().lower(), []).append(value.strip())
    return found


def add_labels(parser: Parser) -> None:
    """Add ``--label``."""
    parser.add_argument(
        "--label", action="append", default=[], metavar="NAME=VALUE", help="a label"
    )


def pairs_of(texts: Sequence[str], flag: str, *, bare: bool = True) -> dict[str, str]:
    """Return the values of a flag that may be repeated, by name.

    Args:
        texts: ``NAME=VALUE``.
        flag: its name, for the error.
        bare: a name alone has an empty value.

    Raises:
        UsageFault: one has no name, or no value and needs one.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not (equals or bare):
            raise UsageFault(f"{flag}: {text!r} is not NAME=VALUE")
        found[name] = value
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
        expand: as for :class:`Rows`.
    """

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        shown: Sequence[str],
        instead: str,
        expand: Callable[[_T], Sequence[Any]] | None = None,
    ) -> None:
        self._columns = {column.key: column for column in columns}
        self._shown = tuple(shown)
        self._instead = instead
        self._expand = expand

    def rows(self, records: Sequence[_T], template: str | None = None) -> Rows[_T] | Lines | Line:
        """Return records as the line wants them.

        Args:
            records: all of them.
            template: of ``--format``; ``None`` is the table.

        Raises:
            UsageFault: the template is not understood, or names what is not there.
        """
        if not template:  # an empty one is none, as for docker
            columns = [self._columns[key] for key in self._shown]
            return Rows(records, columns, self._expand)
        titles = {column.key: column.title for column in self._columns.values()}
        parsed = Template(template, self._instead)
        unknown = [name for name in parsed.names if name not in titles]
        if unknown:
            raise UsageFault(
                f"there is no field .{unknown[0]}", hint=f"Fields: .{', .'.join(self._columns)}."
            )
        rows: Sequence[Any] = records
        if self._expand is not None:
            rows = [row for record in records for row in self._expand(record)]
        fields = [self._field_of(row) for row in rows]
        return parsed.lines(fields, titles)

    def _field_of(self, record: Any) -> Callable[[str], Any]:
        def field(name: str) -> Any:
            if not name:
                return {key: column.text(record) for key, column in self._columns.items()}
            return self._columns[name].text(record)

        return field
