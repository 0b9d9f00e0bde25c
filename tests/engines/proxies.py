"""A reverse proxy that does not know the upgrade, as many in front of engines do not."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from pathlib import Path
from typing import Self


class StrippingProxy:
    """Forwards connections to a unix socket, without the headers that ask for the upgrade.

    Args:
        path: of the socket to listen on.
        upstream: of the engine's.
    """

    def __init__(self, path: Path, upstream: str) -> None:
        self.url = f"unix://{path}"
        self.answers: list[bytes] = []
        self._upstream = upstream
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._start(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()
        for each in (self._listener, *self._sockets):
            each.close()

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                engine = socket.socket(socket.AF_UNIX)
                self._sockets += [client, engine]
                engine.connect(self._upstream)
                self._start(self._requests, client, engine)
                self._start(self._answers, engine, client)

    def _requests(self, client: socket.socket, engine: socket.socket) -> None:
        with contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                piece = client.recv(65536)
                if not piece:
                    return
                head += piece
            engine.sendall(re.sub(rb"(?im)^(connection|upgrade):.*\r\n", b"", head))
            _pump(client, engine)

    def _answers(self, engine: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            first = engine.recv(65536)
            self.answers.append(first.split(b"\r\n")[0])
            client.sendall(first)
            _pump(engine, client)


def _pump(source: socket.socket, target: socket.socket) -> None:
    while piece := source.recv(65536):
        target.sendall(piece)
    target.shutdown(socket.SHUT_WR)
