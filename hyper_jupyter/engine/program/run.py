"""One run of a program, from before its start to its end; clients attach to a run.

Layer: engine. Event loop only.

A container has one run after the other, an exec has one. Clients that attach to a container that
does not run are attached to its next run, and so they wait for its start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from hyper_jupyter.engine.program.launch import Command
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.process import Process
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.stdin import Stdin

__all__ = ["Run"]

DRAIN_TIME: Final = 2.0
"""Seconds that output may take to end after the program has ended; moby waits as long."""

SWEEP_INTERVAL: Final = 0.02
"""Seconds between two rounds of killing the processes that a program left."""


class Run:
    """A program's streams, and the program once it has been started.

    Attributes:
        log: gets its output.
        stdin: its input; ``None`` if that is ``/dev/null``.
        process: ``None`` before the start.
        finished: set after its end, when the state that clients can inspect is final.
        log_end: the log's position after its last output; ``None`` until it has finished.
    """

    def __init__(self, log: Log, *, stdin: bool) -> None:
        self.log = log
        self.stdin = Stdin() if stdin else None
        self.process: Process | None = None
        self.finished = asyncio.Event()
        self.log_end: int | None = None

    @property
    def alive(self) -> bool:
        """Whether the program was started and its end was not announced yet."""
        return self.process is not None and not self.finished.is_set()

    def start(self, command: Command, reaper: Reaper) -> Process:
        """Start the program.

        Raises:
            CommandFailed: it cannot be started; the caller has to :meth:`finish` the run.
        """
        self.log.begin_run()
        self.process = Process(command, self.stdin, self.log.append, reaper)
        return self.process

    async def drain(self, kill_leftovers: Callable[[], bool]) -> None:
        """Wait for the program's exit, then up to :data:`DRAIN_TIME` for the end of its output.

        Args:
            kill_leftovers: kills processes that the program left; returns whether there were any.
        """
        process = self.process
        assert process is not None
        await process.exited.wait()
        deadline = asyncio.get_running_loop().time() + DRAIN_TIME
        while kill_leftovers() or not process.drained.is_set():
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
        """Announce the end; call it when the state that clients can inspect is final."""
        self.log_end = self.log.end
        if self.stdin is not None:
            self.stdin.close()
        self.finished.set()
        self.log.wake()
