"""What asciicast files of ours have in common: names, header, text that is not UTF-8.

Layer: recording. Pure; any thread.

The format lets tools ignore header attributes and event codes that they do not know. So what it
cannot say is in an attribute and in events of our own, and every player shows the rest. An event
of ours describes what follows it.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.recording.recording import Header

__all__ = [
    "ATTRIBUTE",
    "BYTES",
    "MARK",
    "OWN",
    "PAST",
    "TAIL",
    "bytes_of",
    "header_object",
    "header_of",
    "json_text",
    "number_of",
    "shown_text",
]

ATTRIBUTE: Final = "hyper_jupyter"
"""The header's attribute of ours."""

OWN: Final = "hj"
"""The code of our events. Their data is a stream's name, or begins with one of the next four."""

BYTES: Final = "bytes "
"""What the text of the next event stands for, in base64: bytes that are not UTF-8."""

TAIL: Final = "tail "
"""A character that has begun by the end of the next event, in base64. It ends in a later event of
that stream, whose text has the whole character."""

MARK: Final = "mark "
"""The kind of the next marker, if it is no user's."""

PAST: Final = "past "
"""How long before the start the next event was, in seconds: the format has no times before it."""

_LARGEST: Final = 0xFFFF
_TEXT: Final = 1000
_USUAL: Final = {"rows": 24, "height": 24, "cols": 80, "width": 80}
_UNSEEN: Final = re.compile(
    r"[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Characters that are written as numbers, besides those that JSON requires: they show nothing."""


def json_text(text: str) -> str:
    """Return a text in JSON, with characters that show nothing as numbers."""
    written = json.dumps(text, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def shown_text(data: bytes, *, tty: bool) -> str:
    r"""Return what players show of some bytes.

    Args:
        data: the bytes. Each invalid sequence is U+FFFD.
        tty: whether they are of a terminal. If not, each ``\n`` becomes ``\r\n``, as a terminal
            would do it; ``\r\n`` becomes ``\r\r\n``. So the other way each ``\r\n`` becomes ``\n``.
    """
    text = data.decode("utf-8", "replace")
    return text if tty else text.replace("\n", "\r\n")


def header_object(header: Header, version: int) -> dict[str, Any]:
    """Return the first line of a file, as an object.

    Args:
        header: of the recording.
        version: 2 or 3.
    """
    rows, columns = (min(max(1, size), _LARGEST) for size in (header.rows, header.columns))
    written: dict[str, Any] = {"version": version}
    if version == 3:
        written["term"] = {"cols": columns, "rows": rows}
    else:
        written |= {"width": columns, "height": rows}
    started = header.started_at
    if started is not None and started >= 0:  # it counts whole seconds, not before 1970
        written["timestamp"] = int(started)
    if header.idle_limit is not None:
        written["idle_time_limit"] = header.idle_limit
    for name in ("command", "title"):
        if text := printable(getattr(header, name), _TEXT):
            written[name] = text
    own: dict[str, Any] = {"tty": header.tty, "clock": header.clock}
    for name in ("container", "image", "engine", "kind"):
        if text := printable(getattr(header, name), _TEXT):
            own[name] = text
    for name in ("started_at", "complete"):
        if (value := getattr(header, name)) is not None:
            own[name] = value
    written[ATTRIBUTE] = own
    return written


def header_of(found: dict[str, Any]) -> tuple[Header, bool]:
    """Read the first line of a file.

    Returns:
        The header, and whether the file is ours.

    Raises:
        ValueError: it is malformed; the text says what.
    """
    version = found.get("version")
    term = found.get("term") if version == 3 else found
    names = ("rows", "cols") if version == 3 else ("height", "width")
    if not isinstance(term, dict):
        raise ValueError("the terminal's size is missing")
    rows, columns = (_size(term.get(name), name) for name in names)
    own = found.get(ATTRIBUTE)
    ours = isinstance(own, dict)
    mine: dict[str, Any] = own if isinstance(own, dict) else {}
    limit = number_of(found.get("idle_time_limit"))
    started = number_of(mine.get("started_at"))
    complete = mine.get("complete")
    header = Header(
        title=_text(found.get("title")),
        command=_text(found.get("command")),
        container=_text(mine.get("container")),
        image=_text(mine.get("image")),
        engine=_text(mine.get("engine")),
        kind=_text(mine.get("kind")),
        started_at=number_of(found.get("timestamp")) if started is None else started,
        rows=rows,
        columns=columns,
        tty=mine.get("tty") is not False,
        clock="engine" if mine.get("clock") == "engine" else "arrival",
        complete=complete if isinstance(complete, bool) else None,
        idle_limit=limit if limit is not None and limit > 0 else None,
    )
    return header, ours


def bytes_of(text: str) -> bytes:
    """Return a text as UTF-8; halves of characters become U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _size(value: object, name: str) -> int:
    if value == 0 and value is not False:  # a recorder that had no terminal
        return _USUAL[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST:
        raise ValueError(f"{name} is not a size of a terminal: {printable(repr(value), 40)}")
    return value


def number_of(value: object) -> float | None:
    """Return a number that can be a time; ``None`` if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e12 and math.isfinite(value) else None


def _text(value: object) -> str:
    return printable(value, _TEXT) if isinstance(value, str) else ""
