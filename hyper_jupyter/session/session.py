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
from typing import Any, Final, Self

from hyper_jupyter.client import DEFAULT_SIZE, Container, Deadline, EngineClient, check_log
from hyper_jupyter.exceptions import Conflict, HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.receiver import Receiver
from hyper_jupyter.session.attach.target import inspect_settled, target_of
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Lifecycle
from hyper_jupyter.session.lifecycle.pauses import Pauses
from hyper_jupyter.session.lifecycle.proof import Proof
from hyper_jupyter.session.lifecycle.stalls import Stall, Stalls
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.registry import Registry
from hyper_jupyter.session.rules.controls import Controls, controls
from hyper_jupyter.session.rules.outcome import missing_text
from hyper_jupyter.session.rules.plan import (
    WEBSOCKET_OFFER,
    AttachOptions,
    ConnectionScheme,
    FirstSize,
    LogOptions,
    Plan,
    plan_attach,
    plan_log,
)
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.transcript import Transcript

__all__ = ["SESSIONS", "Session"]

_NO_UPGRADE: Final = (
    "The engine's answer came without the upgrade: a proxy in between may hold back what is typed."
)

_INPUT_CUT: Final = (
    "The connection that carries stdin was cut on the way, and that ends the container's input "
    "(StdinOnce)."
)

_IDLE: Final = 30.0
"""Seconds without traffic after which proxies may cut a connection."""

_MIXED: Final = "Attached by WebSocket, which does not separate the streams: all output is stdout."


