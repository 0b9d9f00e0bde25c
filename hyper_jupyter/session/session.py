"""A session: one attachment from its request to its true ending.

Layer: session. Public methods: any thread but the I/O thread; those that block say for how long.
``receive_*`` and ``_on_*`` run on the I/O thread, under no lock while they call out.

Strategy: the end of a stream looks the same whether the process ended, somebody detached, or the
engine dropped us. So three sources are put together: the stream's end, the answer to a wait
request that was asked *before* attaching, and an inspect after the end. The state moves only in
:meth:`Session._move`, by the table in :mod:`hyper_jupyter.session.state`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Final, Self

from hyper_jupyter.client import Container, Deadline, EngineClient
from hyper_jupyter.exceptions import (
    Conflict,
    ConnectionLost,
    HyperJupyterError,
    SessionClosed,
)
from hyper_jupyter.protocol import DetachKeys, Output, StreamType
from hyper_jupyter.session import directory
from hyper_jupyter.session.attachment import Attachment
from hyper_jupyter.session.connection import Connection
from hyper_jupyter.session.exit_watch import ExitWatch, has_ended, inspect_state, is_unstarted
from hyper_jupyter.session.journal import Journal
from hyper_jupyter.session.life import Life
from hyper_jupyter.session.plan import AttachOptions, InputEnd, Layout, Plan, plan_attach
from hyper_jupyter.session.runtime import runtime
from hyper_jupyter.session.state import Controls, State
from hyper_jupyter.session.transcript import Transcript

__all__ = ["Session"]

logger = logging.getLogger(__name__)

_KEY_PAUSE: Final = 0.1
"""Seconds between detach keys: Podman and old Docker know a key only alone in its own read."""

_KEYS_DEADLINE: Final = 1.0
"""Seconds to wait for the end of the stream behind the keys, before closing it ourselves."""

_DETACHED: Final = b"Error: detached from container\n"
"""What Podman 4.3 puts into the stream when it has seen the detach keys."""

_QUIET: Final = 5.0
"""Seconds without output after the container's exit, until the stream counts as complete."""

_SETTLE: Final = 2.0
"""Seconds in which an engine's inspect may lag behind the end of a stream."""

_SETTLE_STEP: Final = 0.1


