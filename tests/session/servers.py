"""An engine that answers attach with whatever bytes a test wants.

One thread per connection; all end with :meth:`ScriptedEngine.close`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

IDENTIFIER = "0123456789ab" * 5 + "cdef"
HEAD_101 = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
REFUSED = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nbusy"
HEAD_200 = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


class Peer:
    """The engine's end of one attach connection."""

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self.socket = connection
        head, _, self.early = request.partition(b"\r\n\r\n")
        self.request = head
        self.request_line = head.split(b"\r\n")[0].decode()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Byte by byte, with a pause behind each, until the other side goes."""
        for at in range(len(data)):
            self.send(data[at : at + 1])
            if self.hung_up(seconds):
                return

    def repeat(self, data: bytes, seconds: float = 0.0) -> None:
        """Again and again, until the other side goes."""
        while True:
            self.send(data)
            if seconds and self.hung_up(seconds):
                return

    def hung_up(self, seconds: float) -> bool:
        """Whether the other side goes within that time."""
        self.socket.settimeout(seconds)
        try:
            return not self.socket.recv(65536)
        except TimeoutError:
            return False
        finally:
            self.socket.settimeout(None)

    def cut(self) -> None:
        """End the connection below TLS, which then has no end."""
        socket.socket.shutdown(self.socket, socket.SHUT_RDWR)

    def receive(self, size: int) -> bytes:
        """Exactly so many bytes, fewer only at the end."""
        data = self.early[:size]
        self.early = self.early[size:]
        while len(data) < size and (piece := self.socket.recv(size - len(data))):
            data += piece
        return data

    def wait_for_end(self) -> bytes:
        """All that comes until the other side is done."""
        data = self.early
        with contextlib.suppress(OSError):
            while piece := self.socket.recv(65536):
                data += piece
        return data


def sends(
    *pieces: bytes, before: Callable[[Peer], bytes] = lambda _: b""
) -> Callable[[Peer], None]:
    """A script that sends these bytes and closes.

    Args:
        pieces: each by itself.
        before: makes what is glued to the front of the first.
    """

    def script(peer: Peer) -> None:
        first, *rest = pieces or (b"",)
        peer.send(before(peer) + first)
        for piece in rest:
            peer.send(piece)

    return script


def stays(
    *pieces: bytes, before: Callable[[Peer], bytes] = lambda _: b""
) -> Callable[[Peer], None]:
    """The same, but the server waits for the client to go."""

    def script(peer: Peer) -> None:
        sends(*pieces, before=before)(peer)
        peer.wait_for_end()

    return script


class Lives:
    """An attach script with something else for each connection; each waits for its end.

    Attributes:
        peers: the connections so far.
    """

    def __init__(self, *scripts: bytes) -> None:
        self.peers: list[Peer] = []
        self._scripts = scripts
        self._lock = threading.Lock()

    def __call__(self, peer: Peer) -> None:
        with self._lock:
            script = self._scripts[min(len(self.peers), len(self._scripts) - 1)]
            self.peers.append(peer)
        peer.send(script)
        peer.wait_for_end()


class _ClosingSocket(ssl.SSLSocket):
    """Closes itself where the client has reset the connection before it is wrapped.

    The one that could not be wrapped has no other owner: ``wrap_socket`` raises.
    """

    def recv(self, *arguments: Any) -> bytes:
        try:
            return super().recv(*arguments)
        except OSError as error:
            if error.errno == errno.ECONNRESET:
                self.close()
            raise

    def getpeername(self) -> Any:
        try:
            return super().getpeername()
        except OSError as error:
            if error.errno != errno.ENOTCONN:
                self.close()
            raise


class ScriptedEngine:
    """Answers calls like an engine with one running container, and attach by a script.

    Args:
        path: of the socket; or one that is bound already.
        attach: called with each attach connection, in its thread; the connection is closed when
            it returns, with TLS's own end unless it was cut.
        config: of the container, over ``OpenStdin`` and so on.
        tls: the server's side of it, where connections are TLS.

    Attributes:
        url: its address.
        log: called with each connection that asks for the log, as for attach; ``None`` has none.
        events: what it has kept: each is the answer to every request for events.
        options: what ``client_for`` needs to know besides.
    """

    def __init__(
        self,
        path: Path | socket.socket,
        attach: Callable[[Peer], None],
        config: dict[str, Any] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        if tls is not None:
            tls.sslsocket_class = _ClosingSocket
        self.options: dict[str, Any] = {}
        self.events: list[dict[str, Any]] = []
        self.log: Callable[[Peer], None] | None = None
        if isinstance(path, socket.socket):
            self._listener = path
            scheme = "https" if tls else "tcp"
            self.url = "{}://{}:{}".format(scheme, *path.getsockname())
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self.url = f"unix://{path}"
        self.state: dict[str, Any] = {"Status": "running", "Running": True, "ExitCode": 0}
        self.requests: list[str] = []
        self._requested = threading.Condition()
        self.ended = threading.Event()
        self._config = {"Tty": False, "OpenStdin": True, "StdinOnce": False, "Image": "scripted"}
        self._config.update(config or {})
        self._attach = attach
        self._listener.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def exit(self, code: int) -> None:
        """The container's process ends."""
        self.state.update(Status="exited", Running=False, ExitCode=code)
        self.ended.set()

    def happened(self, action: str, at: float, code: int | None = None) -> None:
        """Keep an event of its container."""
        attributes = {} if code is None else {"exitCode": str(code)}
        actor = {"ID": IDENTIFIER, "Attributes": attributes}
        nanoseconds = int(at * 1e9)
        self.events.append(
            {"Type": "container", "Action": action, "Actor": actor, "timeNano": nanoseconds}
        )

    def await_requests(self, part: str, times: int) -> None:
        """Return when so many requests have come whose first line has this part."""
        with self._requested:
            assert self._requested.wait_for(
                lambda: sum(part in line for line in self.requests) >= times, 10
            ), self.requests

    def close(self) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # The client may go at any time, and the end of a test take the TLS away.
        with connection, contextlib.suppress(OSError, ValueError):
            if self._tls is None:
                self._converse(connection)
                return
            # The handshake apart: a socket that fails in it is closed then, too.
            with self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            ) as secure:
                self._connections.append(secure)
                secure.do_handshake()
                self._converse(secure)
                secure.setblocking(False)
                secure.unwrap()

    def _converse(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                piece = connection.recv(65536)
                if not piece:
                    return
                request += piece
            peer = Peer(connection, request)
            with self._requested:
                self.requests.append(peer.request_line)
                self._requested.notify_all()
            path = peer.request_line.split(" ")[1].partition("?")[0]
            if "/attach?logs=0&stream=0&stdin=0&stdout=0" in peer.request_line:
                # Whether upgrades get through: the one that is tried does not.
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            elif path.endswith(("/attach", "/attach/ws")):
                self._attach(peer)
            elif path.endswith("/wait"):
                connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                self.ended.wait()
                if not self.state["Running"]:
                    body = json.dumps({"StatusCode": self.state["ExitCode"]}).encode()
                    connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
            elif path.endswith("/logs") and self.log is not None:
                self.log(peer)
            elif path.endswith("/events") and self.events:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                connection.sendall(b"".join(json.dumps(e).encode() + b"\n" for e in self.events))
            elif path.endswith("/json"):
                self._answer(connection, self._inspected())
            elif path.endswith("/version"):
                self._answer(connection, {"Version": "1.0", "ApiVersion": "1.41"})
            else:
                self._answer(connection, {})

    def _inspected(self) -> Any:
        return {
            "Id": IDENTIFIER,
            "Name": "/scripted",
            "Config": self._config,
            "State": self.state,
        }

    def _answer(self, connection: socket.socket, value: Any) -> None:
        body = json.dumps(value).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
        )


class MoodyEngine(ScriptedEngine):
    """Its inspect takes its time, or is refused, as long as a test wants."""

    held: threading.Event | None = None  # it waits for this
    refusals = 0
    refusal = REFUSED
    refused: threading.Event
    answer: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.refused = threading.Event()
        super().__init__(*arguments)

    def _answer(self, connection: Any, value: Any) -> None:
        if "Id" in value:
            if self.held is not None:
                self.held.wait(40)
            if self.refusals:
                self.refusals -= 1
                self.refused.set()
                connection.sendall(self.refusal)
                return
            value = value if self.answer is None else self.answer
        super()._answer(connection, value)
