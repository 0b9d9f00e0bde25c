"""Connections that are kept when their sessions leave, and found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hyper_jupyter.client import Deadline
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import Output, StreamType, encode_frame
from hyper_jupyter.session.attach import kept_connections
from hyper_jupyter.session.attach.kept_connections import close_kept, kept_connection
from hyper_jupyter.session.attach.target import Framing
from tests.session.attach.connections import FRAMED, opened
from tests.session.attach.subscribers import ListedSubscriber
from tests.session.clients import PairedClient, patient
from tests.session.rules.plans import PODMAN
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, stays

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
ERR = encode_frame(StreamType.STDERR, b"oh\n")
STDERR = StreamType.STDERR


def test_a_kept_connection_is_found_by_its_engine_container_and_purpose(client: Any) -> None:
    connection, is_new = kept_connection(client, "f00d", "stdio", FRAMED)
    assert (is_new, connection.kept) == (True, True)
    assert kept_connection(client, "f00d", "stdio", FRAMED) == (connection, False)
    other: Any = PairedClient()
    other.host = "unix:///other"
    websocket = replace(FRAMED, framing=Framing.MESSAGES)
    for which in (
        (client, "f00d", "stdin", FRAMED),
        (client, "beef", "stdio", FRAMED),
        (client, "f00d", "stdio", websocket),
        (other, "f00d", "stdio", FRAMED),
    ):
        assert kept_connection(*which)[1]


def test_a_kept_connection_stays_open_and_is_drained_when_all_have_left(client: Any) -> None:
    connection, _ = kept_connection(client, "f00d", "stdio", FRAMED)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    connection.unsubscribe(subscriber)
    assert not connection.ended
    peer.sendall(OUT * 100_000)  # much more than the socket holds
    again = ListedSubscriber()
    assert kept_connection(client, "f00d", "stdio", FRAMED) == (connection, False)
    assert connection.subscribe(again)
    peer.sendall(ERR)
    while again.received[-1:] != [Output(STDERR, b"oh\n")]:
        again.await_bytes(sum(len(output.data) for output in again.received) + 1)
    assert subscriber.received == []


@pytest.mark.parametrize("how", ["it ends", "it is closed", "nobody is there"])
def test_a_kept_connection_that_has_ended_is_not_found(client: Any, how: str) -> None:
    connection, _ = kept_connection(client, "f00d", "stdio", FRAMED)
    if how == "it is closed":
        connection.close()
    elif how == "it ends":
        subscriber = ListedSubscriber()
        connection.subscribe(subscriber)
        opened(client, connection)[0].close()
        subscriber.await_end()
    else:
        client.reachable = False
        with pytest.raises(ConnectionFailed):
            connection.open(Deadline(PATIENCE))
    assert connection not in kept_connections._kept.values()  # nor does the table keep it alive
    found, is_new = kept_connection(client, "f00d", "stdio", FRAMED)
    assert is_new
    assert found is not connection


def test_the_end_of_an_older_connection_does_not_discard_the_newer_one(client: Any) -> None:
    older, _ = kept_connection(client, "f00d", "stdio", FRAMED)
    older.close()
    newer, is_new = kept_connection(client, "f00d", "stdio", FRAMED)
    assert is_new
    older.close()
    assert kept_connection(client, "f00d", "stdio", FRAMED) == (newer, False)


def test_all_kept_connections_are_closed_together_and_their_subscribers_told(client: Any) -> None:
    connection, _ = kept_connection(client, "f00d", "stdio", FRAMED)
    subscriber = ListedSubscriber()
    connection.subscribe(subscriber)
    peer, _ = opened(client, connection)
    close_kept()
    assert peer.recv(1) == b""
    ((_, _, error),) = subscriber.await_end()
    assert str(error) == "another session of this notebook closed the connection"
    assert subscriber.threads == {"hyper_jupyter I/O"}
    assert kept_connection(client, "f00d", "stdio", FRAMED)[1]


def test_the_kept_connections_of_one_container_can_be_closed_alone(client: Any) -> None:
    one, _ = kept_connection(client, "f00d", "stdio", FRAMED)
    other, _ = kept_connection(client, "beef", "stdio", FRAMED)
    close_kept("f00d")
    assert one.ended
    assert not other.ended
    assert kept_connection(client, "beef", "stdio", FRAMED) == (other, False)


def test_a_shared_connection_whose_opening_was_interrupted_is_not_found_again(
    engine: Callable[..., MoodyEngine],
) -> None:
    client = patient(engine(stays(HEAD_101 + OUT)))
    client.profile = PODMAN
    client.interrupted = True
    with pytest.raises(KeyboardInterrupt):
        client.attach(IDENTIFIER)
    client.interrupted = False
    session = client.attach(IDENTIFIER)
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    session.close(force=True)
