"""The connections of one session: which are opened, when, and which stay."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client import Container, Deadline
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from hyper_jupyter.protocol import Output, StreamType, encode_frame
from hyper_jupyter.session.attach.attachment import Attachment
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.rules.plan import WEBSOCKET_OFFER, Plan
from tests.session.attach.subscribers import ListedSubscriber
from tests.session.rules.plans import DOCKER, PODMAN, by_websocket, plan_of
from tests.session.servers import HEAD_101, IDENTIFIER, REFUSED, MoodyEngine, Peer, ScriptedEngine

PATIENCE = 10.0
OUT = encode_frame(StreamType.STDOUT, b"live\n")
LOG = b"HTTP/1.1 200 OK\r\n\r\n"


class Attached:
    """An attachment at an engine that is a test; ``open`` answers its requests.

    Attributes:
        peers: the engine's ends, in the order of the requests.
    """

    def __init__(self, client: Any, of: Plan) -> None:
        self.client = client
        self.subscriber = ListedSubscriber()
        target = target_of(client, Container("f00d", "web", "busybox"), of)
        self.attachment = Attachment(client, target, of, self.subscriber, threading.RLock())
        self.peers: list[socket.socket] = []

    def open(self, *answers: bytes, closes: bool = False) -> BaseException | None:
        """Open it, with an answer to each request that it makes; returns what was raised."""
        raised: list[BaseException] = []

        def open_it() -> None:
            try:
                self.attachment.open(Deadline(PATIENCE))
            except BaseException as error:  # noqa: BLE001 - it is what the test asks for
                raised.append(error)

        thread = threading.Thread(target=open_it)
        thread.start()
        for answer in answers:
            self.peers.append(self.client.peer())
            self.peers[-1].sendall(answer)
            if answer.startswith(LOG):
                self.peers[-1].close()  # the end of a log
        thread.join(PATIENCE)
        assert not thread.is_alive()
        return raised[0] if raised else None

    @property
    def output(self) -> Connection:
        assert self.attachment.output is not None
        return self.attachment.output


def requested(client: Any) -> list[tuple[str, str, str, str]]:
    """Each request's last word, and which streams it asks for."""
    return [
        (
            path.rpartition("/")[2],
            *(params.get(name, "") for name in ("stdin", "stdout", "stderr")),
        )
        for _, _, path, params in client.calls
    ]


# -- one connection --------------------------------------------------------------------------


def test_one_connection_carries_everything_and_ends_when_we_leave(client: Any) -> None:
    attached = Attached(client, plan_of(DOCKER))
    assert attached.open(HEAD_101) is None
    assert attached.attachment.input() is attached.output
    assert attached.attachment.input_used
    assert attached.attachment.kept() == []
    (peer,) = attached.peers
    peer.sendall(OUT)
    assert attached.subscriber.await_received(1) == [Output(StreamType.STDOUT, b"live\n")]
    attached.attachment.unsubscribe()
    assert peer.recv(1) == b""
    assert requested(client) == [("attach", "1", "1", "1")]


def test_output_may_be_left_alone(client: Any) -> None:
    attached = Attached(client, plan_of(DOCKER))
    attached.attachment.unsubscribe_output()  # it was not opened
    attached.open(HEAD_101)
    attached.attachment.unsubscribe_output()
    assert attached.peers[0].recv(1) == b""


@pytest.mark.parametrize(
    ("answer", "kind", "hint"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", NotFound, ""),
        (REFUSED, ApiError, f"Where a proxy in between blocks upgrades, {WEBSOCKET_OFFER}."),
        (
            b"SSH-2.0\r\n\r\n",
            ProtocolError,
            f"Where a proxy in between blocks upgrades, {WEBSOCKET_OFFER}.",
        ),
    ],
    ids=["404", "500", "garbage"],
)
def test_what_keeps_it_from_being_opened_is_raised_with_a_way_out(
    client: Any, answer: bytes, kind: type[HyperJupyterError], hint: str
) -> None:
    attached = Attached(client, plan_of(DOCKER))
    error = attached.open(answer)
    assert isinstance(error, kind)
    assert error.hint == hint
    assert attached.output.ended


def test_on_the_way_to_an_engine_of_ours_there_is_no_proxy(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "instance", SimpleNamespace(check=lambda: None))
    error = Attached(client, plan_of(DOCKER)).open(REFUSED)
    assert isinstance(error, ApiError)
    assert error.hint == ""


