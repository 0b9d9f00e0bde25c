"""A container: configuration, state, log, and the run that clients can attach to.

Layer: engine. Event loop only. State changes happen without an ``await`` in between, so that
whoever asks sees one state or the next.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.names import new_id
from hyper_jupyter.engine.containers.spec import Spec, signal_number
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.process import CommandFailed
from hyper_jupyter.engine.program.reaper import MARK, Reaper, members_of
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.exceptions import ApiError, Conflict

if TYPE_CHECKING:
    from hyper_jupyter.engine.containers.exec import Execution

__all__ = ["Container"]

STOP_TIMEOUT: Final = 10
"""Seconds between the stop signal and SIGKILL, as docker's."""


class Container:
    """One container.

    Attributes:
        id: 64 hexadecimal digits.
        name: without a slash.
        spec: what it runs.
        created: nanoseconds since 1970; so are `started` and `ended`, 0 for never.
        status: ``created``, ``running``, ``paused``, ``exited``, ``removing``.
        exit_code: of the last run; 127 or 126 where a start failed.
        error: why the last start failed.
        log: all output of all runs.
        run: the current run, or the next one.
        executions: by id.
        exit_codes: of all runs that have ended.
    """

    def __init__(
        self,
        spec: Spec,
        name: str,
        *,
        events: Events,
        reaper: Reaper,
        on_auto_remove: Callable[[Container], None],
    ) -> None:
        self.id = new_id()
        self.name = name
        self.spec = spec
        self.created = time.time_ns()
        self.started = 0
        self.ended = 0
        self.status = "created"
        self.exit_code = 0
        self.error = ""
        self.log = Log()
        self.run = Run(self.log, stdin=spec.open_stdin)
        self.executions: dict[str, Execution] = {}
        self.removed = asyncio.Event()
        self._exited = asyncio.Condition()
        self.exit_codes: list[int] = []
        self._events = events
        self._reaper = reaper
        self._on_auto_remove = on_auto_remove
        self._end: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether its program runs, perhaps paused."""
        return self.status in ("running", "paused")

    @property
    def pid(self) -> int:
        """Of its program on this machine; 0 while there is none."""
        process = self.run.process
        return process.pid if process is not None and self.running else 0

    @property
    def mark(self) -> dict[str, str]:
        """The variable by which its processes are found."""
        return {MARK: self.id}

    def publish(self, action: str, **attributes: str) -> None:
        """Tell the listeners what happened."""
        everything = {**self.spec.labels, "image": self.spec.image, "name": self.name, **attributes}
        self._events.publish(action, self.id, self.spec.image, everything)

    def start(self) -> None:
        """Start its program.

        Raises:
            ApiError: 400 where the command cannot be run; the state stays as it was.
            Conflict: where it is paused or being removed.
        """
        if self.status == "paused":
            raise Conflict(409, "cannot start a paused container, try unpause instead")
        self._check_not_removing()
        if self.running:
            raise ApiError(304, "container already started")
        run = self.run
        try:
            run.start(self.spec.command(self.mark), self._reaper)
        except CommandFailed as failure:
            self.exit_code = failure.code
            self.error = f"failed to start the process: {failure}"
            self.run = Run(self.log, stdin=self.spec.open_stdin)
            run.finish()
            if self.spec.auto_remove:
                self._auto_remove()
            raise ApiError(400, self.error) from failure
        self.status = "running"
        self.error = ""
        self.exit_code = 0
        self.started = time.time_ns()
        self.publish("start")
        self._end = asyncio.create_task(self._see_it_end(run))

    def kill(self, number: int) -> None:
        """Send a signal to its program; SIGKILL goes to all its processes.

        Raises:
            Conflict: where it does not run.
        """
        self.check_running(f"cannot kill container: {self.id}: container {self.id} is not running")
        assert self.run.process is not None
        if number == signal.SIGKILL:
            self.signal_all(signal.SIGKILL)
        self.run.process.signal(number)
        self.publish("kill", signal=str(int(number)))

    async def stop(self, patience: int | None = None) -> None:
        """Send the stop signal, wait, then kill.

        Args:
            patience: seconds to wait; negative: for ever; ``None``: as configured, or 10.

        Raises:
            ApiError: 304 where it does not run.
        """
        if not self.running:
            raise ApiError(304, "container already stopped")
        if patience is None:
            patience = STOP_TIMEOUT if self.spec.stop_timeout is None else self.spec.stop_timeout
        run = self.run
        self.kill(signal_number(self.spec.stop_signal or "TERM"))
        if self.status == "paused":
            self.signal_all(signal.SIGCONT)
        try:
            async with asyncio.timeout(None if patience < 0 else patience):
                await run.finished.wait()
        except TimeoutError:
            if not run.finished.is_set() and self.running:
                self.kill(signal.SIGKILL)
            await run.finished.wait()
        self.publish("stop")

    async def restart(self, patience: int | None = None) -> None:
        """Stop it if it runs, and start it."""
        if self.running:
            await self.stop(patience)
        self.start()
        self.publish("restart")

    def pause(self) -> None:
        """Stop all its processes where they are.

        Raises:
            Conflict: where it does not run, or is paused.
        """
        self.check_running()
        if self.status == "paused":
            raise Conflict(409, f"Container {self.id} is already paused")
        self.signal_all(signal.SIGSTOP)
        self.status = "paused"
        self.publish("pause")

    def unpause(self) -> None:
        """Let them go on.

        Raises:
            Conflict: where it is not paused.
        """
        if self.status != "paused":
            raise Conflict(409, f"Container {self.id} is not paused")
        self.status = "running"
        self.signal_all(signal.SIGCONT)
        self.publish("unpause")

    def resize(self, height: int, width: int) -> None:
        """Set its terminal's size; nothing without a terminal.

        Raises:
            Conflict: where it does not run.
        """
        self.check_running(f"Container {self.id} is not running")
        assert self.run.process is not None
        self.run.process.resize(height, width)
        self.publish("resize", height=str(height), width=str(width))

    async def wait(self, condition: str) -> int:
        """Wait, and give the exit code.

        Args:
            condition: ``not-running``, ``next-exit`` or ``removed``.
        """
        if condition == "removed":
            await self.removed.wait()
        elif condition == "next-exit" or self.running:
            seen = len(self.exit_codes)
            async with self._exited:
                await self._exited.wait_for(
                    lambda: len(self.exit_codes) > seen or self.removed.is_set()
                )
            if len(self.exit_codes) > seen:  # it may run again by now
                return self.exit_codes[seen]
        return self.exit_code

    async def remove(self, *, force: bool) -> None:
        """Remove it: attached clients get the end of their streams, waiters the exit code.

        Raises:
            Conflict: where it runs and this is not forced.
        """
        if self.running and not force:
            advice = (
                "unpause and then stop the container before removing or force remove"
                if self.status == "paused"
                else "stop the container before removing or force remove"
            )
            raise Conflict(
                409, f'cannot remove container "/{self.name}": container is {self.status}: {advice}'
            )
        if self.running:
            run = self.run
            self.kill(signal.SIGKILL)
            await run.finished.wait()
        if self.removed.is_set():
            return
        self.status = "removing"
        self.run.finish()
        self.removed.set()
        self.log.release()
        self.publish("destroy")
        async with self._exited:
            self._exited.notify_all()

    def signal_all(self, number: int) -> None:
        """Send a signal to every process of this container that can be found."""
        sessions = self._sessions()
        for session in sessions:  # at once for the group, whatever is found afterwards
            try:
                os.killpg(session, number)
            except OSError:
                pass
        for member in members_of(self.id, sessions):
            if member.pid not in sessions:
                try:
                    os.kill(member.pid, number)
                except OSError:
                    pass

    def members(self) -> list[int]:
        """The pids of its living processes."""
        return [member.pid for member in members_of(self.id, self._sessions())]

    def check_running(self, text: str = "") -> None:
        """Raises Conflict where it does not run."""
        if not self.running:
            raise Conflict(409, text or f"Container {self.id} is not running")

    def _check_not_removing(self) -> None:
        if self.status == "removing":
            raise Conflict(409, f"container {self.id} is marked for removal and cannot be started")

    def _sessions(self) -> set[int]:
        runs = [self.run, *(each.run for each in self.executions.values())]
        return {run.process.pid for run in runs if run.process is not None and run.alive}

    def _sweep(self) -> bool:
        """Kill what the program left behind, as the end of a PID namespace would."""
        left = members_of(self.id, self._sessions())
        for member in left:
            try:
                os.kill(member.pid, signal.SIGKILL)
            except OSError:
                pass
        return bool(left)

    async def _see_it_end(self, run: Run) -> None:
        await run.drain(self._sweep)
        assert run.process is not None
        assert run.process.code is not None
        for execution in list(self.executions.values()):
            await execution.ended()
        self.exit_code = run.process.code
        self.ended = time.time_ns()
        self.status = "removing" if self.spec.auto_remove else "exited"
        self.run = Run(self.log, stdin=self.spec.open_stdin)
        self.exit_codes.append(self.exit_code)
        seconds = (self.ended - self.started) // 1_000_000_000
        self.publish("die", exitCode=str(self.exit_code), execDuration=str(seconds))
        run.finish()
        async with self._exited:
            self._exited.notify_all()
        if self.spec.auto_remove:
            self._auto_remove()

    def _auto_remove(self) -> None:
        self.status = "removing"
        self._on_auto_remove(self)
