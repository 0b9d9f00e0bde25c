"""A client of the engine over its socket, made of blocking sockets alone.

Any thread. Everything has a deadline, so a test that goes wrong fails instead of hanging.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hyper_jupyter.protocol import EndOfStream, FrameDecoder, Output

TIMEOUT = 10.0

UPGRADED = (
    b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
UPGRADED_FRAMED = UPGRADED.replace(b"raw-stream", b"multiplexed-stream")
NOT_UPGRADED = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


def until(condition: Callable[[], Any], what: str) -> Any:
    """Poll for a condition that no event announces."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"not within {TIMEOUT} s: {what}")


@dataclass(frozen=True)
class Reply:
    """An HTTP response."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("engine", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = dial(self._path)


def dial(path: str) -> socket.socket:
    connected = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connected.settimeout(TIMEOUT)
    connected.connect(path)
    return connected


class Stream:
    """A hijacked connection: its head, then bytes."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.head = b""
        self.data = b""
        while b"\r\n\r\n" not in self.head:
            piece = connected.recv(65536)
            if not piece:
                break
            self.head += piece
        self.head, separator, self.data = self.head.partition(b"\r\n\r\n")
        self.head += separator

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()

    def read_until(self, wanted: bytes, times: int = 1) -> bytes:
        """Return all bytes so far, as soon as `wanted` occurs in them so many times."""
        while self.data.count(wanted) < times:
            piece = self.socket.recv(65536)
            assert piece, f"the stream ended without {wanted!r}: {self.data[-300:]!r}"
            self.data += piece
        return self.data

    def read_all(self) -> bytes:
        """Return all bytes to the end of the stream."""
        while piece := self.socket.recv(1 << 20):
            self.data += piece
        return self.data

    def is_open(self, within: float = 0.2) -> bool:
        """Whether no end comes in that time: no event announces that a stream stays open."""
        self.socket.settimeout(within)
        try:
            piece = self.socket.recv(65536)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(TIMEOUT)
        self.data += piece
        return bool(piece)

    def outputs(self) -> tuple[bytes, bytes]:
        """Return stdout and stderr to the end of the stream, which must be whole frames."""
        return demultiplex(self.read_all())


def demultiplex(data: bytes) -> tuple[bytes, bytes]:
    decoder = FrameDecoder()
    sides = {1: b"", 2: b""}
    joined: dict[int, list[bytes]] = {1: [], 2: []}
    for event in decoder.receive_data(data):
        assert isinstance(event, Output), event
        joined[event.stream].append(event.data)
    assert decoder.receive_eof() == EndOfStream(truncated=False)
    sides = {stream: b"".join(parts) for stream, parts in joined.items()}
    return sides[1], sides[2]


def frame_sizes(data: bytes) -> list[int]:
    sizes = []
    while data:
        sizes.append(int.from_bytes(data[4:8], "big"))
        data = data[8 + sizes[-1] :]
    return sizes


