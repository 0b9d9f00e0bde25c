"""The output of a new life is held back until what came before is there."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.life_merge import LifeMerge
from tests.session.attach.subscribers import ListedSubscriber

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


class OneConnection:
    """A connection that takes a subscriber unless it has ended."""

    def __init__(self, *, ended: bool = False, error: Exception | None = None) -> None:
        self.error = error
        self.happened: list[Any] = []
        self._ended = ended

    def subscribe(self, subscriber: Any) -> bool:
        self.happened.append(("subscribe", subscriber))
        return not self._ended

    def unsubscribe(self, subscriber: Any) -> None:
        self.happened.append(("unsubscribe", subscriber))


def test_what_was_printed_before_comes_first_then_the_connection_delivers_itself() -> None:
    subscriber, connection = ListedSubscriber(), OneConnection()
    merge = LifeMerge(subscriber)
    merge.receive_output([Output(OUT, b"live\n")])
    assert subscriber.received == []
    early = Output(OUT, b"early\n")
    merge.release(connection, lambda: subscriber.receive_output([early]))  # type: ignore[arg-type]
    assert subscriber.received == [early, Output(OUT, b"live\n")]
    # In this order: a connection without subscribers is closed.
    assert connection.happened == [("subscribe", subscriber), ("unsubscribe", merge)]


@pytest.mark.parametrize("error", [None, ConnectionLost("gone")])
def test_an_end_that_came_meanwhile_comes_last(error: ConnectionLost | None) -> None:
    subscriber = ListedSubscriber()
    connection: Any = OneConnection(ended=True, error=error)
    merge = LifeMerge(subscriber)
    merge.receive_output([Output(ERR, b"last\n")])
    merge.receive_end(connection, error)
    assert (merge.ended, subscriber.received) == (True, [])
    merge.release(connection, lambda: None)
    assert subscriber.received == [Output(ERR, b"last\n"), ("end", connection, error)]


def test_the_beginning_of_what_is_held_can_be_seen() -> None:
    merge = LifeMerge(ListedSubscriber())
    merge.receive_output([Output(OUT, b"abc"), Output(ERR, b"x"), Output(OUT, b"de")])
    assert merge.received(4) == {OUT: (b"abcd", 5), ERR: (b"x", 1)}
