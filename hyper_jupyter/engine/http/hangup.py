"""Tells when a client is gone for good, even while nothing is read from it or sent to it.

Layer: engine. Event loop only.

The end of what a client sends does not mean that: it may have closed its sending half and
still read (Docker clients do). On Linux a full close of a unix socket is EPOLLHUP; where there
is no epoll, only a failing write tells.
"""

from __future__ import annotations

import asyncio
import select
import sys

__all__ = ["Hangups"]


class Hangups:
    """One epoll for all connections, itself watched by the event loop."""

    def __init__(self) -> None:
        self._futures: dict[int, asyncio.Future[None]] = {}
        self._epoll: select.epoll | None = None
        if sys.platform == "linux":
            self._epoll = select.epoll()
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._look)

    def watch(self, fd: int) -> asyncio.Future[None]:
        """A future that ends with the client; cancelled by :meth:`forget`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._epoll is not None:
            self._futures[fd] = future
            self._epoll.register(fd, 0)  # EPOLLHUP and EPOLLERR are always told
        return future

    def forget(self, fd: int) -> None:
        """Stop watching, before `fd` is closed."""
        future = self._futures.pop(fd, None)
        if future is not None and not future.done():
            future.cancel()
            if self._epoll is not None:  # else the engine has ended before its clients
                self._epoll.unregister(fd)

    def close(self) -> None:
        """Let go of the epoll."""
        if self._epoll is not None:
            asyncio.get_running_loop().remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _look(self) -> None:
        if self._epoll is None:
            return
        for fd, _ in self._epoll.poll(0):
            self._epoll.unregister(fd)
            future = self._futures[fd]
            if not future.done():
                future.set_result(None)
