"""A stream on the I/O thread: its request, its answer, what is written, and its one end."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.protocol import Exchange, ResponseHead
from hyper_jupyter.protocol.websocket import WebSocketExchange
from hyper_jupyter.session.io import reader
from hyper_jupyter.session.io.loop import Loop, Timer
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
    """The engine's end of a stream; ``on_data`` is the test's.

    Attributes:
        happened: what the stream has told, in order: a status, and an end with its error.
    """

    def __init__(
        self,
        loop: Loop,
        on_data: Callable[[bytes], object],
        exchange: Exchange | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        ours, self.socket = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        self.socket.settimeout(TIMEOUT)
        self.opened = threading.Event()
        self.ended = threading.Event()
        self.happened: list[Any] = []
        self.on_data = on_data
        headers = {"Host": "engine", "Connection": "Upgrade", "Upgrade": "tcp"}
        self.stream = Stream(
            loop,
            ours,
            exchange or Exchange("POST", "/attach", headers),
            self,
            deadline=deadline,
        )

    def open(self, head: bytes = HEAD) -> None:
        self.stream.start()
        self.socket.recv(65536)
        self.socket.sendall(head)
        assert self.opened.wait(TIMEOUT)

    def await_end(self) -> HyperJupyterError | None:
        """The error that it ended with; nothing was told behind it."""
        assert self.ended.wait(TIMEOUT)
        word, error = self.happened[-1]
        assert word == "end"
        assert [each for each in self.happened if isinstance(each, tuple)] == [(word, error)]
        return error  # type: ignore[no-any-return]

    def receive_head(self, head: ResponseHead) -> None:
        self.happened.append(head.status)
        self.opened.set()

    def receive_data(self, data: bytes | memoryview) -> None:
        self.on_data(bytes(data))

    def receive_end(self, error: HyperJupyterError | None) -> None:
        self.happened.append(("end", error))
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
    assert peer.stream._queued + len(peer.stream._reply) < 1024
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


# -- the request and the answer --------------------------------------------------------------


@pytest.fixture
def peer(loop: Loop) -> Iterator[ScriptedPeer]:
    """One whose stream's data is in ``happened``."""
    made = ScriptedPeer(loop, lambda data: made.happened.append(data))
    yield made
    made.stream.close()
    made.socket.close()


def turn(loop: Loop) -> None:
    """Return when the I/O thread has done what it was asked for."""
    done = threading.Event()
    loop.call_soon(lambda: loop.call_soon(done.set))
    assert done.wait(TIMEOUT)


