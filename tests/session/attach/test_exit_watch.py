"""The exit code, from the wait request or from inspect."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client import Container, Deadline, EngineProfile
from hyper_jupyter.exceptions import ConnectionFailed, ConnectionLost, HyperJupyterError, NotFound
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, runtime
from hyper_jupyter.session.attach import exit_watch as module
from hyper_jupyter.session.attach.exec_target import ExecTarget
from hyper_jupyter.session.attach.exit_watch import ExitWatch
from hyper_jupyter.session.attach.target import target_of
from hyper_jupyter.session.io.waiting import Flag
from tests.session.clients import PairedClient
from tests.session.conftest import everywhere
from tests.session.rules.plans import DOCKER, PODMAN, plan_of, plan_of_exec
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, Peer, ScriptedEngine

OUT = encode_frame(StreamType.STDOUT, b"kept\n")
PATIENCE = 10.0

OLD = EngineProfile.of("docker", "20.10", api="1.24")
RUNNING = {"State": {"Status": "running", "Running": True}}
EXITED = {"State": {"Status": "exited", "Running": False, "ExitCode": 7}}
CREATED = {"State": {"Status": "created", "Running": False}}
GONE = NotFound(404, "no such container")


class Watching:
    """A watched exit, at an engine that is a test.

    Attributes:
        told: what came of it.
    """

    def __init__(self, profile: EngineProfile = DOCKER) -> None:
        self.client: Any = PairedClient(profile)
        self.told: queue.Queue[Any] = queue.Queue()
        target = target_of(self.client, Container("f00d", "web", "busybox"), plan_of(profile))
        self.watch = ExitWatch(self.client, target, self)

    def receive_exit(self, code: int | None) -> None:
        self.told.put(code)

    def receive_unwatched(self, error: HyperJupyterError) -> None:
        self.told.put(error)

    def open(self, condition: str = "not-running") -> socket.socket:
        self.watch.open(condition, Deadline(PATIENCE))
        return self.peer()

    def peer(self) -> socket.socket:
        peer: socket.socket = self.client.peer()
        return peer

    def answer(self, peer: socket.socket, body: bytes) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def outcome(self) -> Any:
        return self.told.get(timeout=PATIENCE)

    def conditions(self) -> list[str]:
        return [call[3]["condition"] for call in self.client.calls if call[0] == "open"]

    def inspects(self) -> int:
        return [call[0] for call in self.client.calls].count("inspect")


@pytest.fixture
def watching(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watching]]:
    """Makes one, which asks again without a pause."""
    monkeypatch.setattr(module, "_AGAIN", (0.0, 0.0, 0.0))
    monkeypatch.setattr(module, "_POLL", 0.0)
    made: list[Watching] = []

    def make(profile: EngineProfile = DOCKER) -> Watching:
        made.append(Watching(profile))
        return made[-1]

    yield make
    for each in made:
        assert each.told.empty()
        each.client.close()


Make = Callable[..., Watching]


@pytest.mark.parametrize("code", [0, 5, 137])
def test_the_answer_to_wait_is_the_exit_code(watching: Make, code: int) -> None:
    made = watching()
    made.answer(made.open(), b'{"Error":null,"StatusCode":%d}' % code)
    assert made.outcome() == code
    assert made.inspects() == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b'{"StatusCode":null}', b'{"StatusCode":"x"}', b"{", b"\xff"],
)
def test_an_answer_without_a_code_has_inspect_asked(watching: Make, body: bytes) -> None:
    made = watching()
    made.client.inspected = [EXITED]
    made.answer(made.open(), body)
    assert made.outcome() == 7


def test_an_answer_without_end_is_not_kept(watching: Make) -> None:
    made = watching()
    made.client.inspected = [EXITED]
    peer = made.open()
    peer.sendall(b'HTTP/1.1 200 OK\r\n\r\n{"StatusCode":5,"x":"')
    peer.sendall(b"x" * 1_000_000)
    peer.sendall(b'"}')
    peer.close()
    assert made.outcome() == 7
    assert len(made.watch._answer) == 64 * 1024


@pytest.mark.parametrize(
    ("state", "told"),
    [(EXITED, 7), (GONE, None), ({"State": {}}, None), ({"State": {"Restarting": True}}, None)],
    ids=["ended", "gone", "no code", "restarting"],
)
def test_a_wait_that_breaks_has_inspect_asked(watching: Make, state: Any, told: int | None) -> None:
    made = watching()
    made.client.inspected = [state]
    made.open().close()
    assert made.outcome() == told
    assert made.inspects() == 1


@pytest.mark.parametrize(("state", "condition"), [(RUNNING, "not-running"), (CREATED, "next-exit")])
def test_a_wait_that_breaks_is_asked_again_of_a_container_that_goes_on(
    watching: Make, state: Any, condition: str
) -> None:
    made = watching()
    made.client.inspected = [state]
    made.open().close()
    made.answer(made.peer(), b'{"StatusCode":5}')
    assert made.outcome() == 5
    assert made.conditions() == ["not-running", condition]


def test_who_asks_without_a_wait_asks_inspect_first(watching: Make) -> None:
    made = watching()
    made.client.inspected = [RUNNING]
    made.watch.start()
    made.answer(made.peer(), b'{"StatusCode":5}')
    assert made.outcome() == 5
    assert [call[0] for call in made.client.calls] == ["inspect", "open"]


def test_an_engine_that_does_not_answer_is_given_up_after_as_many_inspects_as_planned(
    watching: Make,
) -> None:
    made = watching()
    error = ConnectionFailed("nobody is there")
    made.client.inspected = [error]
    made.open().close()
    assert made.outcome() is error
    assert made.inspects() == len(module._AGAIN)


def test_an_engine_that_is_absent_is_given_up_at_once(watching: Make) -> None:
    made = watching()
    absent = ConnectionFailed("nobody listens")
    absent.absent = True
    ended = ConnectionLost("it has ended")
    for error, text in ((absent, "the engine is gone: nobody listens"), (ended, "it has ended")):
        made.client.inspected = [error]
        made.watch._verify()
        lost = made.outcome()
        assert (type(lost), str(lost)) == (ConnectionLost, text)
    assert made.inspects() == 2


def test_a_request_that_breaks_at_once_is_not_sent_again_at_once(
    watching: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN", (1000.0,))
    delays: queue.Queue[float] = queue.Queue()
    made = watching()
    made.client.inspected = [RUNNING]
    monkeypatch.setattr(runtime().calls, "call_later", lambda delay, _: delays.put(delay))
    monkeypatch.setattr(runtime().calls, "submit", lambda job: job())
    made.open().close()
    assert 900 < delays.get(timeout=PATIENCE) <= 1000
    assert made.inspects() == 1


def test_an_answer_in_between_starts_the_count_again(watching: Make) -> None:
    made = watching()
    error = ConnectionFailed("nobody is there")
    made.client.inspected = [error, error, RUNNING, error, error, EXITED]
    made.open().close()
    made.peer().close()
    assert made.outcome() == 7
    assert made.inspects() == 6


def test_an_exec_is_asked_for_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    client: Any = PairedClient()
    client.inspected = [{"Running": True}]
    container = Container("f00d", "web", "busybox")
    target = ExecTarget(client, container, plan_of_exec(), "e", lambda: b"")
    told: list[Any] = []
    observer: Any = SimpleNamespace(receive_exit=told.append)
    watch = ExitWatch(client, target, observer)

    def call_later(delay: float, job: Callable[[], object]) -> None:
        delays.append(delay)
        if len(delays) == 12:
            client.inspected = [{"Running": False, "ExitCode": 4}]
        job()

    monkeypatch.setattr(runtime().calls, "call_later", call_later)
    monkeypatch.setattr(runtime().calls, "submit", lambda job: job())
    watch.start()
    assert told == [4]
    assert delays[0] == 0.5
    assert delays[-3:] == [5.0] * 3
    assert sorted(delays) == delays


def test_podman_s_zero_is_not_believed_where_it_may_be_made_up(watching: Make) -> None:
    made = watching(PODMAN)
    made.client.inspected = [EXITED]
    made.answer(made.open("not-running"), b'{"StatusCode":0}')
    assert made.outcome() == 7


@pytest.mark.parametrize(("condition", "code"), [("not-running", 3), ("next-exit", 0)])
def test_podman_is_believed_elsewhere(watching: Make, condition: str, code: int) -> None:
    made = watching(PODMAN)
    made.answer(made.open(condition), b'{"StatusCode":%d}' % code)
    assert made.outcome() == code
    assert made.inspects() == 0


def test_an_old_api_s_zero_of_a_container_that_has_not_started_is_no_exit(watching: Make) -> None:
    made = watching(OLD)
    made.client.inspected = [CREATED, CREATED, CREATED, RUNNING]
    made.answer(made.open("next-exit"), b'{"StatusCode":0}')
    made.answer(made.peer(), b'{"StatusCode":0}')
    assert made.outcome() == 0
    assert made.inspects() == 4
    assert made.conditions() == ["next-exit", "not-running"]


def test_nothing_is_told_behind_a_close(watching: Make) -> None:
    made = watching()
    peer = made.open()
    made.watch.close()
    assert peer.recv(1) == b""
    made.client.inspected = [EXITED]
    made.watch._verify()
    assert made.inspects() == 0


def test_what_is_opened_behind_a_close_is_closed(watching: Make) -> None:
    made = watching()
    made.watch.close()
    made.watch.open("not-running", Deadline(PATIENCE))
    assert made.client._peers.get(timeout=PATIENCE).recv(1) == b""


@pytest.mark.parametrize(("profile", "waits"), [(DOCKER, [1.5]), (OLD, [])], ids=["new", "old"])
def test_attaching_waits_for_the_head_only_where_it_comes_at_once(
    watching: Make, profile: EngineProfile, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watching(profile)
    waited: list[float] = []
    monkeypatch.setattr(Flag, "wait", lambda _, timeout: waited.append(timeout))
    monkeypatch.setattr(Deadline, "remaining", lambda _: 1.5)
    made.watch.await_answer(Deadline(1.5))
    assert waited == waits


def test_attaching_does_not_wait_for_long_for_a_head(
    watching: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = watching()
    waited: list[float] = []
    monkeypatch.setattr(Flag, "wait", lambda _, timeout: waited.append(timeout))
    made.watch.await_answer(Deadline(None))
    made.watch.await_answer(Deadline(3600))
    assert waited == [module._PATIENCE] * 2


def test_a_wait_that_breaks_at_once_holds_no_attach_up(watching: Make) -> None:
    made = watching()
    made.client.inspected = [EXITED]
    made.open().close()
    assert made.watch._answered.wait(PATIENCE)
    assert made.outcome() == 7


# -- a whole session -------------------------------------------------------------------------


def test_an_engine_too_busy_for_one_inspect_does_not_end_a_session_whose_stream_is_open(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN", (0.0, 0.0, 0.0))
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
    running.await_requests("/wait", 2)  # it is asked again instead
    assert (session.state, session._ending.exited) == (State.ATTACHED, False)
    gate.set()
    assert session.wait(PATIENCE) == 4


def test_before_api_130_a_container_that_has_not_started_is_not_taken_for_ended(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_POLL", 0.01)
    gate = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        gate.wait(PATIENCE)
        peer.send(OUT)

    running = engine(script)
    running.state.update(Status="created", Running=False)
    running.ended.set()  # so a wait request is answered at once, with 0
    session = client_for(running.url, api_version="1.24").attach(IDENTIFIER)
    running.await_requests("/json", 4)  # one to attach, and then it is looked at until it runs
    assert (session.state, session.exit_code) == (State.ATTACHED, None)
    running.exit(7)
    gate.set()
    assert session.wait(PATIENCE) == 7
    assert session.stdout.text == "kept\n"


def connect(engine: ScriptedEngine, timeout: float = PATIENCE) -> Client:
    return client_for(engine.url, timeout=timeout, **engine.options)


def attach(engine: ScriptedEngine, **options: Any) -> Session:
    return connect(engine).attach(IDENTIFIER, **options)


@everywhere
def test_the_exit_code_comes_from_the_wait_request(
    engine: Callable[..., ScriptedEngine],
) -> None:
    running: ScriptedEngine

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        running.exit(42)

    running = engine(script)
    session = attach(running)
    assert session.wait(PATIENCE) == 42
    assert session.state is State.EXITED
