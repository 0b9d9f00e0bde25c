"""One wait request for all sessions that have left a container."""

from __future__ import annotations

import gc
import queue
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from hyper_jupyter.client import Container, Deadline
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError, NotFound
from hyper_jupyter.session import runtime, shutdown
from hyper_jupyter.session.attach import shared_exit as module
from hyper_jupyter.session.attach.exit_watch import ExitWatch
from hyper_jupyter.session.attach.shared_exit import share_exit, unshare_exit
from hyper_jupyter.session.attach.target import target_of
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, plan_of

PATIENCE = 10.0
FIRST, SECOND = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"


class Left:
    """A session that leaves, with a wait request of its own.

    Attributes:
        told: what came of it.
        peer: the engine's end of its request.
        shares: whether its request is the one that stays.
    """

    def __init__(self, client: Any, run: str, connection: Any = None) -> None:
        self.told: queue.Queue[Any] = queue.Queue()
        self.target = target_of(client, Container("f00d", "web", "busybox"), plan_of(DOCKER))
        self.client = client
        watch = ExitWatch(client, self.target, self)
        watch.open("not-running", Deadline(PATIENCE))
        self.peer: socket.socket = client.peer()
        self.shares = share_exit(client, self.target, watch, run, self, connection)

    def receive_exit(self, code: int | None) -> None:
        self.told.put(code)

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        self.told.put(error)

    def outcome(self) -> Any:
        return self.told.get(timeout=PATIENCE)

    def ended(self) -> bool:
        return not self.peer.recv(1)

    def answer(self, code: int) -> None:
        send(self.peer, code)


class ParkedInput:
    """A connection that carries stdin."""

    def __init__(self) -> None:
        self.ended = False
        self.closed = threading.Event()

    def close(self) -> None:
        self.ended = True
        self.closed.set()


def send(peer: socket.socket, code: int) -> None:
    body = b'{"StatusCode":%d}' % code
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@pytest.fixture
def client() -> Iterator[Any]:
    made = PairedClient(DOCKER)
    module._shared.clear()  # other tests have left the same container
    yield made
    made.close()
    module._shared.clear()


def test_the_first_request_is_kept_and_the_others_are_closed(client: Any) -> None:
    first, second, third = (Left(client, FIRST) for _ in range(3))
    assert (first.shares, second.shares, third.shares) == (True, False, False)
    assert second.ended()
    assert third.ended()
    first.answer(5)
    assert [each.outcome() for each in (first, second, third)] == [5, 5, 5]
    assert module._shared == {}


def test_the_exit_of_another_run_is_another_exit(client: Any) -> None:
    first, second = Left(client, FIRST), Left(client, SECOND)
    assert (first.shares, second.shares) == (True, True)
    second.answer(2)
    assert second.outcome() == 2
    first.answer(1)
    assert first.outcome() == 1


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"Status": "exited", "ExitCode": 7, "StartedAt": SECOND}, 7),
        (None, 3),
        ({"Status": "running", "Running": True, "StartedAt": "later"}, 3),
        ({"Status": "exited", "ExitCode": 7, "StartedAt": "later"}, 3),
        ({"Status": "exited", "ExitCode": 7}, 7),
    ],
    ids=["ended", "gone", "runs again", "has run again", "ended at an engine without times"],
)
def test_a_run_that_was_unknown_is_looked_up(client: Any, state: Any, told: int) -> None:
    first, second = Left(client, ""), Left(client, SECOND)
    client.inspected = [NotFound(404, "gone") if state is None else {"State": state}]
    first.answer(3)
    assert first.outcome() == 3  # whose request it was
    assert second.outcome() == told


def test_a_report_of_the_run_before_is_not_taken_for_that_of_this_one(client: Any) -> None:
    first, second = Left(client, ""), Left(client, SECOND)
    client.inspected = [{"State": {"Status": "running", "Running": True, "StartedAt": SECOND}}]
    first.answer(3)
    assert first.outcome() == 3
    send(client.peer(), 4)
    assert second.outcome() == 4


