"""Waits for the exit of a container: for one session, and with others once it has left.

Layer: session, lifecycle. Any thread. :meth:`ExitWatching.open` and :meth:`ExitWatching.open_again`
block. The observer is a parameter everywhere: the session's end refers to this, and not the other
way round, except as long as there is a request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.exit_watch import ExitObserver, ExitWatch
from hyper_jupyter.session.attach.shared_exit import share_exit, unshare_exit
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.rules.plan import Plan

__all__ = ["ExitWatching"]


class ExitWatching:
    """The wait request of one session.

    Args:
        client: the engine.
        target: what the session is attached to.
        lock: the session's.

    Attributes:
        failure: why the exit is no longer watched; ``None`` if nothing has failed.
        next_exit: whether the request waits for the next exit only.
        renewals: how often the session has begun again after an end.
    """

    __slots__ = (
        "_client",
        "_lock",
        "_shares",
        "_target",
        "_watch",
        "failure",
        "next_exit",
        "renewals",
    )

    def __init__(self, client: EngineClient, target: Target, lock: threading.RLock) -> None:
        self.failure: HyperJupyterError | None = None
        self.next_exit = False
        self.renewals = 0
        self._client = client
        self._target = target
        self._lock = lock
        self._watch: ExitWatch | None = None
        self._shares = False  # the exit is watched for several sessions together

    @property
    def active(self) -> bool:
        """Whether the exit is watched."""
        return self._watch is not None or self._shares

    def renew(self, observer: ExitObserver) -> None:
        """Watch no more: the session begins again, and what comes late is ignored."""
        with self._lock:
            watch, self._watch = self._watch, None
            self._shares = self.next_exit = False
            self.failure = None
            self.renewals += 1
        if watch is not None:
            watch.close()
        self.unshare(observer)

    def open(self, observer: ExitObserver, plan: Plan, deadline: Deadline) -> None:
        """Ask for the exit code, and return while the engine answers. Blocks.

        Args:
            observer: gets it.
            plan: the session's plan.
            deadline: for the connection.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        self._watch = watch = self._make(observer)
        condition = "next-exit" if plan.unstarted else plan.profile.wait_condition
        self.next_exit = condition == "next-exit"
        watch.open(condition, deadline)

    def await_answer(self, deadline: Deadline) -> None:
        """Wait until the engine waits for the exit. Blocks.

        Args:
            deadline: for the engine's answer.
        """
        watch = self._watch
        if watch is not None:
            watch.await_answer(deadline)

    def open_again(self, observer: ExitObserver, plan: Plan, deadline: Deadline) -> None:
        """Ask for the exit code, unless that is still asked for. Blocks.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        with self._lock:
            if self.active:
                return
            self.failure = None
        try:
            self.open(observer, plan, deadline)
            self.await_answer(deadline)
        except BaseException:
            with self._lock:
                watch, self._watch = self._watch, None
            if watch is not None:
                watch.close()
            raise

    def begin(self, observer: ExitObserver, run: str, *, left: bool) -> None:
        """Ask for the exit code in the background, unless that is asked for.

        Args:
            observer: gets it.
            run: the run that ends with it: inspect's ``StartedAt``, empty if it is unknown.
            left: whether the session has left the container.
        """
        with self._lock:
            if self.active:
                return
            self.failure = None
            watch = self._make(observer)
            self._watch, self._shares = (None, True) if left else (watch, False)
        if not left or share_exit(self._client, self._target, watch, run, observer):
            watch.start()

    def leave(
        self,
        observer: ExitObserver,
        run: str,
        parked: Callable[[], Connection | None],
        *,
        keep: bool,
        known: bool,
    ) -> bool:
        """Take note that the session leaves the container.

        Args:
            observer: the session.
            run: the run that it leaves.
            parked: returns a connection that carries only stdin, to be closed at the exit.
            keep: go on watching the exit, with the other sessions that have left. The exit of an
                exec is watched from now on: until now its stream would have shown it.
            known: whether there is nothing more to be learned.

        Returns:
            Whether the request was given to those.
        """
        with self._lock:
            watch, self._watch = self._watch, None
            begin = keep and not (watch or known or self._shares or self._target.waits)
            if begin:
                watch = self._make(observer)
            self._shares = keep and (watch is not None or self._shares)
        if watch is None:
            return False
        if not keep:
            watch.close()
            return False
        shared = share_exit(self._client, self._target, watch, run, observer, parked())
        if begin and shared:
            watch.start()
        return True

    def lose(self, error: HyperJupyterError) -> None:
        """Take note that the engine can no longer report the exit."""
        with self._lock:
            self._watch = None
            self._shares = False
            self.failure = error

    def unshare(self, observer: ExitObserver) -> None:
        """Have nothing reported any more, after the session has left."""
        unshare_exit(self._client, self._target, observer)

    def _make(self, observer: ExitObserver) -> ExitWatch:
        return ExitWatch(self._client, self._target, _Report(self, observer))


class _Report:
    """Reports what a watch finds out, unless the session has begun again since it was made."""

    __slots__ = ("_number", "_observer", "_watching")

    def __init__(self, watching: ExitWatching, observer: ExitObserver) -> None:
        self._watching = watching
        self._observer = observer
        self._number = watching.renewals

    def receive_exit(self, code: int | None) -> None:
        """Report the exit."""
        if self._number == self._watching.renewals:
            self._observer.receive_exit(code)

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        """Report that it can no longer be learned."""
        if self._number == self._watching.renewals:
            self._observer.receive_unwatched(error)
