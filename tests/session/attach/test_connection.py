"""A connection that several sessions may share."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionLost,
    HyperJupyterError,
    ProtocolError,
)
from hyper_jupyter.protocol import Output, StreamType, encode_frame
from hyper_jupyter.protocol.log_entries import Entries, LogTimes
from hyper_jupyter.session import State
from hyper_jupyter.session.attach import connection as module
from hyper_jupyter.session.attach.connection import INPUT_LIMIT, Connection
from hyper_jupyter.session.attach.target import Framing, Stamps, StreamRequest
from hyper_jupyter.session.io.waiting import Waiting
from hyper_jupyter.session.store.frame_record import FrameRecord
from tests.session.attach.connections import FRAMED, opened
from tests.session.attach.subscribers import ListedSubscriber
from tests.session.clients import patient
from tests.session.rules.plans import PODMAN
from tests.session.servers import HEAD_101, HEAD_200, IDENTIFIER, REFUSED, MoodyEngine, sends, stays

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
ERR = encode_frame(StreamType.STDERR, b"oh\n")
STDOUT, STDERR = StreamType.STDOUT, StreamType.STDERR
RAW = replace(FRAMED, framing=Framing.RAW)


# -- what comes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "sent", "received"),
    [
        (FRAMED, OUT + ERR, [Output(STDOUT, b"kept\n"), Output(STDERR, b"oh\n")]),
        (RAW, b"raw\r\n", [Output(STDOUT, b"raw\r\n")]),
    ],
    ids=["framed", "raw"],
)
def test_all_subscribers_get_what_comes_on_the_io_thread(
    client: Any, request_: StreamRequest, sent: bytes, received: list[Output]
) -> None:
    connection = Connection(client, request_)
    one, other = ListedSubscriber(), ListedSubscriber()
    assert connection.subscribe(one)
    assert connection.subscribe(other)
    assert not connection.opened
    peer, _ = opened(client, connection)
    assert connection.opened
    peer.sendall(sent)
    for each in (one, other):
        assert each.await_bytes(sum(len(data) for _, data in received)) == received
        assert each.threads == {"hyper_jupyter I/O"}
    connection.close()


@pytest.mark.parametrize(
    ("tail", "kind", "text"),
    [
        (b"", None, ""),
        (b"\x01\0\0", ConnectionLost, "the stream ended inside a frame"),
        (
            encode_frame(StreamType.SYSTEMERR, b"disk\x1b[31m full"),
            ConnectionLost,
            "the engine reports: disk [31m full",
        ),
        (b"\x07\0\0\0\0\0\0\x01x", ProtocolError, "unrecognized stream: 7"),
    ],
    ids=["in order", "cut", "the engine's error", "garbage"],
)
@pytest.mark.parametrize("glued", [True, False], ids=["glued", "apart"])
def test_the_end_comes_once_behind_all_output(
    client: Any, tail: bytes, kind: type[Exception] | None, text: str, glued: bool
) -> None:
    connection = Connection(client, FRAMED)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    if glued:
        peer.sendall(OUT + tail)
    else:
        peer.sendall(OUT)
        subscriber.await_bytes(5)
        peer.sendall(tail)
    peer.shutdown(socket.SHUT_WR)
    output, (word, _, error) = subscriber.await_end()
    assert (output, word) == (Output(STDOUT, b"kept\n"), "end")
    assert (error is None) if kind is None else (type(error) is kind and text in str(error))
    assert (connection.ended, connection.error) == (True, error)
    assert not connection.subscribe(ListedSubscriber())


def test_nothing_follows_a_fault(client: Any) -> None:
    connection = Connection(client, FRAMED)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(b"\x07\0\0\0\0\0\0\x01x" + OUT)
    subscriber.await_end()
    assert peer.recv(1) == b""  # we have closed it
    assert len(subscriber.received) == 1


def test_who_leaves_gets_no_more_and_the_last_one_closes_it(client: Any) -> None:
    connection = Connection(client, FRAMED)
    one, other = ListedSubscriber(), ListedSubscriber()
    connection.subscribe(one)
    connection.subscribe(other)
    peer, _ = opened(client, connection)
    connection.unsubscribe(one)
    peer.sendall(OUT)
    other.await_bytes(5)
    assert (one.received, connection.ended) == ([], False)
    connection.unsubscribe(other)
    assert peer.recv(1) == b""
    assert connection.ended


def test_a_fault_behind_a_close_changes_nothing(client: Any) -> None:
    class Closer(ListedSubscriber):
        def receive_output(
            self, outputs: Sequence[Output], _times: LogTimes | None = None, /
        ) -> None:
            super().receive_output(outputs)
            connection.close()

    connection = Connection(client, FRAMED)
    subscriber = Closer()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(OUT + encode_frame(StreamType.SYSTEMERR, b"disk full"))
    output, (_, _, error) = subscriber.await_end()
    assert (output, connection.error) == (Output(STDOUT, b"kept\n"), error)
    assert str(error) == "another session of this notebook closed the connection"


# -- what goes -------------------------------------------------------------------------------


def test_input_from_before_the_answer_goes_behind_it_in_order(client: Any) -> None:
    connection = Connection(client, FRAMED)
    connection.subscribe(ListedSubscriber())
    assert connection.write(b"one ", 0)
    assert connection.write(b"two ", 0)
    peer, _ = opened(client, connection)
    assert connection.write(b"three", PATIENCE)
    connection.end_input()
    received = b""
    while piece := peer.recv(100):
        received += piece
    assert received == b"one two three"
    assert not connection.write(b"more", 0)
    assert not connection.ended  # output may still come
    connection.close()


def test_the_end_of_input_from_before_the_answer_goes_behind_it_too(client: Any) -> None:
    connection = Connection(client, FRAMED)
    connection.subscribe(ListedSubscriber())
    connection.write(b"all", 0)
    connection.end_input()
    peer, _ = opened(client, connection)
    received = b""
    while piece := peer.recv(100):
        received += piece
    assert received == b"all"
    connection.close()


def test_early_input_is_bounded_and_one_piece_may_be_larger(client: Any) -> None:
    connection = Connection(client, FRAMED)
    assert connection.write(bytes(INPUT_LIMIT + 1), 0)
    assert not connection.write(b"x", 0)
    other = Connection(client, FRAMED)
    assert other.write(bytes(INPUT_LIMIT - 1), 0)
    assert other.write(b"x", 0)
    assert not other.write(b"x", 0)


class NoticedWaiting(Waiting):
    """Calls a function before somebody waits, under the lock."""

    __slots__ = ("notice",)

    def __init__(self, notice: Callable[[], object]) -> None:
        super().__init__()
        self.notice = notice

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        if not predicate():
            self.notice()
        return super().wait_for(predicate, timeout)


def test_who_waits_for_room_is_woken_by_the_end(client: Any) -> None:
    connection = Connection(client, FRAMED)
    connection.write(bytes(INPUT_LIMIT), 0)
    # Who closes it waits for the lock.
    close = threading.Thread(target=connection.close)
    connection._condition = NoticedWaiting(close.start)
    assert not connection.write(b"x", None)


def test_a_close_is_ours_only_where_it_was_still_open(client: Any) -> None:
    ours, theirs = Connection(client, FRAMED), Connection(client, FRAMED)
    opened(client, ours)
    ours.close()
    assert (ours.ended, ours.closed) == (True, True)
    listener = ListedSubscriber()
    theirs.subscribe(listener)
    peer, _ = opened(client, theirs)
    peer.close()
    listener.await_end()
    theirs.close()
    assert (theirs.ended, theirs.closed) == (True, False)


# -- opening ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "wanted", "upgraded"),
    [(HEAD_101, True, True), (HEAD_200, True, False), (HEAD_200, False, True)],
    ids=["101", "200", "a plain answer"],
)
def test_an_answer_without_the_upgrade_is_noticed(
    client: Any, head: bytes, wanted: bool, upgraded: bool
) -> None:
    connection = Connection(client, replace(FRAMED, upgrade=wanted))
    assert connection.upgraded
    _, raised = opened(client, connection, head)
    assert (raised, connection.upgraded) == (None, upgraded)
    connection.close()


def test_an_error_is_raised_where_it_is_opened_and_where_it_is_waited_for(client: Any) -> None:
    connection = Connection(client, FRAMED)
    _, raised = opened(client, connection, REFUSED)
    assert isinstance(raised, ApiError)
    assert str(raised) == "busy"
    with pytest.raises(ApiError) as caught:
        connection.await_opened(Deadline(0))
    assert (caught.value.args, caught.value.status) == (raised.args, raised.status)


def test_a_connection_that_is_closed_while_it_is_dialled_leaves_nothing_open(client: Any) -> None:
    connection = Connection(client, FRAMED)
    dialled: list[socket.socket] = []
    dial = client.open

    def open_and_close(*arguments: Any, **options: Any) -> Any:
        made = dial(*arguments, **options)
        dialled.append(made[0])
        connection.close()
        return made

    client.open = open_and_close
    with pytest.raises(ConnectionLost, match="closed while it was opened"):
        connection.open(Deadline(PATIENCE))
    assert dialled[0].fileno() == -1


# -- whole sessions --------------------------------------------------------------------------


def test_who_attaches_while_the_shared_connection_is_opened_gets_its_error_too(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = patient(engine(sends(REFUSED)))
    client.profile = PODMAN
    client.gate = threading.Event()
    errors: list[HyperJupyterError] = []

    def attach() -> None:
        try:
            client.attach(IDENTIFIER)
        except HyperJupyterError as error:
            errors.append(error)

    waits = threading.Event()
    await_opened = Connection.await_opened

    def await_it(connection: Connection, deadline: Deadline) -> None:
        waits.set()
        await_opened(connection, deadline)

    monkeypatch.setattr(Connection, "await_opened", await_it)
    threads = [threading.Thread(target=attach) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert waits.wait(PATIENCE)  # that is the second one: the first has not dialled yet
    client.gate.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert [type(error) for error in errors] == [ApiError, ApiError]


def test_closing_a_shared_connection_by_force_is_told_to_the_other_session(
    engine: Callable[..., MoodyEngine],
) -> None:
    client = client_for(engine(stays(HEAD_101 + OUT)).url)
    client.profile = PODMAN
    one, other = client.attach(IDENTIFIER), client.attach(IDENTIFIER)
    one.close(force=True)
    assert other.join(PATIENCE) in (State.LOST, State.FAILED)
    assert "another session" in str(other.error)


def test_input_typed_while_stdin_is_dialled_waits_for_room(
    engine: Callable[..., MoodyEngine],
) -> None:
    client = patient(engine(stays(HEAD_101), StdinOnce=True))
    session = client.attach(IDENTIFIER)
    gate = client.gate = threading.Event()
    session.send(bytes(700_000))
    session._attachment.input()._condition = NoticedWaiting(gate.set)
    session.send(bytes(700_000))
    assert gate.is_set()  # it has waited
    session.close(force=True)


# -- logs with times ---------------------------------------------------------------------------

STAMP = b"2026-11-29T15:05:39.5Z "
PODMAN_LOG = replace(RAW, stamps=Stamps(Entries.READS, keep=False))


class TimedSubscriber(ListedSubscriber):
    """Lists outputs with their times."""

    def receive_output(self, outputs: Sequence[Output], times: LogTimes | None = None, /) -> None:
        assert times is not None
        self._add(*((data, at) for (_, data), at in zip(outputs, times.moments, strict=True)))

    def await_text(self, text: bytes) -> None:
        self._await(lambda: b"".join(each[0] for each in self.received) == text)


def test_a_log_s_output_comes_with_the_engine_s_times(client: Any) -> None:
    subscriber = TimedSubscriber()
    connection = Connection(client, PODMAN_LOG)
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(STAMP + b"a\r\n")
    assert subscriber.await_received(1) == [(b"a\r\n", 1795964739.5)]
    connection.close()


def test_a_prompt_in_a_log_does_not_wait_for_what_is_typed(client: Any) -> None:
    subscriber = TimedSubscriber()
    connection = Connection(client, PODMAN_LOG)
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(STAMP + b"port 8080")  # it might be the beginning of a stamp
    subscriber.await_text(b"port 8080")
    connection.close()


def test_what_a_log_holds_back_comes_before_its_end(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HOLD", PATIENCE)
    subscriber = TimedSubscriber()
    connection = Connection(client, PODMAN_LOG)
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(STAMP + b"year 2026")
    peer.shutdown(socket.SHUT_WR)
    subscriber._await(lambda: any(each[0] == "end" for each in subscriber.received))
    assert [each[0] for each in subscriber.received] == [b"year ", b"2026", "end"]


# -- what is looked at -----------------------------------------------------------------------


def seen(record: FrameRecord, count: int) -> list[tuple[str, bytes, int, bytes]]:
    """So many frames, without their times."""
    came = threading.Event()
    unsubscribe = record.subscribe(lambda: came.set() if record.revision >= count else None)
    if record.revision < count:
        assert came.wait(PATIENCE)
    unsubscribe()
    return [frame[1:] for frame in record.frames()]


def test_frames_are_kept_with_their_headers_and_what_was_written(client: Any) -> None:
    connection, record = Connection(client, FRAMED), FrameRecord()
    connection.tap(record)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(OUT + OUT + ERR)
    assert seen(record, 3) == [
        ("stdout", b"\x01\0\0\0\0\0\0\x05", 5, b"kept\n"),
        ("stdout", b"\x01\0\0\0\0\0\0\x05", 5, b"kept\n"),
        ("stderr", b"\x02\0\0\0\0\0\0\x03", 3, b"oh\n"),
    ]
    assert connection.write(b"typed", PATIENCE)
    assert seen(record, 4)[3:] == [("input", b"", 5, b"typed")]
    subscriber.await_bytes(13)
    connection.close()


def test_a_record_may_begin_inside_a_frame_and_end_before_the_stream(client: Any) -> None:
    connection, record = Connection(client, FRAMED), FrameRecord(most=2)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(OUT[:-2])
    subscriber.await_bytes(3)
    connection.tap(record)
    runtime_turn()
    peer.sendall(OUT[-2:] + ERR + OUT + ERR)
    assert [stream for stream, *_ in seen(record, 3)] == ["stdout", "stderr"]
    connection.untap(record)
    runtime_turn()
    peer.sendall(OUT)
    subscriber.await_bytes(21)
    assert record.revision == 3
    connection.close()


def test_what_is_read_from_a_raw_stream_has_no_header(client: Any) -> None:
    connection, record = Connection(client, RAW), FrameRecord()
    connection.tap(record)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    peer.sendall(b"$ ")
    assert seen(record, 1) == [("raw", b"", 2, b"$ ")]
    connection.close()


def runtime_turn() -> None:
    """Wait until the I/O thread has done what it was asked before."""
    done = threading.Event()
    module.runtime().loop.call_soon(done.set)
    assert done.wait(PATIENCE)
