"""What a session consists of: its parts are made, renewed and released here.

Layer: session, directly below ``status``. Any thread; nothing here blocks.
"""

from __future__ import annotations

import time
import weakref
from dataclasses import replace
from functools import partial
from typing import Final

from hyper_jupyter.client import DEFAULT_SIZE, Container, EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.exec_target import ExecTarget
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target, target_of
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.engine_watch import EngineWatch
from hyper_jupyter.session.lifecycle.expecting import Expecting
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.liveness import Watch as LivenessWatch
from hyper_jupyter.session.lifecycle.lives.aftermath import Aftermath
from hyper_jupyter.session.lifecycle.lives.following import Following
from hyper_jupyter.session.lifecycle.lives.next_life import NextLife
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.lifecycle.log.recall import Recall
from hyper_jupyter.session.lifecycle.pauses import Pauses
from hyper_jupyter.session.lifecycle.reconnecting import Reconnecting
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.lifecycle.stalls import Stalls
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.controls import Controls, controls
from hyper_jupyter.session.rules.plan import Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.frame_record import FrameRecord
from hyper_jupyter.session.store.history import History
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import Marks
from hyper_jupyter.session.store.sizes import Sizes
from hyper_jupyter.session.store.transcript import Transcript
from hyper_jupyter.session.store.typed import Typed

__all__ = ["SessionParts"]

_BEGINNING: Final = 4096
"""Bytes that are looked at for an engine's own words."""


class SessionParts:
    """The parts of a session.

    The attributes are described in :class:`hyper_jupyter.session.Session`.
    """

    __slots__ = (
        "__weakref__",
        "_aftermath",
        "_attachment",
        "_controls",
        "_ending",
        "_engine_watch",
        "_expecting",
        "_following",
        "_frames",
        "_gaps",
        "_lifecycle",
        "_liveness",
        "_marks",
        "_next_life",
        "_pauses",
        "_proof",
        "_recall",
        "_receiver",
        "_reconnecting",
        "_resizing",
        "_stalls",
        "_stdin",
        "_target",
        "_timeout",
        "client",
        "history",
        "journal",
        "name",
        "sizes",
        "started_at",
        "stderr",
        "stdout",
        "tty",
        "typed",
    )

    def __init__(
        self,
        client: EngineClient,
        container: Container,
        plan: Plan,
        *,
        timeout: float,
        size: tuple[int, int] | None = None,
    ) -> None:
        self.client = client
        # The engine's own object is large, and no longer true a moment later.
        container = replace(container, raw={})
        self.tty = plan.tty
        self.started_at = time.time()
        # Nothing that a session consists of refers to the session: then it goes, with its journal
        # and its spool file, as soon as its last user does, and not when garbage is collected.
        self.journal = journal = Journal()
        self._lifecycle = lifecycle = Lifecycle(journal)
        lock = lifecycle.lock
        self._marks = Marks(journal, lock)
        self.sizes = Sizes(journal, size or DEFAULT_SIZE)
        self.typed = Typed(journal, lock)
        self._timeout = timeout
        self._stalls = Stalls(lifecycle)
        self._liveness = LivenessWatch(client, lifecycle)
        self._target: Target = (
            ExecTarget(client, container, plan, plan.exec_id, partial(_beginning, journal))
            if plan.command
            else target_of(client, container, plan)
        )
        self._resizing = Resizing(self._target, plan.profile, size, self.sizes, lock)
        back = _WayBack(self, self._stalls, self._liveness)
        self._pauses = back.pauses = Pauses(client, self._target, lifecycle)
        self._receiver = receiver = Receiver(journal, plan)
        self._gaps = receiver.gaps
        self._proof = Proof(client, self._target, plan, journal, lock)
        self._attachment = Attachment(client, self._target, plan, receiver, lock)
        self._ending = receiver.ending = ending = Ending(
            client,
            self._target,
            plan,
            self._attachment,
            lifecycle,
            self._proof,
            back,
        )
        self._next_life = NextLife(
            client,
            self._target,
            self._attachment,
            receiver,
            journal,
            self._marks,
            lifecycle,
            ending,
            back,
            self._resizing,
        )
        self._following = Following(client, self._target, self._next_life, lifecycle, ending)
        self._aftermath = Aftermath(client, self._target, ending, lifecycle)
        self._engine_watch = EngineWatch(client, self._target, lifecycle)
        self._controls = partial(
            _current_controls,
            self._attachment,
            lifecycle,
            ending,
            self._following,
            self._engine_watch,
            journal,
        )
        self.history = History(plan.options.history)
        self._recall = Recall(client, self._target, plan, journal, lifecycle, self.history)
        self._stdin = Stdin(plan, self._attachment, lifecycle, ending, self._controls, self.typed)
        self._reconnecting = Reconnecting(
            client,
            self._target,
            self._attachment,
            ending,
            self._stdin,
            receiver,
            journal,
            lifecycle,
            self._marks,
            self._resizing,
        )
        # One object for all who call it.
        fault, wait = ending.fault, lifecycle.wait_for_more
        self.stdout = Transcript(journal, StreamType.STDOUT, wait, fault)
        self.stderr = Transcript(journal, StreamType.STDERR, wait, fault)
        self._expecting = Expecting(journal, lifecycle, fault)
        self._frames: FrameRecord | None = None
        self.name = ""

    @property
    def _plan(self) -> Plan:
        """How it is attached; a renewal changes this."""
        return self._attachment.plan

    def _renew_parts(self, plan: Plan) -> None:
        """Prepare everything but the connections for new ones."""
        self._ending.renew(plan)
        self._proof.renew(plan)
        self._stdin.renew(plan)
        self._reconnecting.attaching(plan)

    def _begin_following(self) -> None:
        """Follow the container to its next life, if that is wanted."""
        plan, options = self._plan, self._plan.options
        if not (options.follows_lives or plan.awaits_life):
            return
        self._following.begin(
            by_name=options.follow_name,
            once=not options.follows_lives,
            auto_remove=plan.auto_remove,
        )
        self._ending.following = self._following

    def _stop_following(self) -> None:
        """Follow it no more, and refer to nothing that refers back."""
        self._ending.following = None
        if self._ending.exited:
            self._following.close_life(self._ending.exit_code)
        self._following.end()

    def _released(self) -> None:
        """Take note that the session has ended. In the thread that found out."""


