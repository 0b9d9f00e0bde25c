"""The embedded engine's socket is its user's alone, and takes only so much from anybody."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.frames import Close, Opcode

from hyper_jupyter.client.transport import embedded
from hyper_jupyter.client.transport.embedded import stop_embedded_engine
from tests.client.conftest import client_of
from tests.client.conftest import folder as folder  # noqa: PLC0414 - a fixture
from tests.engine.behaviour.websocket.peer import attach
from tests.engine.conftest import engine as engine  # noqa: PLC0414 - a fixture
from tests.engine.conftest import running_engine as running_engine  # noqa: PLC0414 - a fixture
from tests.engine.driver import TIMEOUT, Engine

of_this_user_alone = pytest.mark.claim(
    "The embedded engine's socket has mode 600, is in a folder of yours with mode 700, and "
    "refuses connections of other users."
)
refused = pytest.mark.claim(
    "The engine refuses malformed paths, heads over 64 KiB, and bodies and WebSocket messages "
    "over 1 MiB, except archives: they may have any size, and go to the disk."
)


@pytest.fixture
def runtime_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where ``local:`` makes its engine's own folder."""
    stop_embedded_engine()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    stop_embedded_engine()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "hyper_jupyter.engine", *arguments],
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip


@of_this_user_alone
def test_the_socket_is_this_user_s_alone(engine: Engine) -> None:
    assert Path(engine.path).stat().st_mode & 0o777 == 0o600


@of_this_user_alone
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_other_users_are_refused_even_where_the_socket_is_open(engine: Engine) -> None:
    path = Path(engine.path)
    path.parent.chmod(0o755)
    path.chmod(0o666)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setuid(65534)
            with socket.socket(socket.AF_UNIX) as connected:
                connected.connect(str(path))
                connected.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                os.write(write, b"answer:" + connected.recv(1000))
        except OSError:
            os.write(write, b"refused")
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as result:
        assert result.read() in (b"refused", b"answer:")
    os.waitpid(child, 0)
    path.chmod(0o600)


@pytest.mark.claim(
    "The socket is put only where nobody else can exchange it: every folder on the way belongs to "
    "you or root, and others may not write to it, sticky ones above excepted; links are followed "
    "by the same rules."
)
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a folder away")
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    os.chown(folder, 65534, 65534)
    refused = run("--socket", str(folder / "s"))
    os.chown(folder, 0, 0)
    assert refused.returncode == 2
    assert "belongs to user 65534" in refused.stderr


@of_this_user_alone
def test_the_socket_is_in_a_folder_that_nobody_else_may_enter(runtime_folder: Path) -> None:
    client_of("local:")
    assert embedded._running is not None
    path = Path(embedded._running.socket_path)
    assert path.parent.parent == runtime_folder
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


MALFORMED = (b"/containers/\x00/json", b"/containers/%zz/json", b"/a b", b"/\xff", b"")
END = b"Connection: close\r\n\r\n"
LONG = b"y" * (64 * 1024)
MUCH = (1 << 20) + 1
REFUSED = {
    **{repr(path): (b"GET %s HTTP/1.1\r\nHost: x\r\n" % path + END, b"400") for path in MALFORMED},
    "a long field": (b"GET /_ping HTTP/1.1\r\nHost: x\r\nX: " + LONG + b"\r\n\r\n", b"431"),
    "many fields": (b"GET /_ping HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 11_000 + b"\r\n", b"431"),
    "a long path": (b"GET /" + LONG + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
    "a large body": (
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % MUCH
        + b"x" * MUCH,
        b"413",
    ),
    "a large body in chunks": (
        b"POST /containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"%x\r\n" % MUCH + b"x" * MUCH,
        b"413",
    ),
}  # fmt: skip


@refused
@pytest.mark.parametrize("name", REFUSED)
def test_the_engine_refuses_malformed_and_oversized_requests(engine: Engine, name: str) -> None:
    request, status = REFUSED[name]
    connected = engine.dial()
    sender = threading.Thread(target=try_send, args=(connected, request))
    sender.start()
    said = b""
    with contextlib.suppress(ConnectionResetError):  # it closed with our bytes unread
        while piece := connected.recv(65536):
            said += piece
    sender.join()
    assert said.startswith(b"HTTP/1.1 " + status)
    assert engine.call("GET", "/_ping").status == 200


@refused
@pytest.mark.parametrize(
    "path",
    ["//evil.example.org", "//evil.example.org/.", "/%09/evil.example.org/..",
     "/%5cevil.example.org/./", "evil//x", "/.//evil.example.org",
     "/..//%2f%2fevil.example.org/."],
)  # fmt: skip
def test_a_redirect_of_the_engine_leads_to_the_engine(engine: Engine, path: str) -> None:
    said = engine.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n".encode() + END)
    status = said.split()[1]
    assert status in (b"301", b"400", b"404")
    if status == b"301":
        [location] = re.findall(rb"\r\nLocation: ([^\r]*)\r\n", said)
        assert re.match(rb"/[^/\\\s]", location)


def try_send(connected: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        connected.sendall(data)


@refused
def test_the_engine_refuses_a_websocket_message_over_a_mebibyte(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(b"\x82\xff" + MUCH.to_bytes(8) + b"mask")
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1009)
