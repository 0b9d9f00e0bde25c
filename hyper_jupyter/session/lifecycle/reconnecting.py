"""Attaches a session again, by itself, after its connection was cut while the container ran on.

Layer: session, lifecycle. :meth:`Reconnecting.begin` is called on the I/O thread; attempts are made
on a worker of their own; what was missed is put into the journal on the I/O thread.

Attempts follow each other after 0.1 s, then after twice as long each time, up to 10 s, and go on as
long as the container may be alive. They end when the engine says that it has ended or is gone, and
when the user detaches. What was printed meanwhile is taken from the engine's log
(:mod:`hyper_jupyter.session.lifecycle.log.filling`) where its place is proven; else a mark says so.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    NotFound,
)
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.logs.log_resume import LogResume
from hyper_jupyter.session.attach.opening import Opening
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target, has_successor
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.log.filling import Fill, Filling, Part, Received
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.container_state import (
    has_ended,
    is_later_run,
    is_settling,
    is_unstarted,
)
from hyper_jupyter.session.rules.log.anchor import START, Anchor
from hyper_jupyter.session.rules.log.tail import KEPT, Tail
from hyper_jupyter.session.rules.outcome import cut_text
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.gaps import Gap
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import MarkKind, Marks

__all__ = ["Reconnecting", "Reconnection"]

_FIRST: Final = 0.1
_LONGEST: Final = 10.0
"""Seconds until the first attempt, and between two at most."""

_ENDING: Final = 1.0
"""Seconds until the first attempt where attaching to a container that has just ended does harm: a
cut that ends its input often ends the container, a moment later."""

_HELD: Final = 1.0
"""Seconds that a connection has to last for the next pause to be the shortest one again."""

_PATIENCE: Final = 2.0
"""Seconds to wait for the place in a log where it was cut."""

_OVERLAP: Final = 2.0
"""Seconds of a log that are read again, to find the place."""

_SET_BACK: Final = 0.5
"""Seconds by which the wall clock falls behind the other one if somebody sets it."""

_TYPED: Final = 10.0
"""Seconds before a cut in which what was typed may not have arrived."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconnection:
    """Where a session stands that is being attached again.

    Attributes:
        attempt: the number of the next attempt, or of the one that is being made; from 1.
        at: when it is made, by ``time.monotonic``.
        error: why the last one failed, or what was cut, in one line.
    """

    attempt: int
    at: float
    error: str

    @property
    def seconds(self) -> float:
        """The seconds until the attempt; 0 while it is being made."""
        return max(0.0, self.at - time.monotonic())


@dataclass(frozen=True, slots=True)
class _Origin:
    """From where on a session has all of a stream.

    Attributes:
        offset: where that begins in the journal.
        anchor: where that is in the log; ``None`` if it is not known.
        opening: when the connection was opened that has carried it since.
    """

    offset: int
    anchor: Anchor | None
    opening: Opening | None


