"""The size of a session's terminal.

Layer: session, lifecycle. Any thread. The public methods block, each for one call.

Podman may lose a size that comes within some milliseconds of another one, and the program then
keeps the older one ("The first size of a terminal" in ``docs/engines-seen.md``). So the last size
is sent once more when no other has come for a moment. A program that has it notices nothing:
the same size again is no change.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Final

from hyper_jupyter.client import DEFAULT_SIZE, EngineProfile, check_size
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.store.sizes import Sizes

__all__ = ["Resizing"]

_QUIET: Final = 0.25
"""Seconds without another size after which the last one is sent once more."""


class Resizing:
    """Sets the size of one session's terminal.

    Args:
        target: what the session is attached to.
        profile: the engine's profile.
        size: rows and columns at the start; ``None`` is the default.
        sizes: gets each size that is set.
        lock: the session's.

    Attributes:
        size: rows and columns, as last set, or at the start.

    Raises:
        HyperJupyterError: no terminal can have that size.
    """

    __slots__ = (
        "_changed_at",
        "_lock",
        "_repeats",
        "_scheduled",
        "_sending",
        "_sent",
        "_sizes",
        "_target",
        "size",
    )

    def __init__(
        self,
        target: Target,
        profile: EngineProfile,
        size: tuple[int, int] | None,
        sizes: Sizes,
        lock: threading.RLock,
    ) -> None:
        check_size(size)
        self.size = size or DEFAULT_SIZE
        self._sizes = sizes
        self._target = target
        self._repeats = profile.loses_quick_resizes
        self._sending = threading.Lock()  # so that the last size is that of the last call
        self._lock = lock
        self._changed_at = 0.0
        self._scheduled = False
        self._sent = False

    def set(self, height: int, width: int) -> None:
        """Set the size, in character cells. Blocks, also for a call that is under way."""
        check_size((height, width))
        with self._sending:
            self._sizes.add(height, width)  # before: its output at that size comes after it
            self._send(height, width)

    def send_first(self) -> None:
        """Send the size as it is at the start. Blocks."""
        with self._sending:
            self._target.resize(*self.size)
            self._sent = True

    def send_again(self) -> None:
        """Send the last size once more, if any was sent, and never mind if that fails. Blocks.

        The terminal of a container's next life does not have it. And whoever was attached while the
        session was not may have set another one.
        """
        with self._sending, contextlib.suppress(HyperJupyterError):
            if self._sent:
                self._send(*self.size)

    def _send(self, height: int, width: int) -> None:
        """Send a size; the caller holds ``_sending``."""
        self._target.resize(height, width)
        self._sent = True
        with self._lock:
            self.size = (height, width)
            self._changed_at = time.monotonic()
            schedule = self._repeats and not self._scheduled
            self._scheduled = self._scheduled or schedule
        if schedule:
            runtime().calls.call_later(_QUIET, self._repeat)

    def _repeat(self) -> None:
        """Send the last size once more, unless another one has just come. Calls worker."""
        if not self._sending.acquire(blocking=False):  # a call is under way: let it end first
            runtime().calls.call_later(_QUIET, self._repeat)
            return
        try:
            with self._lock:
                pause = self._changed_at + _QUIET - time.monotonic()
                self._scheduled = pause > 0
                size = self.size
            if pause > 0:
                runtime().calls.call_later(pause, self._repeat)
                return
            with contextlib.suppress(HyperJupyterError):  # it may have ended
                self._target.resize(*size)
        finally:
            self._sending.release()
