"""Reaps the children of this process, and reports the exits of programs.

Layer: engine. Main thread and event loop only.

Where there is a spawner, programs are its children, and it reports their exits; elsewhere they are
ours. Orphans that we have adopted are reaped in any case.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from hyper_jupyter.engine.program.descendants import become_subreaper
from hyper_jupyter.engine.program.launch import Command, launch
from hyper_jupyter.engine.program.spawner import Spawner

__all__ = ["Reaper"]


class Reaper:
    """Starts programs, reaps children, adopted orphans too, and reports programs' exits.

    Args:
        spawner: starts the programs; ``None`` if this process does.
    """

    def __init__(self, spawner: Spawner | None = None) -> None:
        self._spawner = spawner
        self._exits: dict[int, Callable[[int], None]] = {}

    def start(self) -> None:
        """Adopt orphans from now on, and listen for exits."""
        become_subreaper()
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)
        self._listen()

    def launch(self, command: Command, stdin: int | None, stdout: int, stderr: int) -> int:
        """Start a program, and return its pid. Blocks until its ``exec`` is done.

        Args:
            command: what to run.
            stdin: its descriptor 0; ``None`` is ``/dev/null``. The others likewise.
            stdout: its descriptor 1.
            stderr: its descriptor 2.

        Raises:
            CommandFailed: it cannot be started.
            OSError: the system has nothing left to start it.
        """
        if self._spawner is None:
            return launch(command, stdin, stdout, stderr)
        if not self._spawner.is_alive():
            self._lose_spawner()
        return self._spawner.spawn(command, stdin, stdout, stderr)

    def expect(self, pid: int, on_exit: Callable[[int], None]) -> None:
        """Call `on_exit` with the exit code when `pid` ends; 128 + N after signal N."""
        self._exits[pid] = on_exit

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            code = os.waitstatus_to_exitcode(status)
            self._report(pid, code if code >= 0 else 128 - code)

    def _report(self, pid: int, code: int) -> None:
        on_exit = self._exits.pop(pid, None)
        if on_exit is not None:
            on_exit(code)

    def _listen(self) -> None:
        if self._spawner is not None:
            asyncio.get_running_loop().add_reader(self._spawner.exits, self._receive_exits)

    def _receive_exits(self) -> None:
        assert self._spawner is not None
        ended = self._spawner.receive_exits()
        if ended is None:
            try:
                self._lose_spawner()
            except OSError:
                pass  # the next launch tries again, and reports it
            return
        for pid, code in ended:
            self._report(pid, code)
            self._spawner.acknowledge(pid)

    def _lose_spawner(self) -> None:
        """Make a new one. Its programs die with it; we adopt them, and so reap them ourselves.

        Raises:
            OSError: the system has nothing left for it. Nothing listens until the next call.
        """
        assert self._spawner is not None
        asyncio.get_running_loop().remove_reader(self._spawner.exits)
        self._spawner.restart()
        self._listen()
