"""What was typed into each container, for the arrow keys of every page and of later sessions.

Layer: widgets; no Jupyter. Any thread. Hidden input is never passed to it.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

__all__ = ["CONTAINERS", "ENTRIES", "SIZE", "InputHistory", "input_history"]

ENTRIES: Final = 200
"""How many entries are kept per container. An entry may have several lines."""

SIZE: Final = 4096
"""Longest entry that is kept, in characters."""

CONTAINERS: Final = 64
"""How many containers are remembered. The one not asked for longest is discarded first."""


class InputHistory:
    """What was typed into one container."""

    def __init__(self) -> None:
        self._entries: deque[str] = deque(maxlen=ENTRIES)

    def entries(self) -> list[str]:
        """Return all entries, oldest first."""
        return list(self._entries)

    def add(self, text: str) -> None:
        """Keep a text unless it is empty, too long, or the same as the last one."""
        if 0 < len(text) <= SIZE and [text] != list(self._entries)[-1:]:
            self._entries.append(text)


_lock = threading.Lock()
_histories: dict[tuple[str, str], InputHistory] = {}


def input_history(host: str, container_id: str) -> InputHistory:
    """Return the history of a container, which all its sessions in this kernel share.

    Args:
        host: the engine's address.
        container_id: the container.
    """
    key = (host, container_id)
    with _lock:
        found = _histories.pop(key, None) or InputHistory()
        _histories[key] = found  # the newest last
        while len(_histories) > CONTAINERS:
            del _histories[next(iter(_histories))]
        return found
