r"""``--format`` and ``inspect -f``: the part of Go's templates that names fields.

Layer: magics. Pure; any thread.

Python has no maintained library for Go's templates. So this reads fields, which is what most lines
need: ``{{.State.Status}}``, ``{{json .Config.Env}}``, ``table {{.ID}}\t{{.Names}}``. Everything
else is refused with the way to do it in Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.magics.arguments import UsageFault
from hyper_jupyter.magics.values import Line, Lines, json_text, text_table
from hyper_jupyter.protocol.printable import printable

__all__ = ["Template"]

_ACTION: Final = re.compile(r"\{\{-?\s*(?P<inside>.*?)\s*-?\}\}", re.DOTALL)
_FIELD: Final = re.compile(r"(?P<json>json\s+)?\.(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?")
_ESCAPES: Final = {r"\t": "\t", r"\n": "\n"}

_LONGEST: Final = 100_000
"""The most characters of one value."""

_MISSING: Final = "<no value>"
"""What Go's templates write for a field that is not there."""


@dataclass(frozen=True, slots=True)
class _Field:
    """One ``{{…}}``.

    Attributes:
        path: the names of the fields, one inside the other; empty for the whole record.
        as_json: whether it is written as JSON.
    """

    path: tuple[str, ...]
    as_json: bool

    @property
    def name(self) -> str:
        """The name of the innermost field."""
        return self.path[-1] if self.path else ""


class Template:
    """A template, as the docker command takes one.

    Args:
        text: of ``--format``.
        instead: what to write in Python where the template is not understood.

    Raises:
        UsageFault: it has more than fields, or a field that does not end.
    """

    def __init__(self, text: str, instead: str) -> None:
        self._table = text.startswith("table ")
        text = text.removeprefix("table ").lstrip() if self._table else text
        self._whole = text == "json"
        self._parts: list[str | _Field] = []
        at = 0
        for found in _ACTION.finditer(text):
            self._add_text(text[at : found.start()])
            field = _FIELD.fullmatch(found["inside"])
            if field is None:
                raise UsageFault(
                    f"only fields are understood here, not {found[0]}",
                    hint=f"In Python: {instead}.",
                )
            path = tuple(field["path"].split(".")) if field["path"] else ()
            self._parts.append(_Field(path, bool(field["json"])))
            at = found.end()
        self._add_text(text[at:])

    @property
    def names(self) -> list[str]:
        """The first names of all fields."""
        return [part.path[0] for part in self._parts if isinstance(part, _Field) and part.path]

    def _add_text(self, text: str) -> None:
        if "{{" in text:
            raise UsageFault(
                "a field of the template has no end: }} is missing",
                hint="A field is written {{.Name}}.",
            )
        for written, meant in _ESCAPES.items():
            text = text.replace(written, meant)
        if text:
            self._parts.append(text)

    def lines(
        self, records: Sequence[Callable[[str], Any]], titles: Mapping[str, str] | None = None
    ) -> Lines | Line:
        """Return the text for each record, or a table of all.

        Args:
            records: functions that return a record's field by its first name; ``""`` is the whole
                record. They raise ``KeyError`` where there is none.
            titles: the titles of a table's columns, by the name of the field; else its own name.
        """
        if self._whole:
            return Lines(json_text(record("")) for record in records)
        texts = [
            "".join(
                part if isinstance(part, str) else _written(part, record) for part in self._parts
            )
            for record in records
        ]
        if not self._table:
            return Lines(texts)
        named = titles or {}
        header = "".join(
            part if isinstance(part, str) else named.get(part.name, part.name.upper())
            for part in self._parts
        )
        cells = [text.split("\t") for text in [header, *texts]]
        width = max(len(row) for row in cells)  # a value may have tabs of its own
        return Line(text_table([[*row, *[""] * (width - len(row))] for row in cells]))


def _written(field: _Field, record: Callable[[str], Any]) -> str:
    """Return a field of a record as text."""
    try:
        value = record(field.path[0]) if field.path else record("")
        for name in field.path[1:]:
            value = value[name]
    except (KeyError, TypeError):
        return "null" if field.as_json else _MISSING
    if field.as_json or isinstance(value, dict | list):
        return json_text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return printable(_MISSING if value is None else str(value), _LONGEST)
