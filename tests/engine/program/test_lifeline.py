"""The engine's owner, watched by a pipe and by its pid."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable

import pytest

from hyper_jupyter.engine.program import lifeline as module
from hyper_jupyter.engine.program.lifeline import Lifeline
from tests.engine.program.reapers import run


class Watched:
    """A lifeline, and whether the owner is known to be gone."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.lifeline = Lifeline(self.gone.set)


def scenario(body: Callable[[Watched], Awaitable[None]]) -> None:
    """Run a test's body, and see that no descriptor is left."""

    async def whole() -> None:
        before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208
        watched = Watched()
        try:
            await body(watched)
        finally:
            watched.lifeline.close()
        assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208

    run(whole())


def owner() -> subprocess.Popen[bytes]:
    """Start a program that ends with its input."""
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE)


def end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def test_the_end_of_the_pipe_is_the_owner_s_and_what_is_written_to_it_is_not() -> None:
    async def body(watched: Watched) -> None:
        read_end, write_end = os.pipe()
        os.set_inheritable(read_end, True)
        watched.lifeline.watch_pipe(read_end)
        assert not os.get_inheritable(read_end)
        os.write(write_end, b"x")
        watched.lifeline._readable(read_end)
        watched.lifeline._readable(read_end)  # there is nothing any more
        assert not watched.gone.is_set()
        os.close(write_end)
        await watched.gone.wait()
        assert not asyncio.get_running_loop().remove_reader(read_end)

    scenario(body)


def test_the_end_of_the_process_is_noticed() -> None:
    async def body(watched: Watched) -> None:
        process = owner()
        watched.lifeline.watch_process(process.pid)
        await asyncio.sleep(0)
        assert not watched.gone.is_set()
        end(process)
        await watched.gone.wait()

    scenario(body)


def test_a_process_that_has_ended_before_is_noticed() -> None:
    async def body(watched: Watched) -> None:
        process = owner()
        end(process)
        watched.lifeline.watch_process(process.pid)
        assert watched.gone.is_set()

    scenario(body)


def test_where_there_are_no_pidfds_the_process_is_asked_after(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "POLL_INTERVAL", 0.0)
    refusals = [PermissionError()]  # it is another user's by now, but there

    def missing(_: int) -> int:
        raise OSError(38, "Function not implemented")

    def kill(pid: int, number: int) -> None:
        assert number == 0
        if refusals:
            raise refusals.pop()
        sent(pid, number)

    sent = os.kill
    monkeypatch.setattr(module.os, "pidfd_open", missing)
    monkeypatch.setattr(module.os, "kill", kill)

    async def body(watched: Watched) -> None:
        process = owner()
        watched.lifeline.watch_process(process.pid)
        for _ in range(5):
            await asyncio.sleep(0)
        assert not watched.gone.is_set()
        assert refusals == []
        end(process)
        await watched.gone.wait()
        assert watched.lifeline._polling is not None
        await watched.lifeline._polling

    scenario(body)


def test_nothing_is_watched_after_closing() -> None:
    async def body(watched: Watched) -> None:
        read_end, write_end = os.pipe()
        watched.lifeline.watch_pipe(read_end)
        watched.lifeline.close()
        os.close(write_end)
        await asyncio.sleep(0)
        assert not watched.gone.is_set()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(read_end)

    scenario(body)
