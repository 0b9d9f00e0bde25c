"""Notices that a client is gone, even while nothing is read from it or sent to it.

Layer: engine. Event loop only.

The end of what a client sends is not enough: it may have closed its sending half and still read,
as Docker clients do. On Linux a full close of a unix socket is EPOLLHUP. Where there is no epoll,
only a failing write shows it.
"""

from __future__ import annotations

import asyncio
import select
import sys

__all__ = ["HangupWatcher"]


class HangupWatcher:
    """One epoll for all connections, itself watched by the event loop."""

    def __init__(self) -> None:
        self._futures: dict[int, asyncio.Future[None]] = {}
        self._epoll: select.epoll | None = None
        if sys.platform == "linux":
            self._epoll = select.epoll()
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._readable)

    def watch(self, fd: int) -> asyncio.Future[None]:
        """Return a future that ends when the client is gone; :meth:`discard` cancels it."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._epoll is not None:
            self._futures[fd] = future
            self._epoll.register(fd, 0)  # EPOLLHUP and EPOLLERR are always reported
        return future

    def discard(self, fd: int) -> None:
        """Stop watching; call it before `fd` is closed."""
        future = self._futures.pop(fd, None)
        if future is not None and not future.done():
            future.cancel()
            if self._epoll is not None:  # else the engine ended before its clients
                self._epoll.unregister(fd)

    def close(self) -> None:
        """Close the epoll."""
        if self._epoll is not None:
            asyncio.get_running_loop().remove_reader(self._epoll.fileno())
            self._epoll.close()
            self._epoll = None

    def _readable(self) -> None:
        if self._epoll is None:
            return
        for fd, _ in self._epoll.poll(0):
            self._epoll.unregister(fd)
            future = self._futures[fd]
            if not future.done():
                future.set_result(None)
