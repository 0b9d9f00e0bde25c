"""A log before the output of an attachment: nothing twice, nothing lost, and the end last."""

from __future__ import annotations

from typing import Any

import pytest

from hyper_jupyter.exceptions import ConnectionLost, HyperJupyterError
from hyper_jupyter.protocol import Output, StreamType
from hyper_jupyter.session.attach.logs.log_merge import LogMerge, LogReader
from tests.session.attach.subscribers import ListedSubscriber

OUT, ERR = StreamType.STDOUT, StreamType.STDERR


class ListedConnection:
    """Lists who subscribes to it and who leaves, in order; it may have ended."""

    def __init__(self, *, ended: bool = False, error: HyperJupyterError | None = None) -> None:
        self.ended = ended
        self.error = error
        self.happened: list[tuple[str, Any]] = []

    def subscribe(self, subscriber: Any) -> bool:
        if not self.ended:
            self.happened.append(("subscribe", subscriber))
        return not self.ended

    def unsubscribe(self, subscriber: Any) -> None:
        self.happened.append(("unsubscribe", subscriber))


def merged(
    log: list[tuple[StreamType, bytes]], live: list[tuple[StreamType, bytes]]
) -> list[Output]:
    """What a subscriber gets of a log and of what came meanwhile."""
    subscriber = ListedSubscriber()
    merge = LogMerge(subscriber)
    for output in live[:1]:
        merge.receive_output([Output(*output)])
    merge.log.receive_output([Output(*output) for output in log])
    merge.receive_output([Output(*output) for output in live[1:]])
    assert subscriber.received == []
    connection: Any = ListedConnection()
    merge.release(connection)
    return subscriber.received


@pytest.mark.parametrize(
    ("log", "live", "expected"),
    [
        ([], [], []),
        ([(OUT, b"before\n")], [], [(OUT, b"before\n")]),
        ([], [(OUT, b"now\n")], [(OUT, b"now\n")]),
        ([(OUT, b"a\nb\n")], [(OUT, b"b\nc\n")], [(OUT, b"a\nb\nc\n")]),
        ([(OUT, b"a\nb\n")], [(OUT, b"b"), (OUT, b"\n")], [(OUT, b"a\nb\n")]),
        ([(OUT, b"a\n"), (OUT, b"b\n")], [(OUT, b"c\n")], [(OUT, b"a\nb\nc\n")]),
        (
            [(ERR, b"e1\n"), (OUT, b"o1\n"), (ERR, b"e2\n")],
            [(ERR, b"e2\n"), (OUT, b"o2\n"), (ERR, b"e3\n")],
            [(OUT, b"o1\no2\n"), (ERR, b"e1\ne2\ne3\n")],
        ),
    ],
    ids=["nothing", "log only", "live only", "seam", "live in log", "no seam", "two streams"],
)
def test_what_is_in_both_comes_once(
    log: list[tuple[StreamType, bytes]],
    live: list[tuple[StreamType, bytes]],
    expected: list[tuple[StreamType, bytes]],
) -> None:
    assert merged(log, live) == [Output(*output) for output in expected]


def test_behind_the_log_the_connection_delivers_to_the_session_itself() -> None:
    subscriber = ListedSubscriber()
    merge = LogMerge(subscriber)
    connection: Any = ListedConnection()
    merge.release(connection)
    # In this order: a connection that nobody uses is closed.
    assert connection.happened == [("subscribe", subscriber), ("unsubscribe", merge)]
    assert subscriber.received == []


@pytest.mark.parametrize("error", [None, ConnectionLost("gone")])
def test_an_end_that_came_before_the_log_comes_behind_it(
    error: HyperJupyterError | None,
) -> None:
    subscriber = ListedSubscriber()
    merge = LogMerge(subscriber)
    connection: Any = ListedConnection(ended=True, error=error)
    merge.receive_output([Output(OUT, b"last\n")])
    merge.receive_end(connection, error)
    assert subscriber.received == []
    merge.log.receive_output([Output(OUT, b"first\n")])
    merge.release(connection)
    assert subscriber.received == [Output(OUT, b"first\nlast\n"), ("end", connection, error)]


def test_a_connection_that_was_closed_meanwhile_leaves_no_session_without_an_end() -> None:
    subscriber = ListedSubscriber()
    merge = LogMerge(subscriber)
    error = ConnectionLost("another session closed it")
    connection: Any = ListedConnection(ended=True, error=error)
    merge.release(connection)
    assert subscriber.received == [("end", connection, error)]


def test_a_log_is_read_to_its_end_and_keeps_what_broke_it() -> None:
    log = LogReader()
    connection: Any = object()
    log.receive_output([Output(OUT, b"a"), Output(ERR, b"b")])
    log.receive_output([Output(OUT, b"c")])
    assert not log.done.is_set()
    error = ConnectionLost("gone")
    log.receive_end(connection, error)
    assert log.done.is_set()
    assert (log.pieces, log.error) == ({OUT: [b"a", b"c"], ERR: [b"b"]}, error)
