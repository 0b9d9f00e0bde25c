"""The exit of a container that sessions have left: one wait request, however many want its code.

Layer: session, attach. Any thread. Observers are called on the I/O thread or on the calls worker.

An attached session has a wait request of its own. When it leaves, it hands the request over to the
container's :class:`SharedExit`, or closes it because one is there already. A shared exit holds
observers weakly: nothing here keeps a session, its journal or its spool alive.
"""

from __future__ import annotations

import threading
import weakref
from functools import partial
from typing import Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.exit_watch import ExitObserver, ExitWatch
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import Runtime, runtime
from hyper_jupyter.session.rules.container_state import has_ended

__all__ = ["SharedExit", "share_exit", "unshare_exit"]


_Observer = tuple["weakref.ref[ExitObserver]", str]
"""An observer, and the run whose exit it wants: inspect's ``StartedAt``, empty if unknown."""


class SharedExit:
    """One container's exit, for all sessions that have left it.

    Args:
        client: the engine.
        target: the container.
        watch: waits for the exit.
        run: the run that ``watch`` waits for: inspect's ``StartedAt``, empty if it is unknown.
        opener: the observer that ``watch`` was opened for.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        watch: ExitWatch,
        run: str,
        opener: ExitObserver,
    ) -> None:
        self._client = client
        self._target = target
        self._watch = watch
        self._run = run
        self._opener = weakref.ref(opener)
        self._runtime: Runtime = runtime()
        self._lock = threading.Lock()
        self._done = False
        self._observers: list[_Observer] = []
        self._inputs: list[Connection] = []

    def fits(self, run: str) -> bool:
        """Whether it still waits, and not for another run than this one."""
        known = bool(run and self._run)
        return not self._done and self._runtime is runtime() and not (known and run != self._run)

    def add(self, observer: ExitObserver, run: str, connection: Connection | None) -> bool:
        """Report the exit to one more observer.

        Args:
            observer: held weakly.
            run: the run whose exit it wants.
            connection: carries only stdin; closed at the exit, because engines keep it open.

        Returns:
            ``False`` if the exit was reported already.
        """
        with self._lock:
            if self._done:
                return False
            alive = self._living()
            self._observers = [*alive, (weakref.ref(observer), run)]
            self._inputs = [each for each in self._inputs if not each.ended]
            if connection is not None and all(each is not connection for each in self._inputs):
                self._inputs.append(connection)
        return True

    def discard(self, observer: ExitObserver) -> bool:
        """Report nothing more to an observer.

        Returns:
            Whether nothing wants the exit any more; then the wait request is closed.
        """
        with self._lock:
            self._observers = [each for each in self._living() if each[0]() is not observer]
            self._inputs = [each for each in self._inputs if not each.ended]
            unused = not self._done and not self._observers and not self._inputs
            self._done = self._done or unused
        if unused:
            self._watch.close()
        return unused

    def receive_exit(self, code: int | None) -> None:
        """Take the answer to the wait request."""
        observers, inputs = self._finish()
        for connection in inputs:
            connection.close()
        doubtful = []
        for observer, run in observers:
            found = observer()
            if found is not None and (run == self._run != "" or found is self._opener()):
                found.receive_exit(code)
            elif found is not None:
                doubtful.append((observer, run))
        if doubtful:
            runtime().calls.submit(partial(self._verify, doubtful, code))

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        """Take the reason why the exit is no longer watched."""
        observers, _ = self._finish()
        _tell_unwatched(observers, error)

    def is_wanted(self) -> bool:
        """Whether anything still wants the exit; if not, nothing can want it from now on."""
        with self._lock:
            if self._living() or any(not each.ended for each in self._inputs):
                return True
            self._done = True  # under the lock: what is added later needs a watch of its own
        self._finish()
        return False

    def _living(self) -> list[_Observer]:
        return [each for each in self._observers if each[0]() is not None]

    def _finish(self) -> tuple[list[_Observer], list[Connection]]:
        with self._lock:
            self._done = True
            observers, self._observers = self._observers, []
            inputs, self._inputs = self._inputs, []
        with _lock:
            if _shared.get(self._key) is self:
                del _shared[self._key]
        return observers, inputs

    @property
    def _key(self) -> tuple[str, str]:
        return self._client.host, self._target.key

    def _verify(self, observers: list[_Observer], code: int | None) -> None:
        """Find out whether the exit was that of the run that these observers want. Calls worker.

        They have joined a request that was sent before their run was known: that run may have begun
        after this exit, whose report was on its way.
        """
        try:
            state = self._target.state()
        except HyperJupyterError as error:
            _tell_unwatched(observers, error)
            return
        goes_on = state is not None and not has_ended(state)
        started = str(state.get("StartedAt") or "") if state is not None else ""
        for reference, run in observers:
            observer = reference()
            if observer is None:
                continue
            if run and started and run != started:
                observer.receive_exit(code)  # inspect is about a later run
                continue
            if state is None:
                observer.receive_exit(code)
                continue
            if not goes_on:
                observer.receive_exit(state.get("ExitCode", code))
                continue
            watch = ExitWatch(self._client, self._target, observer)
            if share_exit(self._client, self._target, watch, run, observer):
                watch.start()


_lock: Final = threading.Lock()
_shared: Final[dict[tuple[str, str], SharedExit]] = {}


def share_exit(
    client: EngineClient,
    target: Target,
    watch: ExitWatch,
    run: str,
    observer: ExitObserver,
    connection: Connection | None = None,
) -> bool:
    """Hand the watch of a session that leaves over, or close it if one is shared already.

    Args:
        client: the engine.
        target: the container.
        watch: the session's own; it reports to the observer no more.
        run: the run whose exit the session wants: inspect's ``StartedAt``, empty if unknown.
        observer: gets the exit code; held weakly.
        connection: carries only stdin; closed at the exit.

    Returns:
        Whether the watch is in use. ``False`` if it was closed, or has reported already.
    """
    key = (client.host, target.key)
    with _lock:
        shared = _shared.get(key)
        if shared is not None and shared.fits(run) and shared.add(observer, run, connection):
            joined = True
        else:
            joined = False
            shared = SharedExit(client, target, watch, run, observer)
            shared.add(observer, run, connection)
            if not watch.redirect(shared, shared.is_wanted):
                return False
            _shared[key] = shared
    if joined:
        watch.close()
    return not joined


def unshare_exit(client: EngineClient, target: Target, observer: ExitObserver) -> None:
    """Report a container's exit to an observer no more; close a request that nothing wants."""
    key = (client.host, target.key)
    with _lock:
        shared = _shared.get(key)
        if shared is not None and shared.discard(observer):
            del _shared[key]


def _tell_unwatched(observers: list[_Observer], error: HyperJupyterError) -> None:
    for reference, _ in observers:
        observer = reference()
        if observer is not None:
            observer.receive_unwatched(error)