def test_an_engine_that_cannot_be_asked_is_said_to_each(client: Any) -> None:
    first, second = Left(client, ""), Left(client, SECOND)
    error = ConnectionFailed("nobody is there")
    client.inspected = [error]
    first.answer(3)
    assert (first.outcome(), second.outcome()) == (3, error)


def test_an_exit_that_is_no_longer_watched_is_said_to_each(client: Any) -> None:
    first, second = Left(client, FIRST), Left(client, FIRST)
    error = ConnectionFailed("nobody listens")
    error.absent = True
    client.inspected = [error]
    first.peer.close()
    assert str(first.outcome()) == str(second.outcome()) == "the engine is gone: nobody listens"
    assert Left(client, FIRST).shares  # whoever leaves next has it watched again


def test_nobody_is_kept_by_it(client: Any) -> None:
    gc.collect()
    first, second = Left(client, FIRST), Left(client, FIRST)
    gone = first.told
    del first
    second.client.inspected = [{"State": {}}]
    ((_, shared),) = module._shared.items()
    assert [reference() for reference, _ in shared._living()] == [second]
    assert gone.empty()


def test_the_engine_is_asked_again_only_as_long_as_somebody_wants_the_exit(client: Any) -> None:
    first = Left(client, FIRST)
    (shared,) = module._shared.values()
    assert shared.is_wanted()
    peer = first.peer
    del first
    gc.collect()
    asked = len(client.calls)
    peer.close()  # else it would be inspected, and the request sent again
    after: queue.Queue[None] = queue.Queue()
    until = time.monotonic() + PATIENCE
    while module._shared and time.monotonic() < until:
        runtime().calls.submit(lambda: after.put(None))
        after.get(timeout=PATIENCE)
    assert (module._shared, len(client.calls)) == ({}, asked)
    second = Left(client, FIRST)
    assert second.shares
    second.answer(4)
    assert second.outcome() == 4


def test_an_input_that_is_kept_has_the_exit_watched_without_a_session(client: Any) -> None:
    first = Left(client, FIRST, ParkedInput())
    (shared,) = module._shared.values()
    unshare_exit(client, first.target, first)
    assert shared.is_wanted()


def test_a_request_that_nobody_wants_any_more_is_closed(client: Any) -> None:
    first, second = Left(client, FIRST), Left(client, FIRST)
    unshare_exit(client, second.target, second)
    assert list(module._shared) == [("unix:///paired", "f00d")]
    unshare_exit(client, first.target, first)
    assert first.ended()
    assert module._shared == {}
    unshare_exit(client, first.target, first)


def test_an_input_that_is_kept_ends_with_the_container(client: Any) -> None:
    kept, ended = ParkedInput(), ParkedInput()
    ended.ended = True
    first, second = Left(client, FIRST, kept), Left(client, FIRST, kept)
    unshare_exit(client, first.target, first)
    unshare_exit(client, second.target, second)
    assert list(module._shared)  # the connection has to be closed at the exit
    assert not kept.ended
    first.answer(0)
    assert kept.closed.wait(PATIENCE)
    third = Left(client, FIRST, ended)
    assert third.shares
    unshare_exit(client, third.target, third)
    assert third.ended()


def test_a_request_of_threads_that_have_ended_is_not_joined(client: Any) -> None:
    first = Left(client, FIRST)
    assert first.shares
    shutdown()
    assert Left(client, FIRST).shares


def test_an_exit_that_was_reported_already_is_not_shared(client: Any) -> None:
    observer = Left.__new__(Left)
    observer.told = queue.Queue()
    target = target_of(client, Container("f00d", "web", "busybox"), plan_of(DOCKER))
    watch = ExitWatch(client, target, observer)
    watch.open("not-running", Deadline(PATIENCE))
    send(client.peer(), 6)
    assert observer.outcome() == 6
    assert not share_exit(client, target, watch, FIRST, observer)
    assert module._shared == {}
