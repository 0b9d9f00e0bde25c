"""A session as its user sees it: made, shown, awaited, and let go."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError, ProtocolError
from hyper_jupyter.magics.verbs import run_verb
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, find, sessions, shutdown
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.servers import (
    HEAD_101,
    IDENTIFIER,
    MoodyEngine,
    Peer,
    ScriptedEngine,
    sends,
    stays,
)
from tests.session.store.disks import RoomyDisk

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0
LINE = b"0123456789abcde\n"


def small(capacity: int = 64) -> Journal:
    """A journal that keeps 32 bytes in memory and so many in its file."""
    return Journal(32, Spool(capacity, RoomyDisk()))


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


def test_the_wait_request_is_sent_before_the_attach_request(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running = engine(stays(HEAD_101))
    attach(running).close()
    paths = [line.split(" ")[1].split("?")[0].rsplit("/", 1)[1] for line in running.requests]
    assert paths.index("wait") < paths.index("attach")


def test_attaching_takes_no_longer_than_the_timeout_in_all(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(stays())
    client = client_for(running.url, timeout=3)
    running.delay = 2.5
    began = time.monotonic()
    with pytest.raises(ConnectionFailed):
        client.attach(IDENTIFIER)
    assert time.monotonic() - began < 5  # each with a timeout of its own: 5.5


@pytest.mark.parametrize("answer", [[], {}, ["x"], "x", None])
def test_json_that_is_no_container_is_a_protocol_error(
    engine: Callable[..., MoodyEngine], answer: Any
) -> None:
    running = engine(stays())
    client = client_for(running.url)
    with pytest.raises(ProtocolError, match="the engine's answer"):
        client.create("default")  # the scripted engine answers {}
    running.answer = answer if answer is not None else [None]
    with pytest.raises(ProtocolError, match="the engine's answer"):
        client.attach(IDENTIFIER)


def test_the_logs_verb_tells_of_a_log_that_breaks_off(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(stays())
    with pytest.raises(HyperJupyterError, match="inside a frame"):  # {} is no frame
        run_verb(client_for(running.url), ["logs", IDENTIFIER])


def test_an_ended_session_that_nobody_uses_is_not_kept(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER)
    assert session.join(PATIENCE) is State.LOST
    name, gone = session.name, weakref.ref(session)
    assert find(name) is session
    shutdown()  # its last callbacks
    del session
    gc.collect()
    assert gone() is None
    assert find(name) is None
    assert name not in [each.name for each in sessions()]


def test_a_session_that_is_awaited_gives_the_exit_code(engine: Callable[..., MoodyEngine]) -> None:
    typed = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        typed.wait(PATIENCE)
        running.exit(5)

    running = engine(script)
    session = client_for(running.url).attach(IDENTIFIER)

    async def scenario() -> int | None:
        waiting = asyncio.ensure_future(session)
        await asyncio.sleep(0)  # it waits now
        typed.set()
        return await waiting

    assert asyncio.run(scenario()) == 5
    assert asyncio.run(scenario()) == 5  # also where it has ended


def test_awaiting_a_session_that_is_lost_raises_its_error(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER)

    async def scenario() -> None:
        await session

    with pytest.raises(HyperJupyterError, match="runs on"):
        asyncio.run(scenario())


def test_who_gives_up_awaiting_a_session_is_not_called_any_more(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = client_for(engine(stays(HEAD_101)).url).attach(IDENTIFIER)

    async def scenario() -> None:
        await asyncio.wait_for(session, 0.05)

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())
    assert session._lifecycle._watchers == ()
    session.close()


def test_a_session_warns_of_what_it_does_not_keep_and_goes_on(
    engine: Callable[..., ScriptedEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.session.Journal", small)
    more = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + encode_frame(StreamType.STDOUT, LINE))
        assert more.wait(PATIENCE)
        for _ in range(20):
            peer.send(encode_frame(StreamType.STDOUT, LINE))
        peer.wait_for_end()

    session = client_for(engine(script).url).attach(IDENTIFIER)
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 16, PATIENCE)
    assert session.warnings == ()
    assert repr(session) == f"<Session {session.name}: attached, 16 bytes>"
    told = threading.Event()
    session.subscribe(lambda: told.set() if session.warnings else None)
    more.set()
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 21 * 16, PATIENCE)
    (warning,) = session.warnings
    assert "of output are not kept" in warning
    assert told.wait(PATIENCE)  # who subscribes is called behind those who wait
    assert repr(session).endswith(f", 336 bytes, the oldest {session.journal.first} not kept>")
    session.close()
