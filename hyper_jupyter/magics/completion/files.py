"""Names of files, as Tab offers them.

Layer: magics. The thread that completes; it reads folders of the kernel's machine.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

__all__ = ["files"]

_PATIENCE: Final = 0.05
"""Seconds for one folder: it may have a million files."""


def files(word: str) -> list[str]:
    """Return the files that begin like a word. Folders end with a slash.

    Args:
        word: a path, or its beginning. Hidden files are offered if it names the dot, and a
            leading ``~`` is a home folder.
    """
    folder, slash, start = word.rpartition("/")
    deadline = time.monotonic() + _PATIENCE
    found: list[str] = []
    try:
        with os.scandir(Path(folder + slash).expanduser()) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(start) and name.isprintable() and (start or name[0] != "."):
                    found.append(folder + slash + name + ("/" if entry.is_dir() else ""))
                if time.monotonic() > deadline:
                    break
    except (OSError, RuntimeError):  # there is no such folder, or no such user
        return []
    return sorted(found)
