"""A further program in a running container: Docker's exec.

Layer: engine. Event loop only. Its output is not in the container's log; it has one of its own
for as long as its client reads.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hyper_jupyter.engine.containers.names import new_id
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.process import Command, CommandFailed
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.run import Run

if TYPE_CHECKING:
    from hyper_jupyter.engine.containers.container import Container

__all__ = ["Execution"]


class Execution:
    """One exec.

    Attributes:
        id: 64 hexadecimal digits.
        container: where it belongs.
        command: what it runs.
        keys: detach keys; ``b""`` for none given.
        run: its streams.
        exit_code: ``None`` until it has ended.
    """

    def __init__(
        self,
        container: Container,
        command: Command,
        *,
        stdin: bool,
        stdout: bool,
        stderr: bool,
        keys: bytes,
    ) -> None:
        self.id = new_id()
        self.container = container
        self.command = command
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.keys = keys
        self.log = Log()
        self.run = Run(self.log, stdin=stdin)
        self.begun = False
        self._let_go = False
        self.exit_code: int | None = None
        self._started = asyncio.Event()
        self._end: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.run.alive

    def publish(self, action: str, **attributes: str) -> None:
        """Tell the listeners what happened."""
        self.container.publish(action, execID=self.id, **attributes)

    def start(self, reaper: Reaper) -> None:
        """Start the program.

        Raises:
            CommandFailed: where that is impossible.
        """
        self.begun = True
        try:
            self.run.start(self.command, reaper)
        except CommandFailed as failure:
            self.exit_code = failure.code
            self._started.set()
            self.run.finish()
            self.let_go()
            raise
        self._started.set()
        self.publish(f"exec_start: {' '.join(self.command.argv)}")
        self._end = asyncio.create_task(self._see_it_end())

    async def started(self, within: float) -> bool:
        """Whether it was started, now or `within` so many seconds."""
        try:
            async with asyncio.timeout(within):
                await self._started.wait()
        except TimeoutError:
            return False
        return True

    async def ended(self) -> None:
        """Wait for the end of one that was started."""
        if self._end is not None:
            await self._end

    async def _see_it_end(self) -> None:
        await self.run.drain(lambda: False)
        assert self.run.process is not None
        self.exit_code = self.run.process.code
        self.publish("exec_die", exitCode=str(self.exit_code))
        self.run.finish()
        self.let_go()

    def let_go(self) -> None:
        """Keep no output from now on, but for clients that still read."""
        if not self._let_go:
            self._let_go = True
            self.log.release()
