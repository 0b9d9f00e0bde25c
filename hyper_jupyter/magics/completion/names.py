"""The names that an engine knows, as a short-lived copy that completion never waits long for.

Layer: magics. Any thread asks; a worker of the session layer makes the calls. Completion must
answer at once, and an engine may be far away, busy or gone. So it is asked in the background, and
what came by then is what there is.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.api import Client
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.magics.arguments import Completes
from hyper_jupyter.session import runtime
from hyper_jupyter.widgets.kernel import execution_count

__all__ = ["PATIENCE", "Name", "Names"]

PATIENCE: Final = 0.07
"""Seconds that completion waits for an engine: what is shown within 100 ms seems instant."""

_FRESH: Final = 2.0
"""Seconds for which the names are not asked for again. Each key may ask for a completion."""

_OLDEST: Final = 60.0
"""Seconds for which the names are offered if the engine does not answer any more."""

_LOST: Final = 60.0
"""Seconds after which a call counts as lost: the worker was closed before it could make it."""

_MOST_CALLS: Final = 2
"""Calls to one engine at a time. The worker makes the sessions' calls, too, on four threads."""

_RUNS: Final = ("running", "paused", "")
"""States of containers that run; some engines do not say the state."""


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called.

    Attributes:
        name: what is offered; empty if it has only an id.
        id: what is offered where somebody has begun to write an id; may be empty.
        runs: whether it is a container that runs, or may.
    """

    name: str
    id: str = ""
    runs: bool = False


def _containers(client: Client) -> list[Name]:
    return [Name(each.name, each.id, each.state in _RUNS) for each in client.containers()]


def _images(client: Client) -> list[Name]:
    return [
        Name(tag, each.id.removeprefix("sha256:"))
        for each in client.images()
        for tag in each.tags or ("",)
    ]


def _volumes(client: Client) -> list[Name]:
    return [Name(each.name) for each in client.volumes()]


def _networks(client: Client) -> list[Name]:
    return [Name(each.name, each.id) for each in client.networks()]


_LISTS: Final[Mapping[Completes, Callable[[Client], list[Name]]]] = {
    Completes.CONTAINER: _containers,
    Completes.RUNNING: _containers,
    Completes.IMAGE: _images,
    Completes.VOLUME: _volumes,
    Completes.NETWORK: _networks,
}
"""What asks an engine for the names of a kind."""


@dataclass(slots=True)
class _Copy:
    """The copy of one of an engine's lists.

    Attributes:
        names: what the engine has answered last.
        time: when it was asked for that, by the clock.
        cell: the number of the next cell at that time. Cells create and remove things.
        pending: is set when the call that is on its way ends.
        asked: when that call was given to the worker, by the clock.
    """

    names: Sequence[Name] = ()
    time: float = float("-inf")
    cell: int | None = None
    pending: threading.Event | None = None
    asked: float = 0.0


def _submit(job: Callable[[], None]) -> None:
    runtime().calls.submit(job)  # a forked process has threads of its own


class Names:
    """The names that engines know.

    Args:
        submit: has a function called on another thread; ``None`` is the session layer's worker.
        clock: seconds; only their differences count.
        wait: waits for an event, at most for a number of seconds.

    Attributes:
        patience: seconds for which :meth:`of` waits for an engine.
    """

    def __init__(
        self,
        *,
        submit: Callable[[Callable[[], None]], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], object] = threading.Event.wait,
    ) -> None:
        self.patience = PATIENCE
        self._submit = submit or _submit
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        # An engine's names go with its client. A copy is found by what makes it.
        self._copies: weakref.WeakKeyDictionary[
            Client, dict[Callable[[Client], list[Name]], _Copy]
        ] = weakref.WeakKeyDictionary()

    def of(self, client: Client, kind: Completes) -> list[Name]:
        """Return an engine's names of a kind, as far as it answers in time.

        Args:
            client: the engine. It is not started, and its errors are not raised.
            kind: other kinds than those of an engine have no names.
        """
        copy, pending = self._refresh(client, kind)
        if pending is not None:
            self._wait(pending, self.patience)
        with self._lock:
            is_known = self._clock() - copy.time <= _OLDEST
            known = copy.names if is_known else ()
        return [each for each in known if kind is not Completes.RUNNING or each.runs]

    def prefetch(self, client: Client, kind: Completes) -> None:
        """Ask for names that will be needed soon, and do not wait for them."""
        self._refresh(client, kind)

    def _refresh(self, client: Client, kind: Completes) -> tuple[_Copy, threading.Event | None]:
        """Return the copy of a list, and what is set when it is newer.

        ``None`` stands for a copy that is new enough, and for an engine that cannot be asked.
        """
        ask = _LISTS.get(kind)
        if ask is None or (client.instance is not None and client.instance.has_ended()):
            return _Copy(), None  # a call would start the embedded engine again
        cell = execution_count()
        with self._lock:
            copies = self._copies.setdefault(client, {})
            copy = copies.setdefault(ask, _Copy())
            now = self._clock()
            if copy.cell == cell and now - copy.time < _FRESH:
                return copy, None
            calls = [
                each
                for each in copies.values()
                if each.pending is not None and now - each.asked < _LOST
            ]
            if copy in calls or len(calls) >= _MOST_CALLS:
                return copy, copy.pending
            copy.pending, copy.asked = threading.Event(), now
            done = copy.pending
        self._submit(
            functools.partial(self._fill, copy, done, functools.partial(ask, client), cell)
        )
        return copy, done

    def _fill(
        self, copy: _Copy, done: threading.Event, ask: Callable[[], list[Name]], cell: int | None
    ) -> None:
        """Ask the engine. The worker's thread."""
        try:
            with contextlib.suppress(HyperJupyterError):  # what is known stays for a while
                names = ask()
                with self._lock:
                    copy.names, copy.time, copy.cell = names, copy.asked, cell
        finally:
            with self._lock:
                if copy.pending is done:
                    copy.pending = None
            done.set()
