"""Attaches a session to the next life of its container, without missing what that has printed.

Layer: session, lifecycle. :class:`NextLife` blocks its caller, a worker; what changes the session
runs on the I/O thread.

Strategy: attach first, and hold the output back. Then read the log since the end of the last life
that was seen. It has the lives that came and went meanwhile, and the beginning of this one; where
the live output continues that, :mod:`hyper_jupyter.session.rules.log.joint` finds as for a history.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from hyper_jupyter.client import Container, Deadline, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.protocol.log_entries import TimedOutput
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.logs.log_section import Changes, LogSection, read_section
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.ending import Ending, Owner
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.rules.lives.between import Passage
from hyper_jupyter.session.rules.lives.log_parts import (
    is_doubtful,
    new_entries,
    reaches_back,
    split_entries,
)
from hyper_jupyter.session.rules.log.joint import Conditions, Joint, place_streams
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.planning import plan_attach
from hyper_jupyter.session.rules.streams import NO_STREAMS
from hyper_jupyter.session.store.history import cut_entries
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import MarkKind, Marks

__all__ = ["NextLife"]

_SETTLE: Final = 0.2
"""Seconds after which a log has what has come live."""

_PATIENCE: Final = 3.0
"""Seconds in which the beginning of a life is looked for. Until then its output is held back."""

_BEFORE: Final = 1.0
"""Seconds before the end of a life from which on its log is read: engines round times."""

_LONG_BEFORE: Final = 60.0
"""The same, where the engine may have dropped what is older: a line from before shows that it has
not."""

_KNOWN: Final = 64 * 1024
"""Bytes of each stream that are known to be from before, where times do not separate lives."""

_BEGINS: Final = 100
"""Lives of which it is known where they begin in the journal."""

_FIRST: Final = (NO_STREAMS,)
"""Where the life begins that was attached first."""

_MOST: Final = 16 * 1024 * 1024
"""Bytes of a log that are kept."""

_TIMEOUT: Final = 10.0
"""Seconds for one reading, and until the I/O thread begins with what it is to do."""

_DOUBTFUL: Final = "output of the container may be missing here, or come twice"
_UNFINISHED: Final = "; the beginning of an unfinished line may be missing"
_UNREAD: Final = "what the container printed here before it was attached is not known: {}"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was printed before the live output.

    Attributes:
        parts: a part for each mark.
        problem: what is not known; a mark of its own says so.
        lacks: what the last part may lack; its mark says so.
    """

    parts: Sequence[Sequence[TimedOutput]]
    problem: str = ""
    lacks: str = ""


