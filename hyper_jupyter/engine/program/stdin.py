"""The input of one run: bytes from several clients to one program.

Layer: engine. Event loop only.

Strategy: the descriptor is non-blocking. A writer waits first for the program to start, then for
room in the pipe or terminal. That delays only clients that send input.
"""

from __future__ import annotations

import asyncio
import os

__all__ = ["Stdin"]


class Stdin:
    """A program's stdin, before, while and after it runs.

    Bytes of several clients are merged, one read of a client after the other.
    """

    def __init__(self) -> None:
        self._fd: int | None = None
        self._owned = True
        self._closed = False
        self._ready = asyncio.Event()
        self._lock = asyncio.Lock()
        self._writable: asyncio.Future[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether bytes written from now on are discarded."""
        return self._closed

    def connect(self, fd: int, *, owned: bool) -> None:
        """Connect the program, which runs now.

        Args:
            fd: the pipe's write end, or the terminal's master side; non-blocking.
            owned: whether closing stdin closes `fd`; a terminal's is still needed for reading.
        """
        self._fd = fd
        self._owned = owned
        self._ready.set()

    async def write(self, data: bytes) -> None:
        """Write all of it to the program; does nothing if its stdin is closed."""
        async with self._lock:
            await self._ready.wait()
            view = memoryview(data)
            while view and not self._closed and self._fd is not None:
                try:
                    view = view[os.write(self._fd, view) :]
                except BlockingIOError:
                    await self._wait_writable()
                except OSError:  # no process reads it any more
                    self.close()

    async def send_eof(self) -> None:
        """End the input after everything that was written before."""
        async with self._lock:
            await self._ready.wait()
            self.close()

    def close(self) -> None:
        """End it now; waiting calls of :meth:`write` return and discard their bytes."""
        if self._closed:
            return
        self._closed = True
        fd, self._fd = self._fd, None
        if fd is not None:
            if self._writable is not None:
                asyncio.get_running_loop().remove_writer(fd)
            if self._owned:
                os.close(fd)
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._ready.set()

    async def _wait_writable(self) -> None:
        loop = asyncio.get_running_loop()
        fd = self._fd
        assert fd is not None
        self._writable = future = loop.create_future()
        loop.add_writer(fd, _resolve, future)
        try:
            await future
        finally:
            if self._fd == fd:
                loop.remove_writer(fd)
            self._writable = None


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
