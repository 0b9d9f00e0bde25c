"""Configuration files of other programs, read whole but for what is larger than any of them.

Layer: client. Any thread; reads files, writes none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["read_document", "read_settings"]

_MAX_FILE: Final = 1024 * 1024


def read_document(path: Path, parse: Callable[[str], Any] = json.loads) -> Any:
    """What a file says.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not what ``parse`` reads.
        RecursionError: nor is it, but deeply.
    """
    with path.open(encoding="utf-8") as file:
        return parse(file.read(_MAX_FILE))


def read_settings(path: Path, parse: Callable[[str], Any] = json.loads) -> dict[str, Any]:
    """The same; empty where it cannot be read, and where it is no object."""
    try:
        content = read_document(path, parse)
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
