"""What strangers cost: the figures of SECURITY.md, as ``python -m benchmarks.attacks`` prints them.

Each attack runs in a process of its own for some seconds, and the worst that is seen meanwhile
counts. It is no part of ``make bench``: nothing is compared, and a busy machine is part of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.part import progress, table
from hyper_jupyter.api import client_for
from hyper_jupyter.client.responses import MAX_VALUES, Reply
from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page import link
from hyper_jupyter.widgets.page.listener import Listener
from tests.client.servers import ScriptedServer, answer
from tests.conftest import children
from tests.engine.behaviour.signatures.signed_engine import SignedEngine, signed_engine
from tests.engine.driver import UnixConnection
from tests.jupyter_server import Settings, jupyter_server
from tests.security import test_link, test_relay
from tests.widgets.pages import LinkedPage, RecordingReceiver

SECONDS = 6.0
MIB = 1 << 20

HOLD = """
import socket, sys, time
kind, where, data, number = sys.argv[1], sys.argv[2], eval(sys.argv[3]), int(sys.argv[4])
held = []
while True:
    sock = socket.socket(getattr(socket, kind))
    sock.settimeout(5)
    try:
        sock.connect(where if kind == "AF_UNIX" else ("127.0.0.1", int(where)))
        sock.setblocking(False)
        sock.send(data)
    except OSError:
        pass
    held.append(sock)
    if len(held) > number:
        held.pop(0).close()
"""
REPEAT = """
import socket, sys
where, data = sys.argv[2], eval(sys.argv[3])
while True:
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.connect(where)
        sock.sendall(data)
        while sock.recv(65536):
            pass
    except OSError:
        pass
    sock.close()
"""
UNSIGNED = "POST /v1.23/containers/create HTTP/1.1\\r\\nHost: x\\r\\n"
HELD = {
    "nothing": ("b''", 600),
    "heads of 64,000 bytes": (r"b'GET / HTTP/1.1\r\nX: ' + b'y' * 64000", 300),
    "bodies of 1 MB": (f"b'{UNSIGNED}Content-Length: 1000000\\r\\n\\r\\n' + b'x' * 1000000", 300),
}
REPEATED = {
    "170,000 chunks of one byte": (
        f"b'{UNSIGNED}Transfer-Encoding: chunked\\r\\n\\r\\n' + b'1\\r\\nx\\r\\n' * 170000"
    ),
    "5,000 requests at once": r"b'GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n' * 5000",
    "16,000 fields in a head": r"b'GET / HTTP/1.1\r\nHost: x\r\n' + b'a:\r\n' * 16000 + b'\r\n'",
}


@contextlib.contextmanager
def attack(script: str, *arguments: object) -> Iterator[None]:
    """Run a stranger's process."""
    stranger = subprocess.Popen(
        [sys.executable, "-P", "-c", script, *map(str, arguments)], stderr=subprocess.DEVNULL
    )
    try:
        yield
        assert stranger.poll() is None, "the attack has ended by itself"
    finally:
        stranger.kill()
        stranger.wait()


