"""The ways to an engine on which connections are kept, and a clock that a test moves on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hyper_jupyter.client import EngineClient
from hyper_jupyter.client.transport import idle as idle_module
from tests.client.servers import KEEP, ScriptedServer, answer

SHORT = 0.3
FINE = answer(b"{}", headers=KEEP)


class Clock:
    """The clock that the layer above lends. Its time passes when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 1000.0
        self._due: list[tuple[float, Callable[[], object]]] = []
        monkeypatch.setattr(idle_module, "now", lambda: self._now)

    def call_later(self, delay: float, callback: Callable[[], object]) -> None:
        self._due.append((self._now + delay, callback))

    @property
    def asked(self) -> int:
        return len(self._due)

    def sleep(self, seconds: float) -> None:
        """Let time pass without any callback: the machine sleeps."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        end = self._now + seconds
        while due := [each for each in self._due if each[0] <= end]:
            first = min(due, key=lambda each: each[0])
            self._due.remove(first)
            self._now = first[0]
            first[1]()
        self._now = end


class Way:
    """A scripted server that keeps connections, and the clients that go there one way."""

    def __init__(self, server: ScriptedServer, make: Callable[..., EngineClient]) -> None:
        self.server = server
        self.client = make

    @property
    def used(self) -> int:
        """Connections that were made, for calls and the negotiation."""
        return self.server.dialled


Open = Callable[..., Way]
