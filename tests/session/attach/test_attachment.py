"""The connections of one session: which are opened, when, and which stay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer, ScriptedEngine

PATIENCE = 10.0


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

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line:
            typed.append(peer.receive(2))
            typed.append(peer.receive(2))
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
    deadline = time.monotonic() + PATIENCE
    while len(typed) < 2 and time.monotonic() < deadline:
        pass
    assert typed == [b"a\n", b"b\n"]
    assert attachments().count(stdin_only) == 1
    again.close(force=True)
