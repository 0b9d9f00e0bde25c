"""What was typed into each container, for the arrow keys of every page and later session.

Layer: widgets; no Jupyter. Any thread. Hidden input never comes here.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

__all__ = ["CONTAINERS", "ENTRIES", "SIZE", "History", "history"]

ENTRIES: Final = 200
"""Entries that are kept per container; each may have several lines."""

SIZE: Final = 4096
"""Characters of an entry above which it is not kept."""

CONTAINERS: Final = 64
"""Containers that are remembered; the one that was asked for longest ago goes first."""


class History:
    """What was typed into one container."""

    def __init__(self) -> None:
        self._entries: deque[str] = deque(maxlen=ENTRIES)

    def entries(self) -> list[str]:
        """All that is kept, oldest first."""
        return list(self._entries)

    def add(self, text: str) -> None:
        """Keep it, unless it is empty, too long, or the last one again."""
        if 0 < len(text) <= SIZE and [text] != list(self._entries)[-1:]:
            self._entries.append(text)


_lock = threading.Lock()
_histories: dict[tuple[str, str], History] = {}


def history(host: str, container_id: str) -> History:
    """The history of a container, which all its sessions in this kernel share.

    Args:
        host: the engine's address.
        container_id: whose.
    """
    key = (host, container_id)
    with _lock:
        found = _histories.pop(key, None) or History()
        _histories[key] = found  # the newest last
        while len(_histories) > CONTAINERS:
            del _histories[next(iter(_histories))]
        return found
