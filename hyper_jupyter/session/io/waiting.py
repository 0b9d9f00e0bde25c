"""Conditions and flags that cost little while nobody waits for them.

Layer: session, io. Any thread.

``threading.Condition`` and ``threading.Event`` take a kilobyte each, and each session has several,
for which mostly nobody waits: so what waiting needs is made for the first that waits, and released
after the last one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Flag", "Waiting"]


class Waiting:
    """A lock, and threads that wait for what it guards to change, as with a ``Condition``.

    Args:
        lock: shared with others; ``None`` makes one. A thread may take it again.
    """

    __slots__ = ("_condition", "_lock", "_waiters")

    def __init__(self, lock: threading.RLock | None = None) -> None:
        self._lock: Any = threading.RLock() if lock is None else lock
        self._condition: threading.Condition | None = None
        self._waiters = 0

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until ``predicate()`` is true, and return its last result. Requires the lock.

        Args:
            predicate: called before, and after each :meth:`notify_all`.
            timeout: seconds; ``None`` is no limit.
        """
        __tracebackhide__ = True
        if predicate():
            return True
        condition = self._condition
        if condition is None:
            condition = self._condition = threading.Condition(self._lock)
        self._waiters += 1
        try:
            return condition.wait_for(predicate, timeout)
        finally:
            self._waiters -= 1
            if not self._waiters:
                self._condition = None

    def notify_all(self) -> None:
        """Wake all that wait. Requires the lock."""
        if self._condition is not None:
            self._condition.notify_all()


class Flag:
    """Is set once; threads may wait for that, as with an ``Event``.

    Args:
        lock: as for :class:`Waiting`.
    """

    __slots__ = ("_set", "_waiting")

    def __init__(self, lock: threading.RLock | None = None) -> None:
        self._set = False
        self._waiting = Waiting(lock)

    def is_set(self) -> bool:
        """Whether it is set."""
        return self._set

    def set(self) -> None:
        """Set it, and wake all that wait."""
        with self._waiting:
            self._set = True
            self._waiting.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; return whether it is. ``timeout`` is in seconds."""
        with self._waiting:
            return self._waiting.wait_for(self.is_set, timeout)
