"""What a session consists of, and what it says of itself.

Layer: session, directly below ``session``. Any thread; nothing here blocks.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final, Literal

from hyper_jupyter.client import DEFAULT_SIZE, Container, EngineClient
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.exec_target import ExecTarget
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import Target, target_of
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.expecting import Expecting
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.liveness import Watch as LivenessWatch
from hyper_jupyter.session.lifecycle.lives.aftermath import Aftermath
from hyper_jupyter.session.lifecycle.lives.following import Following
from hyper_jupyter.session.lifecycle.lives.next_life import NextLife
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.lifecycle.log.recall import Recall
from hyper_jupyter.session.lifecycle.pauses import Pauses
from hyper_jupyter.session.lifecycle.reconnecting import Reconnecting, Reconnection
from hyper_jupyter.session.lifecycle.resizing import Resizing
from hyper_jupyter.session.lifecycle.stalls import Stall, Stalls
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.controls import Controls, controls
from hyper_jupyter.session.rules.lives.between import Life
from hyper_jupyter.session.rules.outcome import (
    gaps_text,
    idle_text,
    kind_text,
    missing_text,
    outlived_text,
    shortened,
)
from hyper_jupyter.session.rules.plan import WEBSOCKET_OFFER, AttachOptions, ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.frame_record import FrameRecord
from hyper_jupyter.session.store.gaps import Gap, lost_bytes, settle_gaps
from hyper_jupyter.session.store.history import History
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.marks import Mark, Marks
from hyper_jupyter.session.store.sizes import Sizes
from hyper_jupyter.session.store.transcript import Transcript
from hyper_jupyter.session.store.typed import Typed

__all__ = ["SessionStatus"]

_NO_UPGRADE: Final = (
    "The engine's answer came without the upgrade: a proxy in between may hold back what is typed."
)

_INPUT_CUT: Final = (
    "The connection that carries stdin was cut on the way, and that ends the container's input."
)

_BEGINNING: Final = 4096
"""Bytes that are looked at for an engine's own words."""

_IDLE: Final = 30.0
"""Seconds without traffic after which proxies may cut a connection."""

_OUTLIVED: Final = 0.5
"""Seconds by which engines are never late in saying that a program has ended, after the end of its
stream: 0.1 s was seen on a busy machine."""

_MIXED: Final = "Attached by WebSocket, which does not separate the streams: all output is stdout."


