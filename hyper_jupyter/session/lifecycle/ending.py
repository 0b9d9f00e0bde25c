"""How a session ends: what the end of its stream meant, and the container's exit code.

Layer: session. :meth:`Ending.watch` and :meth:`Ending.recheck` block; the other public methods
return at once, in any thread. ``receive_*`` and ``_on_*`` run on the I/O thread (an exit's news
on the calls worker too), under no lock while they call out.

Strategy: the end of a stream looks the same whether the process ended, somebody detached, or the
engine dropped us. So three sources are put together: the stream's end, the answer to a wait
request that was asked *before* attaching, and an inspect after the end. The state moves only in
:meth:`Ending._move`, by the table in :mod:`hyper_jupyter.session.rules.state`, except for its
first step in :meth:`Ending.opened`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from hyper_jupyter.client import Container, Deadline, EngineClient
from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError, SessionClosed
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.exit_watch import ExitWatch
from hyper_jupyter.session.io.runtime import runtime
from hyper_jupyter.session.lifecycle.lifecycle import Life
from hyper_jupyter.session.rules.container_state import has_ended, inspect_state, is_unstarted
from hyper_jupyter.session.rules.plan import Layout, Plan
from hyper_jupyter.session.rules.state import State

__all__ = ["Ending"]

logger = logging.getLogger(__name__)

_QUIET: Final = 5.0
"""Seconds without output after the container's exit, until the stream counts as complete."""

_SETTLE: Final = 2.0
"""Seconds in which an engine's inspect may lag behind the end of a stream."""

_SETTLE_STEP: Final = 0.1


