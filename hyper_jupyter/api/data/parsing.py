"""Parses lines: each becomes fields with names and values, or a reason why not.

Layer: api, data. No I/O, no threads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

from hyper_jupyter.api.data.levels import log_level, looks_like_logfmt, split_klog
from hyper_jupyter.exceptions import HyperJupyterError

__all__ = ["ERROR", "MOST_FIELDS", "Fields", "Parse", "line_parser"]

Parse = str | re.Pattern[str]
"""``"json"``, ``"logfmt"``, ``"log"`` for whichever of them a line is, or a regular expression with
named groups."""

Parser = Callable[[str], Mapping[str, Any]]
"""Returns the fields of a line. Raises ValueError with the reason if it has none."""

ERROR: Final = "parse_error"
"""The column that says why a line was not parsed."""

MOST_FIELDS: Final = 1000
"""Different names of fields. Each is a column, and each column has a value for each line."""

_LOGFMT: Final = re.compile(
    r"""([^\s="]+)                              # the key
        (?:=(?:"((?:[^"\\]|\\.)*)"(?=\s|$)      # a value in quotes
            |([^\s"]*)(?=\s|$)))?               # or without
        (?:\s+|$)""",
    re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}


def line_parser(parse: Parse) -> Parser:
    """Return the function that parses a line.

    Raises:
        HyperJupyterError: it is no regular expression with named groups.
    """
    if parse == "json":
        return _parse_json
    if parse == "logfmt":
        return _parse_logfmt
    if parse == "log":
        return _parse_log
    hint = (
        'Use "json", "logfmt", "log", or an expression with named groups: r"(?P<level>[A-Z]+): .*".'
    )
    try:
        pattern = re.compile(parse)
    except (TypeError, re.error) as error:
        raise HyperJupyterError(f"parse={parse!r}: {error}", hint=hint) from None
    if not pattern.groupindex or not isinstance(pattern.pattern, str):
        raise HyperJupyterError(f"parse={parse!r} has no named groups", hint=hint)

    def parse_match(text: str) -> Mapping[str, Any]:
        found = pattern.search(text)
        if found is None:
            raise ValueError("the pattern does not match")
        return found.groupdict()

    return parse_match


def _parse_json(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("JSON, but not an object")
    if "\\ud" in text or "\\uD" in text:  # half a character, perhaps: no text can have that
        whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        value = json.loads(whole)
    return value  # type: ignore[no-any-return]


def _parse_logfmt(text: str) -> Mapping[str, Any]:
    fields: dict[str, Any] = {}
    position = len(text) - len(text.lstrip())
    while position < len(text):
        found = _LOGFMT.match(text, position)
        if found is None:
            raise ValueError(f"not logfmt at column {position + 1}")
        key, quoted, plain = found.groups()
        if quoted is not None:
            plain = _ESCAPE.sub(_unescape, quoted) if "\\" in quoted else quoted
        fields[key] = True if plain is None else plain
        position = found.end()
    if all(value is True for value in fields.values()):
        raise ValueError("not logfmt: it has no key=value")
    return fields


def _parse_log(text: str) -> Mapping[str, Any]:
    """Parse a line of JSON, logfmt or klog. Its ``level`` is one of :data:`LEVELS`, if known."""
    klog = split_klog(text)
    if text.startswith("{"):
        fields = dict(_parse_json(text))
    elif klog is not None:
        fields, rest = klog
        quoted = re.fullmatch(r'"((?:[^"\\]|\\.)*)"(?:\s+(.*))?', rest, re.DOTALL)
        fields["msg"] = rest if quoted is None else _ESCAPE.sub(_unescape, quoted[1])
        if quoted is not None and quoted[2]:
            fields = {**_parse_logfmt(quoted[2]), **fields}
    elif looks_like_logfmt(text):
        fields = dict(_parse_logfmt(text))
    else:
        raise ValueError("not a structured line")
    level = log_level(fields)
    return fields if level is None else {**fields, "level": level}


def _unescape(found: re.Match[str]) -> str:
    code, character = found.groups()
    if not code:
        return _ESCAPED.get(character, character)
    number = int(code, 16)
    return "\ufffd" if 0xD800 <= number < 0xE000 else chr(number)


class Fields:
    """The fields of lines, as columns.

    Args:
        parse: how to parse a line.
        taken: names of columns that fields cannot have. A field with one of these names gets an
            underscore appended.

    Attributes:
        errors: why a line was not parsed, for each; ``None`` if it was.
    """

    def __init__(self, parse: Parse, taken: Sequence[str]) -> None:
        self.errors: list[str | None] = []
        self._parser = line_parser(parse)
        self._taken = {*taken, ERROR}
        self._values: dict[str, list[Any]] = {}
        if not isinstance(parse, str) or parse not in ("json", "logfmt", "log"):
            self._values = {name: [] for name in re.compile(parse).groupindex}

    def add(
        self, texts: Sequence[str], *, numbers: Sequence[int], complete: Sequence[int] | None = None
    ) -> None:
        """Parse lines.

        Args:
            texts: the lines.
            numbers: their numbers. Those with the number 0 are none; they stand for dropped bytes.
            complete: 1 for each whole line, 0 for a part of one; ``None``: all are whole.
        """
        values = self._values
        whole = repeat(1) if complete is None else complete
        for text, number, is_whole in zip(texts, numbers, whole, strict=complete is not None):
            count = len(self.errors)
            error = None
            try:
                if not number:
                    raise ValueError("no line: these bytes are not kept")
                found = self._parser(text)
            except ValueError as reason:
                error = str(reason)
                if number and not is_whole:
                    error = f"not a whole line; {error}"
                found = {}
            for name, value in found.items():
                column = values.get(name)
                if column is None:
                    if len(values) >= MOST_FIELDS:
                        error = f"more than {MOST_FIELDS} different fields: {name[:50]!r} left out"
                        continue
                    column = values[name] = []
                # Lines without this field have no value in its column yet.
                if len(column) < count:
                    column.extend([None] * (count - len(column)))
                column.append(value)
            self.errors.append(error)

    def columns(self) -> dict[str, list[Any]]:
        """Return the values of each field, ``None`` where a line has none."""
        columns = {}
        for name, values in self._values.items():
            values.extend([None] * (len(self.errors) - len(values)))
            free = name
            while free in self._taken or free in columns:
                free += "_"
            columns[free] = values
        return columns
