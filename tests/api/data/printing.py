"""A session whose engine is the test: it prints and ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from hyper_jupyter.api.session import Session
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.lifecycle.expecting import Expecting
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.store.history import History
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import Marks
from hyper_jupyter.session.store.transcript import Transcript


class _Life(Lifecycle):
    """One whose methods a test may replace."""


class Printing(Session):
    """A session without connections.

    Attributes:
        reason: why the end of the session is not the end of the output.
    """

    clock: Any = "arrival"
    reason: BaseException | None = None

    def __init__(self, journal: Journal | None = None) -> None:
        self.name = "web"
        self.journal = Journal() if journal is None else journal
        self.history = History("all")
        self._marks = Marks(self.journal, threading.RLock())
        self._lifecycle = _Life(self.journal)
        self._lifecycle.move(State.ATTACHED)
        self._ending: Any = SimpleNamespace(fault=lambda: self.reason)
        self._expecting = Expecting(self.journal, self._lifecycle, self._ending.fault)
        wait = self._lifecycle.wait_for_more
        self.stdout, self.stderr = (
            Transcript(self.journal, stream, wait, self._ending.fault)
            for stream in (StreamType.STDOUT, StreamType.STDERR)
        )

    def prints(
        self,
        *pieces: bytes,
        stream: StreamType = StreamType.STDOUT,
        when: float | None = None,
    ) -> None:
        """Receive output, each piece by itself."""
        for data in pieces:
            self.journal.extend([Output(stream, data)], when)
            self._lifecycle.notify(output=True)

    def ends(self, state: State = State.EXITED) -> None:
        self._lifecycle.move(state)

    def when_waiting(self, function: Callable[[], object]) -> None:
        """Call a function once somebody waits for output."""
        wait_for, subscribe = self._lifecycle.wait_for, self._lifecycle.subscribe

        def waiting(*arguments: Any) -> bool:
            function()
            return wait_for(*arguments)

        def subscribing(*arguments: Any) -> Callable[[], None]:
            remove = subscribe(*arguments)
            function()
            return remove

        self._lifecycle.wait_for = waiting  # type: ignore[method-assign]
        self._lifecycle.subscribe = subscribing  # type: ignore[method-assign]