class Ending:
    """The end of one session, before and after it has come.

    Args:
        client: the engine.
        container: whose exit it is about.
        plan: of the session.
        attachment: its connections; they are left at the end.
        life: its state.
        on_end: called once the state is a last one, by whoever made it so.

    Attributes:
        exit_code: of the container's process, ``None`` until it is known.
        error: what broke, in the states ``lost`` and ``failed``.
        exited: whether the container's process is known to have ended.
        leaving: whether somebody detaches, or has.
        keys_typed: whether the user has typed our detach keys.
    """

    def __init__(
        self,
        client: EngineClient,
        container: Container,
        plan: Plan,
        attachment: Attachment,
        life: Life,
        on_end: Callable[[], object],
    ) -> None:
        self.exit_code: int | None = None
        self.error: HyperJupyterError | None = None
        self.exited = False
        self.leaving = False
        self.keys_typed = False
        self._client = client
        self._id = container.id
        self._plan = plan
        self._attachment = attachment
        self._life = life
        self._on_end = on_end
        self._lock = threading.Lock()
        self._watch: ExitWatch | None = None
        self._next_exit = False  # the wait request is for an exit that is yet to come
        self._unwatched: HyperJupyterError | None = None  # why the exit is not watched any more
        self._released = False
        self._last_output = 0.0
        self._kept_output = False

    # -- the beginning ------------------------------------------------------------------

    def watch(self, deadline: Deadline) -> None:
        """Ask for the exit code, before the output is attached.

        Raises:
            ConnectionFailed: the engine is not there.
        """
        self._watch = self._make_watch()
        condition = "next-exit" if self._plan.wait_for_start else self._plan.profile.wait_condition
        self._next_exit = condition == "next-exit"
        self._watch.open(condition, deadline)
        self._watch.await_answer(deadline)

    def recheck(self) -> None:
        """The output is attached: see whether the exit that is waited for has been.

        Raises:
            HyperJupyterError: the engine cannot say.
        """
        if not self._next_exit:
            return
        state = inspect_state(self._client, self._id)
        if state is None or has_ended(state):
            # It ended between our inspect and the wait request, which now waits for an exit
            # that has been; the stream may never end either.
            runtime().loop.call_later(_SETTLE, self._check_quiet)

    def opened(self) -> None:
        """Everything is open: the session is attached."""
        if not self._life.move(State.ATTACHED, only_from=State.CONNECTING):
            # It ended, or somebody detached it by its name, while we were at it.
            self._disconnect(keep_watch=self._life.state is State.DETACHED)
        elif self.exited:
            self._await_quiet()

    def abandon(self) -> None:
        """It could not be opened; nothing is left behind."""
        self._released = True
        self._life.move(State.FAILED)
        self._disconnect()

    # -- leaving ------------------------------------------------------------------------

    def leave(self) -> bool:
        """Begin to detach; ``False`` where it has ended or somebody else is at it."""
        with self._lock:
            if self._life.ended or self.leaving:
                return False
            self.leaving = True
            return True

    def detached(self) -> None:
        """Leave the connections, where the session has not ended otherwise."""
        if not self._life.ended:
            self._disconnect(keep_watch=True)
            self._move(State.DETACHED)

    def release(self) -> None:
        """Stop watching the exit: nobody will ask any more."""
        self._released = True
        self._disconnect()
        self._life.notify()

    # -- waiting ------------------------------------------------------------------------

    def ask(self) -> None:
        """Watch the exit for who waits: a session of the log alone has not done so before."""
        with self._lock:
            if self._life.ended and self._life.state is not State.DETACHED:
                return
            if self._watch is not None or self.exited or self._released:
                return
            self._unwatched = None
            self._watch = watch = self._make_watch()
        watch.ask()

    def is_known(self) -> bool:
        """Whether :meth:`outcome` has an answer."""
        # Not at the exit code alone: the last output may still be on its way.
        state = self._life.state
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
        state = self._life.state
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
        """There was output; ``kept`` where some of it is in the journal."""
        self._last_output = time.monotonic()
        self._kept_output = self._kept_output or kept

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """A connection's end."""
        if connection is not self._attachment.output:
            # Stdin alone is gone; the container's output goes on.
            self._life.notify()
            return
        if not connection.opened:
            return  # attach() raises it
        if error is not None:
            self._break(error)
        elif self.exited and not self.leaving:
            self._move(State.EXITED)
        else:
            self._decide(time.monotonic() + _SETTLE)

    def _on_exit(self, code: int | None) -> None:
        """The container has ended; ``None`` where nobody knows the code."""
        self._set_exited(code)
        if self._life.state is State.DETACHED:
            self._attachment.end_input()
        if self._life.ended or self._life.state is State.CONNECTING:
            return
        output = self._attachment.output
        if output is None or output.ended:
            self._move(State.EXITED)
            return
        self._await_quiet()

    def _on_unwatched(self, error: HyperJupyterError) -> None:
        """The engine cannot say any more when the container ends; its stream may go on."""
        with self._lock:
            self._watch = None
            self._unwatched = error
        self._life.notify()

    def _set_exited(self, code: int | None) -> None:
        self.exited = True
        if self.exit_code is None:
            self.exit_code = code
        self._life.notify()

    # -- what they mean -----------------------------------------------------------------

    def _await_quiet(self) -> None:
        # Attached to a container that had ended before, no end of the stream would ever come.
        runtime().loop.call_later(_QUIET, self._check_quiet)

    def _check_quiet(self) -> None:
        output = self._attachment.output
        if self._life.ended or output is None or output.ended:
            return
        silence = time.monotonic() - self._last_output
        if silence < _QUIET:
            runtime().loop.call_later(_QUIET - silence, self._check_quiet)
        else:
            self._attachment.leave_output()
            self._decide(time.monotonic() + _SETTLE)

    def _decide(self, until: float) -> None:
        """Ask the engine what the end of the stream meant."""

        def ask() -> None:
            try:
                state = inspect_state(self._client, self._id)
            except HyperJupyterError as error:
                failure = ConnectionLost(f"the engine is gone: {error}")
                runtime().loop.call_soon(lambda: self._break(failure))
                return
            except Exception:  # a fault of ours, which is not to leave the session waiting
                logger.exception("the end of a session's stream")
                failure = ConnectionLost("the stream ended, and why is not known")
                runtime().loop.call_soon(lambda: self._break(failure))
                return
            runtime().loop.call_soon(lambda: self._conclude(state, until))

        runtime().calls.submit(ask)

    def _conclude(self, state: Mapping[str, Any] | None, until: float) -> None:
        """Draw the conclusion from inspect's ``State``; ``None`` where the container is gone."""
        if self._life.ended:
            return
        again = time.monotonic() < until
        if state is None:
            # It removed itself: only the wait request knows the code, and may be late.
            if self.exited or not again:
                self._move(State.EXITED)
            else:
                runtime().loop.call_later(_SETTLE_STEP, lambda: self._conclude(None, until))
            return
        if is_unstarted(state) and self._plan.layout is Layout.LOGS:
            self._move(State.DETACHED)  # its log was read; it has not started
        elif has_ended(state):
            self._set_exited(state.get("ExitCode"))
            self._move(State.EXITED)
        elif self.leaving or self.keys_typed or not self._plan.options.stream:
            self._move(State.DETACHED)
        elif again:
            runtime().loop.call_later(_SETTLE_STEP, lambda: self._decide(until))
        else:
            how = "has not started" if is_unstarted(state) else "runs on"
            self._break(ConnectionLost(f"the engine ended the stream, but the container {how}"))

    def _break(self, error: HyperJupyterError) -> None:
        if self._life.ended:
            return
        self.error = error
        self._move(State.LOST if self._kept_output else State.FAILED)

    def _move(self, new: State) -> None:
        """End, and let go of what is not needed any more."""
        if new is State.EXITED:
            self._attachment.end_input()
        if self._life.move(new):
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
        return ExitWatch(self._client, self._id, self._on_exit, self._on_unwatched)
