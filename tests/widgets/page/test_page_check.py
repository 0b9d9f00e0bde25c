"""The kernel's half of the page's self-test, on a recorded comm."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.version import __version__
from hyper_jupyter.widgets import PageCheck
from hyper_jupyter.widgets.kernel import KernelFacts
from hyper_jupyter.widgets.page import page_check
from hyper_jupyter.widgets.page.listener import listener
from tests.widgets.comms import TIMEOUT, RecordedComms, from_page
from tests.widgets.pages import LinkedPage


@pytest.fixture
def check(comms: RecordedComms) -> Iterator[PageCheck]:
    made = PageCheck()
    yield made
    made.close()


def pong(comms: RecordedComms, check: PageCheck, *, link: str = "", n: int = 1) -> dict[str, Any]:
    """What the kernel answers to a ping on the comm."""
    before = len(comms.custom("pong"))
    from_page(check, type="ping", page="p", n=n, link=link)
    message, _ = comms.wait_for(lambda: comms.custom("pong")[before:])[0]
    return dict(message)


def test_a_ping_is_answered_under_its_number(comms: RecordedComms, check: PageCheck) -> None:
    assert pong(comms, check, n=7) == {
        "type": "pong", "page": "p", "n": 7, "aside": False, "link": None,
    }  # fmt: skip


def test_the_publisher_answers_as_it_sends_the_output_of_sessions(
    comms: RecordedComms, check: PageCheck
) -> None:
    before = len(comms.threads)
    pong(comms, check)
    assert set(comms.threads[before:]) == {"hyper_jupyter publisher"}


def test_a_ping_on_another_thread_than_the_cells_came_past_them(
    comms: RecordedComms, check: PageCheck
) -> None:
    subshell = threading.Thread(
        target=from_page, args=(check,), kwargs={"type": "ping", "page": "p", "n": 1, "link": ""}
    )
    subshell.start()
    subshell.join(TIMEOUT)
    [(message, _)] = comms.wait_for(lambda: comms.custom("pong"))
    assert message["aside"] is True


def test_what_is_no_ping_is_not_answered(comms: RecordedComms, check: PageCheck) -> None:
    from_page(check, type="detach", page="p", n=1, seen=0, link="")
    assert pong(comms, check, n=2)["n"] == 2
    assert len(comms.custom("pong")) == 1


@pytest.mark.parametrize(
    ("where", "wanted", "relay", "offered"),
    [
        ("near", True, "", True),
        ("far", True, "1", True),
        ("far", True, "", False),
        ("", True, "1", False),
        ("near", False, "1", False),
    ],
)
def test_a_link_is_offered_to_whom_sessions_offer_one(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch, where: str, wanted: bool, relay: str,
    offered: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(link_policy(), "enabled", wanted)
    monkeypatch.setenv("HYPER_JUPYTER_RELAY", relay)
    check = PageCheck()
    offer = pong(comms, check, link=where)["link"]
    assert (offer is not None) is offered
    assert (check.facts["link"], check.facts["relay"]) == (wanted, bool(relay))
    if offer is not None:
        assert offer["relay"] is bool(relay)
        assert offer["secret"] not in json.dumps(check.get_state(), default=str)
    check.close()


def test_pings_on_a_link_are_answered_there(comms: RecordedComms, check: PageCheck) -> None:
    page = LinkedPage(pong(comms, check, link="near")["link"]).prove()
    page.send(type="ping", page="p", n=2, link="")
    message, buffers = page.receive()
    assert (message["type"], message["n"], buffers) == ("pong", 2, [])
    assert len(comms.custom("pong")) == 1
    page.socket.close()


def test_an_offer_ends_by_the_clock_and_takes_its_link_along(
    comms: RecordedComms, check: PageCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = LinkedPage(pong(comms, check, link="near")["link"]).prove()
    monkeypatch.setattr(page_check, "OFFERED_FOR", 0.05)
    pong(comms, check, link="near", n=2)  # the last offer counts
    with pytest.raises(ConnectionClosed):
        page.receive()
    assert listener()._sock is None
    page.socket.close()


def test_a_check_that_is_closed_offers_nothing_any_more(
    comms: RecordedComms, check: PageCheck
) -> None:
    page = LinkedPage(pong(comms, check, link="near")["link"]).prove()
    page.send(type="ping", page="p", n=2, link="")
    page.receive()
    check.close()
    with pytest.raises(ConnectionClosed):
        page.receive()
    assert listener()._sock is None
    page.socket.close()


def test_the_facts_are_what_the_kernel_knows(
    comms: RecordedComms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_check, "kernel_facts", lambda: KernelFacts("6.31.0", False))
    monkeypatch.delenv("HYPER_JUPYTER_RELAY", raising=False)
    check = PageCheck()
    assert check.facts == {
        "version": __version__, "ipykernel": "6.31.0", "subshells": False, "link": True,
        "relay": False,
    }  # fmt: skip
    check.close()


def test_readers_without_a_page_are_told_that_there_is_more_in_one(check: PageCheck) -> None:
    assert repr(check) == "(What %hyper_doctor finds on the page appears only in a live notebook.)"
