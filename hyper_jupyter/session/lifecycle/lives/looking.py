"""Looks again and again what has become of a container, and soon after each of its events.

Layer: session, lifecycle. Any thread; the looks are on a worker.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.records import Event
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.attach.event_watch import listen
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.lifecycle.ending import Ending

__all__ = ["Looking"]

_FIRST_LOOK: Final = 0.1
_SLOWER: Final = 1.6
_LATEST_LOOK: Final = 10.0
"""Seconds between two inspects while it waits: the first, how many times as long the next, at most.
Events come in between."""

logger = logging.getLogger(__name__)


class Looking:
    """Calls :meth:`_inspect`, one call at a time: often at first, and then more and more rarely.

    Args:
        client: the engine.
        target: the container.
        ending: ends the session if the engine has ended.
        lock: the session's.
    """

    __slots__ = (
        "_again",
        "_client",
        "_ending",
        "_job",
        "_lock",
        "_looking",
        "_pause",
        "_stop",
        "_target",
        "_waits",
    )

    def __init__(
        self, client: EngineClient, target: Target, ending: Ending, lock: threading.RLock
    ) -> None:
        self._client = client
        self._target = target
        self._ending = ending
        self._lock = lock
        self._stop: Callable[[], object] | None = None
        self._waits = False  # something is expected to happen
        self._looking = False
        self._again = False
        self._job: Job | None = None
        self._pause = _FIRST_LOOK

    def receive_event(self, event: Event) -> None:
        """Take an event of any container. I/O thread."""
        raise NotImplementedError

    def _inspect(self) -> None:
        """Ask the engine what has become of the container, and act on it."""
        raise NotImplementedError

    @property
    def active(self) -> bool:
        """Whether the session follows its container."""
        return self._stop is not None

    def _listen(self) -> None:
        """Begin to look, unless it has begun."""
        with self._lock:
            if self._stop is not None:
                return
            self._stop = _nothing
        stop = listen(self._client, self)
        with self._lock:
            active = self._stop is not None
            if active:
                self._stop = stop
        if active:
            self._look_soon()  # there may be no events
        else:
            stop()

    def _stop_looking(self) -> None:
        with self._lock:
            stop, self._stop = self._stop, None
            job, self._job = self._job, None
            self._waits = False
        if stop is not None:
            stop()
        if job is not None:
            job.cancel()

    def _look_often(self) -> None:
        """Look without an event, too, from now on. Needs the lock."""
        self._waits = True
        self._pause = _FIRST_LOOK

    def look(self) -> None:
        """Look for ourselves: events may have been missed. Worker."""
        self._look_soon()

    def _look_soon(self) -> None:
        with self._lock:
            if self._stop is None:
                return
            if self._looking:
                self._again = True
                return
            self._looking = True
            if self._job is not None:
                self._job.cancel()
        runtime().reconnects.submit(self._look)

    def _look(self) -> None:
        try:
            self._inspect()
        except ConnectionLost as error:  # the engine has ended
            if self._waits:
                self._ending.cease(error)
        except HyperJupyterError as error:
            logger.info("! what became of %s is not known: %s", self._target.describe(), error)
        finally:
            with self._lock:
                self._looking = False
                again, self._again = self._again, False
                if self._waits and self._stop is not None and not again:
                    pause, self._pause = self._pause, min(self._pause * _SLOWER, _LATEST_LOOK)
                    self._job = runtime().reconnects.call_later(pause, self._look_soon)
            if again:
                self._look_soon()


def _nothing() -> None:
    """Stop nothing."""
