"""Lines of logs, whatever has written them: which of their fields is the level, and what it means.

Layer: api, data. Reads a file of this package when it is imported; no other I/O, no threads.

``levels.json`` has the names. The page reads the same file (``js/src/model/logs/level.ts``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

__all__ = ["LEVELS", "level_of", "log_level", "looks_like_logfmt", "split_klog"]

_KNOWN: Final = json.loads((files(__package__) / "levels.json").read_text("utf-8"))

LEVELS: Final[tuple[str, ...]] = tuple(_KNOWN["order"])
"""From the least to the most important."""

_NAMES: Final[Mapping[str, str]] = {**_KNOWN["letters"], **_KNOWN["numbers"], **_KNOWN["names"]}
_OFFSET: Final = re.compile(r"[+-]\d+$")
_LOGFMT: Final = re.compile(r"(?:^|\s)(?:level|lvl|severity|msg|message|event)=")
_KLOG: Final = re.compile(
    r"([IWEF])(\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{6})\s+(\d+) ([^\s:\]]+:\d+)\] (.*)", re.DOTALL
)


def level_of(value: object) -> str | None:
    """Return the level that a value stands for: ``"WARN"``, ``"wrn"``, ``40``, ``"e"``."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if not isinstance(value, str):
        return _KNOWN["numbers"].get(f"{value:g}")  # type: ignore[no-any-return]
    name = value.strip().lower()
    return _NAMES.get(name) or _KNOWN["names"].get(_OFFSET.sub("", name))  # slog has INFO+2


def log_level(fields: Mapping[str, Any]) -> str | None:
    """Return the level that the fields of a line say."""
    for name in _KNOWN["fields"]["level"]:
        if name in fields and (level := level_of(fields[name])):
            return level
    return next((level for name, level in _KNOWN["unnamed"].items() if name in fields), None)


def looks_like_logfmt(text: str) -> bool:
    """Return whether pairs in a line are those of a log."""
    return _LOGFMT.search(text) is not None


def split_klog(text: str) -> tuple[dict[str, Any], str] | None:
    """Return the fields in the header that klog writes, and what follows it."""
    found = _KLOG.fullmatch(text)
    if found is None:
        return None
    level, month, day, time, thread, source, rest = found.groups()
    fields = {"level": level, "time": f"{month}-{day} {time}", "thread": thread, "source": source}
    return fields, rest
