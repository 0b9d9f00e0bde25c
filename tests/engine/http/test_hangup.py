"""Clients that go, over pairs of sockets: whose end is noticed, and whose is not."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable

import pytest

from hyper_jupyter.engine.http.hangup import HangupWatcher
from tests.engine.driver import TIMEOUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs epoll")


class Client:
    """Both ends of a connection, and the future that ends when the client is gone."""

    def __init__(self, watcher: HangupWatcher) -> None:
        self.server, self.socket = socket.socketpair()
        self.hung_up = watcher.watch(self.server.fileno())

    def close(self) -> None:
        self.server.close()
        self.socket.close()


def run(scenario: Callable[[HangupWatcher], Awaitable[None]]) -> None:
    async def main() -> None:
        watcher = HangupWatcher()
        try:
            await asyncio.wait_for(scenario(watcher), TIMEOUT)
        finally:
            watcher.close()

    asyncio.run(main())


def test_each_client_s_going_is_noticed_by_itself() -> None:
    async def scenario(watcher: HangupWatcher) -> None:
        clients = [Client(watcher) for _ in range(3)]
        clients[1].socket.close()
        await clients[1].hung_up
        assert [client.hung_up.done() for client in clients] == [False, True, False]
        for client in (clients[0], clients[2]):
            client.socket.close()
        await asyncio.gather(*(client.hung_up for client in clients))
        for client in clients:
            watcher.discard(client.server.fileno())
            client.close()

    run(scenario)


def test_a_client_that_only_ends_its_sending_is_still_there() -> None:
    async def scenario(watcher: HangupWatcher) -> None:
        half, gone = Client(watcher), Client(watcher)
        half.socket.sendall(b"unread")
        half.socket.shutdown(socket.SHUT_WR)
        gone.socket.close()
        await gone.hung_up  # noticed later than the other's end would be
        assert not half.hung_up.done()
        half.socket.close()
        await half.hung_up
        for client in (half, gone):
            client.close()

    run(scenario)


def test_a_client_that_is_discarded_is_not_watched_and_its_number_may_be_used_again() -> None:
    async def scenario(watcher: HangupWatcher) -> None:
        first = Client(watcher)
        number = first.server.fileno()
        watcher.discard(number)
        watcher.discard(number)
        assert first.hung_up.cancelled()
        again = watcher.watch(number)  # it is registered once, or this would fail
        first.socket.close()
        await again
        watcher.discard(number)
        assert watcher._futures == {}
        first.close()

    run(scenario)


def test_a_client_whose_handler_was_cancelled_may_go_later() -> None:
    async def scenario(watcher: HangupWatcher) -> None:
        first, second = Client(watcher), Client(watcher)
        first.hung_up.cancel()
        first.socket.close()
        second.socket.close()
        await second.hung_up
        assert first.hung_up.cancelled()
        for client in (first, second):
            watcher.discard(client.server.fileno())
            client.close()

    run(scenario)


def test_after_the_engine_s_end_clients_can_still_be_discarded() -> None:
    async def scenario(watcher: HangupWatcher) -> None:
        client = Client(watcher)
        watcher.close()
        watcher.close()
        watcher._readable()  # it was already on its way
        watcher.discard(client.server.fileno())
        assert client.hung_up.cancelled()
        late = watcher.watch(client.server.fileno())
        assert not late.done()
        client.close()

    run(scenario)
