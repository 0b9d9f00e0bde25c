"""Who is offered a link, and how links are turned off."""

from __future__ import annotations

import errno
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.settings.direct_link import DirectLink
from hyper_jupyter.widgets.page import listener
from hyper_jupyter.widgets.page.listener import is_relayed, offer_link
from tests.widgets.pages import RecordingReceiver


class RecordedListener:
    """Notes what it is asked for; an ``error`` is raised by every offer."""

    def __init__(self) -> None:
        self.offered: list[tuple[str, Any]] = []
        self.closed = 0
        self.error: OSError | None = None

    def offer(self, name: str, receiver: Any) -> tuple[int, str]:
        self.offered.append((name, receiver))
        if self.error is not None:
            raise self.error
        return 4242, "the secret"

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> RecordedListener:
    made = RecordedListener()
    monkeypatch.setattr(listener, "listener", lambda: made)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.delenv(listener.RELAY, raising=False)
    return made


@pytest.mark.parametrize(
    ("said", "parent", "relayed"),
    [
        (None, None, False),
        ("", None, False),
        ("", "", False),
        ("77", None, True),
        ("77", "77", True),
        ("77", "78", False),  # inherited from a server in one of whose cells this one was started
    ],
)
def test_the_servers_word_counts_if_it_is_this_kernels_server(
    monkeypatch: pytest.MonkeyPatch, said: str | None, parent: str | None, relayed: bool
) -> None:
    for name, value in ((listener.RELAY, said), ("JPY_PARENT_PID", parent)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert is_relayed() is relayed


@pytest.mark.parametrize(
    ("where", "relay", "enabled", "offered"),
    [
        ("near", "", True, True),
        ("near", "77", True, True),
        ("far", "77", True, True),
        ("far", "", True, False),
        ("", "", True, False),
        ("", "77", True, False),
        ("near", "77", False, False),
        ("far", "77", False, False),
    ],
)
def test_a_link_is_offered_to_a_page_that_can_use_it(
    recorded: RecordedListener, monkeypatch: pytest.MonkeyPatch, where: str, relay: str,
    enabled: bool, offered: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv(listener.RELAY, relay)
    monkeypatch.setattr(listener, "link_policy", lambda: SimpleNamespace(enabled=enabled))
    receiver = RecordingReceiver()
    offer = offer_link(where, "name", receiver)
    if not offered:
        assert (offer, recorded.offered) == (None, [])
        return
    assert offer == {
        "port": 4242, "name": "name", "secret": "the secret", "relay": bool(relay),
    }  # fmt: skip
    assert recorded.offered == [("name", receiver)]


def test_without_a_port_there_is_no_offer(recorded: RecordedListener) -> None:
    recorded.error = OSError("no descriptors")
    assert offer_link("near", "name", RecordingReceiver()) is None


def test_links_are_closed_when_they_are_turned_off_and_not_when_turned_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = DirectLink()
    monkeypatch.setattr(listener, "link_policy", lambda: policy)
    monkeypatch.setattr(listener, "_listener", None)
    for _ in range(2):  # asked for again, it is told no more often
        made = listener.listener()
    closed: list[bool] = []
    monkeypatch.setattr(made, "close", lambda: closed.append(True))
    policy.enabled = False
    assert closed == [True]
    policy.enabled = True
    assert closed == [True]


def test_an_offer_that_is_made_again_is_the_same(request: pytest.FixtureRequest) -> None:
    loop = Loop()
    request.addfinalizer(loop.close)
    listening = listener.Listener(loop)
    first = listening.offer("name", RecordingReceiver())
    assert listening.offer("name", RecordingReceiver()) == first
    assert listening.offer("another", RecordingReceiver())[0] == first[0]
    listening.discard("nobody")
    listening.discard("name")
    assert listening.offer("another", RecordingReceiver())[0] == first[0]  # it still listens
    listening.discard("another")
    assert listening._sock is None
    listening.close()


@pytest.mark.parametrize(
    ("number", "pauses"), [(errno.EMFILE, True), (errno.EAGAIN, False), (errno.ECONNABORTED, False)]
)
def test_a_listener_that_cannot_accept_pauses_where_trying_again_would_be_no_use(
    number: int, pauses: bool
) -> None:
    done: list[Any] = []
    loop: Any = SimpleNamespace(
        unregister=lambda _: done.append("unregister"),
        register=lambda *_: done.append("register"),
        call_later=lambda seconds, call: (done.append(seconds), call()),
    )

    def fail() -> None:
        raise OSError(number, "no connection")

    listening = listener.Listener(loop)
    listening._accept(SimpleNamespace(accept=fail, fileno=lambda: 3))  # type: ignore[arg-type]
    assert done == (["unregister", listener.PAUSE, "register"] if pauses else [])
    assert not listening._links
