"""A connection that several sessions may share, and that may be kept."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import ApiError, HyperJupyterError
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State
from tests.session.clients import PODMAN, patient
from tests.session.servers import HEAD_101, IDENTIFIER, REFUSED, MoodyEngine, sends, stays

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0


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


def test_who_attaches_while_the_shared_connection_is_opened_gets_its_error_too(
    engine: Callable[..., MoodyEngine],
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

    threads = [threading.Thread(target=attach) for _ in range(2)]
    for thread in threads:
        thread.start()
    threads[0].join(0.5)
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
    client.gate = threading.Event()
    timer = threading.Timer(0.3, client.gate.set)
    timer.start()
    session.send(bytes(700_000))
    session.send(bytes(700_000))
    timer.join()
    session.close(force=True)
