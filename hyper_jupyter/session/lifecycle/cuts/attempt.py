"""One attempt to attach a session again: what has become of the container, and what that means.

Layer: session, lifecycle. :meth:`Attempt.make` blocks, on a worker; what it finds out is passed to
the I/O thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Protocol

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.client.records.fields import seconds
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    NotFound,
)
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.gate import Gate
from hyper_jupyter.session.attach.logs.log_resume import LogResume
from hyper_jupyter.session.attach.past_lives import past_lives
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target, engine_end, has_successor
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.cuts.origins import Cut, Origins
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.log.filling import Fill, Filling, Part
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.container_state import (
    has_ended,
    is_later_run,
    is_settling,
    is_unstarted,
)
from hyper_jupyter.session.rules.lives.between import Life, LifeEvent, since_end
from hyper_jupyter.session.rules.lives.log_parts import boundary
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan

__all__ = ["Attempt", "Outcome", "Parts"]

_PATIENCE: Final = 2.0
"""Seconds to wait for the place in a log where it was cut."""

_OVERLAP: Final = 2.0
"""Seconds of a log that are read again, to find the place."""


class Outcome(Protocol):
    """Takes what an attempt has come to. I/O thread."""

    def go_on(self, gate: Gate, fill: Fill | None = None) -> object:
        """Put what was missing into the journal, and go on with what comes live.

        Args:
            gate: holds it back.
            fill: what was missing; ``None`` if that could not be found out in time.
        """

    def finish(self, state: Mapping[str, Any], fill: Fill, *, proven: bool) -> object:
        """End, because the container has ended.

        Args:
            state: inspect's ``State``.
            fill: what it printed last.
            proven: whether that is all, though the log goes on with another life.
        """


@dataclass(frozen=True, slots=True)
class Parts:
    """What attempts work with.

    Attributes:
        client: the engine.
        target: what the session is attached to.
        attachment: its connections.
        ending: finds out how it ends.
        stdin: its input.
        receiver: receives what its connections carry.
        origins: from where on it has all of each stream.
        resizing: sends the terminal's size again.
    """

    client: EngineClient
    target: Target
    attachment: Attachment
    ending: Ending
    stdin: Stdin
    receiver: Receiver
    origins: Origins
    resizing: Resizing


class Attempt:
    """One attempt.

    Args:
        parts: the session's parts.
        cut: what was cut.
        outcome: takes what it has come to.
    """

    def __init__(self, parts: Parts, cut: Cut, outcome: Outcome) -> None:
        self._parts = parts
        self._cut = cut
        self._outcome = outcome
        self._plan = parts.attachment.plan
        self._deadline = Deadline(parts.client.timeout)

    def make(self) -> None:
        """Attach again, or find out that the session has ended. Blocks.

        Raises:
            HyperJupyterError: why it did not succeed, and is worth another attempt.
        """
        parts, plan = self._parts, self._plan
        if (ended := engine_end(parts.target)) is not None:
            self._lose(ended)
            return
        try:
            inspected = parts.client.inspect(parts.target.container.id)
        except NotFound:
            # A call that finds the engine dead asks another one.
            if (ended := engine_end(parts.target)) is not None:
                self._lose(ended)
            else:
                self._end_removed()
            return
        state = inspected.get("State") or {}
        if plan.scheme is ConnectionScheme.LOG:
            self._follow()
            return
        later_run = is_later_run(state, plan.run, plan.finished)
        if has_ended(state) or later_run:
            if is_settling(state):
                raise ConnectionFailed("the engine is cleaning up after the container's end")
            self._end_exited(state, other_run=later_run)
        elif parts.ending.exited:
            raise ConnectionFailed("the engine is cleaning up after the container's end")
        elif state.get("Paused") or state.get("Status") == "paused":
            raise ConnectionFailed("the container is paused")
        else:
            self._attach(self._renewed(state))

    def _renewed(self, state: Mapping[str, Any]) -> Plan:
        unstarted = is_unstarted(state)
        return replace(
            self._plan,
            unstarted=unstarted,
            start=False,
            run="" if unstarted else str(state.get("StartedAt") or ""),
            options=replace(self._plan.options, logs=False),
        )

    # -- new connections ----------------------------------------------------------------

    def _attach(self, plan: Plan) -> None:
        """Open the new connections, and find out what was missed. Blocks."""
        parts, deadline = self._parts, self._deadline
        gate = Gate(parts.receiver, self._outcome.go_on)
        parts.ending.resume(plan)
        parts.stdin.renew(plan)
        parts.attachment.renew(plan, gate, cut=True)
        parts.ending.watch_again(deadline)
        parts.attachment.open(deadline)
        parts.ending.recheck()
        if plan.tty:
            parts.resizing.send_again()
        filling = Filling(parts.client, parts.target, plan, self._cut.received, gate)
        self._on_loop(partial(self._outcome.go_on, gate, filling.find()))

    def _follow(self) -> None:
        """Read the log on from where it was cut. Blocks.

        Its times find the place in it.
        """
        parts, plan = self._parts, self._plan
        assert plan.log is not None
        places = parts.receiver.places
        gate = Gate(parts.receiver, self._outcome.go_on)
        known = not parts.client.over_network and parts.origins.trusted_since() is not None
        resume = None
        if places or plan.options.tail is not None:
            at = max((place.time for place in places.values()), default=parts.origins.since)
            since = at - _OVERLAP
            resume = LogResume(gate, places, since + _OVERLAP / 2) if places else None
            plan = replace(
                plan,
                log=replace(plan.log, since=max(plan.log.since or 0, int(since * 1e9)), exact=True),
                options=replace(plan.options, tail=None),
            )
        parts.ending.resume(plan)
        parts.attachment.renew(plan, resume or gate, cut=True)
        parts.attachment.open(self._deadline)
        if resume is not None:
            resume.found.wait(_PATIENCE)
            known = resume.proven
        fill = Fill(parts={stream: Part(filled=known) for stream in self._cut.received})
        self._on_loop(partial(self._outcome.go_on, gate, fill))

    # -- ends ---------------------------------------------------------------------------

    def _lose(self, error: HyperJupyterError) -> None:
        self._on_loop(partial(self._parts.ending.lose, error))

    def _end_removed(self) -> None:
        plan, ending = self._plan, self._parts.ending
        follows_name = plan.options.follow_name and ending.following is not None
        if ending.exited or plan.auto_remove or follows_name:
            self._finish(self._unknown_end(), Fill())
            return
        container = self._parts.target.container
        taken = has_successor(self._parts.client, container)
        ending.fate.removed, ending.fate.recreated = True, taken
        hint = f"Another container has its name now: %hyper_attach {container.name}"
        lost = ConnectionLost(f"container {container.name} was removed", hint=hint if taken else "")
        self._lose(lost)

    def _end_exited(self, state: Mapping[str, Any], *, other_run: bool) -> None:
        """Take what the container printed last from its log, and end.

        Args:
            state: inspect's ``State``.
            other_run: whether that is about a later life. Then events have to say when the one
                that was attached has ended: the log does not separate lives.
        """
        until = None
        if other_run:
            end = self._heard_end()
            if end is None:
                self._finish(self._unknown_end(), Fill())
                return
            until = boundary(None, end.time, seconds(state.get("StartedAt")) or None)
            state = self._unknown_end(end.exit_code)
        parts, received = self._parts, self._cut.received
        fill = Filling(parts.client, parts.target, self._plan, received, None, until).find()
        filled = all(part.filled for part in fill.parts.values())
        self._finish(state, fill, proven=other_run and filled)

    def _heard_end(self) -> LifeEvent | None:
        """Return the end of the life that was attached, if the engine's events have it. Blocks."""
        parts, plan = self._parts, self._plan
        started: float | None = seconds(plan.run) or None
        if started is None and not parts.client.over_network:  # it has seen the start
            started = parts.origins.trusted_since()
        past = past_lives(parts.client, parts.target.container.id, started)
        ends = since_end(Life(started), past.events) if past.reaches else []
        return ends[0] if ends else None

    def _unknown_end(self, code: int | None = None) -> Mapping[str, Any]:
        """Return a ``State`` for an end that inspect does not know any more."""
        code = self._parts.ending.exit_code if code is None else code
        return {"Status": "exited", "Running": False, "ExitCode": code}

    def _finish(self, state: Mapping[str, Any], fill: Fill, *, proven: bool = False) -> None:
        self._on_loop(partial(self._outcome.finish, state, fill, proven=proven))

    @staticmethod
    def _on_loop(callback: Callable[[], object]) -> None:
        runtime().loop.call_soon(callback)
