"""Where a session stands, and the waiters and callbacks that follow it.

Layer: session, lifecycle. Any thread. The ``wait_*`` methods block. Wake functions are called in
the thread that made the change (mostly the I/O thread), observers on the callbacks worker. No lock
is held during either.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import SessionClosed
from hyper_jupyter.session.io.waiting import Waiting
from hyper_jupyter.session.rules.state import ENDED, TRANSITIONS, State
from hyper_jupyter.session.store.callbacks import OutputCallbacks, checked
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Lifecycle", "interruptible"]

_WAKE_UP: Final = 0.25
"""Seconds after which Ctrl-C is noticed at the latest, while an event loop waits."""

_END_PATIENCE: Final = 10.0
"""Seconds to wait for the end before a session begins again."""

logger = logging.getLogger(__name__)


class Lifecycle:
    """The state of one session.

    Args:
        journal: what the session received.

    Attributes:
        output: the ``on_output`` functions.
        lock: guards what the parts of the session know. It is held for moments only: meanwhile no
            engine is asked, nothing is waited for, and no user's function is called. It is taken
            before every other lock (of connections, the loop, workers), never after one. What is
            called with every read has a lock of its own: connections, streams, the journal.
    """

    __slots__ = (
        "_condition",
        "_end_condition",
        "_ended_at",
        "_enders",
        "_journal",
        "_observers",
        "_pid",
        "_state",
        "_watchers",
        "lock",
        "output",
    )

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.lock = threading.RLock()
        self.output = OutputCallbacks(journal, self.lock)
        self._condition = Waiting(self.lock)
        self._end_condition = Waiting(self.lock)  # output alone does not notify it
        self._state = State.CONNECTING
        self._ended_at: float | None = None
        self._pid = os.getpid()
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._observers: tuple[Callable[[State, State], object], ...] = ()
        self._enders: tuple[int, ...] = ()  # threads that are ending it

    @property
    def state(self) -> State:
        """The state now."""
        return self._state

    @property
    def ended(self) -> bool:
        """Whether the state is one that a session does not leave by itself."""
        return self._state in ENDED

    @property
    def ended_at(self) -> float | None:
        """When the session ended, in seconds since the epoch; ``None`` until then."""
        return self._ended_at

    def check_process(self, what: str) -> None:
        """Check that this process has the session: a fork has no thread that goes on with it.

        Args:
            what: what cannot be done otherwise.

        Raises:
            SessionClosed: this process is a fork of the one that has it.
        """
        if os.getpid() != self._pid:
            raise SessionClosed(
                f"{what}: this process is a fork, and the session stayed in its parent",
                hint="Connect and attach in this process.",
            )

    def move(self, new: State, only_from: State | None = None) -> bool:
        """Change the state, if the table of transitions allows it.

        Args:
            new: the new state.
            only_from: the state that it must be in before; ``None`` is any.

        Returns:
            Whether the state was changed.
        """
        with self._condition:
            old = self._state
            if new not in TRANSITIONS[old] or only_from not in (None, old):
                return False
            observers = self._set(new)
        self._report(observers, old, new)
        return True

    @contextlib.contextmanager
    def ending(self) -> Iterator[None]:
        """End the session, and what belongs to it: it does not begin again before that is done."""
        thread = threading.get_ident()
        with self._condition:
            self._enders = (*self._enders, thread)
        try:
            yield
        finally:
            with self._condition:
                at = self._enders.index(thread)  # once: this thread may be in here twice
                self._enders = (*self._enders[:at], *self._enders[at + 1 :])
                self._condition.notify_all()

    def renew(self) -> bool:
        """Let a session that has ended begin again: it is connecting from now on. Blocks.

        It waits for threads that are :meth:`ending` it, but not for ever: one of them may wait for
        this one. In such a thread it does not wait.

        Returns:
            ``False`` if it has not ended.
        """
        thread = threading.get_ident()
        with self._condition:
            self._condition.wait_for(
                lambda: all(each == thread for each in self._enders), _END_PATIENCE
            )
            old = self._state
            if old not in ENDED:
                return False
            observers = self._set(State.CONNECTING)
        self._report(observers, old, State.CONNECTING)
        return True

    def _set(self, new: State) -> tuple[Callable[[State, State], object], ...]:
        """Set the state, and return the observers to call. Requires the lock."""
        self._ended_at = time.time() if new in ENDED else None
        self._state = new
        return self._observers

    def _report(
        self, observers: tuple[Callable[[State, State], object], ...], old: State, new: State
    ) -> None:
        logger.debug("= %s -> %s", old, new)
        for observer in observers:  # they are called after all output that came before the change
            self.output.then(_call(observer, old, new))
        self.notify()

    def notify(self, *, output: bool = False) -> None:
        """Wake waiters and watchers after a change.

        Args:
            output: whether only output came. Then threads that wait for the end are not woken: a
                thread that is woken for each read takes the GIL from the next read.
        """
        with self._condition:
            watchers = self._watchers
            self._condition.notify_all()
            if not output:
                self._end_condition.notify_all()
        self.output.flush()
        for wake in watchers:
            try:
                wake()
            except Exception:  # a user's function must not keep a session from its end
                logger.exception("! a function that was subscribed failed")

    def notify_output(self) -> None:
        """Wake waiters and watchers after output."""
        self.notify(output=True)

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Block until ``predicate()`` is true. It is called after every change.

        Args:
            predicate: called under a lock, so it must only read.
            timeout: seconds; ``None`` is no limit.

        Returns:
            The last result of the predicate.
        """
        __tracebackhide__ = True  # for IPython
        return _wait(self._condition, predicate, timeout)

    def wait_for_end(self, predicate: Callable[[], bool], timeout: float | None) -> bool:
        """Block like :meth:`wait_for`, for a predicate that output alone does not change."""
        __tracebackhide__ = True
        return _wait(self._end_condition, predicate, timeout)

    def wait_for_more(self, length: int, timeout: float | None) -> bool:
        """Block until the journal is longer than ``length``, or the session has ended.

        Args:
            length: bytes of both streams.
            timeout: seconds; ``None`` is no limit.

        Returns:
            Whether more may come.

        Raises:
            SessionClosed: as for :meth:`check_process`.
        """
        __tracebackhide__ = True
        if not (len(self._journal) > length or self.ended):
            self.check_process("no more output comes")
        self.wait_for(lambda: len(self._journal) > length or self.ended, timeout)
        return not self.ended

    async def reach(self, predicate: Callable[[], bool]) -> None:
        """Wait for ``predicate()`` like :meth:`wait_for`, in an event loop and without a limit.

        Args:
            predicate: called in any thread, so it must only read.
        """
        loop = asyncio.get_running_loop()
        reached = asyncio.Event()

        def check() -> None:
            if predicate():
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    loop.call_soon_threadsafe(reached.set)

        unsubscribe = self.subscribe(check)
        try:
            check()
            with interruptible():
                await reached.wait()
        finally:
            unsubscribe()

    def observe(self, callback: Callable[[State, State], object]) -> Callable[[], None]:
        """Call ``callback(old, new)`` after every change of state.

        Returns:
            A function that removes it.
        """
        checked(callback)
        with self._condition:
            self._observers = (*self._observers, callback)

        def remove() -> None:
            with self._condition:
                self._observers = tuple(o for o in self._observers if o is not callback)

        return remove

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change, in the thread that made it.

        Returns:
            A function that removes it.
        """
        with self._condition:
            self._watchers = (*self._watchers, wake)

        def remove() -> None:
            with self._condition:
                self._watchers = tuple(w for w in self._watchers if w is not wake)

        return remove


def _wait(condition: Waiting, predicate: Callable[[], bool], timeout: float | None) -> bool:
    __tracebackhide__ = True
    try:
        with condition:
            return condition.wait_for(predicate, Deadline(timeout).remaining())
    except KeyboardInterrupt as interrupt:
        _shorten(interrupt)
        raise interrupt.with_traceback(None) from None


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end what the running event loop waits for in this context.

    In a notebook SIGINT cancels the cell's task, but does not wake up an event loop that has
    nothing to do: it would see that at the next message. So it is woken up regularly.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def wake_up() -> None:
        nonlocal timer
        timer = loop.call_later(_WAKE_UP, wake_up)

    wake_up()
    try:
        yield
    except asyncio.CancelledError as cancelled:
        _shorten(cancelled)
        raise
    finally:
        timer.cancel()


def _shorten(interrupt: BaseException) -> None:
    """Make IPython show an interrupt as one line.

    Where in Python's own code it was waiting says nothing to the user who pressed Ctrl-C.
    """
    lines = ["Interrupted. The session goes on."]
    # IPython calls this method to render the traceback.
    interrupt._render_traceback_ = lambda: lines  # type: ignore[attr-defined]


def _call(
    observer: Callable[[State, State], object], old: State, new: State
) -> Callable[[], object]:
    return lambda: observer(old, new)
