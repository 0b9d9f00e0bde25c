"""Who gets in at the port of the direct link, and when it is open."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page import link
from hyper_jupyter.widgets.page.listener import Listener
from hyper_jupyter.widgets.page.messages import LinkOffer
from tests.widgets.page.test_link import ACK, ends
from tests.widgets.page.test_link import listening as listening  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import loop as loop  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import offer as offer  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import page as page  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import receiver as receiver  # noqa: PLC0414 - a fixture
from tests.widgets.pages import TIMEOUT, LinkedPage, RecordingReceiver


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


def test_everything_ends_where_links_are_turned_off(
    listening: Listener, offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    listening.close()
    ends(page)
    assert receiver.next()[0] == "closed"
    with pytest.raises(OSError):  # noqa: PT011 - refused, or reset in the middle of it
        LinkedPage(offer)
