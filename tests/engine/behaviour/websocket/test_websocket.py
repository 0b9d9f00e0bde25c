"""Attach by WebSocket: by raw sockets, and with the client of the ``websockets`` library.

What is marked as Docker's was seen on Docker 20.10 and 26.1 with the same bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedOK, InvalidStatus
from websockets.frames import Close, Frame, Opcode
from websockets.sync.client import ClientConnection, unix_connect

from hyper_jupyter.engine.http.raw_stream import RawStream
from hyper_jupyter.engine.http.websocket import WebSocketStream
from tests.engine.driver import TIMEOUT, Engine, Stream, demultiplex, until

ALL = "stream=1&stdin=1&stdout=1&stderr=1"
HEAD = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
)
FIELDS = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # of RFC 6455, section 1.3
}
NORMAL = (Opcode.CLOSE, b"\x03\xe8")
MUCH = "head -c 3000000 /dev/zero"
"""More than the sockets between us hold."""
OF = "{{%22container%22:[%22{}%22]}}"
ECHO = 'while read -r line; do echo "got:$line"; done; echo END; exit 7'


def masked(data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=True)


class Peer(Stream):
    """A client of our own, which reads frame by frame and answers nothing by itself."""

    def more(self) -> None:
        piece = self.socket.recv(1 << 16)
        assert piece, f"the end, behind {self.data[-100:]!r}"
        self.data += piece

    def message(self) -> tuple[Opcode, bytes]:
        """The next frame, which must be whole, unmasked and the last of its message."""
        size, start = -1, 2
        while size < 0 or len(self.data) < start + size:
            if len(self.data) >= 4:
                size = self.data[1]
                assert size < 127
                if size == 126:
                    size, start = int.from_bytes(self.data[2:4], "big"), 4
            elif len(self.data) >= 2 and self.data[1] < 126:
                size = self.data[1]
            if size < 0 or len(self.data) < start + size:
                self.more()
        first, payload = self.data[0], self.data[start : start + size]
        self.data = self.data[start + size :]
        assert first & 0xF0 == 0x80
        return Opcode(first & 0x0F), payload

    def messages(self) -> list[tuple[Opcode, bytes]]:
        """All to the close frame, behind which nothing may come."""
        got = [self.message()]
        while got[-1][0] is not Opcode.CLOSE:
            got.append(self.message())
        assert self.read_all() == b""
        return got

    def output(self, wanted: bytes) -> bytes:
        """What data messages hold, until `wanted` is in it."""
        data = b""
        while wanted not in data:
            opcode, payload = self.message()
            assert opcode in (Opcode.TEXT, Opcode.BINARY), (opcode, payload, data[-100:])
            data += payload
        return data


def request(path: str, **changes: str | None) -> bytes:
    fields = FIELDS | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: engine", *lines, "", ""]).encode()


def attach(
    engine: Engine,
    container: str,
    query: str = ALL,
    *,
    prefix: str | None = None,
    behind: bytes = b"",
    **changes: str | None,
) -> Peer:
    prefix = engine.prefix if prefix is None else prefix
    connected = engine.dial()
    path = f"{prefix}/containers/{container}/attach/ws?{query}"
    connected.sendall(request(path, **changes) + behind)
    return Peer(connected)


@contextlib.contextmanager
def library(engine: Engine, container: str, query: str = ALL, **options: Any) -> Iterator[Any]:
    """The independent client, open."""
    uri = f"ws://engine{engine.prefix}/containers/{container}/attach/ws?{query}"
    with unix_connect(engine.path, uri, open_timeout=TIMEOUT, **options) as client:
        yield client


def everything(client: ClientConnection) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionClosedOK):
        while True:
            piece = client.recv(TIMEOUT)
            data += piece.encode() if isinstance(piece, str) else piece
    return data


# -- the handshake -------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["/v1.45", "", "/v1.24", "/v1.41."])
def test_the_handshake_is_docker_s_to_the_byte(engine: Engine, prefix: str) -> None:
    container = engine.run("cat", stdin=True)
    assert attach(engine, container, prefix=prefix).head == HEAD + b"\r\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"Connection": "keep-alive, Upgrade"},
        {"Upgrade": "WebSocket"},
        {"Origin": "http://elsewhere.example"},
        {"Sec_WebSocket_Extensions": "permessage-deflate"},
    ],
    ids=str,
)
def test_it_is_the_same_for_what_docker_takes_no_notice_of(
    engine: Engine, changes: dict[str, str]
) -> None:
    container = engine.run("cat", stdin=True)
    assert attach(engine, container, **changes).head == HEAD + b"\r\n"


def test_a_subprotocol_is_agreed_to(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, Sec_WebSocket_Protocol="chat")
    assert peer.head == HEAD + b"Sec-WebSocket-Protocol: chat\r\n\r\n"


REFUSED: dict[str, tuple[dict[str, str | None], bytes]] = {
    "none": (dict.fromkeys(["Connection", "Upgrade"]), b"\r\nnot websocket protocol"),
    "other upgrade": ({"Upgrade": "tcp"}, b"\r\nnot websocket protocol"),
    "no connection": ({"Connection": "close"}, b"\r\nnot websocket protocol"),
    "no key": ({"Sec_WebSocket_Key": None}, b"\r\nmismatch challenge/response"),
    "old": (
        {"Sec_WebSocket_Version": "8"},
        b"Sec-WebSocket-Version: 13\r\n\r\nmissing or bad WebSocket Version",
    ),
    "two subprotocols": ({"Sec_WebSocket_Protocol": "a, b"}, b"\r\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_handshake_is_refused_in_docker_s_words(engine: Engine, name: str) -> None:
    changes, answer = REFUSED[name]
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, **changes)
    assert peer.head + peer.read_all() == b"HTTP/1.1 400 Bad Request\r\n" + answer


@pytest.mark.parametrize("upgrade", ["websocket", None], ids=["asked", "not asked"])
def test_errors_are_told_before_and_in_json(engine: Engine, upgrade: str | None) -> None:
    container = engine.run("cat", stdin=True, name="still")
    engine.call("POST", f"/containers/{container}/pause")
    for where, query, status, message in [
        ("nosuch", "", 404, "No such container: nosuch"),
        ("nosuch", "detachKeys=nope", 400, "Invalid detach keys (nope) provided"),
        (
            container,
            "",
            409,
            f"container {container} is paused, unpause the container before attach",
        ),
    ]:
        peer = attach(engine, where, query, Upgrade=upgrade)
        assert peer.status == status
        assert json.loads(peer.read_until(b"\n")) == {"message": message}
    engine.call("POST", f"/containers/{container}/unpause")


def test_below_1_24_errors_are_plain_text(engine: Engine) -> None:
    peer = attach(engine, "nosuch", prefix="/v1.23")
    assert (peer.status, peer.read_until(b"\n")) == (404, b"No such container: nosuch\n")


def test_it_is_a_get(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    answer = engine.call("POST", f"/containers/{container}/attach/ws?{ALL}")
    assert (answer.status, answer.message) == (404, "page not found")


# -- what comes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "opcode"),
    [
        ("1.24", Opcode.TEXT),
        ("1.27", Opcode.TEXT),
        ("1.28", Opcode.BINARY),
        ("1.45", Opcode.BINARY),
    ],
)
def test_text_comes_below_1_28_and_binary_from_there_and_either_is_taken(
    engine: Engine, version: str, opcode: Opcode
) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, prefix=f"/v{version}")
    for sent in (Opcode.TEXT, Opcode.BINARY):
        peer.send(masked(b"no utf-8: \xff\n", sent))
        assert peer.message() == (opcode, b"no utf-8: \xff\n")


def test_both_streams_come_as_one_to_the_close_frame_at_exit(engine: Engine) -> None:
    container = engine.create("sh", "-c", "printf out; printf err >&2; exit 3")
    peer = attach(engine, container)
    engine.start(container)
    *output, last = peer.messages()
    assert sorted(output) == [(Opcode.BINARY, b"err"), (Opcode.BINARY, b"out")]
    assert last == NORMAL
    assert engine.wait(container) == 3


def test_no_message_is_longer_than_32768_bytes(engine: Engine) -> None:
    container = engine.create("head", "-c", "300000", "/dev/zero")
    peer = attach(engine, container)
    engine.start(container)
    sizes = [len(data) for _, data in peer.messages()[:-1]]
    assert sum(sizes) == 300_000
    assert max(sizes) <= 32768


def test_below_1_42_all_streams_come_whatever_is_asked_for(engine: Engine) -> None:
    container = engine.sh("printf out; printf err >&2; exec cat", stdin=True)
    until(lambda: demultiplex(engine.logs(container)) == (b"out", b"err"), "its output")
    peer = attach(engine, container, "stream=1&logs=1&stdin=0&stdout=0", prefix="/v1.41")
    peer.send(masked(b"typed"))
    data = peer.output(b"typed")
    assert sorted(data.partition(b"typed")[0]) == sorted(b"outerr")


def test_from_1_42_those_come_that_were_asked_for(engine: Engine) -> None:
    container = engine.sh("printf out; printf err >&2; exec cat", stdin=True)
    until(lambda: demultiplex(engine.logs(container)) == (b"out", b"err"), "its output")
    for query, wanted in [
        ("stdout=1", [b"out"]),
        ("stderr=1", [b"err"]),
        ("stdin=1", []),
        ("", []),
    ]:
        peer = attach(engine, container, f"logs=1&{query}", prefix="/v1.42")
        assert [data for _, data in peer.messages()[:-1]] == wanted


def test_what_was_printed_before_comes_first(engine: Engine) -> None:
    container = engine.sh("echo before; exec cat", stdin=True)
    until(lambda: b"before" in engine.logs(container), "its output")
    peer = attach(engine, container, ALL + "&logs=1")
    peer.send(masked(b"now"))
    assert peer.output(b"now") == b"before\nnow"


def test_it_waits_for_the_start_of_a_container_that_was_created_or_has_ended(
    engine: Engine,
) -> None:
    container = engine.create("echo", "started")
    for _ in range(2):
        peer = attach(engine, container)
        engine.start(container)
        assert peer.messages() == [(Opcode.BINARY, b"started\n"), NORMAL]
        engine.wait(container)


# -- what is sent --------------------------------------------------------------------------


def test_a_message_may_come_in_fragments_with_pings_in_between(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(b"ab", fin=False) + masked(b"!", Opcode.PING))
    assert peer.message() in ((Opcode.PONG, b"!"), (Opcode.BINARY, b"ab"))
    assert peer.message() in ((Opcode.PONG, b"!"), (Opcode.BINARY, b"ab"))
    peer.send(masked(b"?", Opcode.PONG) + masked(b"", Opcode.CONT, fin=False))
    peer.send(masked(b"cd\n", Opcode.CONT))
    assert peer.message() == (Opcode.BINARY, b"cd\n")


def test_a_frame_may_come_byte_by_byte_and_glued_to_the_request(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container, behind=masked(b"early"))
    assert peer.output(b"early") == b"early"
    for byte in masked(b"late"):
        peer.send(bytes([byte]))
    assert peer.output(b"late") == b"late"


def test_a_message_of_a_mebibyte_is_taken_and_one_of_more_is_not(engine: Engine) -> None:
    container = engine.sh("wc -c", stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(bytes(1 << 20)) + masked(b"", Opcode.CLOSE))
    assert peer.messages() == [(Opcode.BINARY, b"1048576\n"), NORMAL]
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(b"\x82\xff" + ((1 << 20) + 1).to_bytes(8, "big") + b"mask")
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1009)


def test_fragments_count_together(engine: Engine) -> None:
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(bytes(600_000), fin=False))
    peer.send(masked(bytes(600_000), Opcode.CONT)[:1000])
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1009)


FAULTS = {
    "unmasked": (Frame(Opcode.BINARY, b"x").serialize(mask=False), 1002),
    "reserved bits": (b"\xf2\x81maskx", 1002),
    "opcode": (b"\x83\x81maskx", 1002),
    "long ping": (b"\x89\xfe\x00\x80mask" + bytes(128), 1002),
    "ping in fragments": (b"\x09\x81maskx", 1002),
    "stray continuation": (masked(b"x", Opcode.CONT), 1002),
    "message in a message": (masked(b"x", fin=False) + masked(b"y"), 1002),
    "short close": (masked(b"x", Opcode.CLOSE), 1002),
    "bad close code": (masked(b"\x00\x01", Opcode.CLOSE), 1002),
    "bad close reason": (masked(b"\x03\xe8\xff", Opcode.CLOSE), 1007),
    "huge": (b"\x82\xff" + b"\x7f" + b"\xff" * 7 + b"mask", 1009),
    "negative": (b"\x82\xff" + b"\xff" * 8 + b"mask", 1009),
    "plain text": (b"GET / HTTP/1.1\r\n\r\n", 1002),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_the_attachment_with_its_code_and_nothing_else(
    engine: Engine, name: str
) -> None:
    fault, code = FAULTS[name]
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    peer.send(fault + masked(b"behind it"))
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, code)
    assert engine.status(container) == "running"
    assert attach(engine, container).status == 101


def test_after_a_fault_nothing_more_comes_although_the_program_goes_on(engine: Engine) -> None:
    container = engine.sh("cat; echo END; exec sleep 60", stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(FAULTS["opcode"][0])
    [(opcode, data)] = peer.messages()
    assert (opcode, Close.parse(data).code) == (Opcode.CLOSE, 1002)
    until(lambda: b"END" in engine.logs(container), "the end of its input, whatever the reason")
    assert engine.status(container) == "running"


# -- leaving -------------------------------------------------------------------------------

LEAVING = {
    "close frame": masked(b"\x03\xe8", Opcode.CLOSE),
    "close frame without a code": masked(b"", Opcode.CLOSE),
    "going away": masked(b"\x03\xe9bye", Opcode.CLOSE),
    "half-close": b"",
}


@pytest.mark.parametrize("name", LEAVING)
@pytest.mark.parametrize("tty", [False, True], ids=["pipe", "terminal"])
def test_leaving_is_answered_and_leaves_the_container(engine: Engine, name: str, tty: bool) -> None:
    container = engine.run("cat", stdin=True, tty=tty)
    peer = attach(engine, container)
    peer.send(LEAVING[name] or b"")
    if not LEAVING[name]:
        peer.half_close()
    assert peer.messages() == [NORMAL]
    again = attach(engine, container)
    again.send(masked(b"hello\n"))
    again.output(b"hello")


@pytest.mark.parametrize("name", LEAVING)
def test_with_stdin_once_leaving_ends_the_input_and_the_output_goes_on_as_docker_s(
    engine: Engine, name: str
) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(b"one\n") + LEAVING[name])
    if not LEAVING[name]:
        peer.half_close()
    *output, last = peer.messages()
    assert (b"".join(data for _, data in output), last) == (b"got:one\nEND\n", NORMAL)
    assert engine.wait(container) == 7


def test_with_stdin_once_hanging_up_ends_the_input_behind_what_was_sent(engine: Engine) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    peer = attach(engine, container)
    peer.send(masked(b"one\n"))
    peer.close()
    assert engine.wait(container) == 7
    assert demultiplex(engine.logs(container)) == (b"got:one\nEND\n", b"")


@pytest.mark.parametrize("query", ["stream=1&stdout=1", ALL], ids=["not asked", "none there"])
def test_a_client_without_stdin_may_close_too(engine: Engine, query: str) -> None:
    """Docker answers this with the container's end only."""
    container = engine.sh("exec sleep 60", stdin=query != ALL)
    peer = attach(engine, container, query)
    peer.send(LEAVING["close frame"])
    assert peer.messages() == [NORMAL]


