"""What the tests of the spawner do in processes of their own; see ``test_spawner.py``.

Each function here is run by itself; unless it says more it prints nothing and ends with status 0 if
all is well. The engine's side adopts orphans and collects every child, which pytest must not do.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.engine.program import spawner as module
from hyper_jupyter.engine.program.launch import Command
from hyper_jupyter.engine.program.limit import raise_limit
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.spawner import Spawner

PATIENCE = 10.0
_FD_SETSIZE = 1024


def shell(script: str) -> Command:
    path = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    return Command(argv=("sh", "-c", script), env=path, folder="/", tty=False, stdin=False)


def kill(spawner: Spawner) -> None:
    """Kill a spawner, and wait for its end; it is not reaped."""
    os.kill(spawner.pid, signal.SIGKILL)
    os.waitid(os.P_PID, spawner.pid, os.WEXITED | os.WNOWAIT)


async def run_program(reaper: Reaper, output: int, code: int) -> None:
    """Run a program that ends with a code, and see that it did."""
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    pid = reaper.launch(shell(f"exit {code}"), None, output, output)
    reaper.expect(pid, ended.set_result)
    assert await asyncio.wait_for(ended, PATIENCE) == code


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@contextlib.contextmanager
def no_descriptors() -> Iterator[int]:
    """Let this process open no more files; yields the error that it gets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield errno.EMFILE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def no_processes() -> Iterator[int]:
    """Let this process fork no more; yields the error that it gets."""

    def refuse() -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    fork, os.fork = os.fork, refuse
    try:
        yield errno.EAGAIN
    finally:
        os.fork = fork


def a_failed_restart_is_made_up_for() -> None:
    """A spawner that cannot be replaced for a time is replaced later, whoever notices its end."""

    spawner = Spawner()

    async def main() -> None:
        reaper = Reaper(spawner)
        reaper.start()
        output = os.open(os.devnull, os.O_WRONLY)
        await run_program(reaper, output, 6)
        before = descriptors()
        for exhausted in (no_descriptors, no_processes):
            for turns in (0, 3):  # the launch notices it first; the event loop does
                old = spawner.pid
                kill(spawner)
                with exhausted() as expected:
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    for _ in range(2):
                        with pytest.raises(OSError, match=os.strerror(expected)):
                            reaper.launch(shell("exit 0"), None, output, output)
                assert not spawner.is_alive()
                await run_program(reaper, output, 7)
                assert spawner.is_alive()
                assert spawner.pid != old
                assert descriptors() == before

    asyncio.run(main())
    spawner.close()  # a loop that is being closed does not take the signal for its end


def a_restart_ends_a_spawner_that_still_runs() -> None:
    """The old one is gone after a restart, whether it worked or not."""
    spawner = Spawner()
    for exhausted in (no_processes, contextlib.nullcontext):
        ended = os.pidfd_open(spawner.pid)
        with exhausted(), contextlib.suppress(OSError):
            spawner.restart()
        assert select.select([ended], [], [], PATIENCE)[0]
    assert spawner.is_alive()
    spawner.close()


def descriptors_may_have_any_number() -> None:
    """The spawner is asked whether it runs where 1,024 descriptors are open."""
    raise_limit()
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    null = os.open(os.devnull, os.O_RDONLY)
    while os.dup(null) < min(_FD_SETSIZE, limit - 10):
        pass
    spawner = Spawner()
    assert spawner.is_alive()
    kill(spawner)
    assert not spawner.is_alive()
    spawner.restart()
    assert spawner.is_alive()
    spawner.close()


def broken_start() -> None:
    """A spawner that fails in a request ends with 1 and prints why; the programs end with it."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken on purpose")

    starts = iter([module._Serving._start, fail])
    module._Serving._start = lambda *args: next(starts)(*args)  # type: ignore[method-assign]
    spawner = Spawner()
    program = os.pidfd_open(spawn(spawner, "exec sleep 1000"))
    with pytest.raises(OSError, match=r"has ended|Broken pipe"):
        spawn(spawner, "exit 0")
    assert select.select([program], [], [], PATIENCE)[0]
    assert exit_code(spawner) == 1


def broken_look() -> None:
    """An error of the system where programs are looked at is not taken for the engine's end."""

    def fail(_: int) -> list[int]:
        raise OSError(errno.ENOMEM, "broken on purpose")

    module.children_of = fail
    spawner = Spawner()
    spawn(spawner, "exit 0")
    assert exit_code(spawner) == 1


def the_end_of_the_engine_is_no_error() -> None:
    """Whichever socket shows that the engine has ended: the spawner ends with 0, silently."""
    spawner = Spawner()
    spawner.close()
    assert exit_code(spawner) == 0
    spawner = Spawner()
    spawner.exits.close()
    spawn(spawner, "exit 0")
    assert exit_code(spawner) == 0


def spawn(spawner: Spawner, script: str) -> int:
    with Path(os.devnull).open("wb") as null:
        return spawner.spawn(shell(script), None, null.fileno(), null.fileno())


def exit_code(spawner: Spawner) -> int:
    """Wait for a spawner's end; return its exit code."""
    return os.waitstatus_to_exitcode(os.waitpid(spawner.pid, 0)[1])
