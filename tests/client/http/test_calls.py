"""Calls on kept connections: what is sent again, what never is, and each call's deadline."""

from __future__ import annotations

import time

import pytest

from hyper_jupyter.exceptions import (
    ConnectionFailed,
    ProtocolError,
)
from tests.client.servers import Peer, Script, answer
from tests.client.ways import FINE, SHORT, Open


def hangs_up_on_the_second(server_answer: bytes) -> dict[str, Script]:
    """Answers the first request of a route, takes the second, and ends without a word."""
    seen: list[int] = []

    def script(peer: Peer) -> bool:
        seen.append(1)
        if len(seen) == 2:
            return False
        peer.send(server_answer)
        return True

    return {"GET /x": script, "POST /x": script, "DELETE /x": script}


def test_a_get_whose_connection_ends_under_it_is_asked_again_once(way: Open) -> None:
    there = way(hangs_up_on_the_second(FINE))
    client = there.client()
    client.call("GET", "/x")
    assert client.call("GET", "/x").body == b"{}"
    assert there.used == 2
    assert [line.split()[1] for line in there.server.lines] == ["/v1.45/x"] * 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_may_have_been_acted_on_is_never_sent_twice(way: Open, method: str) -> None:
    there = way(hangs_up_on_the_second(FINE))
    client = there.client()
    client.call(method, "/x")
    with pytest.raises(ConnectionFailed, match=r"the call to .* failed: ") as caught:
        client.call(method, "/x")
    assert caught.value.hint == "The engine may have carried it out: check before you repeat it."
    assert len(there.server.lines) == 2
    client.call("POST", "/fine")


def test_a_get_that_is_cut_off_again_and_again_is_asked_twice_at_most(
    way: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = way({"GET /cut": lambda _: False})
    client = there.client()
    idle = client._calls._idle
    other = idle.take()
    assert other is not None
    client.call("GET", "/fine")
    close = idle.close

    def meanwhile() -> None:
        close()
        idle.put(other)  # as another thread might

    monkeypatch.setattr(idle, "close", meanwhile)
    with pytest.raises(ConnectionFailed):
        client.call("GET", "/cut")
    assert [line for line in there.server.lines if "/cut" in line] == there.server.lines[-2:]
    close()


def test_one_that_ended_under_a_call_takes_the_others_with_it(way: Open) -> None:
    there = way({"GET /cut": lambda _: False})
    client = there.client()
    first = client._calls._idle.take()
    client.call("GET", "/fine")
    assert first is not None
    client._calls._idle.put(first)
    assert len(client._calls._idle._waiting) == 2
    with pytest.raises(ConnectionFailed):
        client.call("GET", "/cut")
    assert not client._calls._idle._waiting


def test_an_answer_larger_than_we_take_ends_its_connection(way: Open) -> None:
    def flood(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.repeat(b"x" * (1 << 20))

    there = way({"GET /flood": flood})
    client = there.client()
    with pytest.raises(ProtocolError, match="the answer to /flood is larger than"):
        client.call("GET", "/flood")
    client.call("POST", "/fine")
    assert there.used == 2


def test_each_call_has_its_own_deadline(way: Open) -> None:
    there = way({"GET /slow": Peer.wait_for_end})
    client = there.client()
    client.call("GET", "/fine", timeout=5)
    before = time.monotonic()
    with pytest.raises(ConnectionFailed, match=r"no answer from .* within 0\.3 s"):
        client.call("GET", "/slow", timeout=SHORT)
    assert time.monotonic() - before < SHORT + 3
    assert there.used == 1
    client.call("GET", "/fine")
    assert there.used == 2


def test_a_call_without_a_limit_waits_though_the_one_before_had_one(way: Open) -> None:
    def late(peer: Peer) -> None:
        assert not peer.hung_up(0.5)
        peer.send(answer({"StatusCode": 3}))

    there = way({"POST /containers/x/wait": late})
    client = there.client(timeout=SHORT + 5)
    client.call("GET", "/fine", timeout=SHORT + 5)
    assert client.wait("x") == 3
    assert there.used == 1
