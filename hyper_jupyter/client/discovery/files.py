"""Reading configuration files of other programs.

Layer: client. Any thread; reads files, at most the first mebibyte of each, and writes none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

__all__ = ["read_document", "read_settings"]

_MAX_FILE: Final = 1024 * 1024


def read_document(path: Path, parse: Callable[[str], Any] = json.loads) -> Any:
    """Read and parse a file.

    Raises:
        OSError: it cannot be read.
        ValueError: ``parse`` cannot read it.
        RecursionError: it is nested too deeply.
    """
    with path.open(encoding="utf-8") as file:
        return parse(file.read(_MAX_FILE))


def read_settings(path: Path, parse: Callable[[str], Any] = json.loads) -> dict[str, Any]:
    """Read a file as :func:`read_document` does; empty if that fails or it is not an object."""
    try:
        content = read_document(path, parse)
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
