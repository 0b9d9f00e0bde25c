"""Proves that all output has come, by reading the end of the engine's log.

Layer: session, lifecycle. Any thread; :meth:`Proof.then` calls back on the I/O thread, or at once.
The log is read on the calls worker.

:mod:`hyper_jupyter.session.rules.log.completeness` compares. The log is read at once after the end
of the stream: a container that removes itself takes its log with it. But only a log that is read
after the exit proves something: a proxy may have cut the stream of a container that goes on.

Where the ends prove nothing, or output may be missing before them, the bytes of the whole log are
counted, if the session has seen the container's start.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.logs.log_section import read_section
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.rules.container_state import has_ended
from hyper_jupyter.session.rules.log.completeness import Agreement, compare_streams
from hyper_jupyter.session.rules.log.tail import KEPT, Tail
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Proof"]

_MAY_CHANGE: Final = (Agreement.BEHIND, Agreement.DIFFERENT)

_PATIENCE: Final = 2.0
"""Seconds in which a log may still be behind the stream that has ended."""

_STEP: Final = 0.1
"""Seconds between two readings of a log that is behind."""

_LINES: Final = 200
"""Lines that are requested: a program's last words, and not a whole log."""

_MOST: Final = 16 * 1024 * 1024
"""Bytes that are read at most: lines may be long."""

_MOST_COUNTED: Final = 64 * 1024 * 1024
"""Bytes of output up to which a log is read from its beginning, to count them."""

_TIMEOUT: Final = 5.0
"""Seconds for one reading."""

logger = logging.getLogger(__name__)


