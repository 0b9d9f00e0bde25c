"""Reads fields of an engine's objects: what is missing or of another type is empty.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.printable import printable

__all__ = [
    "MAX_TEXT",
    "identifier",
    "image_id",
    "number",
    "obj",
    "objects",
    "require_object",
    "seconds",
    "text",
    "text_map",
    "texts",
]

MAX_TEXT: Final = 4096
"""The most characters of a name, a command or another text."""

Object = Mapping[str, Any]


def require_object(value: Any, what: str) -> Object:
    """Return an object of the answer.

    Raises:
        ProtocolError: it is none.
    """
    if not isinstance(value, dict):
        raise ProtocolError(f"the engine's answer is not {what}")
    return value


def identifier(row: Object, name: str, what: str) -> str:
    """Return a text that the object must have.

    Raises:
        ProtocolError: it has none.
    """
    value = row.get(name)
    if not isinstance(value, str):
        raise ProtocolError(f"the engine's answer is not {what}")
    return printable(value, MAX_TEXT)


def text(row: Object, name: str) -> str:
    """Return a text, made printable."""
    value = row.get(name)
    return printable(value, MAX_TEXT) if isinstance(value, str) else ""


def number(row: Object, name: str) -> int:
    """Return a whole number; 0 where there is none."""
    value = row.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def obj(row: Object, name: str) -> Object:
    """Return an object; an empty one where there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Object]:
    """Return the objects of a list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a list, made printable."""
    listed = value if isinstance(value, list) else []
    return tuple(printable(each, MAX_TEXT) for each in listed if isinstance(each, str))


def text_map(value: Any) -> dict[str, str]:
    """Return names and values, made printable."""
    return {
        printable(name, MAX_TEXT): printable(str(each), MAX_TEXT)
        for name, each in (value.items() if isinstance(value, dict) else ())
    }


def image_id(value: str) -> str:
    """Return an image's id with its ``sha256:``, which Podman leaves out here and there."""
    return f"sha256:{value}" if re.fullmatch("[0-9a-f]{64}", value) else value


_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")


def seconds(value: Any) -> float:
    """Return a date of RFC 3339 in seconds since the epoch; 0 for none and for Go's zero date."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return 0.0
    zone = "+00:00" if found[3] == "Z" else found[3]
    try:
        whole = datetime.fromisoformat(found[1] + zone).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, whole + float(found[2] or 0))
