"""The listening socket: which users may connect, and a task for each connection.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints import add_all
from hyper_jupyter.engine.endpoints.system import engine_headers
from hyper_jupyter.engine.http.connection import BadRequest, Connection
from hyper_jupyter.engine.http.guard import Guard
from hyper_jupyter.engine.http.hangup import HangupWatcher
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import Routes
from hyper_jupyter.engine.program.spawner import Spawner
from hyper_jupyter.ownership import exchangeable, peer_user

__all__ = ["Server", "SocketRefused"]

BACKLOG: Final = 1024
"""Connections that wait to be accepted. One more is refused at once, as busy, not made to wait."""

ACCEPTED_PER_TURN: Final = 8
"""Connections accepted before other tasks run: those that are here already are served, too."""

EXHAUSTED_PAUSE: Final = 0.1
"""Seconds without accepting after an error, such as running out of descriptors."""

MAX_STRANGERS: Final = 128
"""Connections without a valid signature, where signatures are required. One takes at most 130 KiB:
a head that is nearly too long, and what one read adds."""

_log: Final = logging.getLogger(__name__)


class Strangers:
    """The connections that have not sent a valid signature yet.

    There are never more than :data:`MAX_STRANGERS`: a new one ends the oldest. So strangers can
    take neither all memory nor all descriptors, and cannot keep out whoever has the keys, who needs
    to be a stranger only until the head of the first request is here.
    """

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], None] = {}

    def add(self, task: asyncio.Task[Any]) -> None:
        """Count a new connection by the task that serves it."""
        self._tasks[task] = None
        task.add_done_callback(self.discard)
        if len(self._tasks) > MAX_STRANGERS:
            oldest = next(iter(self._tasks))
            self.discard(oldest)
            oldest.cancel()

    def discard(self, task: asyncio.Task[Any] | None) -> None:
        """Count a connection no more: it has proven itself, or has ended."""
        if task is not None:
            self._tasks.pop(task, None)


class SocketRefused(Exception):
    """The socket cannot be made at the path that was asked for."""


class Server:
    """Serves one store on one unix socket."""

    def __init__(
        self, path: Path, guard: Guard | None = None, spawner: Spawner | None = None
    ) -> None:
        """Args:
        path: of the socket; its folder has to belong to this user, and others may not write to it.
        guard: accepts signed requests; ``None`` accepts all.
        spawner: starts the programs; ``None`` if this process does.
        """
        self.path = path
        self.store = Store(spawner)
        self._routes = Routes(guard)
        add_all(self._routes, self.store)
        self._hangups = HangupWatcher()
        self._tasks: set[asyncio.Task[None]] = set()
        self._strangers = Strangers() if guard is not None else None
        self._listening: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._inode = 0

    async def start(self) -> None:
        """Start to listen and accept.

        Raises:
            SocketRefused: the path cannot be used.
        """
        listening = _bind(self.path)
        self._inode = self.path.stat().st_ino
        self.store.reaper.start()
        self._listening = listening
        self._accepting = asyncio.create_task(self._accept(listening))

    def close(self, *, with_folder: bool = False) -> None:
        """Stop listening and remove the socket, unless another one has taken its place.

        Args:
            with_folder: whether its folder is removed too, if that is empty then.
        """
        if self._accepting is not None:
            self._accepting.cancel()
        if self._listening is not None:
            self._listening.close()
        self._hangups.close()
        try:
            if self._inode and self.path.stat().st_ino == self._inode:
                self.path.unlink()
        except OSError:
            pass  # it was removed already
        if with_folder and self._inode:
            try:
                self.path.parent.rmdir()
            except OSError:
                pass  # it contains other files

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        accepted = 0
        while True:
            try:
                peer, _ = await loop.sock_accept(listening)
            except OSError as error:
                _log.warning("accept: %s", error)
                await asyncio.sleep(EXHAUSTED_PAUSE)
                continue
            task = asyncio.create_task(self._serve_connection(peer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            if self._strangers is not None:
                self._strangers.add(task)
            accepted += 1
            if accepted % ACCEPTED_PER_TURN == 0:
                await asyncio.sleep(0)  # sock_accept does not wait where somebody is there already

    async def _serve_connection(self, peer: socket.socket) -> None:
        with peer:
            if not _is_this_user(peer):
                return
            hung_up = self._hangups.watch(peer.fileno())
            try:
                await self._answer_requests(Connection(peer, hung_up, engine_headers()))
            except (ConnectionError, asyncio.CancelledError):
                pass
            except Exception:  # noqa: BLE001 - an error of one connection must not affect the others
                _log.exception("connection")
            finally:
                self._hangups.discard(peer.fileno())

    async def _answer_requests(self, connection: Connection) -> None:
        more = True
        while more:
            await asyncio.sleep(0)  # requests that came in one read are answered one in a turn
            try:
                head = await connection.receive_head()
                if head is None:
                    return
                refusal = self._routes.refuse(head)
                if refusal is not None:
                    await connection.respond(refusal, head.method)
                    await connection.discard()
                    return
                if self._strangers is not None:
                    self._strangers.discard(asyncio.current_task())
                message = await connection.receive_body(head)
            except BadRequest as bad:
                if connection.can_respond():
                    headers = {"Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
                    text = f"{bad.status} {bad}\n".encode("utf-8", "replace")
                    await connection.respond(Response(bad.status, text, headers))
                return
            try:
                response = await self._routes.answer(message, connection)
            finally:
                if message.file is not None:
                    message.file.close()
            if response is None or connection.hijacked:
                return
            more = await connection.respond(response, message.method)


def _bind(path: Path) -> socket.socket:
    try:
        fault = exchangeable(path.parent)
    except OSError as error:
        raise SocketRefused(f"{path.parent}: {error.strerror}") from error
    if fault is not None:
        raise SocketRefused(f"{fault}: others could exchange the socket")
    _remove_stale(path)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.setblocking(False)
    old_mask = os.umask(0o177)
    try:
        listening.bind(str(path))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise SocketRefused(f"{path}: {error.strerror or error}") from error
    finally:
        os.umask(old_mask)
    return listening


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise SocketRefused(f"{path}: {error.strerror}") from error
    if not stat.S_ISSOCK(mode):
        raise SocketRefused(f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except OSError as error:
            raise SocketRefused(f"{path}: {error.strerror or error}") from error
    raise SocketRefused(f"{path} is in use by another engine")


def _is_this_user(peer: socket.socket) -> bool:
    try:
        user = peer_user(peer)
    except OSError:
        return False
    # Where the system does not say, only the socket's mode protects it.
    return user is None or user == os.geteuid()
