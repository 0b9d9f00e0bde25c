"""What a session costs that was left: one wait request per container, and nothing else."""

from __future__ import annotations

import gc
import os
import threading
import tracemalloc
import weakref
from collections import Counter
from collections.abc import Callable

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.client import Deadline
from hyper_jupyter.client.transport import embedded
from hyper_jupyter.exceptions import ConnectionLost
from hyper_jupyter.protocol import StreamType, encode_frame
from hyper_jupyter.session import State, find, runtime
from hyper_jupyter.session.attach.target import StreamRequest
from hyper_jupyter.session.store import journal as journal_module
from tests.engine.driver import until
from tests.session.servers import HEAD_101, IDENTIFIER, MoodyEngine, stays
from tests.soak.usage import no_collector

PATIENCE = 20.0
OUT = encode_frame(StreamType.STDOUT, b"kept\n")


def settle() -> None:
    """Let the I/O thread and the workers do what is due, and forget it."""
    for each in (runtime().loop.call_soon, runtime().callbacks.submit, runtime().calls.submit):
        done = threading.Event()
        each(done.set)
        assert done.wait(PATIENCE)
    for _ in range(2):  # the turn in which the first one was set is over then
        done = threading.Event()
        runtime().loop.call_soon(done.set)
        assert done.wait(PATIENCE)


def open_files(pid: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208


@pytest.fixture
def client() -> Client:
    return client_for("local:")


@pytest.fixture
def container(client: Client) -> str:
    """One that prints whatever it is sent."""
    made = client.create("default", ["cat"], stdin=True, name="web")
    client.start(made)
    return made


def left(client: Client, container: str) -> Session:
    session = client.attach(container)
    session.send_line("hello")
    session.stdout.lines(follow=True).__next__()
    session.detach()
    return session


def test_rounds_of_attach_and_detach_cost_nothing(client: Client, container: str) -> None:
    engine = embedded._running
    assert engine is not None

    def cost(rounds: int) -> tuple[int, int]:
        for _ in range(rounds):
            left(client, container)
        settle()
        return open_files(), open_files(engine.process.pid)

    threads = threading.active_count()
    with no_collector():
        before = cost(10)
        until(lambda: cost(10) == before, "as many files as before")
        cost(80)
        until(lambda: cost(1) == before, "as many files as before")
        assert threading.active_count() <= threads + 8  # the I/O thread, and the workers' limits
        made = [each for each in gc.get_objects() if isinstance(each, Session)]
        assert [each for each in made if each.container.id == container] == []
    client.remove(container, force=True)


def test_a_session_that_was_left_goes_with_its_last_user(
    client: Client, container: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MEMORY", 1)
    with no_collector():
        session = left(client, container)
        parts = [weakref.ref(session), weakref.ref(session.journal)]
        name, text = session.name, session.stdout
        assert find(name) is session
        settle()
        del session
        assert (parts[0](), find(name)) == (None, None)
        assert text.text == "hello\n"  # what somebody uses stays
        del text
        assert parts[1]() is None
    client.remove(container, force=True)


def test_a_session_that_was_attached_again_goes_with_its_last_user(
    client: Client, container: str
) -> None:
    with no_collector():
        session = left(client, container)
        for _ in range(2):
            assert session.attach_again() is session
            session.detach()
        session.follow_restarts()
        parts = [weakref.ref(session), weakref.ref(session.journal)]
        client.kill(container)
        assert session.wait(PATIENCE) == 137
        assert session.state is State.RECONNECTING
        session.detach()
        del session
        # The look that has found the end may still be on its way.
        until(lambda: [part() for part in parts] == [None] * 2, "that it goes")
    client.remove(container, force=True)


def test_each_session_that_left_learns_the_exit_code_of_one_wait_request(
    engine: Callable[..., MoodyEngine],
) -> None:
    running = engine(stays(HEAD_101 + OUT))
    running.state["StartedAt"] = "2026-01-01T00:00:00Z"
    client = client_for(running.url)
    sessions = [client.attach(IDENTIFIER) for _ in range(5)]
    for session in sessions:
        session.detach()
    settle()
    requests = sum("/wait" in line for line in running.requests)
    assert requests == 5  # those of the attached sessions
    running.exit(9)
    assert [session.wait(PATIENCE) for session in sessions] == [9] * 5
    assert {session.state for session in sessions} == {State.DETACHED}


def test_wait_after_detach_says_at_once_that_the_engine_is_gone(
    engine: Callable[..., MoodyEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    later = type(runtime().calls).call_later

    def call_later(worker: object, delay: float, job: Callable[[], object]) -> object:
        delays.append(delay)
        return later(worker, 0.0, job)  # type: ignore[arg-type]

    running = engine(stays(HEAD_101 + OUT))
    session = client_for(running.url).attach(IDENTIFIER)
    session.detach()
    monkeypatch.setattr(type(runtime().calls), "call_later", call_later)
    running.close()
    with pytest.raises(ConnectionLost, match="the engine is gone: no engine at"):
        session.wait(PATIENCE)
    assert max(delays, default=0.0) <= 1.0
    session.close()


def test_an_idle_session_is_small(client: Client, container: str) -> None:
    number = 50
    with no_collector():
        left(client, container)
        settle()
        gc.collect()
        before = {id(each) for each in gc.get_objects()}
        tracemalloc.start()
        try:
            sessions = [client.attach(container) for _ in range(number)]
            settle()
            gc.collect()
            memory, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        made = Counter(type(each) for each in gc.get_objects() if id(each) not in before)
        # One at the address of an object that has gone is not counted, so some may be missing. On
        # Python 3.11 they are 83 objects and 9.5 KiB. They were 153 and 18.7 KiB while each part
        # had a lock and a dictionary of its own, and tables that nothing was in yet.
        assert made.total() / number < 92
        assert memory / number < 10.5 * 1024
        with_dictionary = [
            kind.__name__
            for kind, count in made.items()
            if count > number // 2
            and kind.__module__.startswith("hyper_jupyter")
            and _has_room(kind)
        ]
        assert with_dictionary == ["Session"]
        assert max(made[StreamRequest], made[Deadline]) < number  # what is answered needs none
        assert not sessions[0].container.raw
    for each in sessions:
        each.detach()
    client.remove(container, force=True)


def _has_room(kind: type) -> bool:
    """Whether objects of a class can have any attribute, which takes more memory than slots."""
    return kind.__dictoffset__ != 0
