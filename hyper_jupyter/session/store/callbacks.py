"""Calls users' functions with output, on a thread that they may hold up.

Layer: session, store. Any thread may add, remove and flush. The functions run on the callbacks
worker, one after another. Each has its own position in the journal, so a slow one costs no memory.

A worker's thread serves all sessions. So a function is called for a short time, then the others
have their turn: one that is slower than its output comes is late itself, and keeps nobody else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.store.journal import Journal

__all__ = ["OutputCallbacks", "checked"]

_PIECE: Final = 256 * 1024

TURN: Final = 0.05
"""Seconds after which a function is called no more until the others have had their turn."""

logger = logging.getLogger(__name__)


def checked(callback: object) -> None:
    """Check a user's function when it is given, not when it is called.

    Raises:
        TypeError: it cannot be called.
    """
    if not callable(callback):
        raise TypeError(f"{callback!r} is not a function")


class _Reader:
    """A function, and how far it has read the journal."""

    __slots__ = ("active", "callback", "position", "scheduled")

    def __init__(self, callback: Callable[[StreamType, bytes], object], position: int) -> None:
        self.callback = callback
        self.position = position
        self.active = True
        self.scheduled = False


class OutputCallbacks:
    """The ``on_output`` functions of one session.

    Args:
        journal: the output that they are called with.
        lock: the session's.
    """

    __slots__ = ("_afterwards", "_journal", "_lock", "_readers")

    def __init__(self, journal: Journal, lock: threading.RLock) -> None:
        self._journal = journal
        self._lock = lock
        self._readers: tuple[_Reader, ...] = ()
        # What runs after output, and the position of that output's end; mostly there is nothing.
        self._afterwards: deque[tuple[int, Callable[[], object]]] | None = None

    def add(self, callback: Callable[[StreamType, bytes], object]) -> Callable[[], None]:
        """Call ``callback`` with all output from now on; return a function that removes it."""
        checked(callback)
        reader = _Reader(callback, len(self._journal))
        with self._lock:
            self._readers = (*self._readers, reader)

        def remove() -> None:
            reader.active = False
            with self._lock:
                self._readers = tuple(r for r in self._readers if r is not reader)
                self._run_due()

        return remove

    def flush(self) -> None:
        """Schedule the delivery of new output. Cheap if there are no functions."""
        if not self._readers:
            return
        with self._lock:
            for reader in self._readers:
                self._schedule(reader)

    def then(self, function: Callable[[], object]) -> None:
        """Run ``function()`` on the callbacks worker after the delivery of all output so far."""
        with self._lock:
            if self._afterwards is None:
                self._afterwards = deque()
            self._afterwards.append((len(self._journal), function))
            self._run_due()
            for reader in self._readers if self._afterwards else ():
                self._schedule(reader)

    def _schedule(self, reader: _Reader) -> None:
        """Let a function have a turn. Requires the lock."""
        if not reader.scheduled:
            reader.scheduled = True
            runtime().callbacks.submit(partial(self._take_turn, reader))

    def _run_due(self) -> None:
        """Schedule what waited for output that is delivered now. Requires the lock."""
        if self._afterwards is None:
            return
        done = min((reader.position for reader in self._readers), default=None)
        while self._afterwards and (done is None or self._afterwards[0][0] <= done):
            runtime().callbacks.submit(self._afterwards.popleft()[1])
        if not self._afterwards:
            self._afterwards = None

    def _take_turn(self, reader: _Reader) -> None:
        """Call a function with what has come. Runs on the callbacks worker."""
        until = time.monotonic() + TURN
        more = reader.active
        while more:
            more = self._deliver(reader, until) and reader.active
            if time.monotonic() >= until:
                break
        with self._lock:
            # Not earlier: what comes during a turn must not put it in front of the others.
            reader.scheduled = False
            if reader.active and reader.position < len(self._journal):
                self._schedule(reader)
            self._run_due()

    def _deliver(self, reader: _Reader, until: float) -> bool:
        """Call a function with a piece, or a part of it once it is late; return if there was one.

        Args:
            reader: the function.
            until: the end of its turn, by ``time.monotonic``.
        """
        begin = reader.position
        records, end = self._journal.records(begin, _PIECE)
        size = sum(len(data) for _, _, data in records)
        reader.position = end - size
        if missed := reader.position - begin:
            logger.warning(
                "! an on_output function is too slow: it misses %d bytes, which are no longer kept",
                missed,
            )
        for stream, _, data in records:
            reader.position += len(data)
            try:
                reader.callback(stream, data)
            except BaseException:  # also sys.exit(): the other functions must still run
                logger.exception("! an on_output function failed")
            if not reader.active or time.monotonic() >= until:
                break
        return bool(records)
