"""The owner: when it is gone, so are we.

Layer: engine. Event loop only.

Two ways to notice, each for itself enough: the end of a pipe whose write end only the owner
should hold, and the owner's pid (its forked children may still hold the pipe).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

__all__ = ["Lifeline"]

POLL_INTERVAL: Final = 0.5
"""Seconds between two looks at the owner's pid where there is no pidfd."""


class Lifeline:
    """Watches the owner."""

    def __init__(self, on_gone: Callable[[], None]) -> None:
        """Args:
        on_gone: called, perhaps more than once, in the event loop.
        """
        self._on_gone = on_gone
        self._fds: list[int] = []
        self._polling: asyncio.Task[None] | None = None

    def watch_pipe(self, fd: int) -> None:
        """Watch an inherited read end.

        Raises:
            OSError: where there is no such descriptor.
        """
        os.set_inheritable(fd, False)
        os.set_blocking(fd, False)
        self._fds.append(fd)
        asyncio.get_running_loop().add_reader(fd, self._readable, fd)

    def watch_process(self, pid: int) -> None:
        """Watch a process by its id."""
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            self._on_gone()
        except (AttributeError, OSError):
            self._polling = asyncio.create_task(self._poll(pid))
        else:
            self._fds.append(fd)
            asyncio.get_running_loop().add_reader(fd, self._gone, fd)

    def close(self) -> None:
        """Stop watching."""
        for fd in self._fds:
            asyncio.get_running_loop().remove_reader(fd)
            os.close(fd)
        self._fds.clear()
        if self._polling is not None:
            self._polling.cancel()

    def _readable(self, fd: int) -> None:
        try:
            if os.read(fd, 4096):
                return  # nobody should write, but that is no end
        except BlockingIOError:
            return
        except OSError:
            pass
        self._gone(fd)

    def _gone(self, fd: int) -> None:
        asyncio.get_running_loop().remove_reader(fd)
        self._on_gone()

    async def _poll(self, pid: int) -> None:
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                self._on_gone()
                return
            except PermissionError:
                pass
            await asyncio.sleep(POLL_INTERVAL)
