"""Kept connections: which calls use one, and what they leave."""

from __future__ import annotations

import select
import threading
from pathlib import Path

import pytest

from hyper_jupyter.client import (
    Discovery,
    Endpoint,
    EngineClient,
)
from hyper_jupyter.client.transport.idle import MAX_WAITING
from hyper_jupyter.exceptions import (
    HyperJupyterError,
    NotFound,
)
from tests.client.servers import KEEP, Peer, ScriptedServer, answer
from tests.client.ways import FINE, Clock, Open


def test_calls_one_after_another_share_a_connection(way: Open) -> None:
    there = way()
    client = there.client()
    for _ in range(5):
        assert client.call("GET", "/fine").body == b"{}"
        assert client.call("POST", "/fine").body == b"{}"
    assert there.used == 1
    assert there.server.requests[-1].headers["connection"] == "keep-alive"


def test_errors_and_answers_without_a_body_and_in_chunks_keep_it_too(way: Open) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
    there = way({
        "GET /no": answer(b"", "404 Not Found", KEEP),
        "POST /nothing": b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n",
        "POST /already": b"HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n",
        "GET /chunks": chunked + b"2\r\nhi\r\n0\r\n\r\n",
    })  # fmt: skip
    client = there.client()
    with pytest.raises(NotFound):
        client.call("GET", "/no")
    assert client.call("POST", "/nothing").status == 204
    assert client.call("POST", "/already").status == 304
    assert client.call("GET", "/chunks").body == b"hi"
    client.call("GET", "/fine")
    assert there.used == 1


def test_without_a_clock_each_call_has_its_own(way: Open) -> None:
    there = way()
    client = there.client(schedule=None)
    client.call("GET", "/fine")
    assert there.used == 3
    assert there.server.requests[-1].headers["connection"] == "close"


def test_a_unix_socket_s_connections_are_not_kept(folder: Path, clock: Clock) -> None:
    with ScriptedServer(folder / "s", {"GET /fine": FINE}) as server:
        found = Discovery(Endpoint.parse(server.url), "")
        EngineClient(found, schedule=clock.call_later).call("GET", "/fine")
        assert server.requests[-1].headers["connection"] == "close"
        assert (server.dialled, clock.asked) == (3, 0)


def test_a_stream_dials_its_own(way: Open) -> None:
    there = way()
    client = there.client()
    connection, exchange = client.open("GET", "/fine")
    with connection:
        connection.sendall(exchange.data_to_send())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert there.used == 2


def test_threads_never_share_one_and_few_are_kept(way: Open) -> None:
    together = threading.Barrier(6, timeout=10)

    def wait_for_all(peer: Peer) -> bool:
        together.wait()
        peer.send(FINE)
        return True

    there = way({"GET /together": wait_for_all})
    client = there.client()
    faults: list[HyperJupyterError] = []

    def call() -> None:
        try:
            client.call("GET", "/together")
        except HyperJupyterError as error:
            faults.append(error)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, there.used) == ([], 6)
    assert len(client._calls._idle._waiting) == MAX_WAITING


@pytest.mark.parametrize(
    "script",
    [
        answer(b"{}"),
        FINE + b"more",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["close", "something after it", "no length", "1.0"],
)
def test_an_answer_that_ends_its_connection_is_the_last_one(way: Open, script: bytes) -> None:
    there = way({"GET /last": script})
    client = there.client()
    assert client.call("GET", "/last").body == b"{}"
    client.call("POST", "/fine")
    assert there.used == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["end", "garbage"])
def test_one_that_died_or_babbled_while_it_waited_is_replaced_without_a_word(
    way: Open, method: str, more: bytes
) -> None:
    done = threading.Event()

    def leave(peer: Peer) -> None:
        peer.send(FINE)
        done.wait(10)  # the client has kept it
        peer.send(more)

    there = way({"GET /leave": leave})
    client = there.client()
    client.call("GET", "/leave")
    kept = client._calls._idle._waiting[-1][1]
    assert kept.is_quiet()
    done.set()
    assert select.select([kept], [], [], 10)[0]
    assert client.call(method, "/fine").status == 200
    assert there.used == 2
