"""Deadlines: what is left of one, and a socket that keeps to it."""

from __future__ import annotations

import math
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hyper_jupyter.client.transport import deadline as deadline_module
from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 50.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(deadline_module, "time", made)
    return made


@pytest.fixture
def pair() -> Iterator[tuple[DeadlineSocket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with DeadlineSocket(fileno=ours.detach()) as mine, theirs:
        yield mine, theirs


def test_what_is_left_goes_down_to_zero_and_no_further(clock: Clock) -> None:
    deadline = Deadline(3)
    assert (deadline.seconds, deadline.remaining(), deadline.check()) == (3, 3, 3)
    clock.now += 2.5
    assert (deadline.remaining(), deadline.check()) == (0.5, 0.5)
    clock.now += 2.5
    assert deadline.remaining() == 0
    with pytest.raises(TimeoutError, match="timed out"):
        deadline.check()


@pytest.mark.parametrize("seconds", [0, -1])
def test_without_time_it_has_passed_from_the_beginning(clock: Clock, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        Deadline(seconds).check()


@pytest.mark.parametrize("seconds", [None, math.inf, 1e10])
def test_without_seconds_there_is_no_limit(clock: Clock, seconds: float | None) -> None:
    deadline = Deadline(seconds)
    clock.now += 1e9
    assert (deadline.seconds, deadline.remaining(), deadline.check()) == (seconds, None, None)


def test_what_is_no_number_of_seconds_is_refused() -> None:
    with pytest.raises(TypeError, match="'3' is neither a number of seconds"):
        Deadline("3")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nan is not a number of seconds"):
        Deadline(math.nan)  # it would be no limit


OPERATIONS: dict[str, Callable[[DeadlineSocket], Any]] = {
    "recv": lambda sock: sock.recv(10),
    "recv_into": lambda sock: sock.recv_into(bytearray(10)),
    "send": lambda sock: sock.send(b"x"),
    "sendall": lambda sock: sock.sendall(b"x"),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_after_the_deadline_nothing_is_read_or_sent(
    pair: tuple[DeadlineSocket, socket.socket], clock: Clock, name: str
) -> None:
    ours, theirs = pair
    theirs.sendall(b"waiting")
    ours.deadline = Deadline(1)
    clock.now += 2
    with pytest.raises(TimeoutError):
        OPERATIONS[name](ours)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)
    ours.deadline = None
    assert ours.recv(10) == b"waiting"


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_may_take_what_is_left(
    pair: tuple[DeadlineSocket, socket.socket], clock: Clock, name: str
) -> None:
    ours, theirs = pair
    theirs.sendall(b"data")
    ours.deadline = Deadline(60)
    clock.now += 20
    OPERATIONS[name](ours)
    assert ours.gettimeout() == 40


@pytest.mark.parametrize("name", ["recv", "recv_into"])
def test_a_read_that_waits_ends_at_the_deadline(
    pair: tuple[DeadlineSocket, socket.socket], name: str
) -> None:
    ours, _ = pair
    ours.deadline = Deadline(0.05)
    with pytest.raises(TimeoutError):
        OPERATIONS[name](ours)


def test_a_socket_is_quiet_while_nothing_comes_and_it_is_open(
    pair: tuple[DeadlineSocket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.deadline = Deadline(0)  # which does not count here
    assert ours.is_quiet()
    assert ours.is_quiet()
    assert not ours.has_ended()
    theirs.sendall(b"x")
    assert not ours.is_quiet()


@pytest.mark.parametrize("end", [lambda sock: sock.shutdown(socket.SHUT_WR), lambda s: s.close()])
def test_a_socket_that_has_ended_is_not_quiet(
    pair: tuple[DeadlineSocket, socket.socket], end: Callable[[socket.socket], None]
) -> None:
    ours, theirs = pair
    end(theirs)
    assert not ours.is_quiet()


@pytest.mark.parametrize(
    ("seconds", "sent"),
    [
        (0.0, (0, 0)),  # no limit
        (1e-9, (0, 1)),  # as short as can be, which must not be 0
        (0.25, (0, 250_000)),
        (2.0, (2, 0)),
        (1.5, (1, 500_000)),
    ],
)
def test_the_system_s_own_limit_is_in_seconds_and_microseconds(
    pair: tuple[DeadlineSocket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    sent: tuple[int, int],
) -> None:
    options: list[tuple[int, int, bytes]] = []
    monkeypatch.setattr(DeadlineSocket, "setsockopt", lambda _, *option: options.append(option))
    pair[0]._set_send_timeout(seconds)
    assert options == [(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", *sent))]
