"""Ctrl-C at a moment that a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

__all__ = ["interrupted_beginnings"]


@contextmanager
def interrupted_beginnings() -> Iterator[list[threading.Thread]]:
    """Raise ``KeyboardInterrupt`` in whoever has started a thread; yield those threads."""
    start = threading.Thread.start
    begun: list[threading.Thread] = []

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        begun.append(thread)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        yield begun
