"""What a connection delivers to, in tests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output
from hyper_jupyter.protocol.log_entries import LogTimes

PATIENCE = 10.0


class ListedSubscriber:
    """Lists what it receives.

    Attributes:
        received: outputs, and the end as ``("end", connection, error)``.
        threads: the names of those that it was called in.
    """

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.threads: set[str] = set()
        self._came = threading.Condition()

    def receive_output(self, outputs: Sequence[Output], _times: LogTimes | None = None, /) -> None:
        self._add(*outputs)

    def receive_end(self, connection: Any, error: HyperJupyterError | None) -> None:
        self._add(("end", connection, error))

    def await_received(self, count: int) -> list[Any]:
        """All that came, once it is so much."""
        return self._await(lambda: len(self.received) >= count)

    def await_bytes(self, count: int) -> list[Any]:
        """All that came, once it is so many bytes."""
        return self._await(lambda: sum(len(o[1]) for o in self.received if o[0] != "end") >= count)

    def await_end(self) -> list[Any]:
        """All that came, once the end has."""
        return self._await(lambda: any(o[0] == "end" for o in self.received))

    def _add(self, *news: Any) -> None:
        with self._came:
            self.received += news
            self.threads.add(threading.current_thread().name)
            self._came.notify_all()

    def _await(self, predicate: Callable[[], bool]) -> list[Any]:
        with self._came:
            assert self._came.wait_for(predicate, PATIENCE), self.received
        return self.received
