"""A TLS front for a unix socket, as socat or nginx would be.

One thread accepts, one relays each connection; all are joined by :meth:`TlsFront.close`. An end of
either side is handed on as an end, so a half-close stays one.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from typing import Final, Self

TIMEOUT: Final = 20.0


class TlsFront:
    """Listens at a free port of 127.0.0.1 and relays to a unix socket.

    Args:
        path: of the unix socket.
        context: of the server's side.
    """

    def __init__(self, path: str, context: ssl.SSLContext) -> None:
        self._path = path
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "https://{}:{}".format(*self._listener.getsockname())
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="tls front")]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End everything."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own, which takes TLS away from the thread that is at it.
                socket.socket.shutdown(each, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive(), "the TLS front hangs"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), name="tls connection")
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(TIMEOUT)
        with (
            client,
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX) as engine,
            self._context.wrap_socket(client, server_side=True) as protected,
        ):
            engine.connect(self._path)
            self._sockets += [protected, engine]
            protected.setblocking(False)
            _relay(protected, engine)


def _relay(protected: ssl.SSLSocket, engine: socket.socket) -> None:
    """Until the engine's end, or for as long as the client is there."""
    typing = True
    while True:
        waiting = [engine, protected] if typing else [engine]
        ready, _, _ = select.select(waiting, [], [], 0 if protected.pending() else None)
        if protected in ready or (typing and protected.pending()):
            try:
                data = protected.recv(65536)
            except ssl.SSLWantReadError:
                pass
            else:
                if data:
                    engine.sendall(data)
                else:
                    typing = False
                    engine.shutdown(socket.SHUT_WR)
        if engine in ready:
            data = engine.recv(65536)
            if not data:
                with contextlib.suppress(ssl.SSLError):
                    protected.unwrap()  # says that it is the end
                return
            _send(protected, data)


def _send(protected: ssl.SSLSocket, data: bytes) -> None:
    while data:
        try:
            data = data[protected.send(data) :]
        except ssl.SSLWantWriteError:
            select.select([], [protected], [], TIMEOUT)
