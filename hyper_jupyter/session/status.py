"""What a session says of itself.

Layer: session, directly below ``actions``. Any thread; nothing here blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from hyper_jupyter.client import Container
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.lifecycle.reconnecting import Reconnection
from hyper_jupyter.session.lifecycle.stalls import Stall
from hyper_jupyter.session.parts import SessionParts
from hyper_jupyter.session.rules.controls import Controls
from hyper_jupyter.session.rules.lives.between import Life
from hyper_jupyter.session.rules.lives.prospect import prospect_text
from hyper_jupyter.session.rules.outcome import (
    gaps_text,
    idle_text,
    kind_text,
    missing_text,
    outlived_text,
    shortened,
)
from hyper_jupyter.session.rules.plan import WEBSOCKET_OFFER, AttachOptions, ConnectionScheme
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.gaps import Gap, lost_bytes, settle_gaps
from hyper_jupyter.session.store.marks import Mark

__all__ = ["SessionStatus"]

_NO_UPGRADE: Final = (
    "A proxy on the way to the engine removed the upgrade: what you type may not arrive."
)

_INPUT_CUT: Final = "The connection for stdin was cut, and that has ended the container's input."

_IDLE: Final = 30.0
"""Seconds without traffic after which proxies may cut a connection."""

_OUTLIVED: Final = 0.5
"""Seconds by which engines are never late in saying that a program has ended, after the end of its
stream: 0.1 s was seen on a busy machine."""

_MIXED: Final = "Attached by WebSocket, which does not separate the streams: all output is stdout."


class SessionStatus(SessionParts):
    """The state of a session; :class:`hyper_jupyter.session.Session` acts on its parts.

    The attributes are described there.
    """

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
    def engine_ended(self) -> bool:
        """Whether the session is over, and the embedded engine has ended, with its containers."""
        return self._engine_watch.ended

    @property
    def awaits(self) -> str:
        """What it waits for, in a few words: whether the engine starts the container again.

        Empty if it does not wait.
        """
        return prospect_text(self._following.prospect) if self.waiting else ""

    @property
    def kind(self) -> str:
        """``"attach"``, ``"exec"`` or ``"logs"``."""
        return self._plan.kind

    @property
    def reads_log(self) -> bool:
        """Whether the session only reads the container's log, and is no attachment."""
        return self._plan.reads_log

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
        return self._ending.fate.out_of_memory

    @property
    def removed(self) -> bool:
        """Whether the container was found to be removed when the session ended."""
        return self._ending.fate.removed

    @property
    def recreated(self) -> bool:
        """Whether another container had its name by then."""
        return self._ending.fate.removed and self._ending.fate.recreated

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
        idle = self._ending.traffic.idle
        if self.state is State.EXITED and idle >= _IDLE and self.client.over_network:
            cut = idle_text(idle, self._plan.subject)
        if self._attachment.lost_input:
            cut = _INPUT_CUT
        outlived = self._ending.traffic.outlived
        if self.state is State.EXITED and self.complete is None and outlived >= _OUTLIVED:
            cut = outlived_text(outlived, self._plan.subject)
        open_gaps = gaps_text(
            self._lost_in_cuts,
            self.container.name,
            unknown=any(gap.missing is None for gap in self.gaps) and not self._proof.counted,
            in_log=bool(self._proof.counted),
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
        awaits = f", {self.awaits}" if self.awaits else ""
        gone = self.state is State.DETACHED and self.exit_code is None and self.engine_ended
        ended = ", ended with its engine" if gone else ""
        state = f"{self.state}{paused}{code}{awaits}{why}{removed}{ended}"
        return f"<Session {name}: {state}, {len(self.journal)} bytes{dropped}>"
