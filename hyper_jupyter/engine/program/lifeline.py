"""Watches the engine's owner, so that the engine ends with it.

Layer: engine. Event loop only.

It watches two things, and either is enough: a pipe whose write end only the owner should hold, and
the owner's pid, because forked children of the owner may still hold the pipe.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

__all__ = ["Lifeline"]

POLL_INTERVAL: Final = 0.5
"""Seconds between two checks of the owner's pid if there is no pidfd."""


class Lifeline:
    """Watches the owner."""

    def __init__(self, on_gone: Callable[[], None]) -> None:
        """Args:
        on_gone: called in the event loop, perhaps more than once.
        """
        self._on_gone = on_gone
        self._fds: list[int] = []
        self._polling: asyncio.Task[None] | None = None

    def watch_pipe(self, fd: int) -> None:
        """Watch a pipe by its inherited read end.

        Raises:
            OSError: there is no such descriptor.
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
                return  # no process should write to it, but this is not the end
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
