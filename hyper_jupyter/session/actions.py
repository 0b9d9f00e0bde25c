"""What users do with a session: type, wait, leave, listen.

Layer: session, between ``session`` and ``status``. Any thread except the I/O thread; methods that
block say for how long.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, Self

from hyper_jupyter.exceptions import Conflict, HyperJupyterError, ProcessFailed
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.protocol.printable import printable
from hyper_jupyter.session.rules.outcome import code_text
from hyper_jupyter.session.rules.state import State
from hyper_jupyter.session.status import SessionStatus
from hyper_jupyter.session.store.frame_record import Frame, FrameRecord
from hyper_jupyter.session.store.marks import Mark, MarkKind

__all__ = ["SessionActions"]

_TAIL: Final = 4096
_TAIL_LINES: Final = 10
"""Of the output, in the error for a program that has failed."""


class SessionActions(SessionStatus):
    """The methods of :class:`hyper_jupyter.session.Session` for what it is attached to."""

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
        self._discard()

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
        """Mark this place of the session with one line of text.

        Raises:
            TypeError: ``text`` is no text.
        """
        if not isinstance(text, str):
            raise TypeError(f"a mark is a text, not {type(text).__name__}")
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

        After the session was detached, it is looked whether the embedded engine has ended.

        Returns:
            A function that ends this.
        """
        ends = self._pauses.begin(), self._engine_watch.begin()

        def end() -> None:
            for each in ends:
                each()

        return end

    def _discard(self) -> None:
        """Take note that nobody is to find the session by its name any more."""