def memory(pid: int | str = "self") -> int:
    """Bytes that a process has in memory now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


class Watch:
    """The most memory and descriptors that a process has, from now on.

    Args:
        pid: of the process.
    """

    def __init__(self, pid: int | str = "self") -> None:
        self._pid = pid
        self._before = memory(pid)
        self._ended = threading.Event()
        self.most = self.files = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, memory(self._pid) - self._before)
            self.files = max(self.files, len(list(Path(f"/proc/{self._pid}/fd").iterdir())))

    def end(self) -> str:
        self._ended.set()
        self._thread.join()
        return f"{self.files} descriptors, {self.most / MIB:.0f} MiB more memory"


def worst(call: Callable[[], object]) -> float:
    """The longest that a call takes of those within ``SECONDS``."""
    found, until = 0.0, time.monotonic() + SECONDS
    while (began := time.monotonic()) < until:
        call()
        found = max(found, time.monotonic() - began)
    return found


def engine_rows() -> Iterator[tuple[str, str]]:
    def on_new_connection() -> None:
        nonlocal busy
        try:
            assert engine.call("GET", "/info").status == 200
        except BlockingIOError:  # too many wait to be accepted
            busy += 1

    for name, (data, number) in HELD.items():
        busy = 0
        with signed_engine() as engine:
            connection = UnixConnection(engine.path)
            in_time(engine, connection)  # proves itself
            assert engine.process is not None
            watch = Watch(engine.process.pid)
            with attack(HOLD, "AF_UNIX", engine.path, data, number):
                on_open = worst(lambda c=connection, e=engine: in_time(e, c))
                on_new = worst(on_new_connection)
            connection.close()
            said = f"{watch.end()}; a signed call takes {on_open:.2f} s on an open connection"
            said += f", {on_new:.2f} s on a new one"
            said += f"; {busy} were refused as busy" if busy else ""
            yield f"engine that requires signatures, {number} connections held with {name}", said
    for name, data in REPEATED.items():
        with signed_engine() as engine:
            connection = UnixConnection(engine.path)
            in_time(engine, connection)
            assert engine.process is not None
            watch = Watch(engine.process.pid)
            with attack(REPEAT, "AF_UNIX", engine.path, data):
                on_open = worst(lambda c=connection, e=engine: in_time(e, c))
            connection.close()
            yield (
                f"the same, {name}, again and again",
                f"{watch.end()}; a signed call takes {on_open:.2f} s on an open connection",
            )


def in_time(engine: SignedEngine, connection: UnixConnection) -> None:
    """A signed call on a connection that stays open."""
    target = "/v1.23/info"
    connection.request("GET", target, b"", engine.signed("GET", target, b"", {}))
    response = connection.getresponse()
    assert (response.status, bool(response.read())) == (200, True)


def client_rows() -> Iterator[tuple[str, str]]:
    most = 0
    for value, values in ((b'{"Id":"a"}', 2), (b"{}", 2), (b"[]", 2), (b'"ab"', 1), (b"1.5", 1)):
        reply = Reply(200, {}, b"[" + b",".join([value] * (MAX_VALUES // values - 1)) + b"]")
        tracemalloc.start()
        parsed = reply.json()
        most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        del parsed
    yield "client, an answer of a million values, the most that is taken", f"{most / MIB:.0f} MiB"
    rows = [{"Id": "a" * 64, "Names": ["/web"], "Image": "busybox", "Command": "sh"}] * 50_000
    many = b"[" + b",".join([b'{"Id":"a"}'] * 1_000_000) + b"]"
    with tempfile.TemporaryDirectory(prefix="hj-") as folder:
        path = Path(folder) / "s"
        with ScriptedServer(path, {"GET /containers/json": answer(json.dumps(rows).encode())}) as s:
            client = client_for(s.url)
            began = time.monotonic()
            assert len(client.containers()) == 50_000
            yield (
                "client, a list of 50,000 containers with few fields",
                f"{time.monotonic() - began:.1f} s",
            )
        path.unlink()
        with ScriptedServer(path, {"GET /containers/json": answer(many)}) as s:
            client = client_for(s.url)
            began = time.monotonic()
            with contextlib.suppress(ProtocolError):
                client.containers()
            seconds = time.monotonic() - began
            yield "client, a list of a million rows (10 MiB)", f"refused in {seconds:.2f} s"


def link_rows() -> Iterator[tuple[str, str]]:
    loop = Loop()
    listening = Listener(loop)
    receiver = RecordingReceiver()
    port, secret = listening.offer("session", receiver)
    offer: Any = {"port": port, "name": "session", "secret": secret, "relay": False}
    try:
        watch = Watch()
        refused = 0

        def connect() -> None:
            nonlocal refused
            try:
                page = LinkedPage(offer).prove()
            except Exception:  # noqa: BLE001 - it was ended before it proved itself
                refused += 1
                return
            assert receiver.next()[0] == "opened"
            page.socket.close()
            assert receiver.next()[0] == "closed"

        with attack(HOLD, "AF_INET", port, "b''", 600):
            seconds = worst(connect)
        said = f"{seconds:.2f} s; {watch.end()}"
        said += f"; {refused} had to try again" if refused else ""
        yield "direct link, 600 connections held: a page's handshake and proof", said
        held = test_link.proven(offer)
        assert receiver.next()[0] == "opened"
        watch = Watch()
        pings = test_link.Frame(test_link.Opcode.PING, b"x" * 125).serialize(mask=True) * 1000
        with held, contextlib.suppress(OSError):
            for _ in range(1000):
                held.sendall(pings)
        assert receiver.next()[0] == "closed"
        yield (
            "direct link, a proven page that sends pings and reads nothing",
            f"ended when {link.UNSENT // MIB} MiB wait; {watch.end().split(', ')[1]}",
        )
    finally:
        loop.close()


def relay_rows() -> Iterator[tuple[str, str]]:
    most = test_relay.server.MAX_MESSAGE
    largest = b"\x82\x7f" + most.to_bytes(8) + bytes(most)
    frames = {"64 KiB": (8, test_relay.FRAME), "16 MiB": (1, largest)}
    for name, (pages, frame) in frames.items():
        with tempfile.TemporaryDirectory() as folder:
            before = children()
            with jupyter_server(
                Settings(Path(folder)), test_relay.EXTENSION, test_relay.NO_COOKIE
            ) as running:
                test_relay.started(running)
                [pid] = children() - before
                flood(test_relay.Stranger, running, 1, test_relay.FRAME)  # what it loads once
                files = descriptors_of(pid)
                watch = Watch(pid)
                flood(test_relay.Stranger, running, pages, frame)
                said = watch.end().split(", ")[1]
                until = time.monotonic() + 10
                while descriptors_of(pid) > files and time.monotonic() < until:
                    time.sleep(0.1)
                left = max(0, descriptors_of(pid) - files)
                yield (
                    f"server extension, pages that read nothing: {pages}, messages of {name}",
                    f"{said}; {left} descriptors are left when the pages are gone",
                )


def descriptors_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def flood(make: Any, running: Any, pages: int, frame: bytes) -> None:
    strangers = [make() for _ in range(pages)]
    opened = [test_relay.page_of(running, stranger.port) for stranger in strangers]
    socks = [stranger.take() for stranger in strangers]
    for sock in socks:
        sock.settimeout(1)
        with contextlib.suppress(TimeoutError, OSError):
            for _ in range(4096):
                sock.sendall(frame)
    for page in opened:
        page.socket.shutdown(socket.SHUT_RDWR)
        page.close()
    for sock, stranger in zip(socks, strangers, strict=True):
        sock.close()
        stranger.door.close()


def main() -> int:
    load = os.getloadavg()[0]
    rows = []
    for part in (engine_rows, client_rows, link_rows, relay_rows):
        for row in part():
            progress(" | ".join(row))
            rows.append(row)
    version = platform.python_version()
    print(
        f"CPython {version}, {len(os.sched_getaffinity(0))} processors, load {load:.1f} at the "
        f"beginning and {os.getloadavg()[0]:.1f} at the end, {SECONDS:.0f} s for each attack.\n"
    )
    print(table(("what", "worst seen"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
