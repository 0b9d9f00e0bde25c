"""Reads a session's history, and finds where the live output continues it.

Layer: session, lifecycle. :meth:`Recall.read` blocks its caller. Later readings are made on the
calls worker; what the I/O thread calls only schedules them.

:mod:`hyper_jupyter.session.rules.log.joint` says where history ends and whether that is proven. The
log is read again as long as a later reading may prove more: shortly after, because it may be late,
and where it lacks an unfinished line, once that line has ended.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.attach.logs.log_section import (
    Changes,
    LogSection,
    after,
    read_section,
)
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.log.joint import (
    PROBE,
    Conditions,
    Joint,
    Place,
    Snapshot,
    place_streams,
)
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.history import History, cut_entries, first_lines, last_lines
from hyper_jupyter.session.store.journal import Journal

__all__ = ["Recall"]

_BUDGET: Final = 3.0
"""Seconds that attaching may take longer because of the history."""

_READING: Final = 1.5
"""Seconds for one reading while attaching; a program that prints fast may keep an engine busy for
longer. Later readings hold nobody up: they have the client's timeout."""

_FIRST: Final = 0.05
"""Seconds to wait for the first live output, which shows best where history ends, and for more."""

_ENOUGH: Final = 16 * 1024
"""Bytes that a program soon has printed whose log runs away from its readers."""

_SETTLE: Final = 0.2
"""Seconds after which a log has what has come live."""

_LATE: Final = 1.0
"""Seconds after which the log is read again if it did not show enough."""

_SETTLE_MOST: Final = 0.5
"""Seconds to wait until no live output comes."""

_READINGS: Final = 4
"""Readings while attaching."""

_LATER: Final = 8
"""Readings after that."""

_SPARE: Final = 1000
"""Lines that are requested besides: they may be printed while the request is on its way. Large
requests are slow, and a program that prints fast runs away from them."""

_ATTEMPTS: Final = 3
_MORE: Final = 10
"""How often more lines are requested, and how many times as many, if it was too little."""

_MOST_LIVE: Final = 1024 * 1024
"""Bytes that came live after which the log is not read again for a line that has ended."""

_MOST: Final = 16 * 1024 * 1024
"""Bytes of a log that are kept."""

_FINE: Final = 1e-3
"""Seconds between two times of a log that are fine."""

logger = logging.getLogger(__name__)


