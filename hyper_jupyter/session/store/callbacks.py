"""Calls users' functions with output, on a thread that they may hold up.

Layer: session, store. Any thread may add, remove and flush. The functions run on the callbacks
worker, one after another. Each has its own position in the journal, so a slow one costs no memory.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.store.journal import Journal

__all__ = ["OutputCallbacks", "checked"]

_PIECE: Final = 256 * 1024

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

    __slots__ = ("active", "callback", "position")

    def __init__(self, callback: Callable[[StreamType, bytes], object], position: int) -> None:
        self.callback = callback
        self.position = position
        self.active = True


class OutputCallbacks:
    """The ``on_output`` functions of one session.

    Args:
        journal: the output that they are called with.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._readers: tuple[_Reader, ...] = ()
        self._scheduled = False

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

        return remove

    def flush(self) -> None:
        """Schedule the delivery of new output. Cheap if there are no functions."""
        with self._lock:
            if not self._readers or self._scheduled:
                return
            self._scheduled = True
        runtime().callbacks.submit(self._deliver)

    def _deliver(self) -> None:
        with self._lock:
            self._scheduled = False
            readers = self._readers
        for reader in readers:
            while reader.active:
                begin = reader.position
                records, reader.position = self._journal.records(begin, _PIECE)
                if not records:
                    break
                missed = reader.position - begin - sum(len(data) for _, _, data in records)
                if missed:
                    logger.warning(
                        "! an on_output function is too slow: it misses %d bytes, which are no "
                        "longer kept",
                        missed,
                    )
                for stream, _, data in records:
                    if not reader.active:
                        break
                    try:
                        reader.callback(stream, data)
                    except BaseException:  # also sys.exit(): the other functions must still run
                        logger.exception("! an on_output function failed")