class NextLife:
    """Attaches one session again and again.

    Args:
        client: the engine.
        target: what it is attached to.
        attachment: its connections.
        receiver: receives what they carry.
        journal: what it has received.
        marks: get one between two lives.
        lifecycle: the session's state.
        ending: finds out how each life ends.
        owner: the session.
        resizing: gives each new terminal its size.
    """

    __slots__ = (
        "_attachment",
        "_begins",
        "_client",
        "_ending",
        "_journal",
        "_lifecycle",
        "_marks",
        "_owner",
        "_receiver",
        "_resizing",
        "_target",
    )

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        attachment: Attachment,
        receiver: Receiver,
        journal: Journal,
        marks: Marks,
        lifecycle: Lifecycle,
        ending: Ending,
        owner: Owner,
        resizing: Resizing,
    ) -> None:
        self._client = client
        self._target = target
        self._attachment = attachment
        self._receiver = receiver
        self._journal = journal
        self._marks = marks
        self._lifecycle = lifecycle
        self._ending = ending
        self._owner = owner
        self._resizing = resizing
        self._begins: tuple[Mapping[StreamType, int], ...] = _FIRST

    def attach(
        self,
        inspected: Mapping[str, Any],
        passage: Passage,
        end: Callable[[], float | None],
        begun: Callable[[], object],
    ) -> bool:
        """Attach to a life, as :class:`..following.Rejoining` says. Blocks for some seconds.

        Returns:
            ``False`` if that did not succeed: the life is over, most likely, or the I/O thread was
            busy for too long. Nothing has changed.
        """
        attachment = self._attachment
        old = attachment.plan
        options = replace(old.wanted, logs=False)
        try:
            plan = plan_attach(inspected, old.profile, options, old.detach_spec or None)
        except HyperJupyterError as error:
            logger.info("! %s cannot be attached: %s", self._target.describe(), error)
            return False
        container = Container.from_inspect(inspected)
        if container.id != self._target.container.id:
            attachment.move(container)
        gate = Gate(self._receiver)
        attachment.renew(plan, gate)
        try:
            attachment.open(Deadline(self._client.timeout))
        except HyperJupyterError as error:
            logger.info("! %s could not be attached: %s", self._target.describe(), error)
            attachment.unsubscribe()
            return False
        if plan.tty:
            self._resizing.send_again()
        before = self._find_beginning(plan, passage, gate, end)
        if not self._on_loop(partial(self._begin, plan, passage, before, gate, begun)):
            attachment.unsubscribe()
            return False
        self._ending.watch_life()
        return True

    def record(self, passage: Passage, begun: Callable[[], object]) -> bool:
        """Take the output of lives that came and went from the log. Blocks.

        Args:
            passage: what happened; its last life is over.
            begun: is called on the I/O thread, before anything of these lives is delivered.

        Returns:
            ``False`` if the I/O thread was busy for too long. Nothing has changed.
        """
        plan = self._attachment.plan
        try:
            log, entries, doubtful = self._read(plan, passage)
            problem = "" if log.covers and log.whole and not doubtful else _DOUBTFUL
        except HyperJupyterError as error:
            entries, problem = [], _UNREAD.format(error)
        parts = split_entries(entries, passage.ends)[:-1]  # the next life may have begun since
        return self._on_loop(partial(self._deliver, passage, _Before(parts, problem), begun))

    @staticmethod
    def _on_loop(callback: Callable[[], object]) -> bool:
        """Run something on the I/O thread, and wait until it has run.

        Returns:
            ``False`` if the thread does not begin with it in 10 s. Then it never will.
        """
        decided = threading.Lock()  # acquired once, by the side that decides whether it runs
        done = threading.Event()

        def run() -> None:
            if decided.acquire(blocking=False):
                try:
                    callback()
                finally:
                    done.set()

        runtime().loop.call_soon(run)
        if not done.wait(_TIMEOUT) and decided.acquire(blocking=False):
            logger.warning("! the I/O thread was busy for %.0f s", _TIMEOUT)
            return False
        done.wait()  # it has begun, and does not block
        return True

    # -- the I/O thread -----------------------------------------------------------------

    def note_gap(self, text: str) -> None:
        """Mark that output is missing."""
        self._marks.add(MarkKind.GAP, text)

    def correct(self, text: str) -> None:
        """Mark what is waited for now. Any thread."""
        if not self._lifecycle.ended:
            self._marks.add(MarkKind.LIFE, text)

    def _begin(
        self,
        plan: Plan,
        passage: Passage,
        before: _Before,
        gate: Gate,
        begun: Callable[[], object],
    ) -> None:
        """Go on with the new life, unless the user has left meanwhile."""
        if self._lifecycle.ended:
            self._attachment.unsubscribe()
            return
        self._owner.renew(plan)
        begun()
        self._ending.reopened()
        if any(before.parts) and self._attachment.opening is not None:
            self._attachment.opening = replace(self._attachment.opening, live=False)
        self._deliver(passage, before)
        gate.open()

    def _deliver(
        self, passage: Passage, before: _Before, begun: Callable[[], object] | None = None
    ) -> None:
        """Put marks and the log's output into the journal."""
        if self._lifecycle.ended:
            return
        if begun is not None:
            begun()
        for number, text in enumerate(passage.texts):
            lacks = before.lacks if number == len(passage.texts) - 1 else ""
            mark = self._marks.add(MarkKind.LIFE, f"{text}{lacks}")
            self._begins = (*self._begins, mark.offsets)[-_BEGINS:]
            part = before.parts[number] if number < len(before.parts) else ()
            if part:
                self._receiver.receive_output([Output(e.stream, e.data) for e in part])
        if before.problem:
            self._marks.add(MarkKind.GAP, before.problem)
        self._lifecycle.notify()

    # -- the log ------------------------------------------------------------------------

    def _find_beginning(
        self, plan: Plan, passage: Passage, gate: Gate, end: Callable[[], float | None]
    ) -> _Before:
        """Return what was printed before the live output. Blocks."""
        until = time.monotonic() + _PATIENCE
        settled, problem, lacks, changes = False, "", "", Changes()
        parts: list[list[TimedOutput]] = []
        while True:
            came = gate.snapshot()
            if settled:
                time.sleep(_SETTLE)  # this is a worker's thread
            try:
                log, entries, doubtful = self._read(plan, passage)
            except HyperJupyterError as error:
                parts, problem, lacks = [], _UNREAD.format(error), ""
                if time.monotonic() > until or not plan.log_readable:
                    break
                settled = True
                continue
            parts = split_entries(entries, passage.ends)
            over = gate.has_ended(self._attachment.output)
            until_then = end() if over else None
            if until_then is not None:  # the next life may have begun since
                parts[-1] = split_entries(parts[-1], [until_then])[0]
            data = {
                stream: b"".join(each.data for each in parts[-1] if each.stream is stream)
                for stream in StreamType
            }
            how = Conditions(
                settled=settled,
                covers=log.covers,
                precise=False,
                by_lines=plan.profile.log_lacks_unfinished and not over,
                altered=plan.profile.log_alters,
            )
            now = gate.snapshot().sizes
            places = place_streams(data, came, now, how, unchanged=changes.unchanged(data))
            parts[-1] = cut_entries(
                parts[-1], {s: each.offset for s, each in places.items()}, lambda e: e.stream
            )
            joints = {each.joint for each in places.values()}
            unproven = Joint.UNPROVEN in joints or doubtful or not log.whole
            problem = _DOUBTFUL if unproven else ""
            lacks = _UNFINISHED if Joint.WAITING in joints and not problem else ""
            if Joint.UNPROVEN not in joints or time.monotonic() > until or gate.is_full:
                break
            settled = True
        return _Before(parts, problem, lacks)

    def _read(self, plan: Plan, passage: Passage) -> tuple[LogSection, list[TimedOutput], bool]:
        """Read the log since the end of the last life that was seen. Blocks.

        Its times may leave open which lines are of a later life, and the engine may have dropped
        some of that: then the last value is ``True``.

        Raises:
            HyperJupyterError: it cannot be read.
        """
        after, step = passage.after, plan.profile.log_time_step
        back = _LONG_BEFORE if plan.log_may_rotate else _BEFORE
        log = read_section(
            self._client,
            self._target,
            Deadline(min(_TIMEOUT, self._client.timeout)),
            since=None if after is None else after - max(back, step),
            timed=True,
            most=_MOST,
        )
        begin = self._begins[-min(passage.recent, len(self._begins))]
        known = {
            stream: self._journal.read(stream, max(begin.get(stream, 0), end - _KNOWN), _KNOWN)
            for stream, end in self._journal.ends().items()
        }
        entries = new_entries(log.entries, after, step=step, known=known)
        if plan.mixes_streams:
            entries = [each._replace(stream=StreamType.STDOUT) for each in entries]
        rotated = plan.log_may_rotate and not reaches_back(log.entries, after)
        return log, entries, rotated or is_doubtful(log.entries, after, step=step)
