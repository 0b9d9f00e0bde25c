"""The proxy: passes on what a client and an engine say to each other, with faults.

One thread of its own, which runs an event loop. The methods may be called by any thread and wait
for what they ask for. A test never sleeps: it waits for what the proxy counts
(:meth:`FaultProxy.wait_for`).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from tests.faults.faults import Connection, Do, Fault, Script, Way, healthy, kind_of

__all__ = ["Counts", "FaultProxy"]

TIMEOUT: Final = 30.0
_PIECE: Final = 65536
_BACKLOG: Final = 1024
_LINGER: Final = struct.pack("ii", 1, 0)

Answer = TypeVar("Answer")


@dataclass
class Counts:
    """What a proxy has done.

    Attributes:
        connections: by kind.
        open: connections that are open now, by kind.
        done: faults, by what they did; those that were asked for by a method too.
        bytes: passed on, by way.
        unreachable: connections for which the engine could not be dialled.
    """

    connections: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    done: Counter[Do] = field(default_factory=Counter)
    bytes: Counter[Way] = field(default_factory=Counter)
    unreachable: int = 0


class _Link:
    """One connection, and the proxy's connection to the engine for it."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: Connection
    ) -> None:
        self.client = (reader, writer)
        self.engine: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.connection = connection
        self.go_on = {way: asyncio.Event() for way in Way}
        self.moved = 0.0
        for event in self.go_on.values():
            event.set()

    def writers(self) -> list[asyncio.StreamWriter]:
        return [self.client[1]] + ([self.engine[1]] if self.engine else [])


class _Broken(Exception):
    """A fault has ended the connection."""


class FaultProxy:
    """Listens, and passes each connection on to an engine as ``script`` lets it.

    Args:
        upstream: the engine's address, ``unix://…`` or ``tcp://…``.
        path: of the socket to listen on; without one, it listens on TCP.
        script: gives each connection its faults.

    Attributes:
        url: the proxy's address. It stays the same over :meth:`unplug` and :meth:`plug_in`.
    """

    def __init__(
        self, upstream: str, path: Path | None = None, *, script: Script = healthy
    ) -> None:
        self._upstream = upstream
        self._path = path
        self._script = script
        self._changed = threading.Condition()
        self._counts = Counts()
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="fault proxy", daemon=True
        )
        self._thread.start()
        try:
            self._run(self._listen())
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"unix://{self._path}" if self._path else f"tcp://127.0.0.1:{self._port}"

    # -- what it has done -----------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """A copy of what was counted until now."""
        with self._changed:
            old = self._counts
            return Counts(
                Counter(old.connections),
                Counter(old.open),
                Counter(old.done),
                Counter(old.bytes),
                old.unreachable,
            )

    def wait_for(self, condition: Callable[[Counts], object], timeout: float = TIMEOUT) -> Counts:
        """Wait until the counts are as ``condition`` wants them, and return them."""
        with self._changed:
            came = self._changed.wait_for(lambda: condition(self._counts), timeout)
            assert came, f"it did not come to that: {self._counts}"
        return self.counts

    # -- faults that are asked for now ----------------------------------------------------

    def cut(self, kind: str | None = "attach", *, reset: bool = False) -> int:
        """End the open connections of a kind (``None``: all), and return how many there were."""
        return self._run(self._cut(kind, Do.RESET if reset else Do.CUT))

    def stall(self, kind: str | None = "attach", way: Way = Way.ANSWERS) -> int:
        """Pass on nothing more of these connections until :meth:`go_on`."""
        return self._run(self._stall(kind, way))

    def go_on(self) -> None:
        """End all stalls."""
        self._run(self._go_on())

    def unplug(self, *, reset: bool = False) -> None:
        """Take no connections any more, and end those that there are."""
        self._run(self._unplug(Do.RESET if reset else Do.CUT))

    def plug_in(self) -> None:
        """Listen again, at the same address."""
        self._run(self._listen())

    def close(self) -> None:
        """End everything."""
        if self._loop.is_closed():
            return
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT)
        assert not self._thread.is_alive(), "the proxy hangs"
        self._loop.close()

    # -- the proxy's thread ---------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT)

    async def _listen(self) -> None:
        if self._path:
            self._path.unlink(missing_ok=True)
            self._server = await asyncio.start_unix_server(
                self._take, str(self._path), backlog=_BACKLOG
            )
        else:
            self._server = await asyncio.start_server(
                self._take, "127.0.0.1", self._port, backlog=_BACKLOG
            )
            self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        await self._unplug(None)
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # then transports that were aborted have closed their sockets

    async def _unplug(self, do: Do | None) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            if self._path:
                self._path.unlink(missing_ok=True)
        await self._cut(None, do)

    async def _cut(self, kind: str | None, do: Do | None) -> int:
        chosen = [each for each in self._links if kind in (None, each.connection.kind)]
        for each in chosen:
            self._end(each, do)
        return len(chosen)

    async def _stall(self, kind: str | None, way: Way) -> int:
        chosen = [each for each in self._links if kind in (None, each.connection.kind)]
        for each in chosen:
            each.go_on[way].clear()
            self._count(Do.STALL)
        return len(chosen)

    async def _go_on(self) -> None:
        for link in self._links:
            for event in link.go_on.values():
                event.set()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(
                OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
            ):
                await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the proxy is closed
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readuntil(b"\r\n")
        line = first.decode("latin-1").strip()
        kind = kind_of(line)
        with self._changed:
            self._counts.connections[kind] += 1
            self._counts.open[kind] += 1
            connection = Connection(self._counts.connections[kind], kind, line)
            self._changed.notify_all()
        link = _Link(reader, writer, connection)
        self._links.add(link)
        pumps: list[asyncio.Task[None]] = []
        timers: list[asyncio.Task[None]] = []
        try:
            faults = self._script(connection)
            try:
                link.engine = await self._dial()
            except OSError:
                with self._changed:
                    self._counts.unreachable += 1
                return
            if link not in self._links:  # it was ended meanwhile
                return
            pumps = [
                asyncio.ensure_future(self._pump(link, Way.REQUESTS, faults, first)),
                asyncio.ensure_future(self._pump(link, Way.ANSWERS, faults)),
            ]
            timers = [asyncio.ensure_future(self._idle(link, each)) for each in faults if each.idle]
            await asyncio.gather(*pumps)
        except _Broken:
            pass
        finally:
            for task in (*pumps, *timers):
                task.cancel()
            for each in link.writers():
                each.transport.abort()
            self._links.discard(link)
            with self._changed:
                self._counts.open[kind] -= 1
                self._changed.notify_all()
            await asyncio.gather(*pumps, *timers, return_exceptions=True)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._upstream.startswith("unix://"):
            return await asyncio.open_unix_connection(self._upstream.removeprefix("unix://"))
        host, _, port = self._upstream.removeprefix("tcp://").rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def _pump(
        self, link: _Link, way: Way, faults: Sequence[Fault], first: bytes = b""
    ) -> None:
        assert link.engine is not None
        there = (link.client, link.engine) if way is Way.REQUESTS else (link.engine, link.client)
        (reader, _), (_, writer) = there
        writer.transport.set_write_buffer_limits(high=0)  # drained is: given to the system
        stretch = _Stretch([each for each in faults if each.way is way and not each.idle])
        data = first
        ended = False
        while not ended:
            while data or (stretch.passed and stretch.due):
                await link.go_on[way].wait()
                fault = stretch.due
                if fault is not None:
                    stretch.begin(fault)
                    self._do(link, way, writer, fault)
                    continue
                piece, data = stretch.take(data)
                if stretch.ended:
                    continue
                if stretch.seconds:
                    await asyncio.sleep(stretch.seconds)
                writer.write(piece)
                await writer.drain()
                link.moved = self._loop.time()
                with self._changed:
                    self._counts.bytes[way] += len(piece)
                    self._changed.notify_all()
            await link.go_on[way].wait()
            data = await reader.read(_PIECE)
            ended = not data
        if stretch.ended:
            return
        with contextlib.suppress(OSError):
            writer.write_eof()

    def _do(self, link: _Link, way: Way, writer: asyncio.StreamWriter, fault: Fault) -> None:
        if fault.do in (Do.CUT, Do.RESET):
            self._end(link, fault.do)
            raise _Broken
        self._count(fault.do)
        if fault.do is Do.HALF_CLOSE:
            with contextlib.suppress(OSError):
                writer.write_eof()
        elif fault.do is Do.STALL:
            link.go_on[way].clear()

    async def _idle(self, link: _Link, fault: Fault) -> None:
        link.moved = link.moved or self._loop.time()
        while (left := link.moved + fault.idle - self._loop.time()) > 0:  # noqa: ASYNC110
            await asyncio.sleep(left)
        self._end(link, fault.do)

    def _end(self, link: _Link, do: Do | None) -> None:
        """End both ends of a connection; what was passed on before still arrives."""
        if link not in self._links:
            return
        self._links.discard(link)
        if do is not None:
            self._count(do)
        for writer in link.writers():
            sock = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                if do is Do.RESET and sock.family != socket.AF_UNIX:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
                elif do is not Do.RESET:
                    sock.shutdown(socket.SHUT_RDWR)
            writer.transport.abort()

    def _count(self, do: Do) -> None:
        with self._changed:
            self._counts.done[do] += 1
            self._changed.notify_all()


