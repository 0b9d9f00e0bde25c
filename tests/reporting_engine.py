"""An engine that reports: statistics and events, as a test says. Threads of this process.

It has containers by name. Each request for readings or events stays open, and gets what
:meth:`ReportingEngine.read` and :meth:`ReportingEngine.happen` are given.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

PATIENCE: Final = 30.0
HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
TOTAL: Final = 8 << 30


def identifier(name: str) -> str:
    """A container's id: its name in hexadecimal, filled up."""
    return name.encode().hex().ljust(64, "0")


class ReportingEngine:
    """Serves containers at a port of the loopback interface.

    Attributes:
        url: its address.
        states: of its containers, by name.
        requests: the first line of each request.
        refusals: status and message by path, for requests that are refused.
    """

    def __init__(self, *names: str) -> None:
        self.states: dict[str, str] = dict.fromkeys(names, "running")
        self.requests: list[str] = []
        self.refusals: dict[str, tuple[int, str]] = {}
        self.past: list[dict[str, Any]] = []
        self._usage: dict[str, tuple[float, float]] = {}  # last time and processor seconds, by name
        self._open: list[tuple[str, dict[str, list[str]], socket.socket]] = []
        self._changed = threading.Condition()
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0
        self.listen()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def listen(self) -> None:
        """Begin to serve, at the port that it had before."""
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.engine = self
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        """End all connections, and serve no more."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self.cut("")
        self._server.server_close()
        self._thread.join()
        self._server = None

    # -- what a test does -----------------------------------------------------------------

    def set_state(self, name: str, state: str, action: str) -> None:
        """A container is in another state, and an event says so. ``""`` removes it."""
        if state:
            self.states[name] = state
        else:
            del self.states[name]
        self.happen(action, name)

    def happen(self, action: str, name: str, kind: str = "container", **attributes: str) -> None:
        """Send an event to all that listen."""
        now = time.time_ns()
        event = {
            "Type": kind,
            "Action": action,
            "Actor": {"ID": identifier(name), "Attributes": {"name": name, **attributes}},
            "time": now // 10**9,
            "timeNano": now,
        }
        with self._changed:
            self.past.append(event)
            self.send("/events", event)

    def read(self, name: str, cpu: float = 0.0, memory: int = 1 << 20, **more: Any) -> None:
        """Send a reading to all that have asked for it.

        Each is a second after the one before, by the times in it; ``cpu`` is in percent.
        """
        before, used = self._usage.get(name, (time.time() - 120, 5.0))
        self._usage[name] = before + 1, used + cpu / 100
        value = reading(name, (before, used), self._usage[name], memory)
        self.send(stats_path(name), value | more)

    def send(self, path: str, value: Any, *, raw: bytes | None = None) -> None:
        """Send a line to the requests that are open there."""
        line = _chunk(value) if raw is None else b"%x\r\n%s\r\n" % (len(raw), raw)
        with self._changed:
            for at, _, connection in self._open:
                if at == path:
                    with contextlib.suppress(OSError):
                        connection.sendall(line)

    def cut(self, path: str) -> None:
        """End the open requests of a path; of all if it is empty."""
        with self._changed:
            for at, _, connection in self._open:
                if not path or at == path:
                    with contextlib.suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)

    def end(self, path: str) -> None:
        """End the open requests of a path in order."""
        with self._changed:
            for at, _, connection in self._open:
                if at == path:
                    with contextlib.suppress(OSError):
                        connection.sendall(b"0\r\n\r\n")
                        connection.shutdown(socket.SHUT_RDWR)

    def open_paths(self) -> list[str]:
        """The paths of the requests that are open, in the order in which they came."""
        with self._changed:
            return [path for path, _, _ in self._open]

    def queries(self, path: str) -> list[dict[str, list[str]]]:
        """The queries of the requests that are open there."""
        with self._changed:
            return [query for at, query, _ in self._open if at == path]

    def await_open(self, path: str, count: int = 1) -> None:
        """Return when so many requests are open there."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: [at for at, _, _ in self._open].count(path) == count, PATIENCE
            ), (path, self.requests)

    def await_requests(self, part: str, times: int) -> None:
        """Return when so many requests have come whose first line has this part."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(part in line for line in self.requests) >= times, PATIENCE
            ), self.requests

    # -- what the server does ---------------------------------------------------------------

    def note(self, line: str) -> None:
        with self._changed:
            self.requests.append(line)
            self._changed.notify_all()

    def rows(self, *, everything: bool) -> list[dict[str, Any]]:
        return [
            {"Id": identifier(name), "Names": [f"/{name}"], "Image": "busybox", "State": state}
            for name, state in reversed(list(self.states.items()))
            if everything or state in ("running", "paused")
        ]

    @contextlib.contextmanager
    def keep(
        self, path: str, query: dict[str, list[str]], connection: socket.socket
    ) -> Iterator[None]:
        """Answer a request with what has been, and keep it open for what comes."""
        entry = (path, query, connection)
        with self._changed:
            connection.sendall(HEAD + b"".join(map(_chunk, self._since(query))))
            self._open.append(entry)
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._open.remove(entry)
                self._changed.notify_all()

    def _since(self, query: dict[str, list[str]]) -> list[dict[str, Any]]:
        """The events of the past that a request is about."""
        if "since" not in query or "until" in query:
            return []
        return [event for event in self.past if event["timeNano"] / 1e9 >= float(query["since"][0])]


def stats_path(name: str) -> str:
    return f"/containers/{identifier(name)}/stats"


def reading(
    name: str, before: tuple[float, float], now: tuple[float, float], memory: int
) -> dict[str, Any]:
    """A reading as Docker has it, of a machine with one processor."""
    return {
        "id": identifier(name),
        "name": f"/{name}",
        "read": _date(now[0]),
        "preread": _date(before[0]),
        "cpu_stats": {"cpu_usage": {"total_usage": round(now[1] * 1e9)}, "online_cpus": 1},
        "precpu_stats": {"cpu_usage": {"total_usage": round(before[1] * 1e9)}, "online_cpus": 1},
        "memory_stats": {"usage": memory, "limit": TOTAL, "stats": {"inactive_file": 0}},
        "networks": {"eth0": {"rx_bytes": 1500, "tx_bytes": 700}},
        "blkio_stats": {"io_service_bytes_recursive": [{"op": "read", "value": 4096}]},
        "pids_stats": {"current": 3},
    }


def _chunk(value: Any) -> bytes:
    """A line of JSON, as a chunk of the body."""
    line = json.dumps(value).encode() + b"\n"
    return b"%x\r\n%s\r\n" % (len(line), line)


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


class _Server(ThreadingHTTPServer):
    engine: ReportingEngine
    block_on_close = True
    daemon_threads = False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        engine = self.server.engine
        engine.note(self.requestline)
        self.close_connection = True
        parts = urlsplit(self.path)
        path, query = parts.path, parse_qs(parts.query)
        if path.startswith("/v1."):
            path = path[path.index("/", 1) :]
        if path in engine.refusals:
            status, message = engine.refusals[path]
            self._answer({"message": message}, status)
        elif path == "/events" or path.endswith("/stats"):
            self._stream(engine, path, query)
        elif path == "/containers/json":
            self._answer(engine.rows(everything=query.get("all") == ["1"]))
        elif path.endswith("/json"):
            self._inspect(engine, path.split("/")[2])
        elif path == "/version":
            self._answer({"Version": "26.1.5", "ApiVersion": "1.45", "MinAPIVersion": "1.24"})
        else:
            self._answer({})

    def _inspect(self, engine: ReportingEngine, name: str) -> None:
        for known in engine.states:
            if name in (known, identifier(known)):
                self._answer({"Id": identifier(known), "Name": f"/{known}"})
                return
        self._answer({"message": f"No such container: {name}"}, 404)

    def _stream(self, engine: ReportingEngine, path: str, query: dict[str, list[str]]) -> None:
        # The client may go at any time.
        with contextlib.suppress(OSError), engine.keep(path, query, self.connection):
            while self.connection.recv(65536):
                pass

    def _answer(self, value: Any, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Api-Version", "1.45")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Be silent."""