def received(sock: socket.socket) -> bytes:
    """All that comes to the end."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def test_nothing_is_written_before_the_head_has_come(loop: Loop, peer: ScriptedPeer) -> None:
    peer.stream.write(b"one ", 0, 100)
    peer.stream.start()
    peer.stream.write(b"two", 0, 100)
    peer.stream.end_writing()
    request = peer.socket.recv(65536)
    assert request.startswith(b"POST /attach HTTP/1.1\r\n")
    assert request.endswith(b"\r\n\r\n")
    turn(loop)
    peer.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        peer.socket.recv(1)
    assert peer.stream._queued == 7
    peer.socket.settimeout(TIMEOUT)
    peer.socket.sendall(HEAD)
    assert received(peer.socket) == b"one two"
    assert peer.stream._queued == 0


def test_what_is_glued_to_the_head_comes_behind_it(peer: ScriptedPeer) -> None:
    peer.open(HEAD + b"first")
    peer.socket.sendall(b" second")
    peer.socket.close()
    assert peer.await_end() is None
    assert peer.happened[0] == 101
    assert b"".join(peer.happened[1:-1]) == b"first second"


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (b"", ConnectionFailed, "the engine closed the connection"),
        (b"HTTP/1.1 101 Swi", ConnectionFailed, "the engine closed the connection"),
        (b"SSH-2.0\r\n\r\n", ProtocolError, "not a valid HTTP answer"),
        (b"HTTP/1.1 500 Oops\r\n\r\nbusy", ApiError, "busy"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nbusy", ApiError, "busy"),
        (b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n", ApiError, "redirects"),
    ],
    ids=["nothing", "half a head", "no HTTP", "an error", "a cut error", "a redirect"],
)
def test_an_answer_that_is_no_stream_is_its_end_and_no_head(
    peer: ScriptedPeer, answer: bytes, kind: type[HyperJupyterError], text: str
) -> None:
    peer.stream.start()
    peer.socket.recv(65536)
    peer.socket.sendall(answer)
    peer.socket.shutdown(socket.SHUT_WR)
    error = peer.await_end()
    assert isinstance(error, kind)
    assert text in str(error)
    assert len(peer.happened) == 1


@pytest.mark.parametrize(
    ("tail", "kind", "text"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", None, ""),
        (b"3\r\nabc\r\n", ConnectionLost, "cut short"),
        (b"3\r\nabc\r\nxyz\r\n", ProtocolError, "not a valid HTTP"),
    ],
    ids=["in order", "cut", "garbage"],
)
def test_the_end_comes_once_behind_what_came_before_it(
    peer: ScriptedPeer, tail: bytes, kind: type[HyperJupyterError] | None, text: str
) -> None:
    peer.open(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    peer.socket.sendall(tail)
    peer.socket.shutdown(socket.SHUT_WR)
    error = peer.await_end()
    assert (error is None) if kind is None else (type(error) is kind and text in str(error))
    assert peer.happened[:-1] == [200, b"abc"]
    assert received(peer.socket) == b""  # it has closed its side too


def test_an_answer_that_does_not_come_in_time_is_its_end(loop: Loop) -> None:
    peer = ScriptedPeer(loop, lambda data: None, deadline=Deadline(0))
    peer.stream.start()
    error = peer.await_end()
    assert isinstance(error, ConnectionFailed)
    assert str(error) == "the engine did not answer within 0 s"
    peer.socket.close()


def test_the_time_is_for_the_head_only(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[Timer] = []
    call_later = loop.call_later

    def listed(delay: float, callback: Callable[[], object]) -> Timer:
        timers.append(call_later(delay, callback))
        return timers[-1]

    monkeypatch.setattr(loop, "call_later", listed)
    peer = ScriptedPeer(loop, lambda data: None, deadline=Deadline(3600))
    peer.open()
    assert [timer.cancelled for timer in timers] == [True]
    peer.stream.close()
    peer.socket.close()


def test_an_error_s_text_that_does_not_end_in_time_is_told_as_far_as_it_came(
    loop: Loop,
) -> None:
    peer = ScriptedPeer(loop, lambda data: None, deadline=Deadline(3600))
    peer.stream.start()
    peer.socket.recv(65536)
    peer.socket.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nbusy")
    turn(loop)  # its bytes are read
    loop.call_soon(peer.stream._expire)
    error = peer.await_end()
    assert isinstance(error, ApiError)
    assert str(error) == "busy"
    peer.socket.close()


def test_an_error_s_text_is_kept_up_to_64_kib_and_ends_it_there(peer: ScriptedPeer) -> None:
    peer.stream.start()
    peer.socket.recv(65536)
    peer.socket.sendall(b"HTTP/1.1 500 Oops\r\n\r\n")
    writer = threading.Thread(target=lambda: send_to_the_end(peer.socket))
    writer.start()
    assert isinstance(peer.await_end(), ApiError)
    writer.join(TIMEOUT)
    assert len(peer.stream._error_body or b"") == 64 * 1024


def test_of_what_passes_64_kib_of_an_error_s_text_nothing_is_kept(
    loop: Loop, peer: ScriptedPeer
) -> None:
    peer.stream.start()
    peer.socket.recv(65536)
    peer.socket.sendall(b"HTTP/1.1 500 Oops\r\n\r\n" + b"x" * 60_000)
    while len(peer.stream._error_body or b"") < 60_000:
        turn(loop)
    assert not peer.ended.is_set()
    peer.socket.sendall(b"x" * 10_000)
    assert isinstance(peer.await_end(), ApiError)
    assert len(peer.stream._error_body or b"") == 64 * 1024


def send_to_the_end(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            sock.sendall(b"x" * 65536)


# -- writing ---------------------------------------------------------------------------------


def test_who_writes_more_than_may_wait_waits_until_it_is_sent(peer: ScriptedPeer) -> None:
    peer.open()
    assert peer.stream.write(bytes(300_000), 0, 1000)  # the queue was empty
    assert not peer.stream.write(b"x", 0, 1000)
    writer = threading.Thread(target=lambda: peer.stream.write(b"end", TIMEOUT, 1000))
    writer.start()
    data = b""
    while not data.endswith(b"end"):
        data += peer.socket.recv(65536)
    writer.join(TIMEOUT)
    assert data == bytes(300_000) + b"end"


def test_the_end_wakes_who_waits_for_room(peer: ScriptedPeer) -> None:
    peer.open()
    assert peer.stream.write(bytes(300_000), 0, 1000)
    assert not peer.stream.write(b"x", 0, 1000)
    room: Any = peer.stream._room
    wait = room.wait

    def wait_and_end(timeout: float | None) -> bool:
        threading.Thread(target=peer.stream.close).start()
        return bool(wait(timeout))

    room.wait = wait_and_end
    assert not peer.stream.write(b"x", None, 1000)
    assert (peer.stream._queued, peer.stream._outgoing) == (0, None)  # nothing is kept for ever


def test_nothing_is_written_behind_the_end_of_writing(peer: ScriptedPeer) -> None:
    peer.open()
    assert peer.stream.write(b"all", 0, 1000)
    peer.stream.end_writing()
    assert not peer.stream.write(b"more", 0, 1000)
    assert received(peer.socket) == b"all"
    peer.socket.sendall(b"still heard")
    peer.socket.close()
    assert peer.await_end() is None
    assert b"".join(peer.happened[1:-1]) == b"still heard"


def test_what_cannot_be_written_keeps_nothing_from_being_read(
    loop: Loop, peer: ScriptedPeer
) -> None:
    peer.open()
    peer.socket.shutdown(socket.SHUT_RD)
    assert peer.stream.write(b"x", 0, 1000)
    turn(loop)
    assert peer.stream._queued == 0
    assert not peer.stream.write(b"y", 0, 1000)
    peer.socket.sendall(b"last words")
    peer.socket.close()
    assert peer.await_end() is None
    assert b"".join(peer.happened[1:-1]) == b"last words"


# -- closing ---------------------------------------------------------------------------------


def test_a_stream_that_is_closed_tells_no_end(loop: Loop, peer: ScriptedPeer) -> None:
    peer.open()
    peer.stream.close()
    assert received(peer.socket) == b""
    peer.stream.close()
    turn(loop)
    assert peer.happened == [101]
    assert not peer.stream.write(b"x", 0, 1000)


@pytest.mark.parametrize("cut", [False, True])
def test_a_last_word_is_not_put_into_the_middle_of_a_message(
    loop: Loop, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = WebSocketExchange("/attach/ws", {"Host": "engine"}, key=KEY)
    monkeypatch.setattr(WebSocketExchange, "farewell", lambda _: b"FAREWELL")
    peer = ScriptedPeer(loop, lambda data: None, exchange)
    peer.open(WEBSOCKET)
    data = bytearray()
    done = threading.Event()

    def close() -> None:
        if cut:
            data.extend(peer.socket.recv(65536))  # now there would be room for it
        assert peer.stream._cut is cut
        peer.stream._close()
        done.set()

    if cut:
        assert peer.stream.write(bytes(500_000), 0, 1024 * 1024)  # more than the system takes
        turn(loop)
    loop.call_soon(close)
    assert done.wait(TIMEOUT)
    data.extend(received(peer.socket))
    assert data.endswith(b"FAREWELL") is not cut
    peer.socket.close()


def test_a_stream_that_was_not_started_can_be_closed(loop: Loop, peer: ScriptedPeer) -> None:
    peer.stream.close()
    peer.stream.start()
    assert received(peer.socket) == b""
    turn(loop)
    assert peer.happened == []


@pytest.mark.parametrize(
    ("fault", "reason", "logged"),
    [(MemoryError(), "no memory left", False), (KeyError("a bug"), "could not be taken", True)],
    ids=["no memory", "a bug"],
)
def test_what_cannot_be_taken_ends_the_stream_and_leaves_no_hole(
    loop: Loop, caplog: pytest.LogCaptureFixture, fault: Exception, reason: str, logged: bool
) -> None:
    came: list[bytes] = []
    taken, over = threading.Event(), threading.Event()

    def take(data: bytes) -> None:
        if came:
            raise fault
        came.append(data)
        taken.set()

    peer = ScriptedPeer(loop, take)
    peer.open(HEAD + b"one")
    assert taken.wait(TIMEOUT)
    peer.socket.sendall(b"two")
    error = peer.await_end()
    assert isinstance(error, ConnectionLost)
    assert reason in str(error)
    assert came == [b"one"]
    loop.call_soon(over.set)  # what has failed is logged by then
    assert over.wait(TIMEOUT)
    assert ("failed" in caplog.text) is logged
    peer.socket.close()
