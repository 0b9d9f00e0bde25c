"""What the evidence about the end of a session means, and what follows from it.

Layer: session, lifecycle. ``receive_*`` and ``_judge`` run on the I/O thread (after an exit, on the
calls worker too) and hold no lock while they call out. :meth:`Judging.recheck` blocks.

:mod:`hyper_jupyter.session.rules.verdict` decides what the evidence means. The state changes by the
table in :mod:`hyper_jupyter.session.rules.state`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from hyper_jupyter.client import EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.target import Target, has_successor
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.exit_watching import ExitWatching
from hyper_jupyter.session.lifecycle.findings import Findings
from hyper_jupyter.session.lifecycle.input_cut import APART
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.rules.container_state import has_ended, is_later_run
from hyper_jupyter.session.rules.outcome import missing_text
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.rules.verdict import Evidence, Inspected, Next, StreamEnd, conclude

__all__ = ["Follower", "Judging", "Owner"]

logger = logging.getLogger(__name__)

_SILENCE: Final = 5.0
"""After the container's exit, the stream counts as complete once it was silent for so many
seconds."""

_SETTLE: Final = 2.0
"""Seconds after the end of a stream in which an engine's inspect may still be out of date."""

_QUICK: Final = 0.5
"""The same, where inspect was never seen to be out of date and a wrong answer does no harm: a
session that is attached again learns the exit that it has missed."""

_SETTLE_STEP: Final = 0.1
"""Seconds between two looks at the evidence in that time."""

_KILLED: Final = 128 + 9
"""The exit code of a process that SIGKILL has ended."""


class Owner(Protocol):
    """The session whose end it is, as its parts know it."""

    def ended(self) -> object:
        """Take note that it has ended. In the thread that found that out."""

    def cut(self, error: HyperJupyterError | None) -> bool:
        """Take note that only the connection has ended; return whether the session goes on.

        Args:
            error: what broke it.
        """

    def exited(self) -> object:
        """Take note that the container's exit was learned while the session is reconnecting."""

    def renew(self, plan: Plan) -> object:
        """Prepare everything but the connections for the container's next life. I/O thread."""


class Follower(Protocol):
    """Waits for the container's next life."""

    @property
    def goes_on(self) -> bool:
        """Whether it waits once the container has ended."""

    def life_ended(self, code: int | None, gap: str) -> object:
        """Begin to wait.

        Args:
            code: the exit code; ``None`` if it is not known.
            gap: which output is missing; empty if none is known to be.
        """


