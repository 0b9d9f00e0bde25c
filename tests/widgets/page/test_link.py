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
from websockets.exceptions import ConnectionClosed, InvalidStatus
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


def test_every_offer_has_a_secret_of_its_own(listening: Listener) -> None:
    secrets = {listening.offer(str(n), RecordingReceiver())[1] for n in range(3)}
    assert len(secrets) == 3
    assert all(len(secret) == 64 for secret in secrets)


def test_a_page_without_the_secret_is_told_nothing(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage({**offer, "secret": "00" * 32})
    nonces, _ = page.challenge()
    page.send(proof=page.key.proof("page", "p", nonces))
    with contextlib.suppress(ConnectionClosed):
        page.send(**ACK)
    ends(page)
    assert receiver.calls.empty()


def test_the_kernels_proof_is_no_proof_of_a_page(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer)
    _, proof = page.challenge()
    page.send(proof=proof)
    ends(page)
    assert receiver.calls.empty()


@pytest.mark.parametrize(
    "first",
    [
        {"name": "another session", "page": "p", "nonce": "00"},
        {"name": "session", "page": "", "nonce": "00"},
        {"name": "session"},
        {},
    ],
)
def test_whoever_names_no_session_is_sent_away(
    first: dict[str, str], offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer)
    page.send(**first)
    ends(page)
    assert receiver.calls.empty()


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


def test_a_page_of_another_site_is_refused_at_the_door(offer: LinkOffer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        LinkedPage(offer, origin="https://localhost.example.org")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8888", "http://[::1]:8888", "https://localhost"]
)
def test_a_page_of_this_machine_is_let_in(
    origin: str, offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer, origin=origin).prove()
    assert receiver.next() == ("opened", "p")
    page.socket.close()
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


def test_whoever_proves_nothing_can_not_send_much(offer: LinkOffer) -> None:
    page = LinkedPage(offer)
    page.socket.send("x" * (link.UNPROVEN + 1))
    ends(page)


def test_whoever_proves_nothing_can_not_stay(
    offer: LinkOffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "PROVE_WITHIN", 0.05)
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as sock:
        assert sock.recv(1) == b""


def test_only_so_many_connections_are_taken(
    offer: LinkOffer, monkeypatch: pytest.MonkeyPatch, page: LinkedPage
) -> None:
    monkeypatch.setattr(listener, "CONNECTIONS", 1)
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as sock:
        assert sock.recv(1) == b""


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


def test_without_an_offer_there_is_no_port_and_no_thread(
    listening: Listener, offer: LinkOffer, loop: Loop
) -> None:
    listening.discard("session")
    [thread] = [t for t in threading.enumerate() if t.name == "hyper_jupyter I/O"] or [None]
    if thread is not None:
        thread.join(TIMEOUT)
        assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT)


def test_only_this_machine_can_connect(listening: Listener, offer: LinkOffer) -> None:
    assert listening._sock is not None
    assert listening._sock.getsockname()[0] == "127.0.0.1"


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)


@pytest.mark.parametrize(
    "origins",
    [
        b"Origin: http://localhost\r\nOrigin: http://evil.example.org\r\n",
        b"Origin: http://[text of a stranger]\r\n",
        b"Origin: null\r\n",
        b"Origin: http://localhost.evil.example.org\r\n",
    ],
)
def test_a_strange_origin_is_sent_away_without_a_word(
    offer: LinkOffer, origins: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as stranger:
        stranger.sendall(REQUEST % offer["port"] + origins + b"\r\n")
        answer = b""
        while data := stranger.recv(4096):
            answer += data
    assert not answer or answer.startswith(b"HTTP/1.1 403 ")
    assert not caplog.records


def test_a_page_below_localhost_is_of_this_machine(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer, origin="http://lab.localhost:8888").prove()
    assert receiver.next() == ("opened", "p")
    page.socket.close()


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


def test_everything_ends_where_links_are_turned_off(
    listening: Listener, offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    listening.close()
    ends(page)
    assert receiver.next()[0] == "closed"
    with pytest.raises(OSError):  # noqa: PT011 - refused, or reset in the middle of it
        LinkedPage(offer)


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