def test_a_request_that_would_do_harm_is_not_sent(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise ConnectionFailed("no websocket here")

    monkeypatch.setattr("hyper_jupyter.session.attach.target.check_websocket", refuse)
    attached = Attached(client, plan_of(DOCKER, ws=True))
    with pytest.raises(ConnectionFailed):
        attached.attachment.open(Deadline(PATIENCE))
    assert (client.calls, attached.output.ended) == ([], True)


def test_a_shared_connection_that_was_never_asked_for_is_not_found_again(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = [ConnectionFailed("no websocket here")]

    def refuse_once(*_: object) -> None:
        if refusals:
            raise refusals.pop()

    monkeypatch.setattr("hyper_jupyter.session.attach.target.check_websocket", refuse_once)
    shared = by_websocket(once=True, ws_chooses=False)
    first, second = Attached(client, shared), Attached(client, shared)
    assert isinstance(first.open(), ConnectionFailed)
    assert first.output.ended
    assert second.open(HEAD_101) is None
    assert second.output is not first.output
    second.attachment.unsubscribe()


# -- stdin on a connection of its own --------------------------------------------------------


def test_stdin_of_its_own_is_asked_for_once_and_stays_when_we_leave(client: Any) -> None:
    attached = Attached(client, plan_of(DOCKER, once=True))
    attached.open(HEAD_101)
    assert (attached.attachment.input_used, attached.attachment.kept()) == (False, [])
    stdin = attached.attachment.input()
    assert stdin is attached.attachment.input()
    assert stdin is not attached.output
    assert (attached.attachment.input_used, attached.attachment.kept()) == (True, [stdin])
    peer = client.peer()
    peer.sendall(HEAD_101)
    assert requested(client) == [("attach", "0", "1", "1"), ("attach", "1", "0", "0")]
    attached.attachment.unsubscribe()
    assert attached.peers[0].recv(1) == b""
    assert not stdin.ended
    again = Attached(client, plan_of(DOCKER, once=True))
    again.open(HEAD_101)
    assert again.attachment.input() is stdin
    assert len(client.calls) == 3
    again.attachment.end_input()
    assert peer.recv(1) == b""
    assert again.attachment.kept() == []
    assert not again.output.ended
    again.attachment.unsubscribe()


def test_ending_the_input_alone_leaves_a_connection_that_carries_output_too(client: Any) -> None:
    attached = Attached(client, plan_of(DOCKER))
    attached.open(HEAD_101)
    attached.attachment.end_input()
    assert not attached.output.ended
    attached.attachment.unsubscribe()


def test_why_nothing_can_be_typed_any_more_is_said(client: Any) -> None:
    attached = Attached(client, plan_of(DOCKER, once=True))
    attached.open(HEAD_101)
    assert attached.attachment.input_ended == ""
    stdin = attached.attachment.input()
    assert attached.attachment.input_ended == ""
    peer = client.peer()
    peer.sendall(REFUSED)
    attached.subscriber.await_received(1)
    assert attached.attachment.input_ended == "the connection to its stdin has ended: busy"
    assert stdin.ended
    other = Attached(client, plan_of(DOCKER, once=True))
    other.open(HEAD_101)
    other.attachment.input().end_input()
    assert other.attachment.input_ended == "the end of input was sent"
    for each in (attached, other):
        each.attachment.unsubscribe()


# -- one connection for all sessions ---------------------------------------------------------


def test_sessions_share_one_connection_that_stays_when_they_leave(client: Any) -> None:
    client.profile = PODMAN
    one = Attached(client, plan_of(PODMAN))
    other = Attached(client, plan_of(PODMAN, stdin=True))
    one.open(HEAD_101)
    assert other.open() is None
    assert requested(client) == [("attach", "1", "1", "1")]
    assert one.output is other.output is one.attachment.input() is other.attachment.input()
    assert one.attachment.kept() == [one.output]
    one.peers[0].sendall(OUT)
    for each in (one, other):
        assert each.subscriber.await_received(1) == [Output(StreamType.STDOUT, b"live\n")]
    one.attachment.unsubscribe()
    other.attachment.unsubscribe()
    assert not one.output.ended


def test_a_session_that_waits_in_vain_leaves_the_connection_to_the_one_that_opens_it(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.profile = PODMAN
    one, other = Attached(client, plan_of(PODMAN)), Attached(client, plan_of(PODMAN))
    opening = threading.Thread(target=one.attachment.open, args=(Deadline(PATIENCE),))
    opening.start()
    peer = client.peer()
    us = threading.current_thread()  # the other thread may not wait yet
    monkeypatch.setattr(
        "hyper_jupyter.session.attach.connection._margin",
        lambda _: 0.0 if threading.current_thread() is us else PATIENCE,
    )
    with pytest.raises(ConnectionLost):
        other.attachment.open(Deadline(PATIENCE))
    peer.sendall(HEAD_101)
    opening.join(PATIENCE)
    assert one.output.opened
    assert not one.output.ended
    one.attachment.unsubscribe()


# -- the log, by a request of its own --------------------------------------------------------


def test_the_log_comes_before_what_came_while_it_was_read(client: Any) -> None:
    client.profile = PODMAN
    attached = Attached(client, plan_of(PODMAN, logs=True))
    log = LOG + encode_frame(StreamType.STDOUT, b"before\nlive\n")
    assert attached.open(HEAD_101 + OUT, log) is None
    assert [request[0] for request in requested(client)] == ["attach", "logs"]
    (first,) = attached.subscriber.await_received(1)
    assert first == Output(StreamType.STDOUT, b"before\nlive\n")
    attached.peers[0].sendall(OUT)
    assert attached.subscriber.await_received(2)[1:] == [Output(StreamType.STDOUT, b"live\n")]
    attached.attachment.unsubscribe()


@pytest.mark.parametrize(
    ("log", "kind"),
    [(REFUSED, ApiError), (LOG + b"\x01\0\0", ConnectionLost)],
    ids=["refused", "cut"],
)
@pytest.mark.parametrize("stdin", [True, False])
def test_a_log_that_cannot_be_read_keeps_it_from_being_opened(
    client: Any, log: bytes, kind: type[HyperJupyterError], stdin: bool
) -> None:
    client.profile = PODMAN
    attached = Attached(client, plan_of(PODMAN, logs=True, stdin=stdin))
    assert isinstance(attached.open(HEAD_101, log), kind)
    assert attached.subscriber.received == []
    assert attached.output._subscribers == ()
    assert attached.output.ended is not stdin  # its end would end the container's input


def test_who_has_left_while_the_log_was_read_gets_nothing(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.profile = PODMAN
    attached = Attached(client, plan_of(PODMAN, logs=True, stdin=False))
    release = Attachment._release
    released = threading.Event()

    def leave_first(attachment: Attachment, *arguments: Any) -> None:
        attachment.unsubscribe()
        release(attachment, *arguments)
        released.set()

    monkeypatch.setattr(Attachment, "_release", leave_first)
    attached.open(HEAD_101 + OUT, LOG + encode_frame(StreamType.STDOUT, b"before\n"))
    assert released.wait(PATIENCE)
    assert (attached.subscriber.received, attached.output._subscribers) == ([], ())


# -- whole sessions --------------------------------------------------------------------------


def test_the_stdin_of_a_container_that_has_ended_is_not_kept_for_its_next_run(
    engine: Callable[..., MoodyEngine],
) -> None:
    typed = threading.Event()
    closed = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line:
            peer.receive(2)
            typed.set()
            peer.wait_for_end()
            closed.set()
        else:
            typed.wait(PATIENCE)
            running.exit(0)

    running = engine(script, StdinOnce=True)
    session = client_for(running.url).attach(IDENTIFIER)
    session.send("a\n")
    assert session.wait(PATIENCE) == 0
    assert closed.wait(PATIENCE)
    session.close()  # not refused: nothing is left whose end could matter


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


def test_all_six_parameters_are_sent_and_nothing_before_the_head(
    engine: Callable[..., ScriptedEngine],
) -> None:
    early: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.socket.settimeout(0.2)
        try:
            early.append(peer.receive(1))
        except TimeoutError:
            early.append(b"")
        peer.socket.settimeout(PATIENCE)
        peer.send(HEAD_101)
        peer.send(encode_frame(StreamType.STDOUT, peer.receive(6)))
        peer.wait_for_end()

    running = engine(script)
    session = attach(running)
    session.send_line("typed")
    session._lifecycle.wait_for(lambda: len(session.stdout) == 6, PATIENCE)
    assert early == [b""]
    assert session.stdout.getvalue() == b"typed\n"
    sent = [line for line in running.requests if "/attach?" in line]
    query = "detachKeys=ctrl-%5E%2Cctrl-%40&logs=0&stream=1&stdin=1&stdout=1&stderr=1"
    assert sent == [f"POST /v1.41/containers/{IDENTIFIER}/attach?{query} HTTP/1.1"]
    session.close()


def test_a_stdin_of_its_own_is_opened_with_the_first_byte_and_kept_on_leaving(
    engine: Callable[..., ScriptedEngine],
) -> None:
    typed: list[bytes] = []
    second = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line:
            typed.append(peer.receive(2))
            typed.append(peer.receive(2))
            second.set()
        peer.wait_for_end()

    running = engine(script, StdinOnce=True)
    session = attach(running)

    def attachments() -> list[str]:
        return [line.split("&", 2)[2] for line in running.requests if "/attach?" in line]

    output_only = "stream=1&stdin=0&stdout=1&stderr=1 HTTP/1.1"
    stdin_only = "stream=1&stdin=1&stdout=0&stderr=0 HTTP/1.1"
    assert attachments() == [output_only]
    assert "once something was typed" in session.controls().leave
    session.send("a\n")
    again = None
    for _ in range(2):
        session.detach() if again is None else None
        again = attach(running)
    assert again is not None
    again.send("b\n")
    assert second.wait(PATIENCE)
    assert typed == [b"a\n", b"b\n"]
    assert attachments().count(stdin_only) == 1
    again.close(force=True)
