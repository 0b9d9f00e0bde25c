"""A reaper for tests: it waits for the programs that it was told of, and for no other children.

The engine's own one collects every child of its process, which would be all of pytest's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Any

from hyper_jupyter.engine.program.launch import launch
from tests.engine.driver import TIMEOUT

__all__ = ["PidReaper", "run"]


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Run a test's coroutine; it has to end in time."""
    asyncio.run(asyncio.wait_for(scenario, TIMEOUT))


class PidReaper:
    """Reports exits as the engine's reaper does.

    Attributes:
        expected: the pids that it was told of.
    """

    launch = staticmethod(launch)

    def __init__(self) -> None:
        self.expected: list[int] = []

    def expect(self, pid: int, on_exit: Callable[[int], None]) -> None:
        self.expected.append(pid)
        loop = asyncio.get_running_loop()
        descriptor = os.pidfd_open(pid)

        def ended() -> None:
            loop.remove_reader(descriptor)
            os.close(descriptor)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            on_exit(code if code >= 0 else 128 - code)

        loop.add_reader(descriptor, ended)
