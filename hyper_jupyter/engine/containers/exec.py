"""A further program in a running container: Docker's exec.

Layer: engine. Event loop only. Its output is not in the container's log: it has a log of its own,
which is kept while its client reads. It knows its container only by id; the store finds it.
"""

from __future__ import annotations

import asyncio

from hyper_jupyter.engine.containers.events import Publish
from hyper_jupyter.engine.containers.names import new_id
from hyper_jupyter.engine.program.launch import Command, CommandFailed
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.run import Run

__all__ = ["Exec"]


class Exec:
    """One exec.

    Attributes:
        id: 64 hexadecimal digits.
        container_id: of the container that it belongs to.
        command: what it runs.
        stdin: whether its client's input is for the program.
        stdout: whether its client gets this stream.
        stderr: whether its client gets this stream.
        keys: detach keys; ``b""`` for none.
        asked_keys: those that the client asked for; ``b""`` for the default ones.
        run: the program and its streams.
        begun: whether a start was tried.
        exit_code: ``None`` until it has ended; 127 or 126 if the start failed.
    """

    def __init__(
        self,
        container_id: str,
        command: Command,
        *,
        publish: Publish,
        stdin: bool,
        stdout: bool,
        stderr: bool,
        keys: bytes,
        asked_keys: bytes = b"",
    ) -> None:
        """Args:
        container_id: of the container that it belongs to.
        command: what it runs.
        publish: reports an event of that container.
        stdin: whether its client's input is for the program.
        stdout: whether its client gets this stream.
        stderr: whether its client gets this stream.
        keys: detach keys; ``b""`` for none.
        asked_keys: those that the client asked for; ``b""`` for the default ones.
        """
        self.id = new_id()
        self.container_id = container_id
        self.command = command
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.keys = keys
        self.asked_keys = asked_keys
        self.log = Log()
        self.run = Run(self.log, stdin=stdin)
        self.begun = False
        self.exit_code: int | None = None
        self._publish = publish
        self._keeps_output = True
        self._started = asyncio.Event()
        self._exit: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.run.alive

    def publish(self, action: str, **attributes: str) -> None:
        """Report an event of this exec to the listeners."""
        self._publish(action, execID=self.id, **attributes)

    def start(self, reaper: Reaper) -> None:
        """Start the program.

        Raises:
            CommandFailed: it cannot be started.
        """
        self.begun = True
        try:
            self.run.start(self.command, reaper)
        except CommandFailed as failure:
            self.exit_code = failure.code
            self._started.set()
            self.run.finish()
            self.discard_output()
            raise
        self._started.set()
        self.publish(f"exec_start: {' '.join(self.command.argv)}")
        self._exit = asyncio.create_task(self._finish_at_exit())

    async def wait_started(self, within: float) -> bool:
        """Return whether it was started, after at most so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._started.wait()
        except TimeoutError:
            return False
        return True

    async def wait_ended(self) -> None:
        """Wait for its end, if it was started."""
        if self._exit is not None:
            await self._exit

    def discard_output(self) -> None:
        """Keep no output from now on, except for clients that still read."""
        if self._keeps_output:
            self._keeps_output = False
            self.log.close()

    async def _finish_at_exit(self) -> None:
        await self.run.drain(lambda: False)
        assert self.run.process is not None
        self.exit_code = self.run.process.code
        self.publish("exec_die", exitCode=str(self.exit_code))
        self.run.finish()
        self.discard_output()