class Engine:
    """An engine to talk to; `prefix` is the API version of all calls."""

    image = "host"

    def __init__(self, path: str, process: subprocess.Popen[bytes] | None = None) -> None:
        self.path = path
        self.process = process
        self.prefix = "/v1.45"
        self.created: list[str] = []
        self.dialled: list[socket.socket] = []

    def dial(self) -> socket.socket:
        """Return a connection that the test may leave open."""
        self.dialled.append(dial(self.path))
        return self.dialled[-1]

    def hang_up(self) -> None:
        for connected in self.dialled:
            connected.close()
        self.dialled.clear()

    def call(self, method: str, path: str, body: Any = None, *, prefix: str | None = None) -> Reply:
        connection = UnixConnection(self.path)
        headers = {} if body is None else {"Content-Type": "application/json"}
        text = None if body is None else json.dumps(body)
        full = (self.prefix if prefix is None else prefix) + path
        try:
            connection.request(method, full, text, headers)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    @contextmanager
    def streaming(self, method: str, path: str) -> Iterator[http.client.HTTPResponse]:
        """Give a response whose head has come and whose body may take time."""
        connection = UnixConnection(self.path)
        try:
            connection.request(method, self.prefix + path)
            with connection.getresponse() as response:
                yield response
        finally:
            connection.close()

    @property
    def _without_network(self) -> dict[str, Any]:
        """What makes a container of a real engine start sooner."""
        return {} if self.image == "host" else {"NetworkMode": "none"}

    def create(
        self,
        *argv: str,
        name: str = "",
        tty: bool = False,
        stdin: bool = False,
        once: bool = False,
        host: dict[str, Any] | None = None,
        **config: Any,
    ) -> str:
        body = {
            "Image": self.image,
            "Cmd": list(argv),
            "Tty": tty,
            "OpenStdin": stdin,
            "StdinOnce": once,
            "HostConfig": {**self._without_network, **(host or {})},
            **config,
        }
        query = f"?name={name}" if name else ""
        reply = self.call("POST", f"/containers/create{query}", body)
        assert reply.status == 201, reply.body
        container = str(reply.json["Id"])
        self.created.append(container)
        return container

    def start(self, container: str) -> None:
        reply = self.call("POST", f"/containers/{container}/start")
        assert reply.status == 204, reply.body

    def run(self, *argv: str, **options: Any) -> str:
        container = self.create(*argv, **options)
        self.start(container)
        return container

    def sh(self, script: str, **options: Any) -> str:
        return self.run("sh", "-c", script, **options)

    def inspect(self, container: str) -> dict[str, Any]:
        reply = self.call("GET", f"/containers/{container}/json")
        assert reply.status == 200, reply.body
        result: dict[str, Any] = reply.json
        return result

    def status(self, container: str) -> str:
        return str(self.inspect(container)["State"]["Status"])

    def wait(self, container: str, condition: str = "not-running") -> int:
        reply = self.call("POST", f"/containers/{container}/wait?condition={condition}")
        assert reply.status == 200, reply.body
        return int(reply.json["StatusCode"])

    def kill(self, container: str, signal: str = "KILL") -> None:
        reply = self.call("POST", f"/containers/{container}/kill?signal={signal}")
        assert reply.status == 204, reply.body

    def remove(self, container: str) -> None:
        self.call("DELETE", f"/containers/{container}?force=1")

    def logs(self, container: str, query: str = "stdout=1&stderr=1") -> bytes:
        reply = self.call("GET", f"/containers/{container}/logs?{query}")
        assert reply.status == 200, reply.body
        return reply.body

    def wait_for_log(
        self, container: str, *wanted: bytes, size: int = 0, query: str = "stdout=1&stderr=1"
    ) -> None:
        """Follow the log until its text holds all of `wanted` and has as many bytes as `size`.

        Something is wanted as many times as it is given.
        """
        decoder = None if self.inspect(container)["Config"]["Tty"] else FrameDecoder()
        path = f"/containers/{container}/logs?{query}&follow=1"
        with self.streaming("GET", path) as response:
            data = b""
            while len(data) < size or any(
                data.count(each) < wanted.count(each) for each in set(wanted)
            ):
                piece = response.read1(1 << 20)
                assert piece, f"the log ended: {data[-300:]!r}"
                if decoder is None:
                    data += piece
                else:
                    data += b"".join(
                        event.data
                        for event in decoder.receive_data(piece)
                        if isinstance(event, Output)
                    )

    def wait_for_event(self, container: str, action: str) -> None:
        """Wait until `action` happens to a container, or return at once if it has happened."""
        filters = quote(json.dumps({"container": [container], "event": [action]}))
        with self.streaming("GET", f"/events?since=1&filters={filters}") as events:
            assert json.loads(events.readline())["id"] == container

    def events_of(self, container: str) -> list[dict[str, Any]]:
        """Return the events of a container until now."""
        filters = quote(json.dumps({"container": [container]}))
        now = f"{time.time():.6f}"
        reply = self.call("GET", f"/events?since=1&until={now}&filters={filters}")
        return [json.loads(line) for line in reply.body.splitlines()]

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Let the engine handle what has reached it: its loop turns at least once per answer.

        The connection that asks stays open in the block, so that it counts the same each time.
        """
        with dial(self.path) as connected:
            for _ in range(25):
                connected.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = b""
                while not answer.endswith(b"\r\n\r\nOK"):
                    piece = connected.recv(65536)
                    assert piece, answer
                    answer += piece
            yield

    def let_it_settle(self) -> None:
        """Let the engine handle what has reached it."""
        with self.settled():
            pass

    def attach(
        self,
        container: str,
        query: str = "stream=1&stdin=1&stdout=1&stderr=1",
        *,
        upgrade: bool = True,
        prefix: str | None = None,
        trailing: bytes = b"",
    ) -> Stream:
        path = f"{self.prefix if prefix is None else prefix}/containers/{container}/attach?{query}"
        return self.hijack("POST", path, b"", upgrade=upgrade, trailing=trailing)

    def hijack(
        self, method: str, path: str, body: bytes, *, upgrade: bool = True, trailing: bytes = b""
    ) -> Stream:
        lines = [f"{method} {path} HTTP/1.1", "Host: engine", f"Content-Length: {len(body)}"]
        if body:
            lines.append("Content-Type: application/json")
        if upgrade:
            lines += ["Connection: Upgrade", "Upgrade: tcp"]
        connected = self.dial()
        connected.sendall("\r\n".join([*lines, "", ""]).encode() + body + trailing)
        return Stream(connected)

    def raw(self, data: bytes) -> bytes:
        """Send bytes as they are; return what comes back, to the end."""
        with dial(self.path) as connected:
            connected.sendall(data)
            answer = b""
            while piece := connected.recv(65536):
                answer += piece
            return answer

    def exec(self, container: str, *argv: str, **config: Any) -> str:
        body = {"Cmd": list(argv), "AttachStdout": True, "AttachStderr": True, **config}
        reply = self.call("POST", f"/containers/{container}/exec", body)
        assert reply.status == 201, reply.body
        return str(reply.json["Id"])

    def exec_start(self, execution: str, *, tty: bool = False, upgrade: bool = True) -> Stream:
        body = json.dumps({"Detach": False, "Tty": tty}).encode()
        return self.hijack("POST", f"{self.prefix}/exec/{execution}/start", body, upgrade=upgrade)

    def exec_code(self, execution: str) -> int | None:
        code: int | None = self.call("GET", f"/exec/{execution}/json").json["ExitCode"]
        return code

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(TIMEOUT)


def start_engine(path: Path, *arguments: str, **options: Any) -> Engine:
    """Start an engine process that listens at `path`."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "hyper_jupyter.engine", "--socket", str(path), *arguments],
        stdout=subprocess.PIPE,
        **options,
    )
    assert process.stdout is not None
    with process.stdout as stdout:
        assert stdout.readline() == b"ready\n"
    return Engine(str(path), process)


def other_engine() -> Engine | None:
    """Return the real engine that the environment names to compare with, if any."""
    given = os.environ.get("HYPER_JUPYTER_COMPARE_WITH")  # unix:///path,image
    if not given:
        return None
    path, _, image = given.removeprefix("unix://").partition(",")
    engine = Engine(path)
    engine.image = image or "busybox"
    return engine


def header(name: str, head: bytes) -> str | None:
    match = re.search(rb"(?im)^" + name.encode() + rb":[ ]*(.*?)\r$", head)
    return match[1].decode() if match else None
