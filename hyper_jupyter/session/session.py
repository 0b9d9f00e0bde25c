"""A session: one attachment, from its request to its end. This is what users hold.

Layer: session, its top. Any thread except the I/O thread; methods that block say for how long.

It makes sessions and lets them begin again, and decides little itself. What users do with one is in
:mod:`hyper_jupyter.session.actions`, and what it consists of in
:mod:`hyper_jupyter.session.status`. The I/O thread calls
:mod:`hyper_jupyter.session.attach.receiver`. How a session ends is in
:mod:`hyper_jupyter.session.lifecycle.ending`, and what can be done with it in
:mod:`hyper_jupyter.session.rules.controls`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Self

from hyper_jupyter.client import (
    Container,
    Deadline,
    EngineClient,
    ExecOptions,
    check_log,
    check_size,
    create_exec,
)
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, NotFound
from hyper_jupyter.session.actions import SessionActions
from hyper_jupyter.session.attach.paused import unless_paused
from hyper_jupyter.session.attach.returning import is_between_lives
from hyper_jupyter.session.attach.target import inspect_settled
from hyper_jupyter.session.io.forks import hold_over_forks
from hyper_jupyter.session.registry import Registry
from hyper_jupyter.session.rules.container_state import has_ended, is_unstarted
from hyper_jupyter.session.rules.exec_plan import plan_exec
from hyper_jupyter.session.rules.lives.prospect import prospect_in, prospect_text
from hyper_jupyter.session.rules.outcome import again_text
from hyper_jupyter.session.rules.plan import (
    AttachOptions,
    ConnectionScheme,
    FirstSize,
    LogOptions,
    Plan,
)
from hyper_jupyter.session.rules.planning import plan_attach, plan_log
from hyper_jupyter.session.store.marks import MarkKind

__all__ = ["SESSIONS", "Session"]


class Session(SessionActions):
    """One attachment to a container, one program in it, or one reading of its log.

    Made by ``Client.attach``, ``Client.run``, ``Client.exec`` and ``Client.logs``.

    Attributes:
        client: the engine.
        name: the container's name, with ``-2`` appended for its second session.
        container: the container's id, name and image.
        tty: whether the stream is raw; then all output is stdout.
        started_at: when the session was made, in seconds since the epoch.
        journal: everything that was received.
        sizes: the sizes that its terminal has had.
        typed: what was sent since :meth:`keep_input`.
        stdout: the transcript of stdout.
        stderr: the transcript of stderr.
        history: the lines that the container printed before, if some were wanted.
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
        super().__init__(client, container, plan, timeout=timeout, size=size)
        SESSIONS.register(self)

    # -- making one ---------------------------------------------------------------------

    @classmethod
    def attach(
        cls,
        client: EngineClient,
        container: str,
        options: AttachOptions,
        *,
        configured_keys: str | None = None,
        start: bool = False,
        size: tuple[int, int] | None = None,
    ) -> Self:
        """Attach to a container.

        Returns once the engine has answered. Blocks for up to ``client.timeout`` seconds.

        Args:
            client: the engine.
            container: the container's name or id.
            options: what to attach.
            configured_keys: ``detachKeys`` of the engine's configuration file.
            start: start it once its output is attached, so that no output is missed.
            size: rows and columns of its terminal when it is started; ``None`` is
                :data:`~hyper_jupyter.client.DEFAULT_SIZE`.

        Raises:
            NotFound: no such container; the hint has similar names.
            Conflict: the container's state does not allow it, or its log cannot be read.
            InvalidDetachKeys: the key sequence is invalid.
            ConnectionFailed: the engine cannot be reached, or did not answer in time.
        """
        check_size(size)
        deadline = Deadline(client.timeout)  # for all steps together
        attach = partial(
            cls._attach_once,
            client,
            container,
            options,
            deadline,
            configured_keys=configured_keys,
            start=start,
            size=size,
        )
        return unless_paused(client, attach)

    @classmethod
    def _attach_once(
        cls,
        client: EngineClient,
        container: str,
        options: AttachOptions,
        deadline: Deadline,
        *,
        configured_keys: str | None,
        start: bool,
        size: tuple[int, int] | None,
    ) -> Self:
        """Attach, or leave nothing behind; the arguments are those of :meth:`attach`."""
        inspected = inspect_settled(client, container) if start else client.inspect(container)
        returns = not start and options.needs_run and is_between_lives(client, inspected)
        plan = plan_attach(
            inspected,
            client.profile,
            options,
            configured_keys,
            start=start,
            returns=returns,
        )
        unreadable = ""
        if options.logs or options.history:
            try:
                check_log(client, inspected)
            except HyperJupyterError as error:
                if options.history is None:
                    raise
                unreadable = str(error)  # attaching tells whether that is all
        summary = Container.from_inspect(inspected)
        session = cls(client, summary, plan, timeout=client.timeout, size=size)
        session._learn_life(inspected, start=start)
        if options.frames:
            session.record_frames()
        if unreadable:
            session._recall.refuse(unreadable)
        session._open(lambda: session._attach(deadline))
        return session

    @classmethod
    def read_logs(
        cls,
        client: EngineClient,
        container: str,
        *,
        follow: bool,
        stdout: bool,
        stderr: bool,
        tail: int | None,
        log: LogOptions | None = None,
        resume: bool = True,
    ) -> Self:
        """Read a container's log. Blocks for up to ``client.timeout`` seconds.

        Args:
            client: the engine.
            container: the container's name or id.
            follow: go on with what the container prints from now on.
            stdout: read its stdout.
            stderr: read its stderr.
            tail: how many of the last lines to read; ``None`` is all.
            log: from when and until when, and whether with timestamps.
            resume: go on by itself if the connection is cut.

        Raises:
            NotFound: no such container; the hint has similar names.
            ConnectionFailed: the engine cannot be reached, or did not answer in time.
        """
        deadline = Deadline(client.timeout)
        inspected = client.inspect(container)
        check_log(client, inspected, ask=False)
        plan = plan_log(
            inspected,
            client.profile,
            follow=follow,
            stdout=stdout,
            stderr=stderr,
            tail=tail,
            log=log,
            resume=resume,
        )
        session = cls(client, Container.from_inspect(inspected), plan, timeout=client.timeout)
        session._open(lambda: session._attachment.open(deadline))
        return session

    @classmethod
    def exec(
        cls,
        client: EngineClient,
        container: str,
        options: ExecOptions,
        *,
        size: tuple[int, int] | None = None,
    ) -> Self:
        """Run a further program in a container. Blocks for up to ``client.timeout`` seconds.

        Args:
            client: the engine.
            container: the container's name or id.
            options: what to run.
            size: rows and columns of its terminal; ``None`` is
                :data:`~hyper_jupyter.client.DEFAULT_SIZE`.

        Raises:
            NotFound: no such container; the hint has similar names.
            Conflict: it does not run, or is paused.
            InvalidDetachKeys: the key sequence is invalid.
            ConnectionFailed: the engine cannot be reached, or did not answer in time.
        """
        deadline = Deadline(client.timeout)
        execute = partial(cls._exec_once, client, container, options, deadline, size=size)
        return unless_paused(client, execute)

    @classmethod
    def _exec_once(
        cls,
        client: EngineClient,
        container: str,
        options: ExecOptions,
        deadline: Deadline,
        *,
        size: tuple[int, int] | None,
    ) -> Self:
        """Run the program, or leave nothing behind; the arguments are those of :meth:`exec`."""
        inspected = client.inspect(container)
        plan = plan_exec(inspected, client.profile, options)
        summary = Container.from_inspect(inspected)
        identifier = create_exec(
            client, summary.id, options, detach_spec=plan.detach_spec, size=size
        )
        plan = replace(plan, exec_id=identifier)
        session = cls(client, summary, plan, timeout=client.timeout, size=size)
        session._open(lambda: session._start_exec(deadline))
        return session

    def _open(self, steps: Callable[[], None]) -> None:
        """Run the opening steps; after a failure nothing stays open or registered."""
        self._reconnecting.attaching(self._plan)
        try:
            steps()
        except BaseException as error:
            self._ending.fail(error if isinstance(error, HyperJupyterError) else None)
            if not self._ending.renewed:
                SESSIONS.discard(self)
            raise
        self._stalls.begin()
        self._liveness.begin()
        self._begin_following()
        if self._plan.awaits_life:
            self._ending.await_start()
            self._following.wait(whole=self._plan.options.logs)
        else:
            self._ending.opened()
        if self._lifecycle.ended:  # it ended while it was being opened
            self._stalls.end()
            self._liveness.end()
            self._stop_following()

    def _renew(self, plan: Plan, deadline: Deadline) -> None:
        """Begin again after an end, with new connections to the same container. Blocks.

        What comes is appended to what came before, and the history stays as it is. What happened
        in between is not looked for: who renews a session says so with a mark.

        Args:
            plan: made from a fresh inspect; the container may be in another run.
            deadline: for the engine's answers.

        Raises:
            Conflict: the session has not ended.
            HyperJupyterError: as for :meth:`attach`. Then the session is lost.
        """
        if not self._lifecycle.renew():
            raise Conflict(409, "the session has not ended")
        self._renew_parts(plan)
        self._attachment.renew(plan, self._receiver)
        SESSIONS.hold(self)
        if plan.scheme is ConnectionScheme.LOG:
            self._open(lambda: self._attachment.open(deadline))
        else:
            self._open(lambda: self._attach(deadline, recalls=False))

    def _begin_again(
        self, *, configured_keys: str | None, start: bool = False, follow: bool = False
    ) -> None:
        """Attach again to the same container, with the same options, after the end. Blocks.

        Args:
            configured_keys: as for :meth:`attach`.
            start: start the container.
            follow: follow its restarts from now on, and wait for a start if it does not run.

        Raises:
            HyperJupyterError: as for :meth:`attach`. The session has not changed if the container
                is in a state that does not allow it; otherwise it is lost.
        """
        ended, old = self.state, self._plan
        deadline = Deadline(self.client.timeout)
        look = partial(self._plan_again, configured_keys, start=start, follow=follow)
        inspected, plan = unless_paused(self.client, look)
        state = inspected.get("State") or {}
        pause = None if self.ended_at is None else time.time() - self.ended_at
        same_run = bool(old.run) and plan.run == old.run
        # Somebody else may have started it: what it has printed since then is not here.
        runs = not (has_ended(state) or is_unstarted(state))
        before = "in between" if same_run else "since its new start" if runs else ""
        prospect = prospect_in(inspected, shown=self.client.profile.shows_restarts)
        text = again_text(
            ended,
            self.exit_code,
            pause,
            start=plan.start,
            missing=before,
            awaits=prospect_text(prospect) if plan.awaits_life else "",
        )
        self._marks.add(MarkKind.AGAIN, text)
        self._following.announce(prospect if plan.awaits_life else None)
        self._attachment.plan = plan
        self._learn_life(inspected, start=plan.start)
        self._renew(plan, deadline)

    def _plan_again(
        self, configured_keys: str | None, *, start: bool, follow: bool
    ) -> tuple[Mapping[str, Any], Plan]:
        """Inspect the container, and plan how to attach to it again. Blocks.

        The arguments, and what it raises, are those of :meth:`_begin_again`.
        """
        client, container, wanted = self.client, self.container.id, self._plan.wanted
        try:
            inspected = inspect_settled(client, container) if start else client.inspect(container)
        except NotFound:
            self._aftermath.learn(None)
            raise
        state = inspected.get("State") or {}
        start = start and (has_ended(state) or is_unstarted(state)) and not state.get("Restarting")
        self._aftermath.learn(state)
        follow = follow or wanted.follow_restarts
        # What was printed before is here already.
        options = replace(wanted, logs=False, history=None, follow_restarts=follow)
        returns = not start and options.needs_run and is_between_lives(client, inspected)
        plan = plan_attach(
            inspected, client.profile, options, configured_keys, start=start, returns=returns
        )
        return inspected, replace(plan, options=replace(plan.options, history=wanted.history))

    def _follow_from_now(self) -> None:
        """Follow the container's restarts from now on."""
        plan = self._plan
        if plan.kind == "attach" and plan.options.stream and not plan.options.follows_lives:
            self._attachment.plan = replace(
                plan, options=replace(plan.options, follow_restarts=True)
            )
            self._learn_life(self.client.inspect(self.container.id))
            self._begin_following()

    def _learn_life(self, inspected: Mapping[str, Any], *, start: bool = False) -> None:
        """Learn which of its container's lives the session is about, if it follows them."""
        if self._plan.options.follows_lives or self._plan.awaits_life:
            self._following.learn(inspected, start=start)

    def _attach(self, deadline: Deadline, *, recalls: bool = True) -> None:
        plan, ending = self._plan, self._ending
        recalls = recalls and plan.options.history is not None
        if not plan.options.stream or plan.awaits_life:
            if recalls:
                self._recall.read(deadline)
            if not plan.awaits_life:
                self._attachment.open(deadline)
            return
        # If a container has run before, wait answers with the exit code of its last run. So send
        # the wait request after the start.
        watch_late = plan.start and not plan.unstarted
        if not watch_late:
            ending.watch(deadline)
        # It may end, and be removed, at any time: the engine must wait for its exit before the
        # attach request is sent. What is still to be started cannot end before.
        if not plan.start:
            ending.await_watch(deadline)
        if recalls:
            self._recall.attaching()
        self._attachment.open(deadline)
        if recalls:
            self._recall.read(deadline)
        if plan.start:
            if not watch_late:
                ending.await_watch(deadline)
            self._size_terminal(FirstSize.BEFORE_START)
            self._target.start()
            self._size_terminal(FirstSize.AFTER_START)
        if watch_late:
            ending.watch(deadline)
            ending.await_watch(deadline)
        if watch_late or not plan.start:
            ending.recheck()

    def _start_exec(self, deadline: Deadline) -> None:
        self._attachment.open(deadline)
        if self.tty and not self._plan.profile.takes_console_size:
            with contextlib.suppress(HyperJupyterError):  # it may have ended already
                self._target.resize(*self.terminal_size)

    def _size_terminal(self, moment: FirstSize) -> None:
        """Give the terminal its first size, if the plan says that this is the moment."""
        if self._plan.first_size is moment:
            # It may have ended already. Starting it counts, not its terminal.
            with contextlib.suppress(HyperJupyterError):
                self._resizing.send_first()

    # -- inside -------------------------------------------------------------------------

    def _released(self) -> None:
        SESSIONS.hold_weakly(self)

    def _discard(self) -> None:
        SESSIONS.discard(self)


SESSIONS: Final[Registry[Session]] = Registry()
"""The sessions of this process."""

# So that what had come is whole in a child, too.
hold_over_forks(lambda: [session.journal.lock for session in SESSIONS.seen()])
