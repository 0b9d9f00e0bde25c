"""What strangers at ports of the server's machine, and silent pages, can do to the relay."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import struct
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("jupyter_server", reason="these tests need the package jupyter_server")
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from hyper_jupyter import server
from tests.jupyter_server import JupyterServer, Settings, jupyter_server

bounded = pytest.mark.claim(
    "The server extension reads no further than the other end takes, leaves what has not "
    "completed a WebSocket's handshake after 5 s, and takes messages up to 16 MiB."
)

EXTENSION = "--ServerApp.jpserver_extensions={'hyper_jupyter.server': True}"
NO_COOKIE = "--ServerApp.disable_check_xsrf=True"
LATE = 20.0
"""Seconds: far more than the relay gives a kernel, less than what ends such connections anyway."""


def started(running: JupyterServer) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(f"{running.url}/api/kernels", data=b"{}", method="POST")
    with opener.open(request, timeout=30) as answer:
        assert answer.status == 201


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    settings = Settings(tmp_path_factory.mktemp("server"))
    with jupyter_server(settings, EXTENSION, NO_COOKIE) as running:
        started(running)
        yield running
        assert is_quiet(running)


class Stranger:
    """Listens where a page says that its kernel does."""

    def __init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        self.door.settimeout(LATE)
        self.port: int = self.door.getsockname()[1]

    def take(self, answer: bytes | None = None) -> socket.socket:
        """Accept the relay, read its handshake and answer that: properly, or by ``answer``."""
        sock, _ = self.door.accept()
        sock.settimeout(LATE)
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(4096)
        if answer is None:
            [key] = re.findall(rb"Sec-WebSocket-Key: (\S+)", head)
            digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
            answer = ACCEPTED % base64.b64encode(digest)
        try:
            sock.sendall(answer)
        except OSError:  # the relay has seen enough of it
            sock.close()
            raise
        return sock


ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    made = Stranger()
    yield made
    made.door.close()


def page_of(running: JupyterServer, port: int, **options: Any) -> ClientConnection:
    url = f"{running.url.replace('http', 'ws', 1)}/hyper_jupyter/link/{port}"
    return connect(
        url, origin=running.url, compression=None, proxy=None, open_timeout=LATE, close_timeout=1,
        max_size=None, **options,
    ).__enter__()  # fmt: skip


def is_ended(page: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            page.recv(LATE)


def at_end(sock: socket.socket) -> bool:
    """Read until the relay ends the connection."""
    with contextlib.suppress(ConnectionError):
        while sock.recv(65536):
            pass
    return True


# -- back-pressure ------------------------------------------------------------------------

FRAME = b"\x82\x7f" + (65536).to_bytes(8) + bytes(65536)
MUCH = 1024  # frames: 64 MiB


@bounded
def test_a_page_that_reads_nothing_keeps_its_kernel_waiting_and_not_the_servers_memory(
    relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    sock = stranger.take()
    sock.settimeout(3)
    sent = 0
    with contextlib.suppress(TimeoutError):  # the relay takes no more
        while sent < MUCH * len(FRAME):
            sent += sock.send(memoryview(FRAME)[sent % len(FRAME) :])
    assert sent < MUCH * len(FRAME) // 2
    for _ in range(sent // len(FRAME)):  # then the page reads: nothing is lost
        assert page.recv(LATE) == bytes(65536)
    page.close()
    assert at_end(sock)
    sock.close()


@bounded
def test_a_kernel_that_reads_nothing_keeps_its_page_waiting(
    relay: JupyterServer, stranger: Stranger
) -> None:
    stranger.door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    page = page_of(relay, stranger.port)
    sock = stranger.take()
    page.socket.settimeout(3)
    masked = b"\x82\xff" + (65536).to_bytes(8) + bytes(4 + 65536)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < MUCH * len(masked):
            sent += page.socket.send(memoryview(masked)[sent % len(masked) :])
    assert sent < MUCH * len(masked) // 2
    page.socket.shutdown(socket.SHUT_RDWR)
    assert at_end(sock)
    page.close()
    sock.close()


# -- what listens there is no kernel --------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x16\x03\x01\x02\x00",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: x\r\n\r\n",
        b"HTTP/1.1 101 \r\n\r\n",
        b"HTTP/1.1 101 \r\nContent-Length: x\r\nTransfer-Encoding: y\r\n\r\n",
        ACCEPTED % b"AAAA",
        b"HTTP/1.1 101 OK\r\n" + b"X: " + b"x" * 200_000,
        b"\r\n\r\n",
    ],
)
def test_an_answer_that_is_none_of_a_kernel_ends_the_link(
    answer: bytes, relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with contextlib.suppress(ConnectionError), stranger.take(answer) as sock:
        assert at_end(sock)
    is_ended(page)
    assert page.close_code == 1011
    page.close()


@bounded
def test_one_that_never_completes_its_answer_is_left_in_time(
    relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take(b"HTTP/1.1 101 OK\r\n") as sock:
        sock.settimeout(0.2)
        drops = 0
        with contextlib.suppress(ConnectionError):
            while drops < LATE / 0.2:  # a byte now and then, to look alive
                sock.sendall(b"X")
                drops += 1
                with contextlib.suppress(TimeoutError):
                    if sock.recv(1) == b"":
                        break
        assert drops < LATE / 0.2
        is_ended(page)
    assert page.close_code == 1011


@pytest.mark.parametrize(
    "frames",
    [
        b"\xff\xff\xff\xff",
        b"\x81\x02\xff\xfe",  # no UTF-8
        b"\x82\x7f" + b"\xff" * 8,
        b"\x80\x00",
        b"\x01\x00\x01\x00",
        b"\x09\x00",
        b"\x89\x7e\x01\x00",
        b"\x82\x80\x00\x00\x00\x00",
        b"\x02\x01x" + b"\x00\x01x" * 5000,
        b"\x88\x02\x03\xe8",
        b"\x88\x01x",
    ],
)
def test_frames_that_are_none_of_a_kernel_end_the_link(
    frames: bytes, relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take() as sock:
        sock.sendall(b"\x81\x02ok")
        assert page.recv(LATE) == "ok"
        with contextlib.suppress(ConnectionError):
            sock.sendall(frames)
        is_ended(page)
        assert at_end(sock)


def test_fragments_pings_and_all_sizes_pass(relay: JupyterServer, stranger: Stranger) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take() as sock, sock.makefile("rb") as reader:
        sock.sendall(b"\x01\x01a\x89\x01p\x00\x00\x80\x01b\x82\x7e\x00\x7e" + b"z" * 126)
        assert page.recv(LATE) == "ab"
        assert page.recv(LATE) == b"z" * 126
        head, mask, data = reader.read(2), reader.read(4), reader.read(1)
        assert head == b"\x8a\x81"
        assert data[0] ^ mask[0] == ord("p")
        for size in (0, 125, 126, 65535, 65536):
            page.send(b"y" * size)
            first, second = reader.read(2)
            assert first == 0x82
            length = second & 0x7F
            if length > 125:
                length = int.from_bytes(reader.read(2 if length == 126 else 8))
            assert length == size
            mask = reader.read(4)
            assert bytes(b ^ mask[i % 4] for i, b in enumerate(reader.read(size))) == b"y" * size
    page.close()


@bounded
def test_a_message_of_16_mib_passes_both_ways(relay: JupyterServer, stranger: Stranger) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take() as sock, sock.makefile("rb") as reader:
        most = bytes(server.MAX_MESSAGE)
        sock.sendall(b"\x82\x7f" + len(most).to_bytes(8) + most)
        assert page.recv(LATE) == most
        page.send(most)
        assert reader.read(10) == b"\x82\xff" + len(most).to_bytes(8)
        mask = reader.read(4)
        assert reader.read(len(most)) == mask * (len(most) // 4)
    page.close()


@bounded
@pytest.mark.parametrize("sender", ["kernel", "page"])
def test_a_larger_one_ends_the_link_by_its_head(
    sender: str, relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    size = (server.MAX_MESSAGE + 1).to_bytes(8)
    with stranger.take() as sock:
        if sender == "kernel":
            sock.sendall(b"\x82\x7f" + size)
        else:
            page.socket.sendall(b"\x82\xff" + size + b"mask")
        is_ended(page)
        assert at_end(sock)
    page.close()


# -- pages that go --------------------------------------------------------------------------


def test_nothing_is_kept_of_a_page_that_went_while_its_kernel_was_silent(
    relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take(b"") as sock:
        page.socket.shutdown(socket.SHUT_RDWR)
        assert at_end(sock)
    page.close()


@pytest.mark.parametrize("reset", [False, True])
def test_nothing_is_kept_of_a_page_that_went_without_reading(
    reset: bool, relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take() as sock:
        sock.settimeout(1)
        with contextlib.suppress(TimeoutError):
            for _ in range(MUCH):
                sock.sendall(FRAME)
        if reset:
            page.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        page.socket.shutdown(socket.SHUT_RDWR)
        sock.settimeout(LATE)
        assert at_end(sock)
    page.close()


@pytest.mark.parametrize("data", [b"\x81\x82\0\0\0\0\xff\xfe", b"\xff" * 14, b"\x09\x80\0\0\0\0"])
def test_what_is_no_message_of_a_page_ends_its_link(
    data: bytes, relay: JupyterServer, stranger: Stranger
) -> None:
    page = page_of(relay, stranger.port)
    with stranger.take() as sock:
        page.socket.sendall(data)
        assert at_end(sock)
    page.close()


@pytest.mark.claim("What strangers send leaves no traceback in the server's log.")
def test_what_strangers_send_leaves_no_traceback_in_the_log(
    relay: JupyterServer, stranger: Stranger
) -> None:
    for answer in (b"", b"\xff" * 100, ACCEPTED % b"x", b"HTTP/1.1 200 OK\r\n\r\n"):
        page = page_of(relay, stranger.port)
        stranger.take(answer).close()
        is_ended(page)
    for data in (b"\xff" * 14, b"\x81\x82\0\0\0\0\xff\xfe"):
        page = page_of(relay, stranger.port)
        with stranger.take() as sock:
            page.socket.sendall(data)
            assert at_end(sock)
        page.close()
    assert is_quiet(relay)


def is_quiet(running: JupyterServer) -> bool:
    """Whether the log has no traceback, and no line above a warning."""
    log = running.log.read_text()
    return "Traceback" not in log and not re.search(r"^\[[EC] ", log, re.MULTILINE)