class _WayBack:
    """Lets the parts of a session call it, without a reference that would keep it alive.

    Attributes:
        pauses: ends with the session, too.
    """

    __slots__ = ("_liveness", "_session", "_stalls", "pauses")

    def __init__(self, session: SessionParts, stalls: Stalls, liveness: LivenessWatch) -> None:
        self._session = weakref.ref(session)
        self._stalls = stalls
        self._liveness = liveness
        self.pauses: Pauses

    def ended(self) -> None:
        """Release what only a live session needs. Runs in the thread that found out its end."""
        self._stalls.end()
        self._liveness.end()
        self.pauses.end()
        if (found := self._session()) is not None:
            found._reconnecting.stop()
            found._stop_following()
            found._released()
            found._engine_watch.look_later()
            plan, state = found._plan, found._lifecycle.state
            if state is State.EXITED and plan.kind == "attach" and not plan.auto_remove:
                found._aftermath.begin()

    def renew(self, plan: Plan) -> None:
        """Prepare everything but the connections for the next life. I/O thread."""
        if (found := self._session()) is not None:
            found._renew_parts(plan)

    def cut(self, error: HyperJupyterError | None) -> bool:
        """Attach a session again whose connection was cut; return whether it goes on."""
        found = self._session()
        return found is not None and found._reconnecting.begin(error)

    def exited(self) -> None:
        """Let a session that is being attached again learn now how the container has ended."""
        if (found := self._session()) is not None:
            found._reconnecting.hurry()


def _current_controls(
    attachment: Attachment,
    lifecycle: Lifecycle,
    ending: Ending,
    following: Following,
    engine: EngineWatch,
    journal: Journal,
) -> Controls:
    lost = ending.error if isinstance(ending.error, ConnectionLost) else ConnectionLost()
    return controls(
        attachment.plan,
        lifecycle.state,
        stdin_used=attachment.input_used,
        input_ended=attachment.input_ended,
        silent=not len(journal),
        exited=ending.exited,
        restarting=ending.fate.restarting,
        awaits=following.prospect if following.waiting else None,
        removed=ending.fate.removed,
        recreated=ending.fate.recreated,
        engine_ended=lost.engine_ended or engine.ended,
        kernel_ended=lost.kernel_ended,
    )


def _beginning(journal: Journal) -> bytes:
    """Return the first output of both streams."""
    records, _ = journal.records(0, _BEGINNING)
    return b"".join(data for _, _, data in records)
