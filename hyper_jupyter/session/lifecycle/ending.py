"""The end of a session: gathers the evidence, and changes the state as the verdict says.

Layer: session, lifecycle. Any thread. :meth:`Ending.watch` and :meth:`Ending.recheck` block; the
other public methods do not. ``receive_*`` and ``_judge`` run on the I/O thread (after an
exit, on the calls worker too) and hold no lock while they call out.

:mod:`hyper_jupyter.session.rules.verdict` decides what the evidence means. The state changes by the
table in :mod:`hyper_jupyter.session.rules.state`: first in :meth:`Ending.opened` or
:meth:`Ending.fail`, later only in :meth:`Ending._move`.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, SessionClosed
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.exit_watch import ExitWatch
from hyper_jupyter.session.attach.shared_exit import share_exit, unshare_exit
from hyper_jupyter.session.attach.target import Target, has_successor
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.input_cut import APART, InputCut
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.log.proof import Proof
from hyper_jupyter.session.rules.container_state import has_ended, is_later_run
from hyper_jupyter.session.rules.outcome import missing_text
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.rules.verdict import Evidence, Inspected, Next, StreamEnd, conclude

__all__ = ["Ending", "Follower"]

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


class Ending:
    """Finds out how one session ends, and ends it.

    Args:
        client: the engine.
        target: what the session is attached to.
        plan: the session's plan.
        attachment: the session's connections; the session detaches from them at the end.
        lifecycle: the session's state.
        proof: compares what was received with the log, once the stream has ended.
        on_end: called when the session has ended, in the thread that found it out.
        on_cut: called when only the connection has ended, with what broke it; if it returns
            ``True``, the session goes on.
        on_exit: called when the container's exit is learned while the session is reconnecting.

    Attributes:
        exit_code: the exit code of the container's process; ``None`` until it is known.
        error: what broke, in the states ``lost`` and ``failed``.
        exited: whether the container's process is known to have ended.
        detaching: whether the session is being detached, or is detached.
        keys_typed: whether the user has typed our detach keys.
        restarting: whether the engine starts the container again by itself.
        out_of_memory: whether the container was killed because it had no memory left.
        removed: whether somebody has removed the container, as far as that was seen.
        recreated: whether another container has its name now.
        input_cut: whether the connection that carries stdin, and nothing else, was cut.
        following: waits for the container's next life; ``None`` if the session ends with this one.
        between_lives: whether it does so now.
        idle: for how many seconds a connection whose end ends an input had carried nothing when it
            ended in order, before the process was known to have exited; else 0.
        last_input: when something was typed last, by ``time.monotonic``.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        attachment: Attachment,
        lifecycle: Lifecycle,
        proof: Proof,
        on_end: Callable[[], object],
        on_cut: Callable[[HyperJupyterError | None], bool] = lambda _: False,
        on_exit: Callable[[], object] = lambda: None,
    ) -> None:
        self.exit_code: int | None
        self.error: HyperJupyterError | None
        self._client = client
        self._target = target
        self._plan = plan
        self._attachment = attachment
        self._lifecycle = lifecycle
        self._proof = proof
        self._on_end = on_end
        self._on_cut = on_cut
        self._on_exit = on_exit
        self._lock = threading.Lock()
        self._watch: ExitWatch | None = None
        self._shares = False  # the exit is watched for several sessions together
        self._closed = False
        self._round = 0  # counts the connections that carried the output: old evidence is ignored
        self._renewals = 0
        self.following: Follower | None = None
        self._begin()

    def _begin(self) -> None:
        """Have no evidence."""
        self.exit_code = None
        self.error = None
        self.exited = False
        self.detaching = False
        self.keys_typed = False
        self.restarting = False
        self.between_lives = False
        self.out_of_memory = False
        self.removed = False
        self.recreated = False
        self.input_cut = InputCut(kept=self._plan.profile.keeps_stdin_connection)
        self.idle = 0.0
        self._next_exit = False  # the wait request waits for the next exit only
        self._unwatched: HyperJupyterError | None = None  # why the exit is no longer watched
        self._last_output = 0.0
        self._last_traffic = time.monotonic()
        self.last_input = -math.inf
        self._received = False

    # -- the beginning ------------------------------------------------------------------

    def renew(self, plan: Plan) -> None:
        """Begin again after an end: what is known is about connections that have ended.

        Args:
            plan: the new plan; it may be for another run of the container.
        """
        with self._lock:
            watch, self._watch = self._watch, None
            self._plan = plan
            self._round += 1
            self._renewals += 1
            self._closed = self._shares = False
            self._begin()
        if watch is not None:
            watch.close()
        unshare_exit(self._client, self._target, self)

    def watch(self, deadline: Deadline) -> None:
        """Ask for the exit code, before the output is attached. Blocks.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        self._watch = self._make_watch()
        condition = "next-exit" if self._plan.unstarted else self._plan.profile.wait_condition
        self._next_exit = condition == "next-exit"
        self._watch.open(condition, deadline)
        self._watch.await_answer(deadline)

    def recheck(self) -> None:
        """Check, once the output is attached, whether the awaited exit came too early. Blocks.

        Raises:
            HyperJupyterError: the engine did not answer, or answered with an error.
        """
        if not self._next_exit:
            return
        state = self._target.state()
        if state is None or has_ended(state):
            # It ended between our inspect and the wait request. So the wait request waits for an
            # exit that is already over, and the stream may never end either.
            runtime().loop.call_later(_SETTLE, self._in_round(self._check_silence))

    def opened(self) -> None:
        """Become attached, now that everything is open."""
        if not self._lifecycle.move(State.ATTACHED, only_from=State.CONNECTING):
            # While it was being opened it ended, or other code detached it by its name.
            self._disconnect(keep_watch=self._lifecycle.state is State.DETACHED)
        else:
            self._judge(StreamEnd.OPEN)  # the exit may already be known

    def await_start(self) -> None:
        """Wait for the start of a container that could not be attached yet."""
        self.between_lives = self.exited = True
        self._lifecycle.move(State.RECONNECTING, only_from=State.CONNECTING)

    def reopened(self) -> None:
        """Become attached again, to the container's next life. I/O thread."""
        self._lifecycle.move(State.ATTACHED, only_from=State.RECONNECTING)

    def watch_life(self) -> None:
        """Ask for the exit code of the life that was attached. Blocks.

        It is no loss if that fails: the end of the stream shows its end, too.
        """
        try:
            if self._lifecycle.state is State.ATTACHED:
                self.watch_again(Deadline(self._client.timeout))
                self.recheck()
        except HyperJupyterError as error:
            logger.info("! the exit of %s is not watched: %s", self._target.describe(), error)

    def learn_run(self, run: str) -> None:
        """Take note of which of the container's runs it is: inspect's ``StartedAt``."""
        if not self._plan.run:
            self._plan = replace(self._plan, run=run)
            self._attachment.plan = replace(self._attachment.plan, run=run)

    def cease(self, error: HyperJupyterError | None) -> None:
        """End for good, while waiting for a next life that does not come.

        Args:
            error: why nobody can know; ``None`` if the container is gone.
        """
        self.following = None
        if error is not None:
            self.error = error
        self._move(State.EXITED if error is None else State.LOST)

    @property
    def renewed(self) -> bool:
        """Whether the session has begun again after an end."""
        return self._renewals > 0

    def fail(self, error: HyperJupyterError | None = None) -> None:
        """Fail because the session could not be opened; nothing is left open.

        A session that was renewed is lost: what it has received stays what it is.

        Args:
            error: why.
        """
        self._closed = True
        if self.renewed:
            self.error = error or ConnectionLost("attaching was interrupted")
            if self._lifecycle.move(State.LOST):
                self._on_end()
        else:
            self._lifecycle.move(State.FAILED)
        self._disconnect()

    # -- reconnecting -------------------------------------------------------------------

    def suspend(self) -> bool:
        """Leave the connections after a cut: new ones are opened. I/O thread.

        Returns:
            ``False`` if the session is not attached, or is being detached.
        """
        with self._lock:
            if self.detaching:
                return False
        if not self._lifecycle.move(State.RECONNECTING, only_from=State.ATTACHED):
            return False
        self._round += 1
        self._attachment.unsubscribe()
        return True

    def resume(self, plan: Plan) -> None:
        """Begin with new connections to the same run of the container."""
        with self._lock:
            self._plan = plan
            self._round += 1
            self.input_cut = InputCut(kept=plan.profile.keeps_stdin_connection)
            self.idle = 0.0
            self._last_traffic = time.monotonic()
        self._proof.resume()

    def doubt(self) -> None:
        """Note that a cut has left a gap: what comes at the end does not show that all is here."""
        self._proof.doubted = True

    def watch_again(self, deadline: Deadline) -> None:
        """Ask for the exit code, unless that is still asked for. Blocks.

        Raises:
            ConnectionFailed: the engine cannot be reached.
        """
        with self._lock:
            if self._watch is not None or self._shares or self.exited or self._closed:
                return
            self._unwatched = None
        try:
            self.watch(deadline)
        except BaseException:
            with self._lock:
                watch, self._watch = self._watch, None
            if watch is not None:
                watch.close()
            raise

    def attached_again(self) -> None:
        """Be attached again, now that new connections are open."""
        if not self._lifecycle.move(State.ATTACHED, only_from=State.RECONNECTING):
            self._disconnect(keep_watch=self._lifecycle.state is State.DETACHED)

    def check(self) -> None:
        """Judge what is known: the exit may have been learned meanwhile."""
        output = self._attachment.output
        if output is not None and not output.ended:
            self._judge(StreamEnd.OPEN)

    def lose(self, error: HyperJupyterError) -> None:
        """End the session as lost: it cannot be attached again."""
        if self._lifecycle.state is State.RECONNECTING:
            self.error = error
            self._move(State.LOST)

    def conclude_exit(self, state: Mapping[str, Any]) -> None:
        """End the session because the container has ended while it was not attached.

        Args:
            state: inspect's ``State``.
        """
        self._proof.resume()
        self._proof.exit_known()
        self._proof.start()
        self._judge(StreamEnd.CLOSED, state)

    # -- detaching ----------------------------------------------------------------------

    def begin_detach(self) -> bool:
        """Begin to detach; return ``False`` if it has ended or another thread detaches it."""
        with self._lock:
            if self._lifecycle.ended or self.detaching:
                return False
            self.detaching = True
            return True

    def finish_detach(self) -> None:
        """Finish detaching, unless the session has ended in another way."""
        if not self._lifecycle.ended:
            self._disconnect(keep_watch=True)
            self._move(State.DETACHED)

    def close(self) -> None:
        """Stop watching for the exit, since no caller will wait for it any more."""
        self._closed = True
        self._disconnect()
        unshare_exit(self._client, self._target, self)
        self._lifecycle.notify()

    # -- waiting ------------------------------------------------------------------------

    def ensure_watched(self) -> None:
        """Start watching for the exit because somebody called wait().

        A session that only reads the log has not watched it before.
        """
        with self._lock:
            left = self._lifecycle.ended
            if left and self._lifecycle.state is not State.DETACHED:
                return
            if self._watch is not None or self._shares or self.exited or self._closed:
                return
            if not (self._target.waits or left):
                return  # its end shows in the end of its stream, and is watched once we leave
            self._unwatched = None
            watch = self._make_watch()
            self._watch, self._shares = (None, True) if left else (watch, False)
        if not left or share_exit(self._client, self._target, watch, self._plan.run, self):
            watch.start()

    def is_known(self) -> bool:
        """Whether :meth:`outcome` has an answer."""
        # Knowing the exit code is not enough: the last output may still be on its way.
        state = self._lifecycle.state
        return state in (State.EXITED, State.LOST, State.FAILED) or (
            state is State.DETACHED and (self.exited or self._closed or self._unwatched is not None)
        )

    def fault(self) -> HyperJupyterError | None:
        """Return what broke, in the states ``lost`` and ``failed``."""
        return self.error

    def outcome(self) -> int | None:
        """Return the exit code; ``None`` if it can no longer be learned.

        Raises:
            HyperJupyterError: what broke, if the session was lost or failed and the engine has not
                said since how the container ended; else the reason why the exit could not be
                watched to the end.
        """
        error = None
        state = self._lifecycle.state
        if state in (State.LOST, State.FAILED) and self.exit_code is None:
            error = self.error
        elif state is State.DETACHED and not self.exited:
            error = (
                SessionClosed(f"the session was closed before {self._plan.subject} ended")
                if self._closed
                else self._unwatched
            )
        if error is not None:
            raise error.with_traceback(None)  # without the traceback of an earlier call
        return self.exit_code

    # -- evidence arrives ---------------------------------------------------------------

    def receive_output(self, *, kept: bool) -> None:
        """Note that output came; ``kept`` says whether any of it was stored."""
        self._last_output = self._last_traffic = time.monotonic()
        self._received = self._received or kept

    def note_input(self) -> None:
        """Note that input was sent. Any thread."""
        self._last_traffic = self.last_input = time.monotonic()

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
            self.idle = time.monotonic() - self._last_traffic
        self.input_cut.container_ended()
        self._compare()
        if error is not None:
            self._judge(StreamEnd.BROKEN, error=error)
        else:
            self._judge(StreamEnd.CLOSED)

    def receive_exit(self, code: int | None) -> None:
        """Take the container's exit; ``None`` if its code can no longer be learned."""
        if self.between_lives:
            return
        self._set_exited(code)
        if self._lifecycle.state is State.DETACHED:
            self._attachment.end_input()
        if self._lifecycle.state is State.RECONNECTING:
            self._on_exit()
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
        with self._lock:
            self._watch = None
            self._shares = False
            self._unwatched = error
        self._lifecycle.notify()

    def _set_exited(self, code: int | None) -> None:
        self.exited = True
        self.input_cut.container_ended()
        self._proof.exit_known()
        if self.exit_code is None:
            self.exit_code = code
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
        later_run = isinstance(inspected, Mapping) and is_later_run(inspected, self._plan.run)
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
                received=self._received,
                patient=now < until and not (follows and later_run),
                later_run=later_run,
                restarts=self._plan.restarts,
                subject=self._plan.subject,
                killed=self.exit_code == _KILLED,
                compared=not self._proof.pending,
                complete=self._proof.complete,
            )
        )
        if verdict.cut and self._on_cut(verdict.error):
            return
        if verdict.state is not None:
            if verdict.error is not None:  # another thread may have set its own meanwhile
                self.error = verdict.error
            if inspected is Inspected.GONE and not (self._plan.auto_remove or self._plan.command):
                self.removed = True
            if verdict.exited:
                self.restarting = verdict.restarting
                self.out_of_memory = verdict.out_of_memory
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
        silence = time.monotonic() - self._last_output
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
                    self.recreated = has_successor(self._client, self._target.container)
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
        if self._lifecycle.move(new):
            self._on_end()
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
        with self._lock:
            watch, self._watch = self._watch, None
            known = self._shares or self.exited or self._closed
            begin = keep_watch and not (watch or known or self._target.waits)
            if begin:
                watch = self._make_watch()
            self._shares = keep_watch and (watch is not None or self._shares)
        if watch is None:
            return
        if not keep_watch:
            watch.close()
            return
        parked = self._attachment.parked_input()
        shared = share_exit(self._client, self._target, watch, self._plan.run, self, parked)
        if begin and shared:
            watch.start()
        if self.exited:  # it was reported to us meanwhile
            self._attachment.end_input()

    def _make_watch(self) -> ExitWatch:
        number = self._renewals

        def report(code: int | None) -> None:
            if number == self._renewals:
                self.receive_exit(code)

        def lose(error: HyperJupyterError) -> None:
            if number == self._renewals:
                self.receive_unwatched(error)

        return ExitWatch(self._client, self._target, report, lose)
