"""How sessions end where several things happen at once, or an engine does not answer."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    HyperJupyterError,
    ProtocolError,
    SessionClosed,
)
from hyper_jupyter.magics.verbs import run_verb
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, find, sessions, shutdown
from hyper_jupyter.session.attach.connection import release_kept
from tests.session.servers import HEAD_101, IDENTIFIER, Peer, ScriptedEngine

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
REFUSED = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nbusy"
PATIENCE = 10.0
PODMAN = EngineProfile.of("podman", "5.4.2", api="1.41")  # sessions share a connection


class MoodyEngine(ScriptedEngine):
    """Its inspect takes its time, or is refused, as long as a test wants."""

    delay = 0.0
    held: threading.Event | None = None  # it waits for this
    refusals = 0
    refused: threading.Event
    answer: Any = None

    def __init__(self, *arguments: Any) -> None:
        self.refused = threading.Event()
        super().__init__(*arguments)

    def _answer(self, connection: Any, value: Any) -> None:
        if "Id" in value:
            time.sleep(self.delay)
            if self.held is not None:
                self.held.wait(4 * PATIENCE)
            if self.refusals:
                self.refusals -= 1
                self.refused.set()
                connection.sendall(REFUSED)
                return
            value = value if self.answer is None else self.answer
        super()._answer(connection, value)


class PatientClient(Client):
    """A client whose attach requests are dialled when a test says so."""

    gate: threading.Event | None = None
    interrupted = False
    before_attaching: Callable[[], None] | None = None

    def open(self, method: str, path: str, *arguments: Any, **options: Any) -> Any:
        if path.endswith("/attach"):
            if self.before_attaching is not None:  # the wait request has been answered
                hook, self.before_attaching = self.before_attaching, None
                hook()
            if self.interrupted:
                raise KeyboardInterrupt
            if self.gate is not None:
                assert self.gate.wait(PATIENCE)
        return super().open(method, path, *arguments, **options)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[..., MoodyEngine]]:
    started: list[MoodyEngine] = []

    def start(attach: Callable[[Peer], None], **config: Any) -> MoodyEngine:
        started.append(MoodyEngine(tmp_path / f"{len(started)}.sock", attach, config))
        return started[-1]

    yield start
    release_kept()
    for each in started:
        each.close()


def patient(engine: ScriptedEngine) -> PatientClient:
    return PatientClient(client_for(engine.url).discovery)


def stays(*pieces: bytes) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)
        peer.wait_for_end()

    return script


def goes(*pieces: bytes) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        for piece in pieces:
            peer.send(piece)

    return script


def test_wait_after_detach_works_where_only_the_log_was_read(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(goes(HEAD_101 + OUT))
    session = client_for(running.url).attach(IDENTIFIER, logs=True, stream=False)
    assert session.join(PATIENCE) is State.DETACHED
    running.exit(3)
    assert session.wait(PATIENCE) == 3
    session.close()


def test_an_engine_too_busy_for_one_inspect_does_not_end_a_session_whose_stream_is_open(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        gate.wait(PATIENCE)
        running.exit(4)

    running = engine(script)
    session = client_for(running.url).attach(IDENTIFIER)
    running.refusals = 1
    running.ended.set()  # the wait request breaks, and the inspect behind it is refused
    assert running.refused.wait(PATIENCE)
    assert not session._ending.exited
    with pytest.raises(TimeoutError):
        session.join(0.5)
    assert not session._ending.exited
    gate.set()
    assert session.wait(PATIENCE) == 4


def test_wait_after_detach_says_so_where_the_engine_is_gone(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.attach.exit_watch._AGAIN", (0.01, 0.01, 0.01))
    running = engine(stays(HEAD_101 + OUT))
    session = client_for(running.url).attach(IDENTIFIER)
    session.detach()
    running.close()
    with pytest.raises(ConnectionFailed):
        session.wait(PATIENCE)
    session.close()


def test_a_created_container_whose_stream_the_engine_ends_is_not_detached(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(goes(HEAD_101))
    running.state.update(Status="created", Running=False)
    session = client_for(running.url).attach(IDENTIFIER)
    assert session.join(PATIENCE) is State.FAILED
    assert "has not started" in str(session.error)


def test_before_api_130_a_container_that_has_not_started_is_not_taken_for_ended(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        gate.wait(PATIENCE)
        peer.send(OUT)

    running = engine(script)
    running.state.update(Status="created", Running=False)
    running.ended.set()  # so a wait request is answered at once, with 0
    session = client_for(running.url, api_version="1.24").attach(IDENTIFIER)
    with pytest.raises(TimeoutError):
        session.join(0.5)
    assert session.exit_code is None
    running.exit(7)
    gate.set()
    assert session.wait(PATIENCE) == 7
    assert session.stdout.text == "kept\n"


def test_an_exit_while_attaching_leaves_no_connection_behind(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.ending._SILENCE", 0.1)
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        peer.wait_for_end()
        gone.set()

    running = engine(script)
    client = patient(running)

    def exits() -> None:
        running.exit(3)
        session = sessions()[-1]  # this one: it has just been given its name
        assert session.state is State.CONNECTING
        assert session._lifecycle.wait_for(lambda: session._ending.exited, PATIENCE)

    client.before_attaching = exits
    session = client.attach(IDENTIFIER)
    assert session.wait(PATIENCE) == 3
    assert session.stdout.text == "kept\n"
    assert gone.wait(PATIENCE)


def test_a_detach_that_ctrl_c_interrupts_has_detached(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.lifecycle.stdin._KEYS_DEADLINE", PATIENCE)
    main = threading.get_ident()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        if peer.receive(1):  # the first of the detach keys: it is in the middle of it
            signal.pthread_kill(main, signal.SIGUSR1)
        peer.wait_for_end()

    session = client_for(engine(script, Tty=True).url).attach(IDENTIFIER)
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.detach()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert session.state is State.DETACHED
    session.close()


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
    client = patient(engine(goes(REFUSED)))
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


def test_a_stdin_that_the_engine_refuses_is_told_at_the_next_send(
    engine: Callable[..., MoodyEngine],
) -> None:
    def script(peer: Peer) -> None:
        (goes(REFUSED) if "stdout=0" in peer.request_line else stays(HEAD_101))(peer)

    session = client_for(engine(script, StdinOnce=True).url).attach(IDENTIFIER)
    session.send("a")
    assert session._lifecycle.wait_for(lambda: session.controls().stdin != "", PATIENCE)
    with pytest.raises(SessionClosed, match="its stdin has ended: busy"):
        session.send("b")
    session.close(force=True)


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


def test_a_dead_engine_does_not_hold_up_another_ones_sessions(
    engine: Callable[..., MoodyEngine],
) -> None:
    typed = threading.Event()
    ends = threading.Event()

    def drops(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        ends.wait(PATIENCE)

    def types(peer: Peer) -> None:
        peer.send(HEAD_101)
        if "stdout=0" in peer.request_line and peer.receive(1):
            typed.set()
        peer.wait_for_end()

    dead, healthy = engine(drops), engine(types, StdinOnce=True)
    lost = [client_for(dead.url, timeout=4 * PATIENCE).attach(IDENTIFIER) for _ in range(2)]
    session = client_for(healthy.url).attach(IDENTIFIER)
    dead.held = threading.Event()
    ends.set()
    for each in lost:
        output = each._attachment.output
        assert output is not None
        deadline = time.monotonic() + PATIENCE
        while not output.ended and time.monotonic() < deadline:
            time.sleep(0.01)
    session.send("x")
    came = typed.wait(PATIENCE)
    dead.held.set()
    assert came
    session.close(force=True)
    for each in lost:
        each.join(2 * PATIENCE)


def test_an_object_that_is_no_bytes_is_not_sent(engine: Callable[..., MoodyEngine]) -> None:
    session = client_for(engine(stays(HEAD_101)).url).attach(IDENTIFIER)
    wrong: Any = 5
    with pytest.raises(TypeError):
        session.send(wrong)
    session.close()


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


def test_an_end_that_the_engine_explains_with_nonsense_is_an_end(
    engine: Callable[..., MoodyEngine],
) -> None:
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        assert gate.wait(PATIENCE)

    running = engine(script)
    session = client_for(running.url).attach(IDENTIFIER)
    running.answer = {"Id": IDENTIFIER, "State": "running"}
    gate.set()
    assert session.join(PATIENCE) is State.LOST
    assert "State is not an object" in str(session.error)
    assert session.stdout.text == "kept\n"


def test_a_fault_of_ours_at_the_end_leaves_no_session_waiting(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr("hyper_jupyter.session.attach.target.ContainerTarget.state", faulty)
    session = client_for(engine(goes(HEAD_101, OUT)).url).attach(IDENTIFIER)
    assert session.join(PATIENCE) is State.LOST


def test_an_ended_session_that_nobody_uses_is_not_kept(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = client_for(engine(goes(HEAD_101, OUT)).url).attach(IDENTIFIER)
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
    session = client_for(engine(goes(HEAD_101, OUT)).url).attach(IDENTIFIER)

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
