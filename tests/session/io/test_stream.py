"""A stream on the I/O thread: how it reads a flood."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import Exchange
from hyper_jupyter.protocol.websocket import WebSocketExchange
from hyper_jupyter.session.io import reader
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.stream import Stream

TIMEOUT = 5.0
HEAD = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
PIECE = bytes(100_000)

# The answer to the key of RFC 6455, section 1.3.
KEY = b"the sample nonce"
WEBSOCKET = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


class ScriptedPeer:
    """The engine's end of a stream; ``on_data`` is the test's."""

    def __init__(
        self, loop: Loop, on_data: Callable[[bytes], object], exchange: Exchange | None = None
    ) -> None:
        ours, self.socket = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.socket.settimeout(TIMEOUT)
        self.opened = threading.Event()
        self.ended = threading.Event()
        headers = {"Host": "engine", "Connection": "Upgrade", "Upgrade": "tcp"}
        self.stream = Stream(
            loop,
            ours,
            exchange or Exchange("POST", "/attach", headers),
            on_head=lambda head: self.opened.set(),
            on_data=lambda data: on_data(bytes(data)),
            on_end=self._end,
            deadline=None,
        )

    def open(self, head: bytes = HEAD) -> None:
        self.stream.start()
        self.socket.recv(65536)
        self.socket.sendall(head)
        assert self.opened.wait(TIMEOUT)

    def _end(self, error: HyperJupyterError | None) -> None:
        self.ended.set()


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


def test_a_stream_that_is_always_full_leaves_the_others_their_turn(loop: Loop) -> None:
    order: list[str] = []
    quiet_came = threading.Event()

    def receive_flood(data: bytes) -> None:
        order.append("flood")
        if len(order) == 1:
            quiet.socket.sendall(b"x")
        if not quiet_came.is_set() and len(order) < 1000:
            flood.socket.sendall(PIECE)  # as much is there again before the next read

    def receive_quiet(data: bytes) -> None:
        order.append("quiet")
        quiet_came.set()

    flood = ScriptedPeer(loop, receive_flood)
    quiet = ScriptedPeer(loop, receive_quiet)
    for peer in (quiet, flood):
        peer.open()
    flood.socket.sendall(PIECE)
    assert quiet_came.wait(TIMEOUT)
    assert order.index("quiet") <= 8
    for peer in (quiet, flood):
        peer.stream.close()
        peer.socket.close()


def test_nothing_of_a_flood_is_handed_on_behind_a_close(loop: Loop) -> None:
    received: list[bytes] = []
    closed = threading.Event()

    def receive(data: bytes) -> None:
        received.append(data)
        peer.socket.sendall(PIECE)
        peer.stream.close()
        loop.call_soon(closed.set)

    peer = ScriptedPeer(loop, receive)
    peer.open()
    peer.socket.sendall(PIECE)
    assert closed.wait(TIMEOUT)
    assert len(received) == 1  # all of the piece, or what of it was there already
    assert not peer.ended.is_set()
    peer.socket.close()


def test_answers_to_pings_that_nobody_reads_do_not_pile_up(loop: Loop) -> None:
    came = threading.Semaphore(0)
    exchange = WebSocketExchange("/attach/ws", {"Host": "engine"}, key=KEY)
    peer = ScriptedPeer(loop, lambda data: came.release(), exchange)
    peer.open(WEBSOCKET)
    for _ in range(1000):
        peer.socket.sendall(b"\x89\x7d" + bytes(125) + b"\x82\x01x")
        assert came.acquire(timeout=TIMEOUT)
    assert peer.stream.queued + len(peer.stream._reply) < 1024
    peer.stream.close()
    peer.socket.close()


def test_an_answer_to_a_ping_never_cuts_a_message_in_two(loop: Loop) -> None:
    came = threading.Semaphore(0)
    exchange = WebSocketExchange("/attach/ws", {"Host": "engine"}, key=KEY)
    peer = ScriptedPeer(loop, lambda data: came.release(), exchange)
    peer.open(WEBSOCKET)
    assert peer.stream.write(b"a" * 100_000, 0, 1024 * 1024)  # more than the system takes
    for _ in range(3):
        peer.socket.sendall(b"\x89\x01p\x82\x01x")
        assert came.acquire(timeout=TIMEOUT)
    server = Protocol(Side.SERVER)
    frames: list[Frame] = []
    while sum(len(frame.data) for frame in frames if frame.opcode is Opcode.BINARY) < 100_000:
        server.receive_data(peer.socket.recv(65536))
        frames += (event for event in server.events_received() if isinstance(event, Frame))
        assert server.parser_exc is None
    assert [frame.opcode for frame in frames].count(Opcode.PONG) in (1, 2, 3)
    peer.stream.close()
    peer.socket.close()


def test_a_flood_is_whole_where_it_is_gathered(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_kept", lambda: 0.0)
    monkeypatch.setattr(reader, "_waits", itertools.count().__next__)
    data = bytes(range(256)) * 16 * 1024
    received = bytearray()
    echoed = threading.Event()

    def receive(piece: bytes) -> None:
        received.extend(piece)
        if len(received) == len(data) + 2:
            echoed.set()

    peer = ScriptedPeer(loop, receive)
    peer.open()
    writer = threading.Thread(target=peer.socket.sendall, args=(data,))
    writer.start()
    assert peer.stream.write(b"hello", TIMEOUT, 1024)  # in the middle of it
    assert peer.socket.recv(100) == b"hello"
    writer.join(TIMEOUT)
    peer.socket.sendall(b"ok")
    assert echoed.wait(TIMEOUT)
    assert received == data + b"ok"
    peer.stream.close()
    peer.socket.close()
