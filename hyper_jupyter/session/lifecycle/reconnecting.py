"""Attaches a session again, by itself, after its connection was cut while the container ran on.

Layer: session, lifecycle. :meth:`Reconnecting.begin` is called on the I/O thread; attempts are made
on a worker of their own; what was missed is put into the journal on the I/O thread.

Attempts follow each other after 0.1 s, then after twice as long each time, up to 10 s, and go on as
long as the container may be alive. They end when the engine says that it has ended or is gone, and
when the user detaches. What was printed meanwhile is taken from the engine's log
(:mod:`hyper_jupyter.session.lifecycle.log.filling`) where its place is proven; else a mark says so.

This module decides when an attempt is made; :mod:`hyper_jupyter.session.lifecycle.cuts` has what
one attempt does, and what a cut has cost.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target, engine_end
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.io.worker import Job
from hyper_jupyter.session.lifecycle.cuts.attempt import Attempt, Parts
from hyper_jupyter.session.lifecycle.cuts.origins import Cut, Origins
from hyper_jupyter.session.lifecycle.cuts.seams import Seams
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.log.filling import Fill
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.gaps import Gap
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import Marks

__all__ = ["Reconnecting", "Reconnection"]

_FIRST: Final = 0.1
_LONGEST: Final = 10.0
"""Seconds until the first attempt, and between two at most."""

_ENDING: Final = 1.0
"""Seconds until the first attempt where attaching to a container that has just ended does harm: a
cut that ends its input often ends the container, a moment later."""

_HELD: Final = 1.0
"""Seconds that a connection has to last for the next pause to be the shortest one again."""

_TYPED: Final = 10.0
"""Seconds before a cut in which what was typed may not have arrived."""


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
        resizing: sends the terminal's size again.

    Attributes:
        status: where it stands; ``None`` unless it is being attached again.
    """

    __slots__ = (
        "_again",
        "_attached_at",
        "_attachment",
        "_attempts",
        "_busy",
        "_client",
        "_cut",
        "_ending",
        "_job",
        "_lifecycle",
        "_lock",
        "_number",
        "_origins",
        "_parts",
        "_seams",
        "_target",
        "status",
    )

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
        resizing: Resizing,
    ) -> None:
        self.status: Reconnection | None = None
        self._client = client
        self._target = target
        self._attachment = attachment
        self._ending = ending
        self._lifecycle = lifecycle
        self._origins = origins = Origins(journal, attachment)
        self._seams = Seams(origins, attachment, ending, receiver, marks)
        self._parts = Parts(client, target, attachment, ending, stdin, receiver, origins, resizing)
        self._lock = lifecycle.lock
        self._job: Job | None = None
        self._busy = False  # an attempt is being made, or the first one is about to be scheduled
        self._again = False  # the next one to be scheduled is wanted at once
        self._attempts = 0
        self._number = 0  # of the attempt that is scheduled
        self._attached_at = time.monotonic()
        self._cut: Cut | None = None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was printed while it was not connected."""
        return self._seams.gaps

    @property
    def doubtful(self) -> bool:
        """Whether output may be missing that no one can name."""
        return self._seams.doubtful

    # -- the cut ------------------------------------------------------------------------

    def attaching(self, plan: Plan) -> None:
        """Note that a session begins, or begins again after an end: it is about to be attached."""
        self._attached_at = time.monotonic()
        self._origins.begin(plan)
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
        if engine_end(self._target) is not None:
            return False
        if self._lifecycle.state is State.RECONNECTING:
            return True
        now = time.monotonic()
        with self._lock:  # a thread that sees the new state may be in a hurry
            self._busy, self._again = True, False
        if not self._ending.suspend():
            self._busy = False
            return False
        typed = now - self._ending.traffic.last_input < _TYPED
        if now - self._attached_at >= _HELD:
            self._attempts = 0
        self._cut = Cut(now, time.time(), typed, self._origins.received(plan))
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
        if self._lifecycle.state is not State.RECONNECTING or self._cut is None:
            return
        try:
            Attempt(self._parts, self._cut, self).make()
        except HyperJupyterError as error:
            self._attachment.unsubscribe()
            self._schedule(error)
        except BaseException:  # a bug of ours must not leave the session waiting
            self._attachment.unsubscribe()
            self._schedule(ConnectionLost("attaching again failed for an unknown reason"))
            raise

    # -- the end of it: I/O thread ------------------------------------------------------

    def go_on(self, gate: Gate, fill: Fill | None = None) -> None:
        """Put what was missing into the journal, and go on with what comes live.

        Args:
            gate: holds it back.
            fill: what was missing; ``None`` if that could not be found out in time.
        """
        if gate.is_open:
            return
        if self._lifecycle.state is not State.RECONNECTING or self._cut is None:
            self._attachment.unsubscribe()  # detached meanwhile
            return
        self._seams.put(self._cut, fill or Fill())
        self._attached_at = time.monotonic()
        with self._lock:
            self.status, self._busy, self._again = None, False, False
        self._ending.attached_again()
        gate.open()
        self._ending.check()

    def finish(self, state: Mapping[str, Any], fill: Fill, *, proven: bool) -> None:
        """End, because the container has ended.

        Args:
            state: inspect's ``State``.
            fill: what it printed last.
            proven: whether that is all, though the log goes on with another life.
        """
        if self._lifecycle.state is State.RECONNECTING and self._cut is not None:
            self._seams.put(self._cut, fill, ended=True)
            self._ending.conclude_exit(state, proven=proven)