def test_the_detach_keys_leave_a_terminal_and_are_told(engine: Engine) -> None:
    container = engine.run("cat", stdin=True, tty=True)
    with engine.streaming("GET", f"/events?filters={OF.format(container)}") as told:
        peer = attach(engine, container, ALL + "&detachKeys=ctrl-a,b")
        peer.send(masked(b"x\x01b"))
        assert peer.messages()[-1] == NORMAL
        actions = []
        while "detach" not in actions:
            actions.append(json.loads(told.readline())["Action"])
    assert actions == ["attach", "detach"]
    assert engine.status(container) == "running"


def test_the_detach_keys_are_input_elsewhere(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    peer = attach(engine, container)
    peer.send(masked(b"\x10\x11"))
    assert peer.output(b"\x11") == b"\x10\x11"


def test_leaving_in_the_middle_of_output_leaves_no_half_message(engine: Engine) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exec cat", stdin=True, tty=True)
    with engine.streaming("GET", f"/events?filters={OF.format(container)}") as told:
        peer = attach(engine, container)
        engine.start(container)
        until(lambda: len(engine.logs(container, "stdout=1")) == 3_000_000, "all of its output")
        peer.send(masked(b"\x10\x11"))
        while json.loads(told.readline())["Action"] != "detach":
            pass
    *output, last = peer.messages()
    assert last == NORMAL
    assert 0 < sum(len(data) for _, data in output) < 3_000_000


# -- clients that do not read, or never stop -----------------------------------------------


def test_a_client_that_does_not_read_holds_up_nobody_and_gets_everything_later(
    engine: Engine,
) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exit 4", stdin=True)
    slow, fast = attach(engine, container), attach(engine, container)
    engine.start(container)
    for peer in (fast, slow):
        assert engine.wait(container) == 4
        *output, last = peer.messages()
        assert (sum(len(data) for _, data in output), last) == (3_000_000, NORMAL)


def test_a_pong_waits_for_the_message_in_front_and_typing_waits_for_neither(
    engine: Engine,
) -> None:
    container = engine.create("sh", "-c", f"{MUCH}; exec cat >&2", stdin=True)
    peer = attach(engine, container, "stream=1&stdin=1&stdout=1")
    engine.start(container)
    until(lambda: len(engine.logs(container, "stdout=1")) > 3_000_000, "all of its output")
    for word in (b"one", b"two", b"three"):
        peer.send(masked(b"not " + word, Opcode.PING) + masked(word, Opcode.PING) + masked(word))
        until(lambda word=word: word in engine.logs(container, "stderr=1"), "what was typed")
    got = [peer.message()]
    while got[-1][0] is not Opcode.PONG:
        got.append(peer.message())
    assert got.pop() == (Opcode.PONG, b"three")  # only the last has to be answered
    left = 3_000_000 - sum(len(data) for _, data in got)
    while left > 0:
        left -= len(peer.message()[1])
    assert left == 0


@pytest.mark.parametrize(
    "frame",
    [masked(b"", Opcode.PING), masked(b"x" * 125, Opcode.PING), masked(b""), masked(b"x")],
    ids=["empty pings", "pings", "empty messages", "single bytes"],
)
def test_a_flood_without_reading_costs_no_memory_and_no_other_client_a_turn(
    engine: Engine, frame: bytes
) -> None:
    container = engine.sh("cat > /dev/null", stdin=True)
    peer = attach(engine, container)
    before = resident(engine)
    flood = frame * (65536 // len(frame))
    over = threading.Event()

    def send() -> None:
        while not over.is_set():
            peer.send(flood)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        for _ in range(50):
            assert engine.call("GET", "/_ping").status == 200
    finally:
        over.set()
        sending.join()
    assert sent_all(peer)
    assert resident(engine) - before < 4 << 20
    assert engine.status(container) == "running"


def resident(engine: Engine) -> int:
    """Bytes of the engine's memory."""
    assert engine.process is not None
    status = Path(f"/proc/{engine.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def sent_all(peer: Peer) -> bool:
    """Whether all was taken: the answer to a last ping comes behind those to the others."""
    peer.send(masked(b"last", Opcode.PING))
    while peer.message() != (Opcode.PONG, b"last"):
        pass
    return True


def test_a_message_that_is_given_up_is_sent_whole() -> None:
    """The socket has taken a part of it when the sender is cancelled, as it is at a detach."""

    async def give_up() -> bytes:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            stream = WebSocketStream(
                RawStream(ours, b"", asyncio.get_running_loop().create_future()), text=False
            )
            sending = asyncio.create_task(stream.send(bytes(100_000)))
            first = await asyncio.to_thread(theirs.recv, 100)
            sending.cancel()
            ending = asyncio.create_task(stream.close())
            rest = await asyncio.to_thread(read_all, theirs)
            theirs.close()
            await ending
            return first + rest

    message = Frame(Opcode.BINARY, bytes(100_000)).serialize(mask=False)
    assert asyncio.run(asyncio.wait_for(give_up(), TIMEOUT)) == message + b"\x88\x02\x03\xe8"


def read_all(sock: socket.socket) -> bytes:
    sock.settimeout(TIMEOUT)
    data = b""
    while piece := sock.recv(1 << 16):
        data += piece
    return data


# -- an independent client -----------------------------------------------------------------


def test_the_websockets_library_talks_to_it(engine: Engine) -> None:
    container = engine.sh(ECHO, stdin=True, once=True)
    with library(engine, container) as client:
        assert client.protocol.extensions == []  # it offers compression
        client.send("text\n")
        assert client.recv(TIMEOUT) == b"got:text\n"
        client.send([b"in ", b"frag", b"ments\n"])
        assert client.recv(TIMEOUT) == b"got:in fragments\n"
        assert client.ping().wait(TIMEOUT)
        engine.kill(container)
        assert everything(client) == b""
        assert client.close_code == 1000


def test_the_library_s_close_is_answered(engine: Engine) -> None:
    container = engine.run("cat", stdin=True)
    with library(engine, container, close_timeout=TIMEOUT) as client:
        pass
    assert (client.close_code, client.protocol.close_sent.code) == (1000, 1000)
    assert engine.status(container) == "running"


def test_much_output_and_much_input_are_whole(engine: Engine) -> None:
    script = "head -c 3000000 | md5sum; head -c 3000000 /dev/zero; exit 4"
    container = engine.sh(script, stdin=True)
    with library(engine, container) as client:
        for _ in range(30):
            client.send(b"0123456789" * 10_000)
        data = everything(client)
    assert data == b"55a95d24c5e52ee25a245028a1768961  -\n" + bytes(3_000_000)
    assert engine.wait(container) == 4


def test_a_terminal_by_the_library_below_1_28_is_text(engine: Engine) -> None:
    engine.prefix = "/v1.23"
    container = engine.run("cat", stdin=True, tty=True)
    with library(engine, container) as client:
        client.send(b"caf\xc3\xa9\r")
        text = ""
        while text.count("café\r\n") < 2:
            text += client.recv(TIMEOUT)
        client.send("\x10\x11")
        assert everything(client) == b""
        assert client.close_code == 1000


def test_the_library_is_told_what_is_wrong(engine: Engine) -> None:
    with pytest.raises(InvalidStatus) as caught, library(engine, "nosuch"):
        pass
    response = caught.value.response
    assert (response.status_code, response.body) == (
        404,
        b'{"message":"No such container: nosuch"}\n',
    )
