"""A container: configuration, state, log, and the run that clients can attach to.

Layer: engine. Event loop only. A change of state has no ``await`` in the middle: other tasks see
either the old state or the new one.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from typing import Final

from hyper_jupyter.engine.config.restarts import RestartPolicy, Restarts
from hyper_jupyter.engine.config.spec import Spec, signal_number
from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.health import Health, HealthMonitor
from hyper_jupyter.engine.containers.members import Members
from hyper_jupyter.engine.containers.names import new_id
from hyper_jupyter.engine.program.descendants import MARK
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
        status: ``created``, ``running``, ``paused``, ``restarting``, ``exited``, ``removing``.
        exit_code: of the last run; 127 or 126 if a start failed.
        error: why the last start failed; ``""`` if it did not.
        log: all output of all runs.
        run: the current run, or the next one.
        execs: by id.
        removed: set when it was removed.
        exit_codes: of all runs that have ended; and again, when a start that was due is given up.
        restarts: the restart policy, and what it has done.
        health: what its health checks said; ``None`` if there is no check.
        members: its processes.
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
        self._next_start: asyncio.Task[None] | None = None
        self.restarts = Restarts(spec.host.restart)
        self.members = Members(self.id, self._sessions)
        self.health = Health(spec.health) if spec.health is not None else None
        self._monitor: HealthMonitor | None = None
        if spec.health is not None and self.health is not None:
            self._monitor = HealthMonitor(spec.health, self.health, self)

    @property
    def running(self) -> bool:
        """Whether its program runs, perhaps paused, or will run again by itself."""
        return self.status in ("running", "paused", "restarting")

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
        self.restarts.begin()
        try:
            self._launch()
        except ApiError:
            if self.spec.auto_remove:
                self._auto_remove()
            raise

    def _launch(self) -> None:
        run = self.run
        try:
            run.start(self.spec.command(self.mark), self._reaper)
        except CommandFailed as failure:
            self.exit_code = failure.code
            self.error = f"failed to start the process: {failure}"
            self.run = Run(self.log, stdin=self.spec.open_stdin)
            run.finish()
            raise ApiError(500 if failure.exhausted else 400, self.error) from failure
        self.status = "running"
        self.error = ""
        self.exit_code = 0
        self.started = time.time_ns()
        if self.health is not None and self._monitor is not None:
            self.health.begin()
            self._monitor.begin()
        self.publish("start")
        self._exit = asyncio.create_task(self._finish_at_exit(run))

    def kill(self, number: int) -> None:
        """Send a signal to its program; SIGKILL is sent to all its processes.

        The signal that stops it, and any other if none is configured, also ends its restart policy
        until the next start. One that would be started again by itself is not.

        Raises:
            Conflict: it does not run.
        """
        if not self.running:
            raise Conflict(
                409, f"cannot kill container: {self.id}: container {self.id} is not running"
            )
        if self.restarts.policy.name == "unless-stopped" or self._stops(number):
            self.restarts.stop()
        if self.status == "restarting":
            self._stay_ended()
            return
        assert self.run.process is not None
        if number == signal.SIGKILL:
            self.members.signal_all(signal.SIGKILL)
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
        if self.status == "restarting":
            self._stay_ended()
            return
        if grace_period is None:
            configured = self.spec.stop_timeout
            grace_period = STOP_TIMEOUT if configured is None else configured
        run = self.run
        self.kill(signal_number(self.spec.stop_signal or "TERM"))
        if self.status == "paused":
            self.members.signal_all(signal.SIGCONT)
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
        self.members.signal_all(signal.SIGSTOP)
        self.status = "paused"
        if self._monitor is not None:
            self._monitor.stop()
        self.publish("pause")

    def unpause(self) -> None:
        """Resume all its processes.

        Raises:
            Conflict: it is not paused.
        """
        if self.status != "paused":
            raise Conflict(409, f"Container {self.id} is not paused")
        self.status = "running"
        self.members.signal_all(signal.SIGCONT)
        if self._monitor is not None:
            self._monitor.begin()
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
            if self.running:
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

    def update(self, policy: RestartPolicy) -> None:
        """Give it another restart policy, which counts from its next end on.

        Raises:
            ApiError: 400 if it is removed at its end.
        """
        if self.spec.auto_remove and policy.name != "no":
            raise ApiError(
                400,
                "Restart policy cannot be updated because AutoRemove is enabled for the container",
            )
        self.restarts.policy = policy
        self.publish("update")

    def make_check(self, argv: Sequence[str]) -> Exec:
        """Make an exec of a health check."""
        made = Exec(
            self.id,
            self.spec.exec_command(self.mark, argv),
            publish=self.publish,
            stdin=False,
            stdout=True,
            stderr=True,
            keys=b"",
        )
        self.execs[made.id] = made
        made.publish(f"exec_create: {' '.join(argv)}")
        return made

    def start_check(self, execution: Exec) -> None:
        """Start it; raise CommandFailed if it cannot be started."""
        execution.start(self._reaper)

    def discard_check(self, execution: Exec) -> None:
        """Forget it."""
        self.execs.pop(execution.id, None)

    def check_running(self, text: str = "") -> None:
        """Raise Conflict if no program of it runs now."""
        if self.status == "restarting":
            raise Conflict(
                409, f"Container {self.id} is restarting, wait until the container is running"
            )
        if not self.running:
            raise Conflict(409, text or f"Container {self.id} is not running")

    def _check_not_removing(self) -> None:
        if self.status == "removing":
            raise Conflict(409, f"container {self.id} is marked for removal and cannot be started")

    def _sessions(self) -> set[int]:
        runs = [self.run, *(each.run for each in self.execs.values())]
        return {run.process.pid for run in runs if run.process is not None and run.alive}

    async def _finish_at_exit(self, run: Run) -> None:
        await run.drain(self.members.kill_leftovers)
        assert run.process is not None
        assert run.process.code is not None
        if self._monitor is not None:
            self._monitor.stop()
        for each in list(self.execs.values()):
            await each.wait_ended()
        self.exit_code = run.process.code
        self.ended = time.time_ns()
        pause = self.restarts.after(self.exit_code, (self.ended - self.started) / 1e9)
        if pause is not None:
            self.status = "restarting"
        else:
            self.status = "removing" if self.spec.auto_remove else "exited"
        self.run = Run(self.log, stdin=self.spec.open_stdin)
        self.exit_codes.append(self.exit_code)
        seconds = (self.ended - self.started) // 1_000_000_000
        self.publish("die", exitCode=str(self.exit_code), execDuration=str(seconds))
        run.finish()
        if pause is not None:
            self._next_start = asyncio.create_task(self._start_again(pause))
        async with self._exited:
            self._exited.notify_all()
        if self.spec.auto_remove:
            self._auto_remove()

    async def _start_again(self, pause: float) -> None:
        await asyncio.sleep(pause)
        self._next_start = None
        try:
            self._launch()
        except ApiError:
            self.ended = time.time_ns()
            self._stay_ended()

    def _stay_ended(self) -> None:
        """Give up the start that is due."""
        if self._next_start is not None:
            self._next_start.cancel()
            self._next_start = None
        self.status = "exited"
        self.exit_codes.append(self.exit_code)
        self.run.finish()
        self.run = Run(self.log, stdin=self.spec.open_stdin)
        self._announcing = asyncio.create_task(self._announce_end())

    async def _announce_end(self) -> None:
        async with self._exited:
            self._exited.notify_all()

    def _stops(self, number: int) -> bool:
        """Whether a signal means that the container has to end, as far as we can know."""
        configured = self.spec.stop_signal
        return not configured or number in (signal.SIGKILL, signal_number(configured))

    def _auto_remove(self) -> None:
        self.status = "removing"
        self._on_auto_remove(self)