class Judging(Findings):
    """Reaches verdicts from what is known, and acts on them.

    Args:
        client: the engine.
        target: what the session is attached to.
        plan: the session's plan.
        attachment: the session's connections; the session detaches from them at the end.
        lifecycle: the session's state.
        proof: compares what was received with the log, once the stream has ended.
        owner: the session.

    Attributes:
        following: waits for the container's next life; ``None`` if the session ends with this one.
    """

    __slots__ = ("_attachment", "_client", "_lock", "_owner", "_round", "_target", "following")

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        attachment: Attachment,
        lifecycle: Lifecycle,
        proof: Proof,
        owner: Owner,
    ) -> None:
        super().__init__(plan, lifecycle, proof, ExitWatching(client, target, lifecycle.lock))
        self._client = client
        self._target = target
        self._attachment = attachment
        self._owner = owner
        self._lock = lifecycle.lock
        self._round = 0  # counts the connections that carried the output: old evidence is ignored
        self.following: Follower | None = None

    def recheck(self) -> None:
        """Check, once the output is attached, whether the awaited exit came too early. Blocks.

        Raises:
            HyperJupyterError: the engine did not answer, or answered with an error.
        """
        if not self._watching.next_exit:
            return
        state = self._target.state()
        if state is None or has_ended(state):
            # It ended between our inspect and the wait request. So the wait request waits for an
            # exit that is already over, and the stream may never end either.
            runtime().loop.call_later(_SETTLE, self._in_round(self._check_silence))

    # -- evidence arrives ---------------------------------------------------------------

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take the end of a connection."""
        if connection is not self._attachment.output:
            # Only the connection for stdin is gone; the container's output goes on.
            ours = connection.input_ended or connection.closed
            if connection.opened and not (ours or self.exited):
                self.input_cut.input_ended()
                runtime().loop.call_later(APART, self._lifecycle.notify)  # then it may be certain
            self._lifecycle.notify()
            return
        if not connection.opened:
            return  # attach() raises the error
        due = self.exited or connection.input_ended
        if error is None and connection.kept and self._plan.has_input and not due:
            self.traffic.idle = time.monotonic() - self.traffic.last
        self.input_cut.container_ended()
        self._compare()
        if error is not None:
            self._judge(StreamEnd.BROKEN, error=error)
        else:
            self.traffic.closed_at = time.monotonic()
            self._judge(StreamEnd.CLOSED)

    def receive_exit(self, code: int | None) -> None:
        """Take the container's exit; ``None`` if its code can no longer be learned."""
        if self.between_lives:
            return
        self._set_exited(code)
        if self._lifecycle.state is State.DETACHED:
            self._attachment.end_input()
        if self._lifecycle.state is State.RECONNECTING:
            self._owner.exited()
            return
        if self._lifecycle.ended or self._lifecycle.state is State.CONNECTING:
            return
        output = self._attachment.output
        if output is not None and not output.ended:
            self._judge(StreamEnd.OPEN, exit_last=True)
        else:
            self._compare()
            error = None if output is None else output.error
            stream = StreamEnd.CLOSED if error is None else StreamEnd.BROKEN
            self._judge(stream, error=error, exit_last=True)
        if self._lifecycle.state is State.DETACHED:  # by another thread, meanwhile
            self._attachment.end_input()

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        """Note that the engine can no longer report the exit; the stream may go on."""
        self._watching.lose(error)
        self._lifecycle.notify()

    # -- what the evidence means --------------------------------------------------------

    def _judge(
        self,
        stream: StreamEnd,
        inspected: Mapping[str, Any] | Inspected = Inspected.NOT_ASKED,
        *,
        error: HyperJupyterError | None = None,
        exit_last: bool = False,
        until: float | None = None,
    ) -> None:
        """Reach a verdict from what is known now, and act on it.

        Args:
            stream: what has become of the stream.
            inspected: the result of an inspect after the end of the stream.
            error: what broke the stream, or why the inspect failed.
            exit_last: whether the exit is the latest news.
            until: the time from which on inspect counts as up to date, by ``time.monotonic``;
                ``None`` is two seconds from now.
        """
        if self._lifecycle.ended or self.between_lives:
            return
        now = time.monotonic()
        settle = _SETTLE if self._plan.profile.settles_after or not self._plan.resumes else _QUICK
        until = now + settle if until is None else until
        later_run = isinstance(inspected, Mapping) and is_later_run(
            inspected, self._plan.run, self._plan.finished
        )
        follows = self._goes_on()
        verdict = conclude(
            Evidence(
                stream,
                error,
                self.exited,
                exit_last,
                inspected,
                detaching=self.detaching,
                keys_typed=self.keys_typed,
                follows=self._plan.goes_on,
                log_only=self._plan.scheme is ConnectionScheme.LOG,
                received=self.traffic.received,
                patient=now < until and not (follows and later_run),
                later_run=later_run,
                restarts=self._plan.restarts,
                subject=self._plan.subject,
                killed=self.exit_code == _KILLED,
                compared=not self._proof.pending,
                complete=self._proof.complete,
            )
        )
        if verdict.cut and self._owner.cut(verdict.error):
            return
        if verdict.state is not None:
            if verdict.error is not None:  # another thread may have set its own meanwhile
                self.error = verdict.error
            if inspected is Inspected.GONE and not (self._plan.auto_remove or self._plan.command):
                self.fate.removed = True
            if verdict.exited:
                self.fate.restarting = verdict.restarting
                self.fate.out_of_memory = verdict.out_of_memory
                self._set_exited(verdict.exit_code)
                lost_end = verdict.state is State.LOST and self._proof.complete is False
                if follows and (verdict.state is State.EXITED or lost_end):
                    self.error = None
                    self._wait_for_next_life()
                    return
            if verdict.state is State.DETACHED:  # before the move, as in finish_detach
                self._disconnect(keep_watch=True)
            self._move(verdict.state)
            return
        loop = runtime().loop
        match verdict.next:
            case Next.AWAIT_SILENCE:
                loop.call_later(_SILENCE, self._in_round(self._check_silence))
            case Next.INSPECT:
                self._inspect(stream, error, until)
            case Next.INSPECT_AGAIN:
                self.traffic.outlived = now - self.traffic.closed_at
                again = partial(self._inspect, stream, error, until)
                loop.call_later(_SETTLE_STEP, self._in_round(again))
            case Next.LOOK_AGAIN:
                again = partial(self._judge, stream, inspected, error=error, until=until)
                loop.call_later(_SETTLE_STEP, self._in_round(again))
            case Next.COMPARE:
                self._proof.exit_known()
                again = partial(
                    self._judge, stream, inspected, error=error, exit_last=exit_last, until=until
                )
                self._proof.then(self._in_round(again))
            case Next.NOTHING:
                pass

    def _goes_on(self) -> bool:
        """Whether the container's next life is waited for."""
        return self.following is not None and self.following.goes_on and not self.detaching

    def _wait_for_next_life(self) -> None:
        """Leave the life that is over."""
        following = self.following
        assert following is not None
        name = self._target.container.name
        gap = missing_text(self._proof.missing, name) if self._proof.complete is False else ""
        self._attachment.end_input()
        self.between_lives = True
        if not self._lifecycle.ended:  # it may be reconnecting already, after a cut
            self._lifecycle.move(State.RECONNECTING)
            self._disconnect()
            following.life_ended(self.exit_code, gap)

    def _check_silence(self) -> None:
        """Check whether the stream has been silent for long enough to count as complete."""
        output = self._attachment.output
        if self._lifecycle.ended or output is None or output.ended:
            return
        silence = time.monotonic() - self.traffic.last_output
        if silence < _SILENCE:
            rest = _SILENCE - silence
            runtime().loop.call_later(rest, self._in_round(self._check_silence))
        else:
            self._attachment.unsubscribe_output()
            self._compare()
            self._judge(StreamEnd.SILENT)

    def _compare(self) -> None:
        """Begin to compare what was received with the log, unless the user has left."""
        # An engine that starts it again writes the next life's lines into the same log.
        runs_again = self._plan.restarts and self._goes_on()
        if not self.detaching and not self.keys_typed and not runs_again:
            self._proof.start()

    def _inspect(self, stream: StreamEnd, broke: HyperJupyterError | None, until: float) -> None:
        """Inspect the container on the calls worker, then judge again.

        Args:
            stream: what has become of the stream.
            broke: what broke it.
            until: as for :meth:`_judge`.
        """
        number = self._round

        def judge(*evidence: Any, **more: Any) -> None:
            again = partial(self._judge, *evidence, **more)
            runtime().loop.call_soon(self._in_round(again, number))

        def ask() -> None:
            try:
                state = self._target.state()
                if state is None and not self._plan.command:
                    self.fate.recreated = has_successor(self._client, self._target.container)
            except HyperJupyterError as error:
                certain = isinstance(error, ConnectionLost)  # the engine has ended
                why = error if certain else broke or error
                judge(stream, Inspected.FAILED, error=why, until=until)
                return
            except Exception:  # a bug of ours must not leave the session waiting
                logger.exception("! inspecting a container after the end of its stream failed")
                unknown = ConnectionLost("the stream ended for an unknown reason")
                judge(StreamEnd.BROKEN, Inspected.FAILED, error=unknown)
                return
            inspected = Inspected.GONE if state is None else state
            judge(stream, inspected, error=broke, until=until)

        runtime().calls.submit(ask)

    def _in_round(
        self, callback: Callable[[], object], number: int | None = None
    ) -> Callable[[], object]:
        """Return a function that calls ``callback()`` unless other connections were opened since.

        Args:
            callback: what to call.
            number: of the round that it belongs to; ``None`` is this one.
        """
        number = self._round if number is None else number
        return lambda: callback() if number == self._round else None

    def _move(self, new: State) -> None:
        """End the session in a state, and release what it no longer needs."""
        if new is State.EXITED:
            self._attachment.end_input()
        with self._lifecycle.ending():
            if not self._lifecycle.move(new):
                return
            self._owner.ended()
            if new is not State.DETACHED:
                # After a loss the container may run on; its exit code is still learned.
                self._disconnect(keep_watch=new is not State.EXITED and not self.exited)

    def _disconnect(self, *, keep_watch: bool = False) -> None:
        """Detach from the connections; kept ones stay open.

        Args:
            keep_watch: go on watching the exit, with the other sessions that have left. The exit of
                an exec is watched from now on: until now its stream would have shown it.
        """
        self._attachment.unsubscribe()
        shared = self._watching.leave(
            self,
            self._plan.run,
            self._attachment.parked_input,
            keep=keep_watch,
            known=self.exited or self._closed,
        )
        if shared and self.exited:  # it was reported to us meanwhile
            self._attachment.end_input()
