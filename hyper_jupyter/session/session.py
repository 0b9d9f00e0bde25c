"""A session: one attachment, from its request to its end. This is what users hold.

Layer: session, its top. Any thread except the I/O thread; methods that block say for how long.

It puts the rooms of this layer together and decides little itself. The I/O thread calls
:mod:`hyper_jupyter.session.attach.receiver`. How a session ends is in
:mod:`hyper_jupyter.session.lifecycle.ending`, and what can be done with it in
:mod:`hyper_jupyter.session.rules.controls`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
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
from hyper_jupyter.exceptions import Conflict, HyperJupyterError, ProcessFailed
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.attach.target import inspect_settled
from hyper_jupyter.session.registry import Registry
from hyper_jupyter.session.rules.exec_plan import plan_exec
from hyper_jupyter.session.rules.outcome import again_text, code_text
from hyper_jupyter.session.rules.plan import (
    AttachOptions,
    ConnectionScheme,
    FirstSize,
    LogOptions,
    Plan,
)
from hyper_jupyter.session.rules.planning import plan_attach, plan_log
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.status import SessionStatus
from hyper_jupyter.session.store.frame_record import Frame, FrameRecord
from hyper_jupyter.session.store.marks import Mark, MarkKind

__all__ = ["SESSIONS", "Session"]

_TAIL: Final = 4096
_TAIL_LINES: Final = 10
"""Of the output, in the error for a program that has failed."""


class Session(SessionStatus):
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
        inspected = inspect_settled(client, container) if start else client.inspect(container)
        plan = plan_attach(
            inspected,
            client.profile,
            options,
            configured_keys,
            start=start,
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
        client, ended, old = self.client, self.state, self._plan
        deadline = Deadline(client.timeout)
        container = self.container.id
        inspected = inspect_settled(client, container) if start else client.inspect(container)
        wanted = old.wanted
        follow = follow or wanted.follow_restarts
        # What was printed before is here already.
        options = replace(wanted, logs=False, history=None, follow_restarts=follow)
        plan = plan_attach(inspected, client.profile, options, configured_keys, start=start)
        plan = replace(plan, options=replace(plan.options, history=wanted.history))
        pause = None if self.ended_at is None else time.time() - self.ended_at
        same_run = bool(old.run) and plan.run == old.run
        text = again_text(
            ended,
            self.exit_code,
            pause,
            start=start,
            same_run=same_run,
            waits=plan.awaits_life,
        )
        self._marks.add(MarkKind.AGAIN, text)
        self._attachment.plan = plan
        self._learn_life(inspected, start=start)
        self._renew(plan, deadline)

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
        if recalls:
            self._recall.attaching()
        self._attachment.open(deadline)
        if recalls:
            self._recall.read(deadline)
        if plan.start:
            self._size_terminal(FirstSize.BEFORE_START)
            self._target.start()
            self._size_terminal(FirstSize.AFTER_START)
        if watch_late:
            ending.watch(deadline)
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

    # -- what users do ------------------------------------------------------------------

    def send(
        self, data: bytes | str, *, timeout: float | None = 10.0, hidden: bool = False
    ) -> None:
        """Send bytes or text to the container's stdin. Blocks for up to ``timeout`` seconds.

        Args:
            data: bytes are sent as they are, text as UTF-8. What is sent before the engine has
                answered is queued.
            timeout: seconds to wait for room, if the container does not read and 1 MiB is queued.
            hidden: never keep it, also after :meth:`keep_input`: for passwords.

        Raises:
            SessionClosed: stdin is not open, or no longer open; the text says why.
            Conflict: the container did not read its stdin in time; nothing was queued.
        """
        self._stdin.send(data, timeout, hidden=hidden)

    def send_line(self, line: str) -> None:
        r"""Send a line and its end: ``\r`` on a TTY (that is what Enter sends), else ``\n``."""
        self.send(line + ("\r" if self.tty else "\n"))

    def send_eof(self) -> None:
        """End the container's input.

        On a TTY this sends byte 04, which the terminal takes for the end of input at the start of a
        line. With StdinOnce it half-closes the connection.

        Raises:
            SessionClosed: stdin is not open, or no longer open.
            Conflict: this engine keeps the container's input open.
        """
        self._stdin.end()

    def send_signal(self, signal: str | int) -> None:
        """Send a signal to the container's process. Blocks for one call.

        Args:
            signal: its name, such as ``"INT"``, or its number.

        Raises:
            Conflict: the container does not run, or this is an exec: engines send signals only to
                a container's own process.
            NotFound: the container is gone.
            ConnectionLost: the embedded engine that had the container has ended.
            ConnectionFailed: the engine cannot be reached, or did not answer in time.
        """
        self._target.signal(signal)

    def resize(self, height: int, width: int) -> None:
        """Set the size of the container's or the program's terminal. Blocks for one call.

        Args:
            height: its rows, 1 to 65,535.
            width: its columns, 1 to 65,535.

        Raises:
            HyperJupyterError: no terminal can have that size, or the engine refuses it.
        """
        self._resizing.set(height, width)

    def wait(self, timeout: float | None = None, *, check: bool = False) -> int | None:
        """Wait for the container's process, or an exec's, to end. Also works after :meth:`detach`.

        A session that follows restarts returns the code of the first life that ends without the
        engine starting the container again by itself, and goes on waiting for one.

        Args:
            timeout: seconds; ``None`` is no limit.
            check: raise if it ends with another code than 0.

        Returns:
            The exit code; ``None`` if it can no longer be learned.

        Raises:
            TimeoutError: it did not end in time.
            ProcessFailed: ``check`` is set and the code is not 0; the text ends with the last lines
                of its output.
            HyperJupyterError: :attr:`error`, if the session was lost or failed and its exit code is
                not known; after :meth:`detach`, why the exit could not be watched to the end.
            SessionClosed: it goes on in another process, of which this one is a fork.
        """
        __tracebackhide__ = True
        self._check_process()
        self._ending.ensure_watched()
        over = self._following.watch_settlement()
        if not self._lifecycle.wait_for_end(lambda: self._ending.is_known() or over(), timeout):
            raise TimeoutError(f"{self._target.describe()} did not end in {timeout} s")
        code = self._outcome()
        if check and code != 0:
            raise self._failed(code)
        return code

    def _check_process(self) -> None:
        if not self._lifecycle.ended:
            self._lifecycle.check_process("its end cannot be awaited")

    def _failed(self, code: int | None) -> ProcessFailed:
        """Return the error for a program that has not ended with 0."""
        if self.state is State.FAILED and self.error is not None:
            return ProcessFailed(f"{self._target.describe()}: {self.error}", exit_code=code)
        known = "an unknown code" if code is None else code_text(code)
        stream = StreamType.STDERR if self.journal.end(StreamType.STDERR) else StreamType.STDOUT
        end = self.journal.end(stream)
        tail = self.journal.read(stream, max(0, end - _TAIL), _TAIL).decode("utf-8", "replace")
        lines = [printable(line) for line in tail.splitlines()[-_TAIL_LINES:]]
        text = "\n".join([f"{self._target.describe()} ended with {known}", *lines])
        return ProcessFailed(text, exit_code=code)

    async def _wait(self) -> int | None:
        self._check_process()
        self._ending.ensure_watched()
        over = self._following.watch_settlement()
        await self._lifecycle.reach(lambda: self._ending.is_known() or over())
        return self._outcome()

    def _outcome(self) -> int | None:
        if self._ending.is_known():
            return self._ending.outcome()
        return self._following.settled_code

    def __await__(self) -> Generator[Any, None, int | None]:
        return self._wait().__await__()

    def join(self, timeout: float | None = None) -> State:
        """Wait for the end of the session, in whatever state it ends.

        Args:
            timeout: seconds; ``None`` is no limit.

        Returns:
            The state that it ended in.

        Raises:
            TimeoutError: it did not end in time.
            SessionClosed: it goes on in another process, of which this one is a fork.
        """
        __tracebackhide__ = True
        self._check_process()
        if not self._lifecycle.wait_for_end(lambda: self._lifecycle.ended, timeout):
            raise TimeoutError(f"session {self.name} did not end in {timeout} s")
        return self.state

    def detach(self) -> None:
        """Detach; the container runs on. No effect if the session has ended.

        On a TTY the detach keys are sent one by one. Then the end of the stream is awaited for up
        to a second, and the connection is closed in any case. Without a TTY engines look for no
        keys. Then the session only stops using the connection, which is kept open in the background
        if its end would end the container's input. Blocks for up to two seconds, and for one
        inspect.
        """
        if not self._ending.begin_detach():
            return
        try:
            if self.state is State.ATTACHED:
                self._stdin.send_detach_keys(self._timeout)
        finally:  # also after Ctrl-C: nothing else would finish it
            self._ending.finish_detach()

    def close(self, force: bool = False) -> None:
        """Detach and release everything; the transcripts stay readable.

        Args:
            force: close even if that ends the container's input.

        Raises:
            Conflict: it would end the container's input, and ``force`` is not set.
        """
        kept = self._attachment.kept()
        if not (self._plan.has_input or force):
            kept = []  # its end ends no input, and the connection may stay with the program
        if kept and not force:
            raise Conflict(
                409,
                f"closing ends {self._plan.subject}'s input",
                hint="Use detach(), or close(force=True) if that is what you want.",
            )
        self.detach()
        for connection in kept:
            connection.close()
        self._ending.close()
        SESSIONS.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.detach()

    def record_frames(self) -> FrameRecord:
        """Keep the newest 1,000 frames from now on, and what is typed; see :meth:`frames`.

        A second call changes nothing. It costs reading some speed as long as frames come fast.
        """
        if self._frames is None:
            self._frames = FrameRecord()
            self._attachment.record(self._frames)
        return self._frames

    def frames(self) -> list[Frame]:
        """Return the newest frames of its connections, oldest first, and what was written.

        They are kept from :meth:`record_frames` on, from the first view that shows them
        (``view("frames")``), or from the start (``attach(…, frames=True)``).

        Raises:
            HyperJupyterError: none were asked for.
        """
        if self._frames is None:
            raise HyperJupyterError(
                "the frames of this session are not kept",
                hint="s.record_frames() keeps those to come, attach(…, frames=True) all.",
            )
        return self._frames.frames()

    def keep_input(self) -> None:
        """Keep what is sent from now on, so that a recording can have it: the newest 1 MiB.

        It stays in memory. It is neither shown nor saved unless that is asked for
        (``save(input=True)``). What is sent as hidden is never kept. A password that is typed into
        a terminal is no different from other keys: it is kept.
        """
        self.typed.begin()

    def reconnect_now(self) -> None:
        """Attach again at once, if the session is waiting to do so; else no effect."""
        self._reconnecting.hurry()

    def mark(self, text: str) -> Mark:
        """Mark this place of the session with one line of text."""
        mark = self._marks.add(MarkKind.NOTE, text)
        self._lifecycle.notify()
        return mark

    def on_output(self, callback: Callable[[StreamType, bytes], object]) -> Callable[[], None]:
        """Call ``callback(stream, data)`` for all output from now on, in order.

        It runs on a thread that only runs such callbacks. One that takes long holds up the
        callbacks of other sessions, but never the reading.

        Returns:
            A function that removes it.
        """
        return self._lifecycle.output.add(callback)

    def observe(self, callback: Callable[[State, State], object]) -> Callable[[], None]:
        """Call ``callback(old state, new state)`` after every change of state.

        It is called after all output that came before the change was passed to :meth:`on_output`
        callbacks.

        Returns:
            A function that removes it.
        """
        return self._lifecycle.observe(callback)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change, mostly on the I/O thread. It must not block.

        Returns:
            A function that removes it.
        """
        return self._lifecycle.subscribe(wake)

    def watch_pauses(self) -> Callable[[], None]:
        """Read the engine's events from now on: they say when the container is paused.

        Returns:
            A function that ends this.
        """
        return self._pauses.begin()

    # -- inside -------------------------------------------------------------------------

    def _released(self) -> None:
        SESSIONS.hold_weakly(self)


SESSIONS: Final[Registry[Session]] = Registry()
"""The sessions of this process."""
