"""A container's health: what its checks said, and the task that runs them.

Layer: engine. Event loop only. Source: moby's rules, and what Docker 26 was seen to do.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from hyper_jupyter.engine.config.health_check import HealthCheck
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.members import Members
from hyper_jupyter.engine.program.launch import CommandFailed
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.piece import LogGap

__all__ = ["Health", "HealthMonitor", "Result"]

STARTING: Final = "starting"
HEALTHY: Final = "healthy"
UNHEALTHY: Final = "unhealthy"

RESULTS: Final = 5
"""Results that are kept, as in moby."""

OUTPUT: Final = 4096
"""Bytes of a check's output that are kept, as in moby."""

NOT_RUN: Final = -1
"""Exit code of a check that could not be started, or took too long."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check; times are in nanoseconds since 1970."""

    start: int
    end: int
    code: int
    output: str

    def as_json(self) -> dict[str, Any]:
        """Return it as the API has it."""
        return {
            "Start": rfc3339(self.start),
            "End": rfc3339(self.end),
            "ExitCode": self.code,
            "Output": self.output,
        }


class Health:
    """What the checks said.

    Attributes:
        status: ``starting``, ``healthy`` or ``unhealthy``.
        streak: consecutive failures that count.
    """

    def __init__(self, check: HealthCheck) -> None:
        self.status = STARTING
        self.streak = 0
        self._check = check
        self._results: deque[Result] = deque(maxlen=RESULTS)

    def begin(self) -> None:
        """The container was started."""
        self.status = STARTING
        self.streak = 0

    def in_start_period(self, started: int, now: int) -> bool:
        """Whether failures do not count yet.

        Args:
            started: when the container was started, in nanoseconds since 1970.
            now: in nanoseconds since 1970.
        """
        return self.status == STARTING and now - started < self._check.start_period * 1e9

    def record(self, result: Result, started: int) -> bool:
        """Take a result.

        Args:
            result: of the last check.
            started: when the container was started, in nanoseconds since 1970.

        Returns:
            Whether the status has changed.
        """
        before = self.status
        self._results.append(result)
        if result.code == 0:
            self.streak = 0
            self.status = HEALTHY
        elif not self.in_start_period(started, result.start):
            self.streak += 1
            if self.streak >= self._check.retries:
                self.status = UNHEALTHY
        return self.status != before

    def as_json(self) -> dict[str, Any]:
        """Return it as inspect has it."""
        return {
            "Status": self.status,
            "FailingStreak": self.streak,
            "Log": [result.as_json() for result in self._results],
        }


class Checked(Protocol):
    """What the checks need of the container that they check."""

    @property
    def started(self) -> int:
        """When it was started, in nanoseconds since 1970."""

    @property
    def members(self) -> Members:
        """Its processes."""

    def publish(self, action: str, /, **attributes: str) -> None:
        """Report an event."""

    def make_check(self, argv: Sequence[str]) -> Exec:
        """Make an exec of a check."""

    def start_check(self, execution: Exec) -> None:
        """Start it; raise CommandFailed if it cannot be started."""

    def discard_check(self, execution: Exec) -> None:
        """Forget it."""


class HealthMonitor:
    """Runs a container's checks, one after the other."""

    def __init__(self, check: HealthCheck, health: Health, container: Checked) -> None:
        """Args:
        check: what to run, and when.
        health: takes the results.
        container: is checked.
        """
        self._check = check
        self._health = health
        self._container = container
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Run a check after each pause, from now on."""
        self.stop()
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Run no more checks; one that runs is killed."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        check = self._check
        while True:
            starting = self._health.in_start_period(self._container.started, time.time_ns())
            await asyncio.sleep(check.start_interval if starting else check.interval)
            if self._health.record(await self._run(), self._container.started):
                self._container.publish(f"health_status: {self._health.status}")

    async def _run(self) -> Result:
        """Run one check to its end, or to the end of its time."""
        begun = time.time_ns()
        execution = self._container.make_check(self._check.argv)
        log = execution.log
        log.retain()
        try:
            self._container.start_check(execution)
            async with asyncio.timeout(self._check.timeout):
                await asyncio.shield(execution.wait_ended())
            code = NOT_RUN if execution.exit_code is None else execution.exit_code
            output = _beginning(log)
        except CommandFailed as failure:
            code, output = NOT_RUN, str(failure)
        except TimeoutError:
            code = NOT_RUN
            output = f"Health check exceeded timeout ({_duration(self._check.timeout)})"
        finally:
            if execution.running and execution.run.process is not None:
                self._container.members.kill_session(execution.run.process.pid)
            log.close()
            execution.discard_output()
            self._container.discard_check(execution)
        return Result(begun, time.time_ns(), code, output)


def _beginning(log: Log) -> str:
    """Return the beginning of a check's output; dots say that there was more."""
    cursor = log.cursor((1, 2))
    data = b""
    while len(data) <= OUTPUT:
        try:
            piece = cursor.read(OUTPUT + 1 - len(data))
        except LogGap:
            continue
        if piece is None:
            break
        data += piece.data
    text = data[:OUTPUT].decode("utf-8", "replace")
    return text + "..." if len(data) > OUTPUT else text


def _duration(seconds: float) -> str:
    """Write a time as Go does: ``1m30s``, ``1.5s``, ``20ms``."""
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{rest:g}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text
