"""Who gets in at the port of the direct link, and when it is open."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

import hyper_jupyter as hj
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.session.io.worker import Worker
from hyper_jupyter.widgets import PageCheck
from hyper_jupyter.widgets.page import link, listener, page_check
from hyper_jupyter.widgets.page.listener import Listener
from hyper_jupyter.widgets.page.messages import LinkOffer
from hyper_jupyter.widgets.session_widget import SessionWidget
from tests.widgets.comms import RecordedComms, from_page, wait_for_jobs
from tests.widgets.conftest import comms as comms  # noqa: PLC0414 - a fixture
from tests.widgets.conftest import publisher as publisher  # noqa: PLC0414 - a fixture
from tests.widgets.fakes import ScriptedSession
from tests.widgets.page.test_link import ACK, ends
from tests.widgets.page.test_link import listening as listening  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import loop as loop  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import offer as offer  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import page as page  # noqa: PLC0414 - a fixture
from tests.widgets.page.test_link import receiver as receiver  # noqa: PLC0414 - a fixture
from tests.widgets.pages import TIMEOUT, LinkedPage, RecordingReceiver

closes = pytest.mark.claim(
    "The port closes when all such sessions' widgets are closed or links are turned off "
    "(`hj.configure(direct_link=False)`)."
)
proved = pytest.mark.claim(
    "Both ends prove, by HMAC over fresh nonces, that they know a secret of the session, which "
    "came over Jupyter's own connection and never travels on the link."
)
nothing_before = pytest.mark.claim(
    "Before that nothing is said, and 16 KiB and 10 s are all that anybody gets."
)
own_pages = pytest.mark.claim(
    "Pages of other sites are refused by their `Origin`, and so are a missing one and a `Host` "
    "other than `127.0.0.1` with the port."
)


@proved
def test_every_offer_has_a_secret_of_its_own(listening: Listener) -> None:
    secrets = {listening.offer(str(n), RecordingReceiver())[1] for n in range(3)}
    assert len(secrets) == 3
    assert all(len(secret) == 64 for secret in secrets)


@nothing_before
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


@proved
def test_the_kernels_proof_is_no_proof_of_a_page(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer)
    _, proof = page.challenge()
    page.send(proof=proof)
    ends(page)
    assert receiver.calls.empty()


@nothing_before
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


@own_pages
def test_a_page_of_another_site_is_refused_at_the_door(offer: LinkOffer) -> None:
    with pytest.raises(InvalidStatus) as refused:
        LinkedPage(offer, origin="https://localhost.example.org")
    assert refused.value.response.status_code == 403


@own_pages
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


@nothing_before
def test_whoever_proves_nothing_can_not_send_much(offer: LinkOffer) -> None:
    page = LinkedPage(offer)
    page.socket.send("x" * (link.UNPROVEN + 1))
    ends(page)


@nothing_before
def test_whoever_proves_nothing_can_not_stay(
    offer: LinkOffer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link, "PROVE_WITHIN", 0.05)
    with socket.create_connection(("127.0.0.1", offer["port"]), TIMEOUT) as sock:
        assert sock.recv(1) == b""


@closes
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


@pytest.mark.claim("The port is on the loopback interface.")
def test_only_this_machine_can_connect(listening: Listener, offer: LinkOffer) -> None:
    assert listening._sock is not None
    assert listening._sock.getsockname()[0] == "127.0.0.1"


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)


@own_pages
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


@own_pages
def test_a_page_below_localhost_is_of_this_machine(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer, origin="http://lab.localhost:8888").prove()
    assert receiver.next() == ("opened", "p")
    page.socket.close()


@closes
def test_everything_ends_where_links_are_turned_off(
    listening: Listener, offer: LinkOffer, page: LinkedPage, receiver: RecordingReceiver
) -> None:
    listening.close()
    ends(page)
    assert receiver.next()[0] == "closed"
    with pytest.raises(OSError):  # noqa: PT011 - refused, or reset in the middle of it
        LinkedPage(offer)


# -- when it is open ---------------------------------------------------------------------------


@pytest.fixture
def links_allowed() -> Iterator[None]:
    yield
    hj.configure(direct_link=True)


def port_of(comms: RecordedComms, widget: SessionWidget, page: str, link: str) -> int | None:
    """Where a page that says hello may connect."""
    before = len(comms.custom("welcome"))
    have = {"1": 0, "2": 0}
    from_page(widget, type="hello", page=page, have=have, turn=1, revision=0, link=link)
    message, _ = comms.wait_for(lambda: comms.custom("welcome")[before:])[0]
    return None if message["link"] is None else int(message["link"]["port"])


def is_open(port: int) -> bool:
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), TIMEOUT).close()
        return True
    return False


@closes
@pytest.mark.claim(
    "The port opens when a session is first shown to a page on this machine or through the server "
    "extension."
)
@pytest.mark.parametrize(("link", "relay"), [("near", ""), ("far", "1")])
def test_the_port_is_open_from_the_first_page_to_the_last_widget(
    comms: RecordedComms, publisher: Worker, monkeypatch: pytest.MonkeyPatch, link: str, relay: str
) -> None:
    monkeypatch.setenv(listener.RELAY, relay)
    widgets = [SessionWidget(ScriptedSession(name)) for name in ("one", "two")]
    assert port_of(comms, widgets[0], "p", "") is None  # a page that wants none
    monkeypatch.setenv(listener.RELAY, "")
    assert port_of(comms, widgets[0], "q", "far") is None  # one that has no way here
    monkeypatch.setenv(listener.RELAY, relay)
    assert listener.listener()._sock is None
    port = port_of(comms, widgets[0], "r", link)
    assert port is not None
    assert is_open(port)
    assert port_of(comms, widgets[1], "s", link) == port
    widgets[0].close()
    wait_for_jobs(publisher)
    assert is_open(port)
    widgets[1].close()
    wait_for_jobs(publisher)
    assert listener.listener()._sock is None
    wait_until_closed(port)


def wait_until_closed(port: int) -> None:
    """Let the I/O thread do what it was asked to; then nobody listens."""
    done = threading.Event()
    listener.listener().loop.call_soon(done.set)
    assert done.wait(TIMEOUT)
    assert not is_open(port)


@closes
def test_the_port_closes_where_links_are_turned_off(
    comms: RecordedComms, publisher: Worker, links_allowed: None
) -> None:
    widget = SessionWidget(ScriptedSession())
    port = port_of(comms, widget, "p", "near")
    assert port is not None
    assert is_open(port)
    hj.configure(direct_link=False)
    wait_until_closed(port)
    assert port_of(comms, widget, "q", "near") is None
    widget.close()


@pytest.mark.claim("The port is also open while `%hyper_doctor` tries it: half a minute.")
def test_the_doctor_s_offer_ends_after_half_a_minute(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page_check.OFFERED_FOR == 30
    check = PageCheck()
    from_page(check, type="ping", page="p", n=1, link="near")
    message, _ = comms.wait_for(lambda: comms.custom("pong"))[0]
    page = LinkedPage(message["link"]).prove()
    assert is_open(message["link"]["port"])
    monkeypatch.setattr(page_check, "OFFERED_FOR", 0.05)
    from_page(check, type="ping", page="p", n=2, link="near")  # the last offer counts
    with pytest.raises(ConnectionClosed):
        page.receive()
    wait_until_closed(message["link"]["port"])
    page.socket.close()
    check.close()


# -- what is proved ------------------------------------------------------------------------


@proved
def test_the_secret_never_travels_and_nonces_are_fresh(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    travelled = b""
    proofs: set[str] = set()
    for name in ("p", "q"):
        page = LinkedPage(offer, page="p")
        sock = page.socket
        sent = sock.send

        def noted(data: Any, keep: Any = sent) -> None:
            nonlocal travelled
            travelled += data.encode()
            keep(data)

        sock.send = noted  # type: ignore[method-assign]
        nonces, proof = page.challenge()
        travelled += json.dumps([nonces, proof]).encode()
        proofs.add(proof)
        page.send(proof=page.key.proof("page", "p", nonces))
        assert receiver.next()[0] == "opened"
        receiver.links[-1].send({"type": "who", "page": name}, [])
        travelled += bytes(sock.recv(TIMEOUT))  # type: ignore[arg-type]
        sock.close()
        assert receiver.next()[0] == "closed"
    assert len(proofs) == 2  # to the same question
    secret = offer["secret"]
    for form in (secret.encode(), bytes.fromhex(secret), secret.upper().encode()):
        assert form not in travelled


@proved
def test_a_proof_that_was_overheard_is_of_no_use(
    offer: LinkOffer, receiver: RecordingReceiver
) -> None:
    page = LinkedPage(offer)
    nonces, _ = page.challenge()
    overheard = page.key.proof("page", "p", nonces)
    page.send(proof=overheard)
    assert receiver.next()[0] == "opened"
    page.socket.close()
    assert receiver.next()[0] == "closed"
    again = LinkedPage(offer)
    again.challenge()
    again.send(proof=overheard)
    ends(again)
    assert receiver.calls.empty()


@nothing_before
def test_so_much_and_so_long_is_what_a_stranger_gets() -> None:
    assert (link.UNPROVEN, link.PROVE_WITHIN) == (16 * 1024, 10)
    assert (listener.CONNECTIONS, link.UNSENT) == (256, 16 * 1024 * 1024)
