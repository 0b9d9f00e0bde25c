"""Proxies between a client and an engine, each connection relayed by threads of its own."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from tests.client.servers import receive_request

TIMEOUT: Final = 10.0


class Relay:
    """Takes connections until its end, and has :meth:`serve` called with each.

    Args:
        listener: bound and listening; taken over.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        deadline = time.monotonic() + TIMEOUT
        while alive := [thread for thread in self._threads if thread.is_alive()]:
            assert time.monotonic() < deadline, "the proxy hangs"
            for each in (self._listener, *self._sockets):  # one may just have been accepted
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            alive[0].join(0.1)
        for each in (self._listener, *self._sockets):
            each.close()

    def serve(self, client: socket.socket) -> None:
        """What is to be done with a connection, in its thread."""
        raise NotImplementedError

    def cut_all(self) -> None:
        """End all connections at both ends, in order; new ones are taken."""
        for each in list(self._sockets):
            with contextlib.suppress(OSError):  # it may have ended before
                each.shutdown(socket.SHUT_RDWR)

    def relay(
        self, client: socket.socket, engine: socket.socket, answers: Callable[[bytes], None]
    ) -> None:
        """Both ways until both ends; ``answers`` is told of the engine's first bytes."""
        self._sockets.append(engine)
        self._start(self._pump, engine, client, answers)
        self._pump(client, engine, lambda _: None)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.serve(client)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, name="proxy")
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, first: Callable[[bytes], None]) -> None:
        with contextlib.suppress(OSError):
            data = source.recv(65536)
            first(data)
            while data:
                target.sendall(data)
                data = source.recv(65536)
            target.shutdown(socket.SHUT_WR)


class StrippingProxy(Relay):
    """A reverse proxy that does not know the upgrade, as many in front of engines do not.

    Args:
        path: of the socket to listen on.
        upstream: of the engine's.
    """

    def __init__(self, path: Path, upstream: str) -> None:
        self.url = f"unix://{path}"
        self.answers: list[bytes] = []
        self._upstream = upstream
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        super().__init__(listener)

    def serve(self, client: socket.socket) -> None:
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self._upstream)
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(65536)
            if not piece:
                engine.close()
                return
            head += piece
        engine.sendall(re.sub(rb"(?im)^(connection|upgrade):.*\r\n", b"", head))
        self.relay(client, engine, lambda data: self.answers.append(data.split(b"\r\n")[0]))


class CuttingProxy(Relay):
    """Passes everything on until it holds the answers to attach requests back, or ends them.

    Args:
        path: of the socket to listen on; without one, it listens on TCP.
        upstream: of the engine's.
    """

    def __init__(self, path: Path | None, upstream: str) -> None:
        self._upstream = upstream
        self._held = threading.Event()
        self._refusing = threading.Event()
        self._attached: list[socket.socket] = []
        if path is None:
            listener = socket.create_server(("127.0.0.1", 0))
            self.url = "tcp://{}:{}".format(*listener.getsockname())
        else:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            self.url = f"unix://{path}"
        listener.listen()
        super().__init__(listener)

    def hold(self) -> None:
        """Pass on nothing more of what containers print; the other requests go on."""
        self._held.set()

    def cut(self) -> None:
        """End attach connections at both ends, in order."""
        for each in self._attached:
            with contextlib.suppress(OSError):  # it may have ended before
                each.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Answer no new connection until :meth:`accept`, as if the engine were away."""
        self._refusing.set()

    def accept(self) -> None:
        """Pass new connections on again."""
        self._refusing.clear()

    def serve(self, client: socket.socket) -> None:
        if self._refusing.is_set():
            client.shutdown(socket.SHUT_RDWR)
            return
        engine = socket.socket(socket.AF_UNIX)
        engine.connect(self._upstream)
        request = client.recv(65536)
        engine.sendall(request)
        if b"/attach?" not in request.split(b"\r\n")[0]:
            self.relay(client, engine, lambda _: None)
            return
        self._sockets.append(engine)
        self._attached += [client, engine]
        self._start(self._pump, client, engine, lambda _: None)
        with contextlib.suppress(OSError):
            while (data := engine.recv(65536)) and not self._held.is_set():
                client.sendall(data)


class Cable(Relay):
    """A line over TCP to an address; it passes all bytes on and reads none of them.

    Args:
        target: the address.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        super().__init__(listener)

    def serve(self, client: socket.socket) -> None:
        self.relay(client, socket.create_connection(self._target), lambda _: None)


class TunnelProxy(Relay):
    """Takes CONNECT, and connects to ``target`` whatever it was asked for.

    Args:
        target: an address; without one, ``answer`` is all that it says.
        answer: to CONNECT.
    """

    def __init__(
        self,
        target: tuple[str, int] | None = None,
        answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n",
    ) -> None:
        self._target, self._reply = target, answer
        self.asked: list[tuple[str, str]] = []
        listener = socket.create_server(("127.0.0.1", 0))
        self.address = "{}:{}".format(*listener.getsockname())
        super().__init__(listener)

    def serve(self, client: socket.socket) -> None:
        request = receive_request(client)
        if request is None:
            return  # the client has left meanwhile
        self.asked.append((request.line, request.headers.get("proxy-authorization", "")))
        client.sendall(self._reply)
        if self._target is None:
            client.recv(1)
        else:
            self.relay(client, socket.create_connection(self._target), lambda _: None)