class Reconnecting:
    """Attaches one session again.

    Args:
        client: the engine.
        target: what it is attached to.
        attachment: its connections.
        ending: finds out how it ends.
        stdin: its input.
        receiver: receives what its connections carry.
        journal: what it received.
        lifecycle: its state.
        marks: gets a mark for each cut.
        resize: sends the terminal's size again; blocks.

    Attributes:
        status: where it stands; ``None`` unless it is being attached again.
        gaps: what was printed while it was not connected.
        doubtful: whether output may be missing that no one can name.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        attachment: Attachment,
        ending: Ending,
        stdin: Stdin,
        receiver: Receiver,
        journal: Journal,
        lifecycle: Lifecycle,
        marks: Marks,
        resize: Callable[[], object] = lambda: None,
    ) -> None:
        self.status: Reconnection | None = None
        self.gaps: tuple[Gap, ...] = ()
        self._client = client
        self._target = target
        self._attachment = attachment
        self._ending = ending
        self._stdin = stdin
        self._receiver = receiver
        self._journal = journal
        self._lifecycle = lifecycle
        self._marks = marks
        self._resize = resize
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._busy = False
        self._again = False  # another attempt is wanted as soon as the present one has failed
        self._attempts = 0
        self._number = 0  # of the attempt that is scheduled
        self._attached_at = time.monotonic()
        self._cut_at = 0.0
        self._cut_time = 0.0
        self._since, self._since_steady = time.time(), time.monotonic()
        self._typed = False
        self._lost_input = False  # and a mark says so
        self._received: Mapping[StreamType, Received] = {}
        self._saw_start = attachment.plan.unstarted
        self._base: Mapping[StreamType, int] = {}
        self._origins: dict[StreamType, _Origin] = {}
        self.doubtful = False

    # -- the cut ------------------------------------------------------------------------

    def attaching(self, plan: Plan) -> None:
        """Note that a session begins, or begins again after an end: it is about to be attached."""
        self._since, self._since_steady = time.time(), time.monotonic()
        self._attached_at = time.monotonic()
        self._saw_start = plan.unstarted
        self._base = self._journal.ends()
        self._origins = {}
        self._attempts = 0

    def begin(self, error: HyperJupyterError | None) -> bool:
        """Begin to attach again after a cut.

        Args:
            error: what was cut.

        Returns:
            ``False`` if the session has to end instead.
        """
        plan, output = self._attachment.plan, self._attachment.output
        if not plan.resumes or self._ending.keys_typed:
            return False
        if output is not None and output.closed:  # another session of this notebook did that
            return False
        if self._engine_end() is not None:
            return False
        if self._lifecycle.state is State.RECONNECTING:
            return True
        now = time.monotonic()
        if not self._ending.suspend():
            return False
        self._cut_at, self._cut_time = now, time.time()
        self._typed = now - self._ending.last_input < _TYPED
        if now - self._attached_at >= _HELD:
            self._attempts = 0
        self._received = self._what_came(plan)
        self._schedule(error, first_one=True)
        return True

    def hurry(self) -> None:
        """Make the next attempt now."""
        with self._lock:
            job, self._job = self._job, None
            if job is None:
                self._again = self._busy
                return
            self._number += 1  # it may be starting just now
        job.cancel()
        self._schedule(None, pause=0.0)

    def stop(self) -> None:
        """Make no more attempts: the session has ended."""
        with self._lock:
            job, self._job = self._job, None
            self._number += 1
            self.status = None
        if job is not None:
            job.cancel()

    def _what_came(self, plan: Plan) -> dict[StreamType, Received]:
        wanted = plan.wanted_streams
        if plan.tty or plan.mixes_streams:
            wanted = frozenset({StreamType.STDOUT})
        start = START if self._saw_start else None
        found = {}
        for stream in sorted(wanted):
            if stream not in self._origins:
                base = self._base.get(stream, 0)
                self._origins[stream] = _Origin(base, start, self._attachment.opening)
            origin, end = self._origins[stream], self._journal.end(stream)
            data = self._journal.read(stream, max(origin.offset, end - KEPT), KEPT)
            tail = Tail(data, end - origin.offset, whole=False)
            found[stream] = Received(tail, origin.anchor, origin.opening)
        return found

    def _trusted_since(self) -> float | None:
        """Return when the session began to receive; ``None`` if the clock was set back since."""
        passed = time.monotonic() - self._since_steady
        set_back = time.time() - self._since < passed - _SET_BACK
        return None if set_back else self._since

    def _schedule(
        self,
        error: HyperJupyterError | None,
        pause: float | None = None,
        *,
        first_one: bool = False,
    ) -> None:
        if pause is None:
            first = _ENDING if self._client.profile.attach_resets_ended else _FIRST
            pause = max(first, min(_LONGEST, _FIRST * 2 ** min(self._attempts, 10)))
            self._attempts += 1
        with self._lock:
            if self._lifecycle.state is not State.RECONNECTING:
                return
            if first_one:
                self.status = None  # that of an earlier cut
            if self._again:
                self._again, pause = False, 0.0
            before = self.status.error if self.status is not None else ""
            text = before if error is None else " ".join(str(error).split())
            self.status = Reconnection(self._attempts, time.monotonic() + pause, text)
            self._busy = False
            self._number += 1
            attempt = partial(self._attempt, self._number)
            self._job = runtime().reconnects.call_later(pause, attempt)
        self._lifecycle.notify()

    # -- an attempt: worker -------------------------------------------------------------

    def _attempt(self, number: int) -> None:
        with self._lock:
            if number != self._number:
                return  # another one was scheduled in its place
            self._job, self._busy = None, True
        if self._lifecycle.state is not State.RECONNECTING:
            return
        try:
            self._try()
        except HyperJupyterError as error:
            self._attachment.unsubscribe()
            self._schedule(error)
        except BaseException:  # a bug of ours must not leave the session waiting
            self._attachment.unsubscribe()
            self._schedule(ConnectionLost("attaching again failed for an unknown reason"))
            raise

    def _try(self) -> None:
        if (ended := self._engine_end()) is not None:
            self._end_lost(ended)
            return
        deadline = Deadline(self._client.timeout)
        plan = self._attachment.plan
        try:
            inspected = self._client.inspect(self._target.container.id)
        except NotFound:
            # A call that finds the engine dead asks another one.
            if (ended := self._engine_end()) is not None:
                self._end_lost(ended)
            else:
                self._end_removed(plan)
            return
        state = inspected.get("State") or {}
        if plan.scheme is ConnectionScheme.LOG:
            self._follow(plan, deadline)
            return
        later_run = is_later_run(state, plan.run, plan.finished)
        if has_ended(state) or later_run:
            if is_settling(state):
                raise ConnectionFailed("the engine is cleaning up after the container's end")
            self._end_exited(state, other_run=later_run)
        elif self._ending.exited:
            raise ConnectionFailed("the engine is cleaning up after the container's end")
        elif state.get("Paused") or state.get("Status") == "paused":
            raise ConnectionFailed("the container is paused")
        else:
            self._attach(self._renewed(plan, state), deadline)

    def _engine_end(self) -> ConnectionLost | None:
        """Return an error if the engine was ours, and has ended; the client may have a new one."""
        try:
            self._target.check_engine()
        except ConnectionLost as error:
            return error
        return None

    def _renewed(self, plan: Plan, state: Mapping[str, Any]) -> Plan:
        unstarted = is_unstarted(state)
        return replace(
            plan,
            unstarted=unstarted,
            start=False,
            run="" if unstarted else str(state.get("StartedAt") or ""),
            options=replace(plan.options, logs=False),
        )

    def _attach(self, plan: Plan, deadline: Deadline) -> None:
        """Open the new connections, and find out what was missed. Blocks."""
        gate = Gate(self._receiver, self._go_on)
        self._ending.resume(plan)
        self._stdin.renew(plan)
        self._attachment.renew(plan, gate, cut=True)
        self._ending.watch_again(deadline)
        self._attachment.open(deadline)
        self._ending.recheck()
        if plan.tty:
            self._resize()
        filling = Filling(self._client, self._target, plan, self._received, gate)
        runtime().loop.call_soon(partial(self._go_on, gate, filling.find()))

    def _follow(self, plan: Plan, deadline: Deadline) -> None:
        """Read the log on from where it was cut. Blocks.

        Its times find the place in it.
        """
        assert plan.log is not None
        places = self._receiver.places
        gate = Gate(self._receiver, self._go_on)
        known = not self._client.over_network and self._trusted_since() is not None
        resume = None
        if places or plan.options.tail is not None:
            at = max((place.time for place in places.values()), default=self._since)
            since = at - _OVERLAP
            resume = LogResume(gate, places, since + _OVERLAP / 2) if places else None
            plan = replace(
                plan,
                log=replace(plan.log, since=max(plan.log.since or 0, int(since * 1e9))),
                options=replace(plan.options, tail=None),
            )
        self._ending.resume(plan)
        self._attachment.renew(plan, resume or gate, cut=True)
        self._attachment.open(deadline)
        if resume is not None:
            resume.found.wait(_PATIENCE)
            known = resume.proven
        parts = {stream: Part(filled=known) for stream in self._received}
        runtime().loop.call_soon(partial(self._go_on, gate, Fill(parts=parts)))

    # -- the end of it: I/O thread ------------------------------------------------------

    def _go_on(self, gate: Gate, fill: Fill | None = None) -> None:
        """Put what was missing into the journal, and go on with what comes live.

        Args:
            gate: holds it back.
            fill: what was missing; ``None`` if that could not be found out in time.
        """
        if gate.is_open:
            return
        if self._lifecycle.state is not State.RECONNECTING:  # detached meanwhile
            self._attachment.unsubscribe()
            return
        self._put(fill or Fill())
        self._attached_at = time.monotonic()
        with self._lock:
            self.status, self._busy, self._again = None, False, False
        self._ending.attached_again()
        gate.open()
        self._ending.check()

    def _put(self, fill: Fill, *, ended: bool = False) -> None:
        """Mark the cut, and append what was missing.

        Args:
            fill: what was missing.
            ended: whether the container has ended meanwhile.
        """
        now = time.time()
        gaps = []
        for stream, received in self._received.items():
            part = fill.parts.get(stream, Part())
            offset = self._origins[stream].offset + received.tail.size
            missing = 0 if part.filled else part.lost
            gaps.append(Gap(stream, offset, self._cut_time, now, part.filled, missing, part.size))
            if part.anchor is not None or not part.filled:  # later gaps are counted from here
                opening = self._attachment.opening
                self._origins[stream] = _Origin(offset + part.size, part.anchor, opening)
        self.gaps = (*self.gaps, *gaps)
        waits = any(part.waits for part in fill.parts.values())
        unknown = [gap.stream for gap in gaps if not gap.filled]
        counts = {gap.stream: gap.missing for gap in gaps if gap.missing}
        if waits or unknown:
            self.doubtful = True
            self._ending.doubt(marked=bool(unknown))
        text = cut_text(
            now - self._cut_time,
            awake=time.monotonic() - self._cut_at,
            ended=ended,
            unknown=unknown,
            missing=counts,
            waits=waits,
            typed=self._typed,
            input_lost=self._attachment.lost_input and not self._lost_input and not ended,
        )
        self._lost_input = self._attachment.lost_input
        proven = all(gap.filled for gap in gaps)
        self._marks.add(MarkKind.CUT if proven else MarkKind.GAP, text, now)
        if fill.outputs:
            self._receiver.receive_output(fill.outputs)

    # -- ends ---------------------------------------------------------------------------

    def _end_lost(self, error: HyperJupyterError) -> None:
        runtime().loop.call_soon(partial(self._ending.lose, error))

    def _end_removed(self, plan: Plan) -> None:
        follows_name = plan.options.follow_name and self._ending.following is not None
        if self._ending.exited or plan.auto_remove or follows_name:
            state = {"Status": "exited", "Running": False, "ExitCode": self._ending.exit_code}
            runtime().loop.call_soon(partial(self._finish, state, Fill()))
            return
        container = self._target.container
        taken = has_successor(self._client, container)
        self._ending.removed, self._ending.recreated = True, taken
        hint = f"Another container has its name now: %hyper_attach {container.name}"
        lost = ConnectionLost(f"container {container.name} was removed", hint=hint if taken else "")
        self._end_lost(lost)

    def _end_exited(self, state: Mapping[str, Any], *, other_run: bool) -> None:
        """Take what the container printed last from its log, and end."""
        if other_run:
            state = {"Status": "exited", "Running": False, "ExitCode": self._ending.exit_code}
        plan = self._attachment.plan
        fill = Fill()
        if not other_run:
            fill = Filling(self._client, self._target, plan, self._received, None).find()
        runtime().loop.call_soon(partial(self._finish, state, fill))

    def _finish(self, state: Mapping[str, Any], fill: Fill) -> None:
        if self._lifecycle.state is State.RECONNECTING:
            self._put(fill, ended=True)
            self._ending.conclude_exit(state)
