"""A session as its user sees it: made, shown, awaited, and let go."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import (
    Conflict,
    ConnectionFailed,
    ConnectionLost,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from hyper_jupyter.magics.verbs import run_verb
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import AttachOptions, State, find, sessions, shutdown
from hyper_jupyter.session.attach import exit_watch
from hyper_jupyter.session.lifecycle.ending import Ending
from hyper_jupyter.session.store.journal import Journal
from hyper_jupyter.session.store.spool import Spool
from tests.session.clients import PairedClient
from tests.session.rules.plans import DOCKER, PODMAN
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


class SlowToWait(ScriptedEngine):
    """Answers a wait request once the attach request has come."""

    attached = False

    def _converse(self, connection: Any) -> None:
        patient: Any = _Patient(connection, self)
        super()._converse(patient)

    def await_attach(self) -> None:
        with self._requested:
            self.attached = self._requested.wait_for(
                lambda: any("/attach?" in line for line in self.requests), PATIENCE / 2
            )


class _Patient:
    """A connection of its."""

    def __init__(self, connection: Any, engine: SlowToWait) -> None:
        self._connection, self._engine = connection, engine

    def sendall(self, data: bytes) -> None:
        if b"chunked" in data:
            self._engine.await_attach()
        self._connection.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def test_what_is_to_be_started_is_attached_while_the_wait_request_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exit_watch, "_PATIENCE", 2 * PATIENCE)
    with SlowToWait(tmp_path / "s", stays(HEAD_101)) as created:
        created.state.update(Status="created", Running=False)
        connect(created).start_attached(IDENTIFIER).close()
        assert created.attached


PAUSED_409 = (
    b"HTTP/1.1 409 Conflict\r\nContent-Length: 65\r\n\r\n"
    b"container scripted is paused, unpause the container before attach"
)


class LaggingEngine(ScriptedEngine):
    """Calls its container paused a while after it was unpaused: to inspect, then to attach."""

    inspections = 0
    attachments = 0

    def _inspected(self) -> Any:
        self.inspections += 1
        paused = {"Status": "paused", "Running": True, "Paused": True}
        return {**super()._inspected(), "State": paused if self.inspections < 3 else self.state}

    def attach(self, peer: Peer) -> None:
        self.attachments += 1
        script = sends(PAUSED_409) if self.attachments == 1 else stays(HEAD_101, OUT)
        script(peer)


def test_a_container_that_was_just_unpaused_is_attached(tmp_path: Path) -> None:
    with LaggingEngine(tmp_path / "s", lambda peer: lagging.attach(peer)) as lagging:
        session = attach(lagging)
        assert next(session.stdout.lines(follow=True)) == "kept"
        assert (lagging.inspections, lagging.attachments) == (4, 2)
        assert (session.name, sessions()) == ("scripted", [session])
        session.close()


class LateClient(Client):
    """Its inspect takes 2.5 seconds by the clock, and none of a test.

    Attributes:
        left: what was left of the deadline when each request was dialled.
    """

    def __init__(self, discovery: Any, monkeypatch: pytest.MonkeyPatch, **options: Any) -> None:
        self.left: list[float] = []
        self._late = 0.0
        super().__init__(discovery, **options)
        clock = time.monotonic
        monkeypatch.setattr(time, "monotonic", lambda: clock() + self._late)

    def inspect(self, container: str) -> Any:
        self._late += 2.5
        return super().inspect(container)

    def open(self, *arguments: Any, **options: Any) -> Any:
        self.left.append(options["deadline"].remaining())
        return super().open(*arguments, **options)


def test_attaching_takes_no_longer_than_the_timeout_in_all(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = engine(stays())
    client = LateClient(client_for(running.url).discovery, monkeypatch, timeout=3)
    with pytest.raises(ConnectionFailed):
        client.attach(IDENTIFIER)
    assert client.left
    assert max(client.left) <= 0.5  # not 3 seconds for each


def words(engine: ScriptedEngine) -> list[str]:
    """Each request to the container: its last word, and the condition of a wait."""
    found = []
    for line in engine.requests:
        path, _, query = line.split(" ")[1].partition("?")
        if IDENTIFIER in path:
            condition = query.replace("condition=", " ") if path.endswith("/wait") else ""
            found.append(path.rsplit("/", 1)[1] + condition)
    return found


@pytest.mark.parametrize(
    ("status", "start", "profile", "expected"),
    [
        ("running", False, DOCKER, ["json", "wait not-running", "attach"]),
        ("created", False, DOCKER, ["json", "wait next-exit", "attach", "json"]),
        ("created", True, DOCKER, ["json", "wait next-exit", "attach", "start"]),
        ("exited", True, DOCKER, ["json", "attach", "start", "wait not-running"]),
        ("running", False, PODMAN, ["json", "wait next-exit", "attach", "json"]),
        ("exited", True, PODMAN, ["json", "attach", "start", "wait next-exit", "json"]),
    ],
    ids=["running", "created", "started", "started again", "Podman", "Podman, started again"],
)
def test_no_output_and_no_exit_is_missed_by_the_order_of_the_requests(
    engine: Callable[..., MoodyEngine],
    status: str,
    start: bool,
    profile: EngineProfile,
    expected: list[str],
) -> None:
    running = engine(stays(HEAD_101))
    running.state.update(Status=status, Running=status == "running")
    client = connect(running)
    client.profile = profile
    session = Session.attach(client, IDENTIFIER, AttachOptions(), start=start)
    asked = words(running)
    if start and status == "created":  # both are answered before the start
        asked[1:3] = sorted(asked[1:3], reverse=True)
    assert asked == expected
    session.close(force=True)


@pytest.mark.parametrize(("start", "asked"), [(False, 1), (True, 2)])
def test_a_container_that_is_to_be_started_is_given_the_time_to_settle(
    monkeypatch: pytest.MonkeyPatch, start: bool, asked: int
) -> None:
    monkeypatch.setattr("hyper_jupyter.session.attach.target._SETTLE_STEP", 0.0)
    client: Any = PairedClient(PODMAN)
    stopping = {"Id": IDENTIFIER, "Name": "/web", "State": {"Status": "stopping"}}
    client.inspected = [stopping, NotFound(404, "it has removed itself")]
    # Only a container that ended long ago may be started; any other would be refused here.
    with pytest.raises(NotFound if start else Conflict):
        Session.attach(client, IDENTIFIER, AttachOptions(), start=start)
    assert client.calls == [("inspect", IDENTIFIER)] * asked


def test_who_wants_no_stream_watches_no_exit(engine: Callable[..., MoodyEngine]) -> None:
    running = engine(sends(HEAD_101))
    session = attach(running, stream=False)
    assert words(running)[:2] == ["json", "attach"]
    assert session.join(PATIENCE) is State.DETACHED
    assert "wait" not in " ".join(words(running))


def test_a_log_is_read_without_attaching_or_watching(engine: Callable[..., MoodyEngine]) -> None:
    running = engine(stays())
    connect(running).logs(IDENTIFIER, follow=True).close()
    running.await_requests("/logs", 1)
    (line,) = [line for line in running.requests if "/logs" in line]
    assert line.startswith(f"GET /v1.41/containers/{IDENTIFIER}/logs?")
    assert sorted(line.split(" ")[1].partition("?")[2].split("&")) == [
        "follow=1",
        "stderr=1",
        "stdout=1",
        "tail=all",
        "timestamps=1",
    ]
    assert "attach" not in " ".join(running.requests)


@pytest.mark.parametrize("fault", [ConnectionFailed("not now"), KeyboardInterrupt()])
def test_what_could_not_be_opened_leaves_no_session(
    engine: Callable[..., MoodyEngine], fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise fault

    monkeypatch.setattr("hyper_jupyter.session.attach.attachment.Attachment.open", fails)
    failed: list[Ending] = []
    fail = Ending.fail

    def note(ending: Ending, error: HyperJupyterError | None) -> None:
        failed.append(ending)
        fail(ending, error)

    monkeypatch.setattr(Ending, "fail", note)
    running = engine(stays(HEAD_101))
    with pytest.raises(type(fault)):
        attach(running)
    assert find("scripted") is None
    assert sessions() == []
    assert len(failed) == 1  # so nothing of it stays open


# -- what it shows ---------------------------------------------------------------------------


def test_a_session_shows_its_container_and_how_it_was_attached(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(stays(HEAD_101))
    session = attach(running, stderr=False)
    assert (session.name, session.container.id) == ("scripted", IDENTIFIER)
    assert (session.host, session.engine, session.tty) == (running.url, "docker", False)
    assert session.wants == {"stdin", "stdout"}
    assert session.options.stderr is False
    assert (session.detach_keys, session.warnings) == ("", ())
    assert (session.exit_code, session.error, session.ended_at) == (None, None, None)
    assert repr(session) == "<Session scripted: attached, 0 bytes>"
    session._ending.error = ConnectionLost("reset\n by peer")  # as at a session's end
    assert repr(session) == "<Session scripted: attached (reset by peer), 0 bytes>"
    session._ending.error = None
    session.close()
    assert session.ended_at is not None
    assert session.started_at <= session.ended_at


def test_a_terminal_s_detach_keys_are_shown(engine: Callable[..., MoodyEngine]) -> None:
    session = attach(engine(stays(HEAD_101), Tty=True), detach_keys="ctrl-p,ctrl-q")
    assert session.detach_keys == "ctrl-p,ctrl-q"
    session._ending.begin_detach()  # without the keys, whose end would be awaited
    session._ending.finish_detach()
    session.close()


def test_a_user_is_shown_nothing_that_the_io_thread_calls() -> None:
    assert [name for name in dir(Session) if name.startswith(("receive", "on_head"))] == []


# -- calls, waiting, leaving -----------------------------------------------------------------


def test_signals_and_sizes_go_to_the_container(engine: Callable[..., MoodyEngine]) -> None:
    running = engine(stays(HEAD_101))
    session = attach(running)
    session.send_signal("INT")
    assert session.terminal_size == (24, 80)
    session.resize(33, 111)
    assert session.terminal_size == (33, 111)
    sent = [line.split(" ")[1].partition(IDENTIFIER)[2] for line in running.requests[-2:]]
    assert sent == ["/kill?signal=INT", "/resize?h=33&w=111"]
    session.close()


def test_who_waits_too_short_is_told_so(engine: Callable[..., MoodyEngine]) -> None:
    session = attach(engine(stays(HEAD_101)))
    with pytest.raises(TimeoutError, match=r"^container scripted did not end in 0 s$"):
        session.wait(0)
    with pytest.raises(TimeoutError, match=r"^session scripted did not end in 0 s$"):
        session.join(0)
    session.close()


def test_a_session_is_left_at_the_end_of_its_block_and_closed_by_name_only(
    engine: Callable[..., MoodyEngine],
) -> None:
    with attach(engine(stays(HEAD_101))) as session:
        assert session.state is State.ATTACHED
    assert session.state is State.DETACHED
    assert find("scripted") is session
    session.detach()  # nothing happens
    session.close()
    assert find("scripted") is None
    session.close()


def test_closing_what_would_end_the_container_s_input_is_refused(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = attach(engine(stays(HEAD_101), StdinOnce=True))
    session.send("x")
    with pytest.raises(Conflict, match="closing ends the container's input"):
        session.close()
    assert session.state is State.ATTACHED
    stdin = session._attachment.input()
    session.close(force=True)
    assert (session.state, stdin.ended) == (State.DETACHED, True)


def test_functions_are_called_with_output_and_changes_until_they_are_removed(
    engine: Callable[..., MoodyEngine],
) -> None:
    more = threading.Event()

    def script(peer: Peer) -> None:
        peer.send(HEAD_101)
        assert more.wait(PATIENCE)
        peer.send(OUT)
        peer.wait_for_end()

    session = attach(engine(script))
    called: list[Any] = []
    observed = threading.Event()
    session.on_output(lambda stream, data: called.append((stream, data)))
    session.on_output(lambda *_: called.append("removed"))()
    session.observe(lambda *_: called.append("removed"))()
    session.subscribe(lambda: called.append("removed"))()

    def observe(old: State, new: State) -> None:
        called.append((old, new))
        observed.set()

    session.observe(observe)
    more.set()
    assert session._lifecycle.wait_for(lambda: len(session.stdout) == 5, PATIENCE)
    session.close()
    assert observed.wait(PATIENCE)
    assert called == [(StreamType.STDOUT, b"kept\n"), (State.ATTACHED, State.DETACHED)]


def test_lines_are_followed_to_the_end_of_the_session(
    engine: Callable[..., MoodyEngine],
) -> None:
    running: MoodyEngine

    def script(peer: Peer) -> None:
        peer.send(HEAD_101 + OUT)
        peer.receive(1)
        peer.send(encode_frame(StreamType.STDOUT, b"open"))
        running.exit(0)

    running = engine(script)
    session = attach(running)
    lines = session.stdout.lines(follow=True)
    assert next(lines) == "kept"
    session.send("x")
    assert list(lines) == ["open"]


# -- ends ------------------------------------------------------------------------------------


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
        run_verb(lambda: client_for(running.url), ["logs", IDENTIFIER])


def test_an_ended_session_that_nobody_uses_is_not_kept(
    engine: Callable[..., MoodyEngine],
) -> None:
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER, resume=False)
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
    session = client_for(engine(sends(HEAD_101, OUT)).url).attach(IDENTIFIER, resume=False)

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
    monkeypatch.setattr("hyper_jupyter.session.parts.Journal", small)
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