class Recall:
    """The history of one session.

    Args:
        client: the engine.
        target: what the session is attached to.
        plan: the session's plan.
        journal: what came live.
        lifecycle: is notified of changes.
        history: is set.
    """

    __slots__ = (
        "_changes",
        "_client",
        "_earliest",
        "_failure",
        "_fine",
        "_history",
        "_journal",
        "_left",
        "_lifecycle",
        "_lock",
        "_plan",
        "_refused",
        "_scheduled",
        "_seen",
        "_still",
        "_streams",
        "_target",
        "_unsubscribe",
    )

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        journal: Journal,
        lifecycle: Lifecycle,
        history: History,
    ) -> None:
        self._client = client
        self._target = target
        self._plan = plan
        self._journal = journal
        self._lifecycle = lifecycle
        self._history = history
        self._fine = not client.over_network and plan.profile.log_time_step < _FINE
        self._earliest = 0.0
        self._changes = Changes()
        self._lock = lifecycle.lock
        self._scheduled = False
        self._left = _LATER
        self._seen = 0
        self._refused = False
        self._failure: HyperJupyterError | None = None
        self._still = plan.scheme is ConnectionScheme.LOG  # nothing is printed meanwhile
        self._streams = plan.wanted_streams
        if plan.tty or plan.mixes_streams:
            self._streams = frozenset({StreamType.STDOUT})
        self._unsubscribe: Callable[[], None] | None = None

    def attaching(self) -> None:
        """Note that the attach request is sent next: what is printed before does not come live."""
        self._earliest = time.time() - (0.0 if self._fine else self._plan.profile.log_time_step)

    def refuse(self, reason: str) -> None:
        """Note that the log cannot be read."""
        self._refused = True
        self._history.set((), {}, f"there is no history: {reason}")

    def read(self, deadline: Deadline) -> None:
        """Read the log, now that the output is attached. Blocks, for three seconds at most.

        It does not raise an error of the engine: attaching does not fail because of a log.
        """
        if self._refused:
            return
        if not self._history.wanted or not self._plan.wanted_streams:
            self._history.set((), {})
            return
        remaining = deadline.remaining()
        budget = Deadline(_BUDGET if remaining is None else min(_BUDGET, remaining))
        joints: Mapping[StreamType, Joint] = {}
        try:
            if self._plan.unstarted or self._plan.start or self._plan.awaits_life:
                state = self._target.state() or {}
                if self._plan.unstarted and is_unstarted(state):
                    self._history.set((), {})
                    return
                # Attaching may turn one that has ended into one that was never started.
                self._still = has_ended(state) or is_unstarted(state)
            if not self._still and self._lifecycle.wait_for(self._has_begun, _FIRST):
                self._lifecycle.wait_for(self._has_enough, _FIRST)
            joints = self._attempt(self._snapshot(), budget, settled=self._still)
            for _ in range(_READINGS - 1):
                if Joint.UNPROVEN not in joints.values() or self._is_over(budget):
                    break
                if self._flows():  # the log runs away meanwhile, and so much content proves enough
                    joints = self._attempt(self._snapshot(), budget, settled=False)
                else:
                    joints = self._attempt(self._settle(), budget, settled=True)
        except HyperJupyterError as error:  # inspect
            self._failure = error
        if not self._history.revision:
            self.refuse(str(self._failure))
        self._still = False  # it is started next
        if any(joint is not Joint.PROVEN for joint in joints.values()):
            with self._lock:
                self._scheduled = True
            self._unsubscribe = self._lifecycle.subscribe(self._wake)
            # A silent stream wakes nobody, and a busy engine may have been late.
            late = Joint.UNPROVEN in joints.values()
            runtime().calls.call_later(_LATE if late else 0.0, partial(self._look, again=late))

    def _has_begun(self) -> bool:
        return len(self._journal) > 0 or self._lifecycle.ended

    def _flows(self) -> bool:
        """Whether so much has come that the log must be read soon."""
        return any(self._journal.end(stream) > PROBE for stream in self._streams)

    def _has_enough(self) -> bool:
        """Whether so much has come that it may prove its place at once."""
        return len(self._journal) >= _ENOUGH or self._lifecycle.ended

    def _settle(self) -> Snapshot:
        """Wait until nothing has come for some time, or for a little longer. Blocks.

        Returns:
            What had come before.
        """
        snapshot = self._snapshot()
        until = time.monotonic() + _SETTLE_MOST
        while time.monotonic() < until:
            size = len(self._journal)
            changed = partial(self._has_changed, size)
            if not self._lifecycle.wait_for(changed, _SETTLE) or self._lifecycle.ended:
                return self._snapshot()
        return snapshot

    def _has_changed(self, size: int) -> bool:
        return len(self._journal) != size or self._lifecycle.ended

    def _attempt(
        self, snapshot: Snapshot, deadline: Deadline, *, settled: bool, later: bool = False
    ) -> Mapping[StreamType, Joint]:
        """Read the log once; an engine may fail to read a log that is just being written."""
        try:
            return self._read(snapshot, deadline, settled=settled, later=later)
        except HyperJupyterError as error:
            logger.info("! the history could not be read: %s", error)
            self._failure = error
            return dict.fromkeys(self._streams, Joint.UNPROVEN)

    @staticmethod
    def _is_over(budget: Deadline) -> bool:
        remaining = budget.remaining()
        return remaining is not None and remaining < 2 * _SETTLE

    # -- later: I/O thread, calls worker ------------------------------------------------

    def _wake(self) -> None:
        """Schedule another look. In the thread that made a change: must return immediately."""
        with self._lock:
            if self._scheduled or self._unsubscribe is None:
                return
            if not self._lifecycle.ended and self._received() == self._seen:
                return
            self._scheduled = True
        runtime().calls.submit(self._look)

    def _open_streams(self) -> list[StreamType]:
        """Return the streams of which it is not proven where they begin."""
        joints = self._history.joints
        return [s for s in self._streams if joints.get(s) is not Joint.PROVEN]

    def _received(self) -> int:
        """Return the bytes that have come of those."""
        return sum(self._journal.end(stream) for stream in self._open_streams())

    def _look(self, *, again: bool = False) -> None:
        """See whether reading the log again may prove more. Calls worker.

        Args:
            again: read it in any case.
        """
        ended = self._lifecycle.ended
        received = self._received()
        exited = self._lifecycle.state is State.EXITED
        if (ended and not exited) or received > _MOST_LIVE:
            self._stop()
        elif again or ended or any(map(self._may_be_found, self._open_streams())):
            snapshot = self._snapshot()
            runtime().calls.call_later(_SETTLE, partial(self._read_again, snapshot, last=exited))
        else:
            self._await_more(received)

    def _may_be_found(self, stream: StreamType) -> bool:
        """Whether something came that the log has: the end of a line, where it lacks one."""
        begin = self._journal.read(stream, 0, PROBE)
        waits = self._history.joints.get(stream) is Joint.WAITING
        return b"\n" in begin if waits else bool(begin)

    def _await_more(self, seen: int) -> None:
        """Look again when more has come than what was seen."""
        with self._lock:
            self._seen = seen
            self._scheduled = False
        self._wake()

    def _read_again(self, snapshot: Snapshot, *, last: bool) -> None:
        self._left -= 1
        self._still = last
        self._attempt(snapshot, Deadline(self._client.timeout), settled=True, later=True)
        if last or not self._left or not self._open_streams():
            self._stop()
            return
        self._await_more(sum(snapshot.sizes[stream] for stream in self._open_streams()))

    def _stop(self) -> None:
        unsubscribe, self._unsubscribe = self._unsubscribe, None
        if unsubscribe is not None:
            unsubscribe()

    # -- one reading --------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        journal, streams = self._journal, self._streams
        ends = {stream: journal.end(stream) for stream in streams}
        return Snapshot(
            {stream: journal.read(stream, 0, min(PROBE, end)) for stream, end in ends.items()},
            ends,
        )

    def _read(
        self, snapshot: Snapshot, deadline: Deadline, *, settled: bool, later: bool
    ) -> Mapping[StreamType, Joint]:
        """Read the log once, or more of it where that is too little, and set the history. Blocks.

        Args:
            snapshot: what had come live some time ago.
            deadline: for all of it.
            settled: whether that was long enough ago for the log to have it.
            later: whether nobody waits for it: it may take all of the time.
        """
        wanted = self._history.wanted
        count = None if isinstance(wanted, str) else int(wanted or 0)
        live_lines = sum(self._journal.line_count(stream) for stream in self._streams)
        profile = self._plan.profile
        tail = None if count is None else profile.log_tail(count + 2 * live_lines + _SPARE)
        by_lines = profile.log_lacks_unfinished and not (
            self._still or self._lifecycle.ended
        )  # before the log is read
        for attempt in range(_ATTEMPTS):
            remaining = deadline.remaining()
            short = _READING if remaining is None else round(min(_READING, remaining), 1)
            limit = deadline if later else Deadline(short)
            # Where nothing comes, the log's end is soon read, and the engine's clock may be wrong.
            flows = not self._client.over_network and any(snapshot.sizes.values())
            log = read_section(
                self._client,
                self._target,
                limit,
                tail=tail,
                timed=True,
                most=_MOST,
                newest=tail is None,
                # A program that prints fast may keep an engine from ever reaching the log's end.
                enough=after(time.time() + profile.log_time_step if flows else None),
            )
            places = self._places(log, snapshot, settled=settled, by_lines=by_lines)
            entries = cut_entries(
                log.entries, {s: found.offset for s, found in places.items()}, self._key
            )
            kept = entries if count is None else last_lines(entries, count)
            found = all(place.found for place in places.values())
            unproven = any(place.joint is Joint.UNPROVEN for place in places.values())
            enough = log.whole or (found and (unproven or len(kept) < len(entries)))
            if tail is None or enough or attempt == _ATTEMPTS - 1 or self._is_over(deadline):
                break
            if not log.covers:
                break  # a larger reading is slower still
            tail = profile.log_tail(_MORE * tail)
        joints = {stream: found.joint for stream, found in places.items()}
        if not kept and count is not None and Joint.UNPROVEN in joints.values():
            kept = first_lines(log.entries, count)  # some of them may come twice
        return self._keep(kept, joints, covers=log.covers)

    def _keep(
        self, entries: Sequence[TimedOutput], joints: Mapping[StreamType, Joint], *, covers: bool
    ) -> Mapping[StreamType, Joint]:
        """Set the history, unless that would be worse than what is known; return what is known."""
        before = self._history.joints
        worse = any(
            joint is Joint.PROVEN and joints[stream] is not Joint.PROVEN
            for stream, joint in before.items()
        )
        if worse or (before and not covers):
            return before
        if self._history.set(entries, joints):
            self._lifecycle.notify()
        return joints

    def _places(
        self, log: LogSection, snapshot: Snapshot, *, settled: bool, by_lines: bool
    ) -> Mapping[StreamType, Place]:
        own = {
            stream: [entry for entry in log.entries if self._key(entry) is stream]
            for stream in self._streams
        }
        data = {s: b"".join(entry.data for entry in entries) for s, entries in own.items()}
        unchanged = self._changes.unchanged(data)
        if not settled:
            self._changes.forget()
        if self._plan.scheme is ConnectionScheme.LOG:  # nothing comes live
            joint = Joint.PROVEN if log.covers else Joint.UNPROVEN
            return {stream: Place(len(each), joint) for stream, each in data.items()}
        how = Conditions(
            settled=settled,
            covers=log.covers,
            precise=self._fine,
            by_lines=by_lines,
            altered=self._plan.profile.log_alters,
        )
        return place_streams(
            data,
            snapshot,
            self._journal.ends(),
            how,
            unchanged=self._streams if self._still else unchanged,
            first={stream: self._first(entries) for stream, entries in own.items()},
        )

    def _first(self, entries: Sequence[TimedOutput]) -> int:
        """Return how many bytes were printed before the attach request was sent."""
        offset = 0
        if self._client.over_network:  # its clock is another one
            return offset
        for entry in entries:
            if entry.time is None or entry.time >= self._earliest:
                break
            offset += len(entry.data)
        return offset

    def _key(self, entry: TimedOutput) -> StreamType:
        """Return the stream in which an entry of the log comes live."""
        return StreamType.STDOUT if self._plan.mixes_streams else entry.stream
