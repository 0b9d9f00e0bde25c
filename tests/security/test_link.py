"""What strangers at the port of the direct link, and a page that does not read, can do: little."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.frames import Frame, Opcode

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page import link, listener
from hyper_jupyter.widgets.page.link import Link, LinkKey
from hyper_jupyter.widgets.page.listener import Listener
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.widgets.pages import TIMEOUT, LinkedPage, RecordingReceiver

room_for_pages = pytest.mark.claim(
    "At 256 connections a new one ends the oldest that has proved nothing."
)
own_pages = pytest.mark.claim(
    "Pages of other sites are refused by their `Origin`, and so are a missing one and a `Host` "
    "other than `127.0.0.1` with the port."
)

ACK = {"type": "ack", "page": "p", "seq": 7}
OURS = "Host: 127.0.0.1:{port}"
NEAR = "Origin: http://localhost:8888"


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
def offer(receiver: RecordingReceiver) -> Iterator[LinkOffer]:
    loop = Loop()
    listening = Listener(loop)
    port, secret = listening.offer("session", receiver)
    assert listening._sock is not None
    # Accepted connections inherit it: the system holds little, so what is held is the kernel's.
    listening._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    yield {"port": port, "name": "session", "secret": secret, "relay": False}
    loop.close()


@pytest.fixture
def page(offer: LinkOffer, receiver: RecordingReceiver) -> Iterator[LinkedPage]:
    made = LinkedPage(offer).prove()
    assert receiver.next() == ("opened", "p")
    yield made
    made.socket.close()


def connected(stack: ExitStack, offer: LinkOffer) -> socket.socket:
    return stack.enter_context(socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT))


def proven(offer: LinkOffer) -> socket.socket:
    """A page's socket that nobody reads any more."""
    key = LinkKey(offer["name"], RecordingReceiver())
    key.secret = offer["secret"]
    sock = socket.socket()
    sock.settimeout(TIMEOUT)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", offer["port"]))
    sock.sendall(request(offer, OURS, NEAR))
    reader = sock.makefile("rb")
    while reader.readline() != b"\r\n":
        pass
    sock.sendall(text(name=key.name, page="q", nonce="00"))
    size = reader.read(2)[1]
    answer = json.loads(reader.read(int.from_bytes(reader.read(2)) if size == 126 else size))
    sock.sendall(text(proof=key.proof("page", "q", ("00", answer["nonce"]))))
    return sock


def text(**message: str) -> bytes:
    return Frame(Opcode.TEXT, json.dumps(message).encode()).serialize(mask=True)


