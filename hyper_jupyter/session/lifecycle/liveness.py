"""Whether the embedded engine still answers while sessions are attached to it.

Layer: session, lifecycle. Any thread; the engine is asked on the calls worker, and watchers are
called there.

A stopped process keeps its connections: a session that is attached to it looks as if its container
were quiet. Other engines are not asked. They are no process of ours, and what lies on the way to
them would have to carry it.
"""

from __future__ import annotations

import threading
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.session.io.runtime import Runtime, runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle

__all__ = ["Liveness", "Watch"]

_PERIOD: Final = 5.0
"""Seconds between two questions."""

_PATIENCE: Final = 3.0
"""Seconds in which an engine has to answer. It does in milliseconds, unless the machine is busy."""


class Watch:
    """One session's view of its engine's liveness.

    Args:
        client: the engine.
        lifecycle: is notified of each change of :attr:`silence`.

    Attributes:
        silence: in one sentence, that the engine does not answer and what can be done; empty as
            long as it does, and for engines other than the embedded one.
    """

    __slots__ = ("_client", "_lifecycle", "_liveness", "_lock", "silence")

    def __init__(self, client: EngineClient, lifecycle: Lifecycle) -> None:
        self.silence = ""
        self._client = client
        self._lifecycle = lifecycle
        self._lock = lifecycle.lock  # taken before the lock of Liveness
        self._liveness: Liveness | None = None

    def begin(self) -> None:
        """Start to ask: the session is attached."""
        if self._client.instance is None:
            return
        with self._lock:
            self._liveness = Liveness.of(self._client)
            self._liveness.add(self)

    def end(self) -> None:
        """Stop asking, unless another session is attached."""
        with self._lock:
            liveness, self._liveness = self._liveness, None
            if liveness is not None:
                liveness.discard(self)
            silence, self.silence = self.silence, ""
        if silence:
            self._lifecycle.notify()

    def receive(self, silence: str) -> None:
        """Take what was found out; no effect after :meth:`end`. Calls worker."""
        with self._lock:
            if self._liveness is None or silence == self.silence:
                return
            self.silence = silence
        self._lifecycle.notify()


class Liveness:
    """Asks one engine, as long as a session is attached to it.

    Args:
        client: one of its clients.
    """

    def __init__(self, client: EngineClient) -> None:
        self._client = client
        self._instance = client.instance
        self._runtime: Runtime = runtime()
        self._lock = threading.Lock()
        self._watches: tuple[Watch, ...] = ()
        self._scheduled = False

    @classmethod
    def of(cls, client: EngineClient) -> Liveness:
        """Return the one of a client's engine."""
        global _current
        with _lock:
            found = _current
            fits = found is not None and found._runtime is runtime()
            if found is None or not fits or found._instance is not client.instance:
                found = _current = cls(client)
            return found

    def add(self, watch: Watch) -> None:
        """Report to a watch from now on."""
        with self._lock:
            self._watches = (*self._watches, watch)
            if not self._scheduled:
                self._scheduled = True
                runtime().calls.call_later(_PERIOD, self.ask)

    def discard(self, watch: Watch) -> None:
        """Report to a watch no more."""
        with self._lock:
            self._watches = tuple(each for each in self._watches if each is not watch)

    def ask(self) -> None:
        """Ask once, report, and ask again later, unless nothing is attached. Calls worker."""
        with self._lock:
            self._scheduled = bool(self._watches)
        if not self._scheduled:
            return
        silence = self._question()
        with self._lock:
            watches = self._watches
        runtime().calls.call_later(_PERIOD, self.ask)
        for watch in watches:
            watch.receive(silence)

    def _question(self) -> str:
        if self._instance is None or self._instance.has_ended():
            return ""  # the end of the streams says so
        try:
            self._client.call("GET", "/_ping", timeout=_PATIENCE)
        except ConnectionFailed as failure:
            return self._instance.silence() if failure.unanswered else ""
        except HyperJupyterError:
            pass  # it answers, whatever
        return ""


_lock: Final = threading.Lock()
_current: Liveness | None = None