class Session:
    """One attachment to a container, or one reading of its log.

    Made by ``Client.attach``, ``Client.run`` and ``Client.logs``.

    Attributes:
        name: the container's name, with ``-2`` appended for its second session.
        container: its id, name and image.
        tty: whether the stream is raw; then all output is stdout.
        error: what broke, in the states ``lost`` and ``failed``.
        exit_code: of the container's process, ``None`` until it is known.
        started_at: seconds since the epoch.
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
        self.error: HyperJupyterError | None = None
        self.exit_code: int | None = None
        self.started_at = time.time()
        self.journal = Journal()
        self.stdout = Transcript(self.journal, StreamType.STDOUT, self._wait_for_more)
        self.stderr = Transcript(self.journal, StreamType.STDERR, self._wait_for_more)
        self._plan = plan
        self._timeout = timeout
        self._life = Life(self.journal)
        self._attachment = Attachment(client, container.id, plan, self)
        self._watch: ExitWatch | None = None
        self._typed = DetachKeys(plan.detach_keys) if plan.detach_keys else None
        self._keys_typed = False
        self._lock = threading.Lock()
        self._leaving = False
        self._exited = False  # the wait request was answered
        self._unwatched: HyperJupyterError | None = None  # why the exit is not watched any more
        self._released = False
        self._last_output = 0.0
        self.name = directory.register(self)

    # -- making one ---------------------------------------------------------------------

    @classmethod
    def attach(
        cls,
        client: EngineClient,
        c: str,
        options: AttachOptions,
        *,
        configured_keys: str | None = None,
    ) -> Self:
        """Attach to a container.

        Returns once the engine has answered, within ``client.timeout`` seconds.

        Raises:
            NotFound: no such container; the hint has near names.
            Conflict: its state does not allow it.
            InvalidDetachKeys: a bad key sequence.
            ConnectionFailed: the engine is not there, or did not answer in time.
        """
        deadline = Deadline(client.timeout)  # of all steps together
        inspected = client.inspect(c)
        plan = plan_attach(inspected, client.engine, options, configured_keys)
        session = cls(client, _container(inspected), plan, timeout=client.timeout)
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
            engine=client.engine,
        )
        session = cls(client, _container(inspected), plan, timeout=client.timeout)
        session._open(lambda: session._attachment.open(deadline, follow=follow, tail=tail))
        return session

    def _open(self, steps: Callable[[], None]) -> None:
        """Run the opening steps; a failure leaves nothing behind."""
        try:
            steps()
        except BaseException:
            self._released = True
            self._life.move(State.FAILED)
            self._disconnect()
            directory.forget(self)
            raise
        if not self._life.move(State.ATTACHED, only_from=State.CONNECTING):
            # It ended, or somebody detached it by its name, while we were at it.
            self._disconnect(keep_watch=self.state is State.DETACHED)
        elif self._exited:
            self._await_quiet()

    def _attach(self, deadline: Deadline) -> None:
        plan = self._plan
        next_exit = False
        if plan.options.stream:
            self._watch = self._make_watch()
            # Podman 4.3 answers "not-running" with 0 for a container that removes itself.
            next_exit = plan.wait_for_start or plan.engine == "podman"
            self._watch.open("next-exit" if next_exit else "not-running", deadline)
            self._watch.await_answer(deadline)
        self._attachment.open(deadline)
        if next_exit:
            state = inspect_state(self.client, self.container.id)
            if state is None or has_ended(state):
                # It ended between our inspect and the wait request, which now waits for an exit
                # that has been; the stream may never end either.
                runtime().loop.call_later(_SETTLE, self._check_quiet)

    # -- what users see -----------------------------------------------------------------

    @property
    def state(self) -> State:
        """Where it stands."""
        return self._life.state

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

    def controls(self) -> Controls:
        """What can be done now, with the reasons why not, and what leaving does."""
        attachment = self._attachment
        return self._plan.controls(
            self.state,
            stdin_used=attachment.input_used,
            input_ended=attachment.input_ended,
            silent=not len(self.journal),
        )

    def __repr__(self) -> str:
        code = f" ({self.exit_code})" if self.exit_code is not None else ""
        return f"<Session {self.name}: {self.state}{code}, {len(self.journal)} bytes>"

    def send(self, data: bytes | str, *, timeout: float | None = 10.0) -> None:
        """Type into the container's stdin.

        Args:
            data: sent as it is, text as UTF-8. Bytes typed before the engine's answer wait.
            timeout: seconds to wait while a container that does not read has 1 MiB queued.

        Raises:
            SessionClosed: stdin is not open, or not any more; the text says why.
            Conflict: the container did not read its stdin in time; nothing was queued.
        """
        # Not bytes(data): of a number that is so many zeros.
        raw = data.encode() if isinstance(data, str) else memoryview(data).tobytes()
        if not raw:
            return
        connection = self._input()
        if self._typed is not None:
            # The engine will take our own keys for a detach, whoever typed them.
            self._keys_typed = self._typed.receive_data(raw)[1] or self._keys_typed
        if not connection.write(raw, timeout):
            if connection.ended:
                reason = self.controls().stdin or "the connection has ended"
                raise SessionClosed(f"nothing can be sent: {reason}")
            raise Conflict(409, "the container does not read its stdin: 1 MiB waits")

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
        if self._plan.input_end is InputEnd.BYTE:
            self.send(b"\x04")
            return
        reason = self.controls()
        if reason.stdin:
            raise SessionClosed(f"the input cannot be ended: {reason.stdin}")
        if reason.eof:
            raise Conflict(409, f"the input cannot be ended: {reason.eof}")
        self._input().end_input()
        self._life.notify()

    def _input(self) -> Connection:
        reason = self.controls().stdin
        if reason:
            raise SessionClosed(f"nothing can be sent: {reason}")
        was_used = self._attachment.input_used
        connection = self._attachment.input()
        if not was_used:
            self._life.notify()  # "what happens when you leave" has changed
        return connection

    def send_signal(self, signal: str | int) -> None:
        """Send a signal to the container's process, such as ``"INT"``."""
        self.client.kill(self.container.id, signal)

    def resize(self, height: int, width: int) -> None:
        """Set the size of the container's terminal, in character cells."""
        self.client.resize(self.container.id, height, width)

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
        self._watch_exit()
        if not self._life.wait_for(self._is_over, timeout):
            raise TimeoutError(f"container {self.container.name} did not end in {timeout} s")
        return self._outcome()

    def _is_over(self) -> bool:
        """Whether :meth:`wait` has an answer."""
        # Not at the exit code alone: the last output may still be on its way.
        return self.state in (State.EXITED, State.LOST, State.FAILED) or (
            self.state is State.DETACHED
            and (self._exited or self._released or self._unwatched is not None)
        )

    def _outcome(self) -> int | None:
        """What :meth:`wait` answers; raises what it raises."""
        error = None
        if self.state in (State.LOST, State.FAILED):
            error = self.error
        elif self.state is State.DETACHED and not self._exited:
            error = (
                SessionClosed("the session was closed before the container ended")
                if self._released
                else self._unwatched
            )
        if error is not None:
            raise error.with_traceback(None)  # not that of an earlier call, too
        return self.exit_code

    def _make_watch(self) -> ExitWatch:
        return ExitWatch(self.client, self.container.id, self._on_exit, self._on_unwatched)

    def _watch_exit(self) -> None:
        """Watch the exit for who waits: a session of the log alone has not done so before."""
        with self._lock:
            if self._life.ended and self.state is not State.DETACHED:
                return
            if self._watch is not None or self._exited or self._released:
                return
            self._unwatched = None
            self._watch = watch = self._make_watch()
        watch.ask()

    def join(self, timeout: float | None = None) -> State:
        """Wait for the end of the session, whatever it is.

        Args:
            timeout: seconds; ``None`` waits as long as it takes.

        Returns:
            The state it ended in.

        Raises:
            TimeoutError: it goes on.
        """
        if not self._life.wait_for(lambda: self._life.ended, timeout):
            raise TimeoutError(f"session {self.name} did not end in {timeout} s")
        return self.state

    def __await__(self) -> Generator[Any, None, int | None]:
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def check() -> None:
            if not self._is_over():
                return
            try:
                code = self._outcome()
            except HyperJupyterError as error:
                settle(error)
            else:
                settle(code)

        def settle(outcome: int | HyperJupyterError | None) -> None:
            def set_result() -> None:
                if done.done():
                    return
                if isinstance(outcome, HyperJupyterError):
                    done.set_exception(outcome)
                else:
                    done.set_result(outcome)

            loop.call_soon_threadsafe(set_result)

        unsubscribe = self.subscribe(check)
        self._watch_exit()
        check()
        try:
            code: int | None = yield from done.__await__()
            return code
        finally:
            unsubscribe()

    def detach(self) -> None:
        """Leave; the container runs on. Nothing happens where the session has ended.

        On a TTY the detach keys are sent one by one, the end of the stream awaited for up to a
        second, then the connection is closed in any case. Elsewhere engines look for no keys:
        the connection is left, and kept open in the background where its end would end the
        container's input. Blocks for up to two seconds, and for one inspect.
        """
        with self._lock:
            if self._life.ended or self._leaving:
                return
            self._leaving = True
        output = self._attachment.output
        try:
            if output is not None and self._plan.detach_keys and self.state is State.ATTACHED:
                self._send_detach_keys(output)
        finally:  # also behind a Ctrl-C: nobody else would
            if not self._life.ended:
                self._disconnect(keep_watch=True)
                self._move(State.DETACHED)

    def _send_detach_keys(self, output: Connection) -> None:
        for number, key in enumerate(self._plan.detach_keys):
            if number and self._wait_ended(_KEY_PAUSE):
                break
            if not output.write(bytes([key]), 0):
                break
        self._wait_ended(_KEYS_DEADLINE, or_output_ended=True)
        if output.ended:
            # The end came: what it meant is asked from the engine.
            self._wait_ended(self._timeout)

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
        self._released = True
        for connection in kept:
            connection.close()
        self._disconnect()
        directory.forget(self)
        self._life.notify()

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
        if self._leaving and self._plan.engine == "podman":
            outputs = [Output(s, rest) for s, d in outputs if (rest := d.removesuffix(_DETACHED))]
        self._last_output = time.monotonic()
        self.journal.extend(outputs)
        self._life.notify()

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
        elif self._exited and not self._leaving:
            self._move(State.EXITED)
        else:
            self._decide(time.monotonic() + _SETTLE)

    def _on_exit(self, code: int | None) -> None:
        """The container has ended; ``None`` where nobody knows the code."""
        self._set_exited(code)
        if self.state is State.DETACHED:
            self._attachment.end_input()
        if self._life.ended or self.state is State.CONNECTING:
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

    def _await_quiet(self) -> None:
        # Attached to a container that had ended before, no end of the stream would ever come.
        runtime().loop.call_later(_QUIET, self._check_quiet)

    def _set_exited(self, code: int | None) -> None:
        self._exited = True
        if self.exit_code is None:
            self.exit_code = code
        self._life.notify()

    def _check_quiet(self) -> None:
        output = self._attachment.output
        if self._life.ended or output is None or output.ended:
            return
        silence = time.monotonic() - self._last_output
        if silence < _QUIET:
            runtime().loop.call_later(_QUIET - silence, self._check_quiet)
        else:
            output.unsubscribe(self)
            self._decide(time.monotonic() + _SETTLE)

    def _decide(self, until: float) -> None:
        """Ask the engine what the end of the stream meant."""

        def ask() -> None:
            try:
                state = inspect_state(self.client, self.container.id)
            except HyperJupyterError as error:
                failure = ConnectionLost(f"the engine is gone: {error}")
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
            if self._exited or not again:
                self._move(State.EXITED)
            else:
                runtime().loop.call_later(_SETTLE_STEP, lambda: self._conclude(None, until))
            return
        if is_unstarted(state) and self._plan.layout is Layout.LOGS:
            self._move(State.DETACHED)  # its log was read; it has not started
        elif has_ended(state):
            self._set_exited(state.get("ExitCode"))
            self._move(State.EXITED)
        elif self._leaving or self._keys_typed or not self._plan.options.stream:
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
        self._move(State.LOST if len(self.journal) else State.FAILED)

    # -- state --------------------------------------------------------------------------

    def _move(self, new: State) -> None:
        """End, and let go of what is not needed any more."""
        if new is State.EXITED:
            self._attachment.end_input()
        if self._life.move(new):
            directory.let_go(self)
            if new is not State.DETACHED:
                self._disconnect()

    def _disconnect(self, *, keep_watch: bool = False) -> None:
        """Leave the connections; kept ones stay open."""
        self._attachment.leave()
        watch = self._watch
        if watch is not None and not keep_watch:
            watch.close()

    def _wait_ended(self, timeout: float, *, or_output_ended: bool = False) -> bool:
        output = self._attachment.output
        return self._life.wait_for(
            lambda: self._life.ended or (or_output_ended and output is not None and output.ended),
            timeout,
        )

    def _wait_for_more(self, length: int) -> bool:
        self._life.wait_for(lambda: len(self.journal) > length or self._life.ended, None)
        return not self._life.ended


def _container(inspected: dict[str, Any]) -> Container:
    config = inspected.get("Config") or {}
    return Container(
        id=str(inspected["Id"]),
        name=str(inspected.get("Name") or "").lstrip("/") or str(inspected["Id"])[:12],
        image=str(config.get("Image") or inspected.get("ImageName") or ""),
        command=" ".join(
            [str(inspected.get("Path") or ""), *map(str, inspected.get("Args") or [])]
        ),
    )
