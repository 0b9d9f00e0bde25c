"""A session: one attachment from its request to its true ending.

Layer: session. Public methods: any thread but the I/O thread; those that block say for how long.
``receive_*`` run on the I/O thread, under no lock while they call out.

How a session ends, and who learns of it, is in :mod:`hyper_jupyter.session.lifecycle.ending`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, Final, Self

from hyper_jupyter.client import Container, Deadline, EngineClient
from hyper_jupyter.exceptions import Conflict, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session import registry
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.lifecycle.lifecycle import Life
from hyper_jupyter.session.lifecycle.stalls import Stall, Stalls
from hyper_jupyter.session.lifecycle.stdin import Stdin
from hyper_jupyter.session.rules.container_state import inspect_settled
from hyper_jupyter.session.rules.plan import (
    WEBSOCKET_OFFER,
    AttachOptions,
    Layout,
    Plan,
    plan_attach,
)
from hyper_jupyter.session.rules.state import Controls, State
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.transcript import Transcript

__all__ = ["Session"]

_NO_UPGRADE: Final = (
    "The engine's answer came without the upgrade: a proxy in between may hold back what is typed."
)

_MIXED: Final = "Attached by WebSocket, which does not separate the streams: all output is stdout."


class Session:
    """One attachment to a container, or one reading of its log.

    Made by ``Client.attach``, ``Client.run`` and ``Client.logs``.

    Attributes:
        name: the container's name, with ``-2`` appended for its second session.
        container: its id, name and image.
        tty: whether the stream is raw; then all output is stdout.
        started_at: seconds since the epoch.
        terminal_size: rows and columns, as they were last set by :meth:`resize`.
        journal: everything that was received.
        stdout: transcript.
        stderr: transcript.
    """

    def __init__(
        self, client: EngineClient, container: Container, plan: Plan, *, timeout: float
    ) -> None:
        self.client = client
        self.container = container
        self.tty = plan.tty
        self.started_at = time.time()
        self.terminal_size = (24, 80)
        self.journal = Journal()
        self.stdout = Transcript(self.journal, StreamType.STDOUT, self._wait_for_more)
        self.stderr = Transcript(self.journal, StreamType.STDERR, self._wait_for_more)
        self._plan = plan
        self._timeout = timeout
        self._life = Life(self.journal)
        self._attachment = Attachment(client, container.id, plan, self)
        self._stalls = Stalls(self._life.notify)
        self._ending = Ending(
            client, container, plan, self._attachment, self._life, self._receive_last_state
        )
        self._stdin = Stdin(plan, self._attachment, self._life, self._ending, self.controls)
        self.name = registry.register(self)

    # -- making one ---------------------------------------------------------------------

    @classmethod
    def attach(
        cls,
        client: EngineClient,
        c: str,
        options: AttachOptions,
        *,
        configured_keys: str | None = None,
        start: bool = False,
    ) -> Self:
        """Attach to a container.

        Returns once the engine has answered, within ``client.timeout`` seconds.

        Args:
            client: the engine.
            c: name or id.
            options: what to attach.
            configured_keys: ``detachKeys`` of the engine's configuration file.
            start: start it once its output is attached, so that nothing of it is missed.

        Raises:
            NotFound: no such container; the hint has near names.
            Conflict: its state does not allow it.
            InvalidDetachKeys: a bad key sequence.
            ConnectionFailed: the engine is not there, or did not answer in time.
        """
        deadline = Deadline(client.timeout)  # of all steps together
        inspected = inspect_settled(client, c) if start else client.inspect(c)
        plan = plan_attach(
            inspected,
            client.profile,
            options,
            configured_keys,
            start=start,
        )
        session = cls(client, Container.from_inspect(inspected), plan, timeout=client.timeout)
        session._open(lambda: session._attach(deadline))
        return session

    @classmethod
    def read_logs(
        cls,
        client: EngineClient,
        c: str,
        *,
        follow: bool,
        stdout: bool,
        stderr: bool,
        tail: int | None,
    ) -> Self:
        """Read a container's log, and with ``follow`` what comes from now on.

        Raises:
            NotFound: no such container.
            ConnectionFailed: the engine is not there, or did not answer in time.
        """
        deadline = Deadline(client.timeout)
        inspected = client.inspect(c)
        tty = bool((inspected.get("Config") or {}).get("Tty"))
        options = AttachOptions(stdin=False, stdout=stdout, stderr=stderr, logs=True, stream=follow)
        plan = Plan(
            layout=Layout.LOGS,
            options=options,
            tty=tty,
            stdin_reason="this session reads the log only",
            profile=client.profile,
        )
        session = cls(client, Container.from_inspect(inspected), plan, timeout=client.timeout)
        session._open(lambda: session._attachment.open(deadline, follow=follow, tail=tail))
        return session

    def _open(self, steps: Callable[[], None]) -> None:
        """Run the opening steps; a failure leaves nothing behind."""
        try:
            steps()
        except BaseException:
            self._ending.abandon()
            registry.forget(self)
            raise
        self._stalls.begin()
        self._ending.opened()
        if self._life.ended:  # while it was opened
            self._stalls.end()

    def _attach(self, deadline: Deadline) -> None:
        stream = self._plan.options.stream
        start = self._plan.start
        # Of a container that ran before, the wait request would give the last run's exit code.
        if stream and not start:
            self._ending.watch(deadline)
        self._attachment.open(deadline)
        if start:
            self.client.start(self.container.id)
            self._ending.watch(deadline)
        if stream:
            self._ending.recheck()

    # -- what users see -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._life.state

    @property
    def exit_code(self) -> int | None:
        """Of the container's process; ``None`` until it is known."""
        return self._ending.exit_code

    @property
    def error(self) -> HyperJupyterError | None:
        """What broke, in the states ``lost`` and ``failed``."""
        return self._ending.error

    @property
    def options(self) -> AttachOptions:
        """What it was attached with."""
        return self._plan.options

    @property
    def ended_at(self) -> float | None:
        """When it ended, in seconds since the epoch; ``None`` as long as it goes on."""
        return self._life.ended_at

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
        """What leaves when it is typed into a terminal, as ``"ctrl-p,ctrl-q"``; else empty."""
        return self._plan.detach_spec if self._plan.detach_keys else ""

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """When no output could be read while the session was attached, oldest first.

        C code that keeps the GIL (a large ``sorted``, a catastrophic regular expression) stops the
        reading thread with everything else; the engine makes the container wait once its buffers
        are full. Nothing is lost. Gaps of half a second or more are told, when they are over: the
        last 16 here, all in :attr:`stall_count` and :attr:`stall_seconds`.
        """
        return self._stalls.recent

    @property
    def stall_count(self) -> int:
        """How many :attr:`stalls` there were in all."""
        return self._stalls.count

    @property
    def stall_seconds(self) -> float:
        """How long all :attr:`stalls` were together."""
        return self._stalls.seconds

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know of the way to the engine and of the session's storage.

        A sentence each; mostly nothing.

        Exact numbers are in ``stdout.dropped`` and ``stderr.dropped``.
        """
        output, loss = self._attachment.output, self.journal.loss
        held = "" if output is None or output.upgraded else _NO_UPGRADE
        if held and self._plan.profile.has_websocket:
            held += f" {WEBSOCKET_OFFER}."
        mixed = _MIXED if self._plan.options.ws and not self.tty else ""
        return (*self.client.warnings, *(text for text in (mixed, held, loss) if text))

    def controls(self) -> Controls:
        """What can be done now, with the reasons why not, and what leaving does."""
        attachment = self._attachment
        return self._plan.controls(
            self.state,
            stdin_used=attachment.input_used,
            input_ended=attachment.input_ended,
            silent=not len(self.journal),
            exited=self._ending.exited,
        )

    def __repr__(self) -> str:
        code = f" ({self.exit_code})" if self.exit_code is not None else ""
        dropped = f", the oldest {self.journal.first} not kept" if self.journal.first else ""
        return f"<Session {self.name}: {self.state}{code}, {len(self.journal)} bytes{dropped}>"

    def send(self, data: bytes | str, *, timeout: float | None = 10.0) -> None:
        """Type into the container's stdin.

        Args:
            data: sent as it is, text as UTF-8. Bytes typed before the engine's answer wait.
            timeout: seconds to wait while a container that does not read has 1 MiB queued.

        Raises:
            SessionClosed: stdin is not open, or not any more; the text says why.
            Conflict: the container did not read its stdin in time; nothing was queued.
        """
        self._stdin.send(data, timeout)

    def send_line(self, line: str) -> None:
        r"""Type a line and its end: ``\r`` on a TTY, where Enter is that, else ``\n``."""
        self.send(line + ("\r" if self.tty else "\n"))

    def send_eof(self) -> None:
        """End the container's input.

        On a TTY this is byte 04, which its terminal takes for the end at the start of a line;
        with StdinOnce a half-close.

        Raises:
            SessionClosed: stdin is not open, or not any more.
            Conflict: this engine keeps the container's input open.
        """
        self._stdin.end()

    def send_signal(self, signal: str | int) -> None:
        """Send a signal to the container's process, such as ``"INT"``."""
        self.client.kill(self.container.id, signal)

    def resize(self, height: int, width: int) -> None:
        """Set the size of the container's terminal, in character cells."""
        self.client.resize(self.container.id, height, width)
        self.terminal_size = (height, width)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the container's process to end, also after :meth:`detach`.

        Args:
            timeout: seconds; ``None`` waits as long as it takes.

        Returns:
            The exit code, ``None`` where nobody knows it.

        Raises:
            TimeoutError: it runs on.
            HyperJupyterError: :attr:`error`, where the session was lost or failed.
        """
        self._ending.ask()
        if not self._life.wait_for_end(self._ending.is_known, timeout):
            raise TimeoutError(f"container {self.container.name} did not end in {timeout} s")
        return self._ending.outcome()

    async def _wait(self) -> int | None:
        self._ending.ask()
        await self._life.reach(self._ending.is_known)
        return self._ending.outcome()

    def __await__(self) -> Generator[Any, None, int | None]:
        return self._wait().__await__()

    def join(self, timeout: float | None = None) -> State:
        """Wait for the end of the session, whatever it is.

        Args:
            timeout: seconds; ``None`` waits as long as it takes.

        Returns:
            The state it ended in.

        Raises:
            TimeoutError: it goes on.
        """
        if not self._life.wait_for_end(lambda: self._life.ended, timeout):
            raise TimeoutError(f"session {self.name} did not end in {timeout} s")
        return self.state

    def detach(self) -> None:
        """Leave; the container runs on. Nothing happens where the session has ended.

        On a TTY the detach keys are sent one by one, the end of the stream awaited for up to a
        second, then the connection is closed in any case. Elsewhere engines look for no keys:
        the connection is left, and kept open in the background where its end would end the
        container's input. Blocks for up to two seconds, and for one inspect.
        """
        if not self._ending.leave():
            return
        try:
            if self.state is State.ATTACHED:
                self._stdin.send_detach_keys(self._timeout)
        finally:  # also behind a Ctrl-C: nobody else would
            self._ending.detached()

    def close(self, force: bool = False) -> None:
        """Detach and release everything; the transcripts stay readable.

        Args:
            force: also where that ends the container's input.

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
        self._ending.release()
        registry.forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.detach()

    def on_output(self, callback: Callable[[StreamType, bytes], object]) -> Callable[[], None]:
        """Call ``callback(stream, data)`` for all output from now on, in order.

        It runs on a thread for such functions alone. One that takes long holds up those of other
        sessions, but never the reading.

        Returns:
            A function that ends it.
        """
        return self._life.output.add(callback)

    def observe(self, callback: Callable[[State, State], object]) -> Callable[[], None]:
        """Call ``callback(old state, new state)`` at every change, behind all output before it.

        Returns:
            A function that ends it.
        """
        return self._life.observe(callback)

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call ``wake()`` after every change, on the I/O thread: it must return at once.

        Returns:
            A function that ends it.
        """
        return self._life.subscribe(wake)

    # -- the I/O thread -----------------------------------------------------------------

    def receive_output(self, outputs: Sequence[Output]) -> None:
        """A connection's output."""
        options = self._plan.options
        if not (options.stdout and options.stderr):
            wanted = StreamType.STDOUT if options.stdout else StreamType.STDERR
            either = options.stdout or options.stderr
            outputs = [output for output in outputs if either and output.stream is wanted]
        if self._ending.leaving and (banner := self._plan.profile.detach_banner):
            outputs = [Output(s, rest) for s, d in outputs if (rest := d.removesuffix(banner))]
        self.journal.extend(outputs)
        self._ending.receive_output(kept=bool(outputs))
        self._life.notify(output=True)

    def receive_end(self, connection: Connection, error: HyperJupyterError | None) -> None:
        """A connection's end."""
        self._ending.receive_end(connection, error)

    def _receive_last_state(self) -> None:
        """The session has ended, in whatever thread found that out."""
        self._stalls.end()
        registry.let_go(self)

    # -- inside -------------------------------------------------------------------------

    def _wait_for_more(self, length: int) -> bool:
        self._life.wait_for(lambda: len(self.journal) > length or self._life.ended, None)
        return not self._life.ended
