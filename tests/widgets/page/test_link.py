"""Links over real sockets: who gets in, and what travels."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page import link, listener
from hyper_jupyter.widgets.page.link import LinkKey
from hyper_jupyter.widgets.page.listener import Listener
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.widgets.pages import TIMEOUT, LinkedPage, RecordingReceiver

ACK = {"type": "ack", "page": "p", "seq": 7}
WHO: Any = {"type": "who", "page": "p"}


@pytest.fixture
def loop() -> Iterator[Loop]:
    made = Loop()
    yield made
    made.close()


@pytest.fixture
def receiver() -> RecordingReceiver:
    return RecordingReceiver()


@pytest.fixture
def listening(loop: Loop) -> Listener:
    return Listener(loop)


@pytest.fixture
def offer(listening: Listener, receiver: RecordingReceiver) -> LinkOffer:
    port, secret = listening.offer("session", receiver)
    return {"port": port, "name": "session", "secret": secret, "relay": False}


@pytest.fixture
def page(offer: LinkOffer, receiver: RecordingReceiver) -> Iterator[LinkedPage]:
    made = LinkedPage(offer).prove()
    assert receiver.next() == ("opened", "p")
    yield made
    made.socket.close()


def ends(page: LinkedPage) -> None:
    """The kernel ends the connection, and says nothing before."""
    with pytest.raises(ConnectionClosed):
        page.socket.recv(TIMEOUT)


def test_a_page_that_has_the_secret_speaks_with_its_session(
    page: LinkedPage, receiver: RecordingReceiver
) -> None:
    page.send(**ACK)
    assert receiver.next() == ("received", ACK)


def test_a_message_travels_with_its_buffers(page: LinkedPage, receiver: RecordingReceiver) -> None:
    assert receiver.links[0].send(WHO, [b"\xff\x00", b""])
    assert page.receive() == (WHO, [b"\xff\x00", b""])


def test_a_message_in_fragments_is_one(page: LinkedPage, receiver: RecordingReceiver) -> None:
    page.socket.send(['{"type": "ack", ', '"page": "p", ', '"seq": 7}'])
    assert receiver.next() == ("received", ACK)


def test_both_ends_make_the_same_proof() -> None:
    # Also in js/src/model/direct-link.test.ts.
    key = LinkKey("session", RecordingReceiver())
    key.secret = "ab" * 32
    assert (
        key.proof("page", "page", ("11", "22"))
        == "88f30b049e6608ba98899c7feef331929b5e6db336618030d3190df6b0c473bc"
    )


@pytest.mark.parametrize("text", ["[1]", "null", "{", "\N{SNOWMAN}", "[" * 9000])
def test_what_is_no_message_ends_the_link(
    text: str, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    page.socket.send(text)
    ends(page)
    assert receiver.next()[0] == "closed"


def test_a_fork_that_lives_on_does_not_keep_a_link_open(
    page: LinkedPage, receiver: RecordingReceiver
) -> None:
    held, release = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(release)
            os.read(held, 1)  # with all that the process has open
        finally:
            os._exit(0)
    os.close(held)
    try:
        page.socket.send("no message")
        ends(page)
        assert receiver.next()[0] == "closed"
    finally:
        os.close(release)
        os.waitpid(pid, 0)


def test_a_link_is_one_pages(page: LinkedPage, receiver: RecordingReceiver) -> None:
    page.send(**{**ACK, "page": "q"})
    ends(page)
    assert receiver.next()[0] == "closed"


def test_what_speaks_no_websocket_is_sent_away(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as sock:
        sock.sendall(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        while sock.recv(4096):
            pass
    LinkedPage(offer).prove().socket.close()
    assert receiver.next() == ("opened", "p")


def test_only_so_many_connections_are_taken(
    offer: LinkOffer, monkeypatch: pytest.MonkeyPatch, page: LinkedPage
) -> None:
    monkeypatch.setattr(listener, "CONNECTIONS", 1)
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as sock:
        assert sock.recv(1) == b""


@pytest.mark.claim(
    "A page that does not read is ended when 16 MiB wait for it, pings' answers counted."
)
def test_a_page_that_does_not_read_holds_up_nobody(
    page: LinkedPage, receiver: RecordingReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "UNSENT", 1024 * 1024)
    one = receiver.links[0]
    sent = 0
    while one.send(WHO, [bytes(256 * 1024)]):
        sent += 1
        assert sent < 1000
    assert receiver.next() == ("closed", one)
    assert not one.send(WHO, [])


def test_a_link_that_has_sent_all_waits_for_no_room(
    page: LinkedPage, receiver: RecordingReceiver, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[int] = []
    modify = loop.modify

    def noted(sock: Any, events: int) -> None:
        watched.append(events)
        modify(sock, events)

    monkeypatch.setattr(loop, "modify", noted)
    assert receiver.links[0].send(WHO, [])
    assert page.receive() == (WHO, [])
    turned = threading.Event()
    loop.call_soon(turned.set)
    assert turned.wait(TIMEOUT)
    assert watched == []


def test_what_waits_is_sent_in_order_once_the_page_reads(
    page: LinkedPage, receiver: RecordingReceiver
) -> None:
    one = receiver.links[0]
    for n in range(40):
        assert one.send({**WHO, "n": n}, [bytes([n]) * 256 * 1024])
    for n in range(40):
        message, [data] = page.receive()
        assert message["n"] == n
        assert data == bytes([n]) * 256 * 1024


def test_the_end_comes_behind_what_waits(page: LinkedPage, receiver: RecordingReceiver) -> None:
    one = receiver.links[0]
    for n in range(20):
        assert one.send({**WHO, "n": n}, [bytes(256 * 1024)])
    for _ in range(2):  # the second one does not hurry the first
        one.close()
    assert not one.send(WHO, [])
    assert [page.receive()[0]["n"] for _ in range(20)] == list(range(20))
    ends(page)
    assert page.socket.protocol.state is State.CLOSED
    assert page.socket.close_code == 1000
    assert receiver.next() == ("closed", one)


def test_a_page_that_goes_is_noticed(page: LinkedPage, receiver: RecordingReceiver) -> None:
    page.socket.socket.shutdown(socket.SHUT_RDWR)
    assert receiver.next() == ("closed", receiver.links[0])
    assert not receiver.links[0].send(WHO, [])


def test_what_is_withdrawn_is_not_found_but_goes_on(
    listening: Listener, page: LinkedPage, offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    listening.offer("another", RecordingReceiver())
    listening.discard("session")
    late = LinkedPage(offer)
    late.send(name="session", page="q", nonce="00")
    ends(late)
    page.send(**ACK)
    assert receiver.next() == ("received", ACK)


def test_what_comes_along_with_the_proof_may_be_large(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer)
    nonces, _ = page.challenge()
    proof = {"proof": page.key.proof("page", "p", nonces)}
    large = {**ACK, "data": "x" * 50_000}
    data = b"".join(
        Frame(Opcode.TEXT, json.dumps(message).encode()).serialize(mask=True)
        for message in (proof, large)
    )
    page.socket.socket.sendall(data)
    assert receiver.next() == ("opened", "p")
    assert receiver.next() == ("received", large)
    page.socket.close()


def test_a_listener_without_descriptors_waits_before_it_tries_again(
    loop: Loop, listening: Listener, offer: LinkOffer, receiver: RecordingReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(listener, "PAUSE", 0.1)
    tried = []
    accept = listening._accept
    monkeypatch.setattr(listening, "_accept", lambda sock: (tried.append(1), accept(sock)))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    waiting = socket.socket()
    filled: list[int] = []
    # As many as are open: whatever is opened next is one too many.
    resource.setrlimit(
        resource.RLIMIT_NOFILE,
        (max(int(each.name) for each in Path("/proc/self/fd").iterdir()), hard),
    )
    try:
        with contextlib.suppress(OSError):
            while True:
                filled.append(os.dup(0))
        waiting.connect(("127.0.0.1", offer["port"]))
        rested = threading.Event()
        counts: list[int] = []
        # Counted where it tries: this thread may come late.
        loop.call_later(0.35, lambda: (counts.append(len(tried)), rested.set()))
        assert rested.wait(TIMEOUT)
    finally:
        for descriptor in filled:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert 1 <= counts[0] <= 5
    page = LinkedPage(offer).prove()  # and then it does accept
    assert receiver.next() == ("opened", "p")
    page.socket.close()
    waiting.close()
