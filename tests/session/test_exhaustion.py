"""No descriptors left, or a clock that is set: sessions that there are go on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, Session, client_for
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from tests.engine.driver import until
from tests.faults import FaultProxy

PATIENCE = 30.0

LIMITED = """
import resource, sys, threading
from hyper_jupyter.api import client_for
from hyper_jupyter.exceptions import ConnectionFailed

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

def limit(soft):
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

def say(line):
    print(line, flush=True)

client = client_for(sys.argv[1], timeout=20)
session = client.attach("box")
session.send_line("one")
session.expect("one", 20)
limit(3)  # whatever is opened next is one too many
try:
    client.attach("box")
except ConnectionFailed as error:
    say(error)
    say(error.hint)
session.send_line("two")
session.expect("two", 20)
say("it goes on")
changed = threading.Event()
session.subscribe(changed.set)
while not (session.reconnecting and session.reconnecting.attempt > 1):
    changed.wait(20)
    changed.clear()
say(session.state)
say(session.reconnecting.error)
limit(hard)
session.expect("three", 20)
say(session.state)
say(repr(session.stdout.text))
session.close(force=True)
"""


@pytest.fixture
def client() -> Client:
    return client_for("local:", timeout=20)


@pytest.fixture
def box(client: Client) -> Iterator[str]:
    """A container that repeats what it is sent."""
    made = client.create("default", ["cat"], stdin=True, name="box")
    client.start(made)
    yield made
    client.remove(made, force=True)


@pytest.fixture
def proxy(client: Client, tmp_path: Path) -> Iterator[FaultProxy]:
    with FaultProxy(f"unix://{client._endpoint.path}", tmp_path / "proxy.sock") as made:
        yield made


def test_without_descriptors_attach_says_so_a_session_goes_on_and_resumes_when_it_can(
    client: Client, box: str, proxy: FaultProxy
) -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-c", LIMITED, proxy.url], stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            lines = [child.stdout.readline().strip() for _ in range(3)]
            assert "too many open files" in lines[0].lower()
            assert "ulimit -n" in lines[1]
            assert lines[2] == "it goes on"
            assert proxy.cut() == 1
            assert child.stdout.readline().strip() == State.RECONNECTING
            assert "too many open files" in child.stdout.readline().lower()
            with client.attach(box) as other:
                other.send_line("three")
                assert child.stdout.readline().strip() == State.ATTACHED
            assert child.stdout.readline().strip() == repr("one\ntwo\nthree\n")
            assert child.wait(PATIENCE) == 0
        finally:
            child.kill()


class Clock:
    """The wall clock, set by so many seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._real = time.time

    def __call__(self) -> float:
        return self._real() + self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "time", made)
    return made


def cut_while(session: Session, proxy: FaultProxy, other: Session, line: str) -> None:
    """Have the container print a line while a session is not connected, and let it resume."""
    proxy.unplug()
    until(lambda: session.state is State.RECONNECTING, "the cut")
    other.send_line(line)
    other.expect(line, PATIENCE)
    proxy.plug_in()
    until(lambda: session.state is State.ATTACHED, "the session to go on")


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
@pytest.mark.parametrize("kind", ["attach", "logs"])
def test_a_clock_that_is_set_while_attached_loses_and_doubles_nothing(
    client: Client, box: str, proxy: FaultProxy, clock: Clock, jump: float, kind: str
) -> None:
    through = client_for(proxy.url, timeout=20)
    session = through.attach(box) if kind == "attach" else through.logs(box)
    with client.attach(box) as other:
        other.send_line("one")
        session.expect("one", PATIENCE)
        clock.seconds = jump
        cut_while(session, proxy, other, "two")
        other.send_line("three")
        session.expect("three", PATIENCE)
    assert session.stdout.text == "one\ntwo\nthree\n"
    assert all(gap.filled for gap in session.gaps if gap.stream is StreamType.STDOUT)
    session.close(force=True)


def test_what_a_silent_container_printed_after_the_clock_was_set_back_is_there_or_marked(
    client: Client, box: str, proxy: FaultProxy, clock: Clock
) -> None:
    clock.seconds = 3600.0
    session = client_for(proxy.url, timeout=20).attach(box)
    clock.seconds = 0.0  # what the container prints from now on has times before the attachment
    with client.attach(box) as other:
        cut_while(session, proxy, other, "one")
        other.send_line("two")
        session.expect("two", PATIENCE)
    filled = {gap.stream.name: gap.filled for gap in session.gaps}
    assert session.stdout.text == "one\ntwo\n" or not filled["STDOUT"]
    session.close(force=True)
