"""One life of a program: what may be attached before its start, while it runs, at its end.

Layer: engine. Event loop only.

Containers have one run after the other, an exec has one. Clients that attach to a container
that does not run hold its next run, and so wait for the start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.process import Command, Process
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.stdin import Stdin

__all__ = ["Run"]

DRAIN_TIME: Final = 2.0
"""Seconds that output may take to end after the program has; moby waits as long."""

SWEEP_INTERVAL: Final = 0.02
"""Seconds between two rounds of killing what a program left behind."""


class Run:
    """A program's streams, and the program while there is one.

    Attributes:
        log: gets its output.
        stdin: its input; ``None`` where that is ``/dev/null``.
        process: ``None`` before the start.
        finished: set behind the end, when the state that clients can ask for is final.
        end: the log's position behind the last output; ``None`` until it is finished.
    """

    def __init__(self, log: Log, *, stdin: bool) -> None:
        self.log = log
        self.stdin = Stdin() if stdin else None
        self.process: Process | None = None
        self.finished = asyncio.Event()
        self.end: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the program was started and its end was not yet announced."""
        return self.process is not None and not self.finished.is_set()

    def start(self, command: Command, reaper: Reaper) -> Process:
        """Start the program.

        Raises:
            CommandFailed: where that is impossible; the run has to be finished then, too.
        """
        self.process = Process(command, self.stdin, self.log.append, reaper)
        return self.process

    async def drain(self, sweep: Callable[[], bool]) -> None:
        """Wait for the program's end, then for the end of its output, for a bounded time.

        Args:
            sweep: kills what the program left behind; whether there was something.
        """
        process = self.process
        assert process is not None
        await process.exited.wait()
        deadline = asyncio.get_running_loop().time() + DRAIN_TIME
        while sweep() or not process.drained.is_set():
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                break
            if process.drained.is_set():
                await asyncio.sleep(min(SWEEP_INTERVAL, left))
                continue
            try:
                async with asyncio.timeout(min(SWEEP_INTERVAL, left)):
                    await process.drained.wait()
            except TimeoutError:
                pass
        process.close()

    def finish(self) -> None:
        """Announce the end; call it when the state is final."""
        self.end = self.log.end
        if self.stdin is not None:
            self.stdin.close()
        self.finished.set()
        self.log.wake()