class _Stretch:
    """How far one way has come, and which fault is next on it."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = sorted(faults, key=lambda fault: (fault.past_head, fault.after))
        self.passed = 0
        self._past_head = -1  # bytes since the end of the head; -1 in it
        self._end = b""  # the last bytes of the head so far
        self._corrupt = False
        self.ended = False
        self.seconds = 0.0
        self.size = _PIECE

    @property
    def due(self) -> Fault | None:
        """The fault that is to happen before another byte is passed on."""
        return next((each for each in self._faults if self._left(each) <= 0), None)

    def begin(self, fault: Fault) -> None:
        """Take a fault out of those that are to come; keep what it means from here on."""
        self._faults.remove(fault)
        if fault.do is Do.DELAY:
            self.seconds = fault.seconds
        elif fault.do is Do.SPLIT:
            self.size = fault.size
        elif fault.do is Do.CORRUPT:
            self._corrupt = True
        elif fault.do is Do.HALF_CLOSE:
            self.ended = True

    def take(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what may be passed on before the next fault, and the rest."""
        size = min([self.size, *(self._left(each) for each in self._faults)])
        if self._past_head < 0:
            seen = self._end + data
            found = seen.find(b"\r\n\r\n")
            if found >= 0:
                size = min(size, found + 4 - len(self._end))
        piece, rest = data[:size], data[size:]
        self.passed += len(piece)
        if self._past_head >= 0:
            self._past_head += len(piece)
        else:
            self._end = (self._end + piece)[-4:]
            if self._end == b"\r\n\r\n":
                self._past_head = 0
            else:
                self._end = self._end[-3:]
        if self._corrupt:
            piece = bytes([piece[0] ^ 0xFF]) + piece[1:]
            self._corrupt = False
        return piece, rest

    def _left(self, fault: Fault) -> int:
        """Bytes until a fault; many where the head has to end first."""
        if not fault.past_head:
            return fault.after - self.passed
        return fault.after - self._past_head if self._past_head >= 0 else _PIECE
