"""The end of a session: gathers the evidence, and drives the state by the verdict.

Layer: session, lifecycle. :meth:`Ending.watch` and :meth:`Ending.recheck` block; the other public
methods return at once, in any thread. ``receive_*``, ``_on_*`` and ``_judge`` run on the I/O thread
(the news of an exit on the calls worker too), under no lock while they call out.

What the evidence means is decided in :mod:`hyper_jupyter.session.rules.verdict`. The state moves
only in :meth:`Ending._move`, by the table in :mod:`hyper_jupyter.session.rules.state`, except for
its first step in :meth:`Ending.opened`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from hyper_jupyter.client import Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, SessionClosed
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.exit_watch import ExitWatch
from hyper_jupyter.session.attach.target import Target
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.rules.container_state import has_ended
from hyper_jupyter.session.rules.plan import ConnectionScheme, Plan
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.rules.verdict import Evidence, Inspected, Next, StreamEnd, conclude

__all__ = ["Ending"]

logger = logging.getLogger(__name__)

_SILENCE: Final = 5.0
"""Seconds without output after the container's exit, until the stream counts as complete."""

_SETTLE: Final = 2.0
"""Seconds in which an engine's inspect may lag behind the end of a stream."""

_SETTLE_STEP: Final = 0.1


class Ending:
    """The end of one session, before and after it has come.

    Args:
        client: the engine.
        target: whose exit it is about.
        plan: of the session.
        attachment: its connections; they are left at the end.
        lifecycle: its state.
        on_end: called once the session has ended, in the thread that found that out.

    Attributes:
        exit_code: of the container's process, ``None`` until it is known.
        error: what broke, in the states ``lost`` and ``failed``.
        exited: whether the container's process is known to have ended.
        leaving: whether the session is being detached, or is.
        keys_typed: whether the user has typed our detach keys.
    """

    def __init__(
        self,
        client: EngineClient,
        target: Target,
        plan: Plan,
        attachment: Attachment,
        lifecycle: Lifecycle,
        on_end: Callable[[], object],
    ) -> None:
        self.exit_code: int | None = None
        self.error: HyperJupyterError | None = None
        self.exited = False
        self.leaving = False
        self.keys_typed = False
        self._client = client
        self._target = target
        self._plan = plan
        self._attachment = attachment
        self._lifecycle = lifecycle
        self._on_end = on_end
        self._lock = threading.Lock()
        self._watch: ExitWatch | None = None
        self._next_exit = False  # the wait request is for an exit that is yet to come
        self._unwatched: HyperJupyterError | None = None  # why the exit is not watched any more
        self._released = False
        self._last_output = 0.0
        self._received = False

    # -- the beginning ------------------------------------------------------------------

    def watch(self, deadline: Deadline) -> None:
        """Ask for the exit code, before the output is attached. Blocks.

        Raises:
            ConnectionFailed: the engine is not there.
        """
        self._watch = self._make_watch()
        condition = "next-exit" if self._plan.unstarted else self._plan.profile.wait_condition
        self._next_exit = condition == "next-exit"
        self._watch.open(condition, deadline)
        self._watch.await_answer(deadline)

    def recheck(self) -> None:
        """See, once the output is attached, whether the exit that is waited for has been. Blocks.

        Raises:
            HyperJupyterError: the engine cannot say.
        """
        if not self._next_exit:
            return
        state = self._target.state()
        if state is None or has_ended(state):
            # It ended between our inspect and the wait request, which now waits for an exit
            # that has been; the stream may never end either.
            runtime().loop.call_later(_SETTLE, self._check_silence)

    def opened(self) -> None:
        """Become attached: everything is open."""
        if not self._lifecycle.move(State.ATTACHED, only_from=State.CONNECTING):
            # It ended, or somebody detached it by its name, while it was opened.
            self._disconnect(keep_watch=self._lifecycle.state is State.DETACHED)
        else:
            self._judge(StreamEnd.OPEN)  # the exit may be known already

    def abandon(self) -> None:
        """Fail, because it could not be opened; nothing is left behind."""
        self._released = True
        self._lifecycle.move(State.FAILED)
        self._disconnect()

    # -- leaving ------------------------------------------------------------------------

    def leave(self) -> bool:
        """Begin to detach; ``False`` where it has ended or another thread detaches it."""
        with self._lock:
            if self._lifecycle.ended or self.leaving:
                return False
            self.leaving = True
            return True

    def detached(self) -> None:
        """Leave the connections, where the session has not ended otherwise."""
        if not self._lifecycle.ended:
            self._disconnect(keep_watch=True)
            self._move(State.DETACHED)

    def release(self) -> None:
        """Stop watching for the exit: nobody will ask any more."""
        self._released = True
        self._disconnect()
        self._lifecycle.notify()

    # -- waiting ------------------------------------------------------------------------

    def ask(self) -> None:
        """Start watching for the exit because somebody called wait().

        A session that reads the log only has not watched it before.
        """
        with self._lock:
            if self._lifecycle.ended and self._lifecycle.state is not State.DETACHED:
                return
            if self._watch is not None or self.exited or self._released:
                return
            self._unwatched = None
            self._watch = watch = self._make_watch()
        watch.ask()

    def is_known(self) -> bool:
        """Whether :meth:`outcome` has an answer."""
        # Not at the exit code alone: the last output may still be on its way.
        state = self._lifecycle.state
        return state in (State.EXITED, State.LOST, State.FAILED) or (
            state is State.DETACHED
            and (self.exited or self._released or self._unwatched is not None)
        )

    def outcome(self) -> int | None:
        """The exit code, ``None`` where nobody knows it.

        Raises:
            HyperJupyterError: what kept us from learning it.
        """
        error = None
        state = self._lifecycle.state
        if state in (State.LOST, State.FAILED):
            error = self.error
        elif state is State.DETACHED and not self.exited:
            error = (
                SessionClosed("the session was closed before the container ended")
                if self._released
                else self._unwatched
            )
        if error is not None:
            raise error.with_traceback(None)  # not that of an earlier call, too
        return self.exit_code

    # -- the news -----------------------------------------------------------------------

    def receive_output(self, *, kept: bool) -> None:
        """Take the news of output; ``kept`` where some of it was stored."""
        self._last_output = time.monotonic()
        self._received = self._received or kept

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """Take a connection's end."""
        if connection is not self._attachment.output:
            # Stdin alone is gone; the container's output goes on.
            self._lifecycle.notify()
            return
        if not connection.opened:
            return  # attach() raises it
        if error is not None:
            self._judge(StreamEnd.BROKEN, error=error)
        else:
            self._judge(StreamEnd.CLOSED)

    def _on_exit(self, code: int | None) -> None:
        """The container has ended; ``None`` where nobody knows the code."""
        self._set_exited(code)
        if self._lifecycle.state is State.DETACHED:
            self._attachment.end_input()
        if self._lifecycle.ended or self._lifecycle.state is State.CONNECTING:
            return
        output = self._attachment.output
        ended = output is None or output.ended
        self._judge(StreamEnd.CLOSED if ended else StreamEnd.OPEN)

    def _on_unwatched(self, error: HyperJupyterError) -> None:
        """The engine cannot say any more when the container ends; its stream may go on."""
        with self._lock:
            self._watch = None
            self._unwatched = error
        self._lifecycle.notify()

    def _set_exited(self, code: int | None) -> None:
        self.exited = True
        if self.exit_code is None:
            self.exit_code = code
        self._lifecycle.notify()

    # -- what the news means ------------------------------------------------------------

    def _judge(
        self,
        stream: StreamEnd,
        inspected: Mapping[str, Any] | Inspected = Inspected.NOT_ASKED,
        *,
        error: HyperJupyterError | None = None,
        until: float | None = None,
    ) -> None:
        """Conclude from what is known now.

        Args:
            stream: what has become of the stream.
            inspected: what inspect said since.
            error: what broke the stream, or the engine's answer to inspect.
            until: when inspect does not lag behind any more, by ``time.monotonic``; ``None`` counts
                from now.
        """
        if self._lifecycle.ended:
            return
        now = time.monotonic()
        until = now + _SETTLE if until is None else until
        verdict = conclude(
            Evidence(
                stream,
                error,
                self.exited,
                inspected,
                leaving=self.leaving,
                keys_typed=self.keys_typed,
                follows=self._plan.options.stream,
                log_only=self._plan.scheme is ConnectionScheme.LOG,
                received=self._received,
                patient=now < until,
            )
        )
        if verdict.state is not None:
            self.error = verdict.error
            if verdict.exited:
                self._set_exited(verdict.exit_code)
            self._move(verdict.state)
            return
        loop = runtime().loop
        match verdict.next:
            case Next.AWAIT_SILENCE:
                loop.call_later(_SILENCE, self._check_silence)
            case Next.INSPECT:
                self._inspect(stream, until)
            case Next.INSPECT_AGAIN:
                loop.call_later(_SETTLE_STEP, lambda: self._inspect(stream, until))
            case Next.LOOK_AGAIN:
                loop.call_later(
                    _SETTLE_STEP, lambda: self._judge(stream, inspected, error=error, until=until)
                )
            case Next.NOTHING:
                pass

    def _check_silence(self) -> None:
        """See whether the stream has been silent for long enough to count as complete."""
        output = self._attachment.output
        if self._lifecycle.ended or output is None or output.ended:
            return
        silence = time.monotonic() - self._last_output
        if silence < _SILENCE:
            runtime().loop.call_later(_SILENCE - silence, self._check_silence)
        else:
            self._attachment.leave_output()
            self._judge(StreamEnd.SILENT)

    def _inspect(self, stream: StreamEnd, until: float) -> None:
        """Ask the engine about the container on the calls worker, and judge again."""

        def ask() -> None:
            loop = runtime().loop
            try:
                state = self._target.state()
            except HyperJupyterError as error:
                failure = error
                loop.call_soon(
                    lambda: self._judge(stream, Inspected.FAILED, error=failure, until=until)
                )
                return
            except Exception:  # a fault of ours must not leave the session waiting
                logger.exception("the end of a session's stream")
                unknown = ConnectionLost("the stream ended, and why is not known")
                loop.call_soon(lambda: self._judge(StreamEnd.BROKEN, error=unknown))
                return
            inspected = Inspected.GONE if state is None else state
            loop.call_soon(lambda: self._judge(stream, inspected, until=until))

        runtime().calls.submit(ask)

    def _move(self, new: State) -> None:
        """End, and release what is not needed any more."""
        if new is State.EXITED:
            self._attachment.end_input()
        if self._lifecycle.move(new):
            self._on_end()
            if new is not State.DETACHED:
                self._disconnect()

    def _disconnect(self, *, keep_watch: bool = False) -> None:
        """Leave the connections; kept ones stay open."""
        self._attachment.leave()
        watch = self._watch
        if watch is not None and not keep_watch:
            watch.close()

    def _make_watch(self) -> ExitWatch:
        return ExitWatch(self._client, self._target, self._on_exit, self._on_unwatched)
