"""One run of a program: from before its start to the end of its output."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from hyper_jupyter.engine.program import run as module
from hyper_jupyter.engine.program.launch import Command, CommandFailed
from hyper_jupyter.engine.program.log import Log
from hyper_jupyter.engine.program.run import Run
from tests.engine.program.reapers import PidReaper, run

LONG = 3600.0
"""Seconds that no test waits."""


def shell(script: str) -> Command:
    env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    return Command(("sh", "-c", script), env, "/", tty=False, stdin=True)


def printed(log: Log) -> bytes:
    cursor, data = log.cursor([1, 2]), b""
    while (piece := cursor.read(1000)) is not None:
        data += piece.data
    return data


def reaper() -> Any:
    return PidReaper()


class ScriptedProcess:
    """A program whose exit, and the end of whose output, are a test's.

    Attributes:
        closed: whether its pipes were closed.
    """

    def __init__(self) -> None:
        self.exited, self.drained = asyncio.Event(), asyncio.Event()
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.drained.set()


def running(process: ScriptedProcess) -> Run:
    made = Run(Log(), stdin=False)
    made.process = process  # type: ignore[assignment]
    return made


def test_a_run_from_its_start_to_its_end() -> None:
    async def scenario() -> None:
        log = Log()
        made = Run(log, stdin=True)
        assert (made.alive, made.process, made.log_end) == (False, None, None)
        process = made.start(shell("read line; echo $line; exit 3"), reaper())
        assert made.alive
        assert made.process is process
        assert made.stdin is not None
        await made.stdin.write(b"typed\n")
        await made.drain(lambda: False)
        assert (process.code, printed(log)) == (3, b"typed\n")
        assert made.alive  # its end was not announced yet
        changed = log.changed()
        made.finish()
        assert (made.alive, made.finished.is_set(), made.log_end) == (False, True, 6)
        assert made.stdin.closed
        assert changed.done()
        log.close()

    run(scenario())


def test_a_run_without_stdin_has_none() -> None:
    assert Run(Log(), stdin=False).stdin is None


def test_a_program_that_cannot_be_started_leaves_the_run_to_be_finished() -> None:
    async def scenario() -> None:
        made = Run(Log(), stdin=True)
        waiting = asyncio.create_task(made.stdin.write(b"x")) if made.stdin else None
        with pytest.raises(CommandFailed):
            made.start(Command(("nosuch",), {"PATH": ""}, "/", tty=False, stdin=True), reaper())
        assert not made.alive
        made.finish()
        assert waiting is not None
        await waiting

    run(scenario())


def test_output_that_a_child_still_holds_ends_with_the_time_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIME", 0.0)

    async def scenario() -> None:
        made = Run(Log(), stdin=False)
        process = made.start(shell("sleep 1000 & echo up"), reaper())
        await made.drain(lambda: False)
        assert process.drained.is_set()
        os.killpg(process.pid, signal.SIGKILL)
        made.log.close()

    run(scenario())


def test_what_the_program_left_is_killed_until_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIME", LONG)
    monkeypatch.setattr(module, "SWEEP_INTERVAL", 0.0)

    async def scenario() -> None:
        process = ScriptedProcess()
        rounds = [True, True, True, False]
        draining = asyncio.create_task(running(process).drain(lambda: rounds.pop(0)))
        await asyncio.sleep(0)
        assert len(rounds) == 4  # it waits for the exit first
        process.drained.set()
        process.exited.set()
        await draining
        assert rounds == []
        assert process.closed

    run(scenario())


def test_output_that_is_late_is_waited_for_and_what_is_left_swept_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIME", LONG)
    monkeypatch.setattr(module, "SWEEP_INTERVAL", 0.001)

    async def scenario() -> None:
        process = ScriptedProcess()
        process.exited.set()
        swept = asyncio.Event()
        sweeps = 0

        def sweep() -> bool:
            nonlocal sweeps
            sweeps += 1
            if sweeps == 3:
                swept.set()
            return False

        draining = asyncio.create_task(running(process).drain(sweep))
        await swept.wait()
        assert not process.closed
        process.drained.set()
        await draining
        assert process.closed

    run(scenario())


def test_the_end_of_output_ends_the_waiting_before_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIME", LONG)
    monkeypatch.setattr(module, "SWEEP_INTERVAL", LONG)

    async def scenario() -> None:
        process = ScriptedProcess()
        process.exited.set()
        draining = asyncio.create_task(running(process).drain(lambda: False))
        await asyncio.sleep(0)
        process.drained.set()
        await draining

    run(scenario())


@pytest.mark.parametrize("drained", [False, True])
def test_what_cannot_be_killed_is_left_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch, drained: bool
) -> None:
    monkeypatch.setattr(module, "DRAIN_TIME", 0.01)
    monkeypatch.setattr(module, "SWEEP_INTERVAL", 0.001)

    async def scenario() -> None:
        process = ScriptedProcess()
        process.exited.set()
        if drained:
            process.drained.set()
        await running(process).drain(lambda: True)
        assert process.closed

    run(scenario())