class Session:
    """One attachment to a container, or one reading of its log.

    Made by ``Client.attach``, ``Client.run`` and ``Client.logs``.

    Attributes:
        client: the engine.
        name: the container's name, with ``-2`` appended for its second session.
        container: the container's id, name and image.
        tty: whether the stream is raw; then all output is stdout.
        started_at: when the session was made, in seconds since the epoch.
        terminal_size: rows and columns, as last set by :meth:`resize`, or at the start.
        journal: everything that was received.
        stdout: the transcript of stdout.
        stderr: the transcript of stderr.
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
        self.container = container
        self.tty = plan.tty
        self.started_at = time.time()
        self.terminal_size = size or DEFAULT_SIZE
        self.journal = Journal()
        self.stdout, self.stderr = (
            Transcript(self.journal, stream, self._wait_for_more, lambda: self.error)
            for stream in (StreamType.STDOUT, StreamType.STDERR)
        )
        self._plan = plan
        self._timeout = timeout
        self._lifecycle = Lifecycle(self.journal)
        self._stalls = Stalls(self._lifecycle.notify)
        self._target = target_of(client, container, plan)
        self._pauses = Pauses(client, self._target, self._lifecycle.notify)
        receiver = Receiver(
            self.journal, plan, on_output=lambda: self._lifecycle.notify(output=True)
        )
        self._proof = Proof(client, self._target, plan, self.journal)
        self._attachment = Attachment(client, self._target, plan, receiver)
        self._ending = receiver.ending = Ending(
            client,
            self._target,
            plan,
            self._attachment,
            self._lifecycle,
            self._proof,
            self._ended,
        )
        self._stdin = Stdin(plan, self._attachment, self._lifecycle, self._ending, self.controls)
        self.name = ""
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
        deadline = Deadline(client.timeout)  # for all steps together
        inspected = inspect_settled(client, container) if start else client.inspect(container)
        plan = plan_attach(
            inspected,
            client.profile,
            options,
            configured_keys,
            start=start,
        )
        if options.logs:
            check_log(client, inspected)
        summary = Container.from_inspect(inspected)
        session = cls(client, summary, plan, timeout=client.timeout, size=size)
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
        )
        session = cls(client, Container.from_inspect(inspected), plan, timeout=client.timeout)
        session._open(lambda: session._attachment.open(deadline))
        return session

    def _open(self, steps: Callable[[], None]) -> None:
        """Run the opening steps; after a failure nothing stays open or registered."""
        try:
            steps()
        except BaseException:
            self._ending.fail()
            SESSIONS.discard(self)
            raise
        self._stalls.begin()
        self._ending.opened()
        if self._lifecycle.ended:  # it ended while it was being opened
            self._stalls.end()

    def _attach(self, deadline: Deadline) -> None:
        plan, ending = self._plan, self._ending
        if not plan.options.stream:
            self._attachment.open(deadline)
            return
        # If a container has run before, wait answers with the exit code of its last run. So send
        # the wait request after the start.
        watch_late = plan.start and not plan.unstarted
        if not watch_late:
            ending.watch(deadline)
        self._attachment.open(deadline)
        if plan.start:
            self._size_terminal(FirstSize.BEFORE_START)
            self._target.start()
            self._size_terminal(FirstSize.AFTER_START)
        if watch_late:
            ending.watch(deadline)
        if watch_late or not plan.start:
            ending.recheck()

    def _size_terminal(self, moment: FirstSize) -> None:
        """Give the terminal its first size, if the plan says that this is the moment."""
        if self._plan.first_size is moment:
            # It may have ended already. Starting it counts, not its terminal.
            with contextlib.suppress(HyperJupyterError):
                self._target.resize(*self.terminal_size)

    # -- what users see -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._lifecycle.state

    @property
    def exit_code(self) -> int | None:
        """The exit code of the container's process; ``None`` until it is known."""
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
    def error(self) -> HyperJupyterError | None:
        """What broke, in the states ``lost`` and ``failed``."""
        return self._ending.error

    @property
    def complete(self) -> bool | None:
        """Whether all output is here.

        ``True`` where that is proven: what was received ends as the engine's log ends, or the log
        was read to its end. ``False`` where output is known to be missing; :attr:`warnings` says
        what. ``None`` as long as the session has not ended, and where nobody can know.
        """
        if not self._lifecycle.ended:
            return None
        if self._plan.scheme is ConnectionScheme.LOG:
            whole = self._ending.error is None and not self._ending.detaching
            return True if whole else None
        return self._proof.complete

    @property
    def missing(self) -> Mapping[StreamType, int]:
        """How many bytes are missing at least, per stream, where :attr:`complete` is ``False``.

        Empty if that is not known.
        """
        return self._proof.missing if self.complete is False else {}

    @property
    def options(self) -> AttachOptions:
        """The options that it was attached with."""
        return self._plan.wanted

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
        if held and self._plan.profile.has_websocket:
            held += f" {WEBSOCKET_OFFER}."
        mixed = _MIXED if self._plan.options.ws and not self.tty else ""
        missing = ""
        if self.complete is False:
            missing = missing_text(self._proof.missing, self.container.name)
        cut = _INPUT_CUT if self._ending.input_cut else ""
        idle = self._ending.idle
        if self.state is State.EXITED and idle >= _IDLE and self.client.over_network:
            cut = (
                f"The connection ended after {idle:.0f} s without traffic, and the container with "
                "it. If a proxy on the way cuts idle connections, that ended the container's input."
            )
        own = (mixed, held, cut, loss, missing)
        return (*self.client.warnings, *(text for text in own if text))

    def controls(self) -> Controls:
        """Return what can be done now, the reasons for what cannot, and what detaching does."""
        attachment = self._attachment
        return controls(
            self._plan,
            self.state,
            stdin_used=attachment.input_used,
            input_ended=attachment.input_ended,
            silent=not len(self.journal),
            exited=self._ending.exited,
            restarting=self._ending.restarting,
        )

    def __repr__(self) -> str:
        code = f" ({self.exit_code})" if self.exit_code is not None else ""
        paused = ", paused" if self.paused else ""
        dropped = f", the oldest {self.journal.first} not kept" if self.journal.first else ""
        return (
            f"<Session {self.name}: {self.state}{paused}{code}, {len(self.journal)} bytes{dropped}>"
        )

    def send(self, data: bytes | str, *, timeout: float | None = 10.0) -> None:
        """Send bytes or text to the container's stdin. Blocks for up to ``timeout`` seconds.

        Args:
            data: bytes are sent as they are, text as UTF-8. What is sent before the engine has
                answered is queued.
            timeout: seconds to wait for room, if the container does not read and 1 MiB is queued.

        Raises:
            SessionClosed: stdin is not open, or no longer open; the text says why.
            Conflict: the container did not read its stdin in time; nothing was queued.
        """
        self._stdin.send(data, timeout)

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
        """Send a signal, such as ``"INT"``, to the container's process. Blocks for one call."""
        self._target.signal(signal)

    def resize(self, height: int, width: int) -> None:
        """Set the size of the container's terminal, in character cells. Blocks for one call."""
        self._target.resize(height, width)
        self.terminal_size = (height, width)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the container's process to end. Also works after :meth:`detach`.

        Args:
            timeout: seconds; ``None`` is no limit.

        Returns:
            The exit code; ``None`` if it can no longer be learned.

        Raises:
            TimeoutError: it did not end in time.
            HyperJupyterError: :attr:`error`, if the session was lost or failed; after
                :meth:`detach`, why the exit could not be watched to the end.
        """
        self._ending.ensure_watched()
        if not self._lifecycle.wait_for_end(self._ending.is_known, timeout):
            raise TimeoutError(f"{self._target.describe()} did not end in {timeout} s")
        return self._ending.outcome()

    async def _wait(self) -> int | None:
        self._ending.ensure_watched()
        await self._lifecycle.reach(self._ending.is_known)
        return self._ending.outcome()

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
        """
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
        if kept and not force:
            raise Conflict(
                409,
                "closing ends the container's input",
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

        From then on the engine's events are read, too: they say when the container is paused.

        Returns:
            A function that removes it.
        """
        self._pauses.begin()
        return self._lifecycle.subscribe(wake)

    # -- inside -------------------------------------------------------------------------

    def _ended(self) -> None:
        """Release what only a live session needs. Runs in the thread that found out its end."""
        self._stalls.end()
        self._pauses.end()
        SESSIONS.hold_weakly(self)

    def _wait_for_more(self, length: int) -> bool:
        self._lifecycle.wait_for(lambda: len(self.journal) > length or self._lifecycle.ended, None)
        return not self._lifecycle.ended


SESSIONS: Final[Registry[Session]] = Registry()
"""The sessions of this process."""