class Proof:
    """Compares what a session received with the end of the log: once, and again after a renewal.

    Args:
        client: the engine.
        target: what the session is attached to.
        plan: the session's plan.
        journal: what it received; nothing more comes.
        lock: the session's.

    Attributes:
        complete: ``True`` where all output is proven to have come, ``False`` where some is known to
            be missing, ``None`` where that cannot be known, or not yet.
        missing: how many bytes are missing at least, per stream.
        everything: whether all bytes were compared or counted, not only those at the end.
        counted: how many bytes of each stream did not come in all; ``None`` if they were not
            counted.
        doubted: whether output may be missing before the end.
    """

    __slots__ = (
        "_base",
        "_callbacks",
        "_client",
        "_done",
        "_exit_known",
        "_gap",
        "_journal",
        "_lock",
        "_number",
        "_plan",
        "_started",
        "_target",
        "_until",
        "complete",
        "counted",
        "doubted",
        "everything",
        "missing",
    )

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        journal: Journal,
        lock: threading.RLock,
    ) -> None:
        self._client = client
        self._target = target
        self._plan = plan
        self._journal = journal
        self._lock = lock
        self._base: Mapping[StreamType, int] = NO_STREAMS
        self.doubted = False
        self._number = 0
        self._gap: Mapping[StreamType, int] | None = None
        self._begin()

    def _begin(self) -> None:
        """Know nothing yet."""
        self.complete: bool | None = None
        self.missing: Mapping[StreamType, int] = NO_STREAMS
        self.everything = False
        self.counted: Mapping[StreamType, int] | None = None
        self._started = False
        self._done = False
        self._callbacks: tuple[Callable[[], object], ...] = ()
        self._until = 0.0
        self._exit_known = False

    def renew(self, plan: Plan) -> None:
        """Begin again, with what comes from now on: the container may be in another run.

        Args:
            plan: the new plan.
        """
        with self._lock:
            self._plan = plan
            self._base = self._journal.ends()
            self.doubted = False
            self._gap = None
            self._number += 1
            self._begin()

    def resume(self) -> None:
        """Begin again after a cut, with all that has come in this run of the container."""
        with self._lock:
            known = self._exit_known
            self._number += 1
            self._begin()
            self._exit_known = known

    def doubt(self, *, marked: bool) -> None:
        """Note that output may be missing before the end.

        Args:
            marked: whether it may be missing at this place, where a mark says so.
        """
        self.doubted = True
        if marked:
            self._gap = self._journal.ends()

    @property
    def pending(self) -> bool:
        """Whether it has begun, and the result is not there yet."""
        return self._started and not self._done

    def start(self) -> None:
        """Begin to read the log; no effect if it has begun."""
        with self._lock:
            if self._started:
                return
            self._started = True
            self._until = time.monotonic() + _PATIENCE
            number = self._number
        if self._plan.can_prove_completeness:
            runtime().calls.submit(partial(self._read, number))
        else:
            self._finish(number)

    def settle(self) -> None:
        """Take for proven that all has come since the last gap, without comparing."""
        with self._lock:
            self._started = True
            number = self._number
        self._finish(number, complete=True)

    def exit_known(self) -> None:
        """Note that the container has ended: what the log has from now on is all."""
        self._exit_known = True

    def then(self, callback: Callable[[], object]) -> None:
        """Call ``callback()`` when the result is there: now, or later on the I/O thread."""
        with self._lock:
            if not self._done:
                self._callbacks = (*self._callbacks, callback)
                return
        callback()

    def _read(self, number: int) -> None:
        """Read the log and compare. Calls worker.

        Args:
            number: which comparison it is for.
        """
        streams = self._plan.wanted_streams
        known = self._exit_known  # before the log is read: nothing can be printed any more
        try:
            section = read_section(
                self._client,
                self._target,
                Deadline(_TIMEOUT),
                tail=_LINES,
                most=_MOST,
                newest=False,
            )
            if not section.covers:
                raise ConnectionFailed("its last lines are too long to be read")
        except HyperJupyterError as error:
            logger.info("! whether all output has come cannot be known: %s", error)
            self._finish(number)
            return
        except BaseException:  # a bug of ours must not leave the session waiting
            self._finish(number)
            raise
        whole = self._plan.unstarted  # it saw the container's output from the first byte on
        base = self._base
        received = {
            stream: _end_of(self._journal, stream, base.get(stream, 0), whole=whole)
            for stream in streams
        }
        # All of it: with long lines, the place where the session stopped is far from its end.
        log = {stream: section.tail(stream, whole=section.whole) for stream in streams}
        altered = self._plan.profile.log_alters
        agreement, missing = compare_streams(received, log, altered=altered)
        same = agreement is Agreement.SAME
        if self._gap is not None and not same:
            # What is missing in the middle does not show that the end is missing, too.
            behind = {
                stream: _end_of(self._journal, stream, self._gap.get(stream, 0), whole=False)
                for stream in streams
            }
            agreement, missing = compare_streams(behind, log, altered=altered)
        late = time.monotonic() >= self._until
        if agreement is Agreement.SAME and known:
            ends = [*received.values(), *log.values()]
            self.everything = same and all(end.complete for end in ends)
            if self.doubted and not self.everything:
                self.counted = self._count(received)
                self.everything = self.counted is not None
            self._finish(number, complete=True)
        elif agreement is Agreement.UNSURE and known and (more := self._count(received)):
            self._finish_counted(number, more)
        elif agreement is Agreement.MORE and (known or late):
            complete = None if self._runs_again(known) else False
            self._finish(number, complete=complete, missing=missing)
        elif not late and (not known or agreement in _MAY_CHANGE):
            runtime().calls.call_later(_STEP, partial(self._read, number))
        elif agreement is Agreement.DIFFERENT:  # a count would not show whether the end is here
            self._finish(number, complete=None if self._runs_again(known) else False)
        elif self.doubted and known and (more := self._count(received)):
            self._finish_counted(number, more)
        else:
            self._finish(number)

    def _count(self, received: Mapping[StreamType, Tail]) -> Mapping[StreamType, int] | None:
        """Return how many bytes of each stream are only in the log. Blocks.

        ``None`` if they cannot be counted: its beginning may be gone, or its bytes are others.
        """
        plan, altered = self._plan, self._plan.profile.log_alters
        size = sum(tail.size for tail in received.values())
        if not plan.unstarted or plan.log_may_rotate or size > _MOST_COUNTED:
            return None
        if altered and 0xFF not in altered:  # no byte in the log would show that
            return None
        try:
            section = read_section(self._client, self._target, Deadline(_TIMEOUT), most=KEPT)
        except HyperJupyterError as error:
            logger.info("! the bytes of the log cannot be counted: %s", error)
            return None
        log = {stream: section.tail(stream, whole=True, exact=not altered) for stream in received}
        if not section.covers or not all(tail.exact for tail in log.values()):
            return None
        more = {stream: log[stream].size - tail.size for stream, tail in received.items()}
        return more if all(count >= 0 for count in more.values()) else None

    def _finish_counted(self, number: int, more: Mapping[StreamType, int]) -> None:
        """Take a count for the proof, where the ends prove nothing.

        Args:
            number: which comparison it is for.
            more: how many bytes of each stream are only in the log.
        """
        missing = {stream: count for stream, count in more.items() if count}
        if self.doubted:  # they may be missing anywhere, and the log may be late
            self.counted = more if missing else None
            self._finish(number)
        elif missing:
            again = self._runs_again(ended=True)
            self._finish(number, complete=None if again else False, missing=missing)
        else:
            self.everything = True
            self._finish(number, complete=True)

    def _runs_again(self, ended: bool) -> bool:
        """Whether the log may have lines of the container's next run. Blocks for one call."""
        if self._plan.restarts:
            return True
        if not ended:
            return False
        try:
            state = self._target.state()
        except HyperJupyterError:
            return True
        return state is None or not has_ended(state)

    def _finish(
        self,
        number: int,
        *,
        complete: bool | None = None,
        missing: Mapping[StreamType, int] | None = None,
    ) -> None:
        with self._lock:
            if number != self._number:  # it was renewed meanwhile
                return
            self.complete = complete
            self.missing = missing or NO_STREAMS
            self._done = True
            callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            runtime().loop.call_soon(callback)


def _end_of(journal: Journal, stream: StreamType, base: int, *, whole: bool) -> Tail:
    """Return the end of a stream, as if it began at the offset ``base``."""
    end = journal.end(stream)
    data = journal.read(stream, max(base, end - KEPT), KEPT)
    return Tail(data, end - base, whole)