@room_for_pages
def test_idle_strangers_keep_no_page_out_and_end_none(
    offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    with ExitStack() as stack:
        idle = [connected(stack, offer) for _ in range(listener.CONNECTIONS)]
        assert idle[0].recv(1) == b""  # the oldest one made room for the last
        late = LinkedPage(offer, page="late").prove()
        assert receiver.next() == ("opened", "late")
        assert idle[1].recv(1) == b""
        late.socket.close()
        assert receiver.next()[0] == "closed"
        page.send(**ACK)
        assert receiver.next() == ("received", ACK)


@room_for_pages
def test_proven_pages_are_not_dropped_for_a_new_one(
    offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "CONNECTIONS", 1)
    with ExitStack() as stack:
        assert connected(stack, offer).recv(1) == b""
    page.send(**ACK)
    assert receiver.next() == ("received", ACK)


@room_for_pages
def test_nothing_is_kept_of_strangers_who_made_room(
    offer: LinkOffer, page: LinkedPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "CONNECTIONS", 4)
    with ExitStack() as stack:
        idle = [connected(stack, offer) for _ in range(40)]
        for stranger in idle[:-3]:
            assert stranger.recv(1) == b""
        gc.collect()
        # The page, three strangers, and what the I/O thread may hold of the one it just dropped.
        assert sum(isinstance(each, Link) for each in gc.get_objects()) <= 5


@pytest.mark.claim(
    "A page that does not read is ended when 16 MiB wait for it, pings' answers counted."
)
@pytest.mark.parametrize("data", [b"", b"x" * 125], ids=["empty", "full"])
def test_a_page_that_sends_pings_and_reads_nothing_is_ended(
    data: bytes, offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(link, "UNSENT", 64 * 1024)
    worst = 0
    write = Link._write

    def noted(self: Link) -> None:
        nonlocal worst
        write(self)
        worst = max(worst, self._unsent_size)

    monkeypatch.setattr(Link, "_write", noted)
    held = proven(offer)
    assert receiver.next() == ("opened", "q")
    pings = Frame(Opcode.PING, data).serialize(mask=True) * 1000
    with held, contextlib.suppress(ConnectionError):
        for _ in range(20_000_000 // len(pings)):
            held.sendall(pings)
    assert receiver.next()[0] == "closed"
    assert worst < link.UNSENT + 4 * link.READ
    page.send(**ACK)  # the others go on
    assert receiver.next() == ("received", ACK)


def test_a_message_in_many_fragments_takes_no_more_than_its_bytes(
    offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    text = b'{"type":"ack","page":"p","seq":7}'
    frames = [Frame(Opcode.TEXT, b"", fin=False), *[Frame(Opcode.CONT, b"", fin=False)] * 5000]
    frames += [Frame(Opcode.CONT, text[at : at + 1], fin=False) for at in range(len(text))]
    page.socket.socket.sendall(b"".join(frame.serialize(mask=True) for frame in frames))
    page.socket.socket.sendall(Frame(Opcode.CONT, b"").serialize(mask=True))
    assert receiver.next() == ("received", ACK)


def request(offer: LinkOffer, *fields: str) -> bytes:
    lines = [
        "GET / HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13",
        *(field.format(port=offer["port"]) for field in fields), "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def answer_to(offer: LinkOffer, *fields: str) -> bytes:
    with ExitStack() as stack:
        stranger = connected(stack, offer)
        stranger.sendall(request(offer, *fields))
        return stranger.recv(4096)


BROWSER = ("Pragma: no-cache", "Cache-Control: no-cache", "User-Agent: Mozilla/5.0",
           "Accept-Encoding: gzip, deflate, br", "Accept-Language: en",
           "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")  # fmt: skip
"""What browsers send beside ``Host`` and ``Origin``."""


@own_pages
@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8888", "http://127.0.0.1:8888", "http://[::1]:8888", "https://localhost",
     "http://lab.localhost:8888"],
)  # fmt: skip
def test_a_page_of_this_machine_is_answered_by_its_host_and_origin(
    offer: LinkOffer, origin: str
) -> None:
    said = answer_to(offer, OURS, f"Origin: {origin}", *BROWSER)
    assert said.startswith(b"HTTP/1.1 101 ")


@own_pages
@pytest.mark.parametrize(
    "fields",
    [
        [NEAR],
        ["Host:", NEAR],
        ["Host: 127.0.0.1", NEAR],
        ["Host: 127.0.0.1:1", NEAR],
        ["Host: localhost:{port}", NEAR],
        ["Host: evil.example.org:{port}", NEAR],
        ["Host: 127.0.0.1:{port}.example.org", NEAR],
        [OURS, "Host: evil.example.org:{port}", NEAR],
        [OURS],
        [OURS, "Origin:"],
        [OURS, "Origin: null"],
        [OURS, "Origin: http://evil.example.org"],
        [OURS, NEAR, "Origin: http://evil.example.org"],
        [OURS, NEAR, NEAR],
        [OURS, "Origin: http://localhost.evil.example.org:8888"],
        [OURS, "Origin: http://127.0.0.1.example.org"],
        [OURS, "Origin: http://notlocalhost"],
        ["Host: [::1]:{port}", NEAR],
    ],
)
def test_another_host_or_no_origin_of_this_machine_is_refused(
    fields: list[str], offer: LinkOffer
) -> None:
    assert answer_to(offer, *fields).startswith(b"HTTP/1.1 403 ")