class SessionStatus:
    """The parts of a session, and its state; :class:`hyper_jupyter.session.Session` acts on them.

    The attributes are described there.
    """

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
        self._marks = Marks(journal)
        self.sizes = Sizes(journal, size or DEFAULT_SIZE)
        self.typed = Typed(journal)
        self._timeout = timeout
        self._lifecycle = lifecycle = Lifecycle(journal)
        self._stalls = Stalls(lifecycle.notify)
        self._liveness = LivenessWatch(client, lifecycle.notify)
        self._target: Target = (
            ExecTarget(client, container, plan, plan.exec_id, partial(_beginning, journal))
            if plan.command
            else target_of(client, container, plan)
        )
        self._resizing = Resizing(self._target, plan.profile, size, self.sizes.add)
        self._pauses = Pauses(client, self._target, lifecycle.notify)
        receiver = Receiver(journal, plan, on_output=partial(lifecycle.notify, output=True))
        self._receiver = receiver
        self._gaps = receiver.gaps
        self._proof = Proof(client, self._target, plan, journal)
        self._attachment = Attachment(client, self._target, plan, receiver)
        self._ending = receiver.ending = ending = Ending(
            client,
            self._target,
            plan,
            self._attachment,
            lifecycle,
            self._proof,
            partial(_ended, weakref.ref(self), self._stalls, self._liveness, self._pauses),
            partial(_cut, weakref.ref(self)),
            partial(_exited, weakref.ref(self)),
        )
        self._next_life = NextLife(
            client,
            self._target,
            self._attachment,
            receiver,
            journal,
            self._marks,
            lifecycle,
            partial(_renew_parts, weakref.ref(self)),
            ending.reopened,
            ending.watch_life,
            self._resizing.send_again,
        )
        self._following = Following(
            client,
            self._target,
            self._next_life,
            lifecycle.notify,
            ending.cease,
            ending.learn_run,
            ending.learn_end,
        )
        self._aftermath = Aftermath(client, self._target, ending, lifecycle)
        self._controls = partial(
            _current_controls, self._attachment, lifecycle, ending, self._following, journal
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
            self._resizing.send_again,
        )
        self.stdout, self.stderr = (
            Transcript(journal, stream, partial(_wait_for_more, lifecycle, journal), ending.fault)
            for stream in (StreamType.STDOUT, StreamType.STDERR)
        )
        self._expecting = Expecting(journal, lifecycle, ending.fault)
        self._frames: FrameRecord | None = None
        self.name = ""

    @property
    def _plan(self) -> Plan:
        """How it is attached; a renewal changes this."""
        return self._attachment.plan

    # -- what users see -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._lifecycle.state

    @property
    def container(self) -> Container:
        """The container's id, name and image."""
        return self._target.container

    @property
    def lives(self) -> tuple[Life, ...]:
        """The container's lives that the session has seen, oldest first.

        With ``follow_restarts``; otherwise there are none. A life runs from a start to an end; the
        one that runs has no end. Times are the engine's.
        """
        return self._following.lives if self._plan.options.follows_lives else ()

    @property
    def restarts(self) -> int:
        """How many times the container was started again while the session followed it."""
        return self._following.restarts

    @property
    def waiting(self) -> bool:
        """Whether the container has ended, and the session waits for its next start."""
        return self.state is State.RECONNECTING and self._following.waiting

    @property
    def settled(self) -> bool:
        """Whether it waits, and the engine does not start the container by itself."""
        return self.waiting and self._following.settled

    @property
    def kind(self) -> str:
        """``"attach"``, ``"exec"`` or ``"logs"``."""
        return self._plan.kind

    @property
    def terminal_size(self) -> tuple[int, int]:
        """Rows and columns of its terminal, as last set, or at the start."""
        return self._resizing.size

    @property
    def clock(self) -> Literal["engine", "arrival"]:
        """Whose times output has: the engine's, where its log is read, else those of arrival."""
        return "arrival" if self._plan.log is None else "engine"

    @property
    def command(self) -> tuple[str, ...]:
        """The program and its arguments, for an exec; else empty."""
        return self._plan.command

    @property
    def exit_code(self) -> int | None:
        """The exit code of the container's process, or of an exec's; ``None`` until known."""
        return self._ending.exit_code

    @property
    def paused(self) -> bool:
        """Whether the container is paused; learned only while a view shows the session."""
        return self._pauses.paused

    @property
    def out_of_memory(self) -> bool:
        """Whether the engine says that the container was killed because it had no memory left."""
        return self._ending.out_of_memory

    @property
    def removed(self) -> bool:
        """Whether the container was found to be removed when the session ended."""
        return self._ending.removed

    @property
    def recreated(self) -> bool:
        """Whether another container had its name by then."""
        return self._ending.removed and self._ending.recreated

    @property
    def error(self) -> HyperJupyterError | None:
        """What broke, in the states ``lost`` and ``failed``."""
        return self._ending.error

    @property
    def complete(self) -> bool | None:
        """Whether all output is here.

        ``True`` where that is proven: what was received ends as the engine's log ends, or has as
        many bytes, or the whole log was read. ``False`` where output is known to be missing, at the
        end or where the connection was cut; :attr:`warnings` says what. ``None`` as long as the
        session has not ended, where only a part of the log was wanted, where a gap could not be
        filled and nothing shows its length, and where nobody can know.
        """
        if not self._lifecycle.ended:
            return None
        if self._gaps or self._lost_in_cuts:
            return False
        if self._plan.scheme is ConnectionScheme.LOG:
            to_its_end = self._ending.error is None and not self._ending.detaching
            to_its_end = to_its_end and not self._reconnecting.doubtful
            return True if to_its_end and self._plan.reads_whole_log else None
        doubtful = self._reconnecting.doubtful and not self._proof.everything
        return None if doubtful and self._proof.complete else self._proof.complete

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was printed while the connection was cut, one for each stream and cut.

        ``filled`` says whether it has been put into the transcript from the engine's log, and
        ``missing`` how many bytes have not; ``None`` is an unknown length.
        """
        return settle_gaps(self._reconnecting.gaps, self._proof.counted or {})

    @property
    def _lost_in_cuts(self) -> Mapping[StreamType, int]:
        return lost_bytes(self.gaps, self._proof.counted or {})

    @property
    def reconnecting(self) -> Reconnection | None:
        """The next attempt to attach again, in the state ``reconnecting``; else ``None``."""
        cut = self.state is State.RECONNECTING and not self._following.waiting
        return self._reconnecting.status if cut else None

    @property
    def missing(self) -> Mapping[StreamType, int]:
        """How many bytes are missing at least, per stream, where :attr:`complete` is ``False``.

        Empty if that is not known.
        """
        if self.complete is not False:
            return {}
        counts = self._gaps.missing, self._lost_in_cuts, self._proof.missing
        streams = sorted({stream for each in counts for stream in each})
        return {stream: sum(each.get(stream, 0) for each in counts) for stream in streams}

    @property
    def options(self) -> AttachOptions:
        """The options that it was attached with."""
        return self._plan.wanted

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The places between its bytes where something happened, or that were marked by users."""
        return self._marks.all

    @property
    def ended_at(self) -> float | None:
        """When it ended, in seconds since the epoch; ``None`` until then."""
        return self._lifecycle.ended_at

    @property
    def engine(self) -> str:
        """The engine's kind."""
        return self.client.engine

    @property
    def host(self) -> str:
        """The engine's address."""
        return self.client.host

    @property
    def wants(self) -> frozenset[str]:
        """Which of ``stdin``, ``stdout``, ``stderr`` are attached."""
        options = self._plan.options
        chosen = {"stdin": options.stdin, "stdout": options.stdout, "stderr": options.stderr}
        return frozenset(name for name, wanted in chosen.items() if wanted)

    @property
    def detach_keys(self) -> str:
        """The keys that detach when typed, such as ``"ctrl-p,ctrl-q"``; empty if none do."""
        if self._plan.own_keys:
            return self._plan.options.detach_keys or ""
        return self._plan.detach_spec if self._plan.detach_keys else ""

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """Times in which no output could be read while the session was attached, oldest first.

        C code that keeps the GIL (a large ``sorted``, a catastrophic regular expression) stops the
        reading thread with everything else. Once its buffers are full, the engine makes the
        container wait. Nothing is lost. Gaps of half a second or more are reported when they are
        over. The last 16 are here; :attr:`stall_count` and :attr:`stall_seconds` count all.
        """
        return self._stalls.recent

    @property
    def stall_count(self) -> int:
        """How many stalls there were in all; see :attr:`stalls`."""
        return self._stalls.count

    @property
    def stall_seconds(self) -> float:
        """The total length of all stalls; see :attr:`stalls`."""
        return self._stalls.seconds

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about the way to the engine and the session's storage, one sentence each.

        Mostly there are none. ``stdout.dropped`` and ``stderr.dropped`` have exact numbers.
        """
        output, loss = self._attachment.output, self.journal.loss
        held = "" if output is None or output.upgraded else _NO_UPGRADE
        if held and self._plan.can_use_websocket:
            held += f" {WEBSOCKET_OFFER}."
        mixed = _MIXED if self._plan.options.ws and not self.tty else ""
        missing = ""
        if self._proof.complete is False and self._lifecycle.ended:
            at_marks = any(not gap.filled for gap in self.gaps)
            missing = missing_text(self._proof.missing, self.container.name, at_marks=at_marks)
        cut = _INPUT_CUT if self._ending.input_cut else ""
        idle = self._ending.idle
        if self.state is State.EXITED and idle >= _IDLE and self.client.over_network:
            cut = idle_text(idle, self._plan.subject)
        if self._attachment.lost_input:
            cut = _INPUT_CUT
        outlived = self._ending.outlived
        if self.state is State.EXITED and self.complete is None and outlived >= _OUTLIVED:
            cut = outlived_text(outlived, self._plan.subject)
        open_gaps = gaps_text(
            self._lost_in_cuts,
            unknown=any(gap.missing is None for gap in self.gaps) and not self._proof.counted,
        )
        own = (
            self._liveness.silence,
            mixed,
            held,
            cut,
            loss,
            self._gaps.warning,
            open_gaps,
            missing,
        )
        return (*self.client.warnings, *(text for text in own if text))

    def controls(self) -> Controls:
        """Return what can be done now, the reasons for what cannot, and what detaching does."""
        return self._controls()

    def __repr__(self) -> str:
        code = f" ({self.exit_code})" if self.exit_code is not None else ""
        dropped = f", the oldest {self.journal.first} not kept" if self.journal.first else ""
        paused = ", paused" if self.paused else ""
        removed = ", container removed" if self.removed else ""
        why = f" ({shortened(str(self.error))})" if self.error is not None else ""
        name = ", ".join(part for part in (self.name, kind_text(self.kind, self.command)) if part)
        state = f"{self.state}{paused}{code}{why}{removed}"
        return f"<Session {name}: {state}, {len(self.journal)} bytes{dropped}>"

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


def _ended(
    session: weakref.ref[SessionStatus], stalls: Stalls, liveness: LivenessWatch, pauses: Pauses
) -> None:
    """Release what only a live session needs. Runs in the thread that found out its end."""
    stalls.end()
    liveness.end()
    pauses.end()
    if (found := session()) is not None:
        found._reconnecting.stop()
        found._stop_following()
        found._released()
        if found.state is State.EXITED and found.kind == "attach" and not found._plan.auto_remove:
            found._aftermath.begin()


def _renew_parts(session: weakref.ref[SessionStatus], plan: Plan) -> None:
    """Prepare everything but the connections for the next life. I/O thread."""
    if (found := session()) is not None:
        found._renew_parts(plan)


def _cut(session: weakref.ref[SessionStatus], error: HyperJupyterError | None) -> bool:
    """Attach a session again whose connection was cut; return whether it goes on."""
    found = session()
    return found is not None and found._reconnecting.begin(error)


def _exited(session: weakref.ref[SessionStatus]) -> None:
    """Let a session that is being attached again learn now how the container has ended."""
    if (found := session()) is not None:
        found._reconnecting.hurry()


def _current_controls(
    attachment: Attachment,
    lifecycle: Lifecycle,
    ending: Ending,
    following: Following,
    journal: Journal,
) -> Controls:
    return controls(
        attachment.plan,
        lifecycle.state,
        stdin_used=attachment.input_used,
        input_ended=attachment.input_ended,
        silent=not len(journal),
        exited=ending.exited,
        restarting=ending.restarting,
        awaits_life=following.waiting,
        removed=ending.removed,
        recreated=ending.recreated,
    )


def _beginning(journal: Journal) -> bytes:
    """Return the first output of both streams."""
    records, _ = journal.records(0, _BEGINNING)
    return b"".join(data for _, _, data in records)


def _wait_for_more(
    lifecycle: Lifecycle, journal: Journal, length: int, timeout: float | None
) -> bool:
    __tracebackhide__ = True
    if not (len(journal) > length or lifecycle.ended):
        lifecycle.check_process("no more output comes")
    lifecycle.wait_for(lambda: len(journal) > length or lifecycle.ended, timeout)
    return not lifecycle.ended
