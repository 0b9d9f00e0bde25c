"""A TLS front for a unix socket, as socat or nginx would be, with nothing to install but openssl.

One thread accepts, one relays each connection; all are joined by :meth:`TlsFront.close`. An end of
either side is handed on as an end, so a half-close stays one.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Final, Self

TIMEOUT: Final = 20.0


def make_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, ``ca.pem``, and its ``key.pem``."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", "key.pem", "-out", "ca.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=TIMEOUT,
    )
    return folder / "ca.pem"


class TlsFront:
    """Listens at a free port of 127.0.0.1 and relays to a unix socket.

    Args:
        path: of the unix socket.
        folder: with ``ca.pem`` and ``key.pem``.
    """

    def __init__(self, path: str, folder: Path) -> None:
        self._path = path
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
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
                each.shutdown(socket.SHUT_RDWR)
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
