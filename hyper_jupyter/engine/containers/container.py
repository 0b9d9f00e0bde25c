"""A container: configuration, state, log, and the run that clients can attach to.

Layer: engine. Event loop only. A change of state has no ``await`` in the middle: other tasks see
either the old state or the new one.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import Final

from hyper_jupyter.engine.config.spec import Spec, signal_number
from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.names import new_id
from hyper_jupyter.engine.program.descendants import MARK, members_of
from hyper_jupyter.engine.program.launch import CommandFailed
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.run import Run
from hyper_jupyter.exceptions import ApiError, Conflict

__all__ = ["Container"]

STOP_TIMEOUT: Final = 10
"""Seconds between the stop signal and SIGKILL, as in docker."""


class Container:
    """One container.

    Attributes:
        id: 64 hexadecimal digits.
        name: without a slash.
        spec: what it runs.
        created: nanoseconds since 1970; so are `started` and `ended`, 0 for never.
        status: ``created``, ``running``, ``paused``, ``exited``, ``removing``.
        exit_code: of the last run; 127 or 126 if a start failed.
        error: why the last start failed; ``""`` if it did not.
        log: all output of all runs.
        run: the current run, or the next one.
        execs: by id.
        removed: set when it was removed.
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
        self.execs: dict[str, Exec] = {}
        self.removed = asyncio.Event()
        self._exited = asyncio.Condition()
        self.exit_codes: list[int] = []
        self._events = events
        self._reaper = reaper
        self._on_auto_remove = on_auto_remove
        self._exit: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether its program runs, perhaps paused."""
        return self.status in ("running", "paused")

    @property
    def pid(self) -> int:
        """Its program's pid on this machine; 0 while it does not run."""
        process = self.run.process
        return process.pid if process is not None and self.running else 0

    @property
    def mark(self) -> dict[str, str]:
        """The environment variable that identifies its processes."""
        return {MARK: self.id}

    def publish(self, action: str, /, **attributes: str) -> None:
        """Report an event of this container to the listeners."""
        image = self.spec.image
        described = {**self.spec.labels, "image": image, "name": self.name, **attributes}
        self._events.publish(action, self.id, image, described)

    def start(self) -> None:
        """Start its program.

        Raises:
            ApiError: 304 if it runs; 400 if the command cannot be run, 500 if the system has
                nothing left to run it, and the state stays as it was.
            Conflict: it is paused or being removed.
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
            raise ApiError(500 if failure.exhausted else 400, self.error) from failure
        self.status = "running"
        self.error = ""
        self.exit_code = 0
        self.started = time.time_ns()
        self.publish("start")
        self._exit = asyncio.create_task(self._finish_at_exit(run))

    def kill(self, number: int) -> None:
        """Send a signal to its program; SIGKILL is sent to all its processes.

        Raises:
            Conflict: it does not run.
        """
        self.check_running(f"cannot kill container: {self.id}: container {self.id} is not running")
        assert self.run.process is not None
        if number == signal.SIGKILL:
            self.signal_all(signal.SIGKILL)
        self.run.process.signal(number)
        self.publish("kill", signal=str(int(number)))

    async def stop(self, grace_period: int | None = None) -> None:
        """Send the stop signal, wait, then kill.

        Args:
            grace_period: seconds to wait; without limit if negative; ``None`` is as configured,
                or 10.

        Raises:
            ApiError: 304 if it does not run.
        """
        if not self.running:
            raise ApiError(304, "container already stopped")
        if grace_period is None:
            configured = self.spec.stop_timeout
            grace_period = STOP_TIMEOUT if configured is None else configured
        run = self.run
        self.kill(signal_number(self.spec.stop_signal or "TERM"))
        if self.status == "paused":
            self.signal_all(signal.SIGCONT)
        try:
            async with asyncio.timeout(None if grace_period < 0 else grace_period):
                await run.finished.wait()
        except TimeoutError:
            if not run.finished.is_set() and self.running:
                self.kill(signal.SIGKILL)
            await run.finished.wait()
        self.publish("stop")

    async def restart(self, grace_period: int | None = None) -> None:
        """Stop it if it runs, then start it."""
        if self.running:
            await self.stop(grace_period)
        self.start()
        self.publish("restart")

    def pause(self) -> None:
        """Suspend all its processes.

        Raises:
            Conflict: it does not run, or is paused.
        """
        self.check_running()
        if self.status == "paused":
            raise Conflict(409, f"Container {self.id} is already paused")
        self.signal_all(signal.SIGSTOP)
        self.status = "paused"
        self.publish("pause")

    def unpause(self) -> None:
        """Resume all its processes.

        Raises:
            Conflict: it is not paused.
        """
        if self.status != "paused":
            raise Conflict(409, f"Container {self.id} is not paused")
        self.status = "running"
        self.signal_all(signal.SIGCONT)
        self.publish("unpause")

    def resize(self, height: int, width: int) -> None:
        """Set its terminal's size; does nothing without a terminal.

        Raises:
            Conflict: it does not run.
        """
        self.check_running(f"Container {self.id} is not running")
        assert self.run.process is not None
        self.run.process.resize(height, width)
        self.publish("resize", height=str(height), width=str(width))

    async def wait(self, condition: str) -> int:
        """Wait, then return the exit code.

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
            if len(self.exit_codes) > seen:  # not exit_code: it may run again already
                return self.exit_codes[seen]
        return self.exit_code

    async def remove(self, *, force: bool) -> None:
        """Remove it: attached clients get the end of their streams, calls of wait the exit code.

        Raises:
            Conflict: it runs, and `force` is not set.
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
        self.log.close()
        self.publish("destroy")
        async with self._exited:
            self._exited.notify_all()

    def signal_all(self, number: int) -> None:
        """Send a signal to every process of this container that can be found."""
        sessions = self._sessions()
        for session in sessions:  # whole groups first, before the processes are listed
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
        """Return the pids of its living processes."""
        return [member.pid for member in members_of(self.id, self._sessions())]

    def check_running(self, text: str = "") -> None:
        """Raise Conflict if it does not run."""
        if not self.running:
            raise Conflict(409, text or f"Container {self.id} is not running")

    def _check_not_removing(self) -> None:
        if self.status == "removing":
            raise Conflict(409, f"container {self.id} is marked for removal and cannot be started")

    def _sessions(self) -> set[int]:
        runs = [self.run, *(each.run for each in self.execs.values())]
        return {run.process.pid for run in runs if run.process is not None and run.alive}

    def _kill_leftovers(self) -> bool:
        """Kill the processes that the program left, as the end of a PID namespace would."""
        left = members_of(self.id, self._sessions())
        for member in left:
            try:
                os.kill(member.pid, signal.SIGKILL)
            except OSError:
                pass
        return bool(left)

    async def _finish_at_exit(self, run: Run) -> None:
        await run.drain(self._kill_leftovers)
        assert run.process is not None
        assert run.process.code is not None
        for each in list(self.execs.values()):
            await each.wait_ended()
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
