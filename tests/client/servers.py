"""A server that answers exactly what a test wrote down.

One thread accepts, one answers each connection; all are joined by :meth:`ScriptedServer.close`.
Nothing in it sleeps: slow answers wait for the end of the connection.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

TIMEOUT: Final = 10.0
VERSION: Final = {"Version": "26.1.5", "ApiVersion": "1.45", "Components": [{"Name": "Engine"}]}


@dataclass(frozen=True)
class Request:
    """One request, as it came."""

    line: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(
    body: Any = b"", status: str = "200 OK", headers: Mapping[str, str] | None = None
) -> bytes:
    """Write a whole answer. A body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Length": str(len(content)), "Connection": "close", **(headers or {})}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + content


KEEP: Final = {"Connection": "keep-alive"}
PING: Final = answer(b"OK", headers={"Api-Version": "1.45"})


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket, ended: threading.Event) -> None:
        self._socket = connection
        self.ended = ended

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Send byte by byte, with a pause after each, until the other side hangs up."""
        for at in range(len(data)):
            self._socket.sendall(data[at : at + 1])
            if self.hung_up(seconds):
                return

    def repeat(self, data: bytes, seconds: float = 0.0) -> None:
        """Send it again and again, until the other side hangs up."""
        while True:
            self._socket.sendall(data)
            if seconds and self.hung_up(seconds):
                return

    def hung_up(self, seconds: float) -> bool:
        """Whether the other side hangs up within that time."""
        self._socket.settimeout(seconds)
        try:
            return not self._socket.recv(65536)
        except TimeoutError:
            return False
        finally:
            self._socket.settimeout(TIMEOUT)

    def wait_for_end(self) -> None:
        """Send nothing more until the other side hangs up."""
        while not self.hung_up(TIMEOUT):
            assert not self.ended.is_set(), "the client did not hang up"


Script = bytes | Callable[[Peer], object]
"""What is sent; a function that returns true keeps the connection open."""


class ScriptedServer:
    """Answers each path with the bytes, or by the function, that the test gives for it.

    Args:
        path: of its socket; ``None`` listens at a free port of 127.0.0.1.
        tls: the server's side of it, where connections are TLS.
        answers: by method and path without version and query, such as ``"GET /_ping"``. What is
            not there is answered with 404, except ``_ping`` and ``version``. After bytes that
            have ``keep-alive`` the connection stays open.
    """

    def __init__(
        self,
        path: Path | None = None,
        answers: Mapping[str, Script] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        if path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            scheme = "https" if tls else "tcp"
            self.url = "{}://{}:{}".format(scheme, *self._listener.getsockname())
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(path))
            self._listener.listen()
            self.url = f"unix://{path}"
        self.answers: dict[str, Script] = {
            "GET /_ping": PING,
            "GET /version": answer(VERSION),
            **(answers or {}),
        }
        self.reads_bodies = True
        self.requests: list[Request] = []
        self.dialled = 0
        self._ended = threading.Event()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="scripted server")]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def lines(self) -> list[str]:
        """The request lines, except those of the negotiation."""
        return [
            request.line
            for request in self.requests
            if not request.line.partition(" ")[2].startswith(("/_ping ", "/version "))
        ]

    def close(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive(), "the scripted server hangs"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.dialled += 1
            connection.settimeout(TIMEOUT)
            self._connections.append(connection)
            thread = threading.Thread(
                target=self._serve, args=(connection,), name="scripted connection"
            )
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        # The client may go at any time, and the end of a test take the TLS away.
        with connection, contextlib.suppress(OSError, ValueError):
            if self._tls is None:
                self._answer(connection)
                return
            try:
                secure = self._tls.wrap_socket(connection, server_side=True)
            except ssl.SSLError as error:
                self.dialled -= error.reason == "HTTP_REQUEST"  # a stranger, as below
                raise
            with secure:
                self._connections.append(secure)
                self._answer(secure)
                secure.setblocking(False)
                secure.unwrap()

    def _answer(self, connection: socket.socket) -> None:
        while (request := receive_request(connection, self.reads_bodies)) is not None:
            if request.headers.get("user-agent", "").startswith("Mozilla/"):
                # A page of another test tries its server again, which had this port.
                self.dialled -= 1
                return
            self.requests.append(request)
            if not self._goes_on(connection, request):
                return

    def _goes_on(self, connection: socket.socket, request: Request) -> bool:
        """Answer, and return whether the connection stays open for another request."""
        script = self.answers.get(self._route(request.line))
        if script is None:
            of_one = "/containers/" in request.line and "/containers/json" not in request.line
            what = "No such container" if of_one else "page not found"
            script = answer({"message": what}, "404 Not Found")
        if callable(script):
            return bool(script(Peer(connection, self._ended)))
        connection.sendall(script)
        return b"Connection: keep-alive\r\n" in script

    @staticmethod
    def _route(line: str) -> str:
        method, target, _ = line.split(" ")
        path = target.partition("?")[0]
        first, _, rest = path.removeprefix("/").partition("/")
        if first.startswith("v") and first[1:2].isdigit():
            path = "/" + rest
        return f"{method} {path}"


def receive_request(connection: socket.socket, reads_body: bool = True) -> Request | None:
    """Receive a request; ``None`` if the other side hangs up before it is complete."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)
    }
    if not reads_body:
        return Request(line, headers, body)
    if headers.get("transfer-encoding") == "chunked":
        return Request(line, headers, receive_chunks(connection, body))
    while len(body) < int(headers.get("content-length", "0")):
        piece = connection.recv(65536)
        if not piece:
            return None
        body += piece
    return Request(line, headers, body)


def receive_chunks(connection: socket.socket, data: bytes) -> bytes:
    """Receive a chunked body, of which ``data`` has come already; as much of it as comes."""
    body = b""
    while True:
        while b"\r\n" not in data or len(data) < int(data.partition(b"\r\n")[0], 16) + 4:
            if data.startswith(b"0\r\n\r\n") or not (piece := connection.recv(65536)):
                return body
            data += piece
        length, _, data = data.partition(b"\r\n")
        size = int(length, 16)
        if not size:
            return body
        body, data = body + data[:size], data[size + 2 :]


def dead_socket(path: Path) -> Path:
    """Make a socket file at which nothing listens any more."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    return path


def process_state(pid: int) -> str:
    """The letter of a process's state; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    return stat.rpartition(b")")[2].split()[0].decode()


def is_running(pid: int) -> bool:
    return process_state(pid) not in ("", "Z", "X")


def descriptors() -> int:
    """How many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
