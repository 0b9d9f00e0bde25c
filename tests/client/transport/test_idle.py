"""Kept connections: when they end."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hyper_jupyter.client import (
    Discovery,
    Endpoint,
    EngineClient,
    await_children,
    close_idle_connections,
)
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.idle import (
    CHECK_SECONDS,
    MAX_SECONDS,
    MAX_WAITING,
    IdleConnections,
)
from tests.client.conftest import Ssh
from tests.client.servers import KEEP, VERSION, ScriptedServer, answer
from tests.client.ways import Clock, Open
from tests.conftest import children
from tests.ssh import RELAY

ROOT = Path(__file__).parents[3]


def test_they_end_after_half_a_minute_and_the_clock_is_asked_no_more(
    way: Open, clock: Clock
) -> None:
    before = children()
    there = way()
    client = there.client()
    client.call("GET", "/fine")
    clock.advance(MAX_SECONDS - 2 * CHECK_SECONDS)
    assert len(client._calls._idle._waiting) == 1
    clock.advance(3 * CHECK_SECONDS + 5)
    assert not client._calls._idle._waiting
    await_children()
    assert children() == before
    clock.advance(10)
    assert clock.asked == 0
    client.call("GET", "/fine")
    assert there.used == 2


def test_a_machine_that_has_slept_trusts_none_of_them(way: Open, clock: Clock) -> None:
    there = way()
    client = there.client()
    clock.sleep(MAX_SECONDS + 1)
    client.call("GET", "/fine")
    assert there.used == 2


def test_they_end_with_their_client(way: Open, clock: Clock) -> None:
    before = children()
    client = way().client()
    waiting = client._calls._idle._waiting
    assert len(waiting) == 1
    del client
    gc.collect()
    clock.advance(2 * CHECK_SECONDS)
    assert not waiting
    await_children()
    assert children() == before


def test_an_ssh_that_ends_while_it_waits_leaves_no_zombie(
    ssh: Ssh, clock: Clock, folder: Path
) -> None:
    ssh(RELAY)
    before = children()
    with ScriptedServer(folder / "s", {"GET /_ping": answer(b"OK", headers=KEEP)}) as server:
        url = f"ssh://box{folder}/s"
        client = EngineClient(Discovery(Endpoint.parse(url), ""), schedule=clock.call_later)
        client.call("GET", "/_ping")
        assert server.dialled == 2
        await_children()
        (process,) = children() - before
        os.kill(process, 9)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        clock.advance(CHECK_SECONDS)
        assert children() == before


def test_a_fork_does_not_use_them_and_does_them_no_harm(way: Open) -> None:
    there = way()
    client = there.client()
    client.call("GET", "/fine")
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            client.call("GET", "/fine")
            close_idle_connections()
            await_children()
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert there.used == 2
    client.call("GET", "/fine")
    assert there.used == 2


def test_the_interpreter_ends_though_one_waits_and_takes_the_ssh_along(
    ssh: Ssh, folder: Path, tmp_path: Path
) -> None:
    ssh(
        RELAY.replace(
            "engine =", f"open('{tmp_path}/pids', 'a').write(f'{{os.getpid()}} ')\nengine =", 1
        )
    )
    kept = {
        "GET /_ping": answer(b"OK", headers={"Api-Version": "1.45", **KEEP}),
        "GET /version": answer(VERSION, headers=KEEP),
    }
    script = "import sys; from hyper_jupyter.api import client_for; print(client_for(sys.argv[1]))"
    with ScriptedServer(folder / "s", kept) as server:
        before = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-P", "-c", script, f"ssh://box{folder}/s"],
            capture_output=True, text=True, timeout=30, cwd=ROOT,
        )  # fmt: skip
        assert (done.stderr, server.dialled) == ("", 1)
        assert time.monotonic() - before < 15
        for pid in (tmp_path / "pids").read_text().split():
            assert not Path(f"/proc/{pid}").exists()


def test_where_no_thread_can_be_started_any_more_nothing_is_kept(clock: Clock) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    ours, theirs = socket.socketpair()
    kept = DeadlineSocket(fileno=ours.detach())
    with theirs:
        IdleConnections(clock, refuse).put(kept)
        assert kept.fileno() == -1
        assert theirs.recv(1) == b""


class Kept:
    """Connections of one client, at a clock that a test moves.

    Attributes:
        asked: for when the clock was asked, in seconds.
        now: the time.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.now = 1000.0
        self.asked: list[float] = []
        self._checks: list[Callable[[], object]] = []
        self._stack = stack
        monkeypatch.setattr("hyper_jupyter.client.transport.idle.time.monotonic", lambda: self.now)
        monkeypatch.setattr("hyper_jupyter.client.transport.idle.now", lambda: self.now)
        self.idle = IdleConnections(self, self._schedule)

    def _schedule(self, delay: float, check: Callable[[], object]) -> None:
        self.asked.append(delay)
        self._checks.append(check)

    def connection(self) -> DeadlineSocket:
        ours, theirs = socket.socketpair()
        self._stack.enter_context(theirs)
        return self._stack.enter_context(DeadlineSocket(fileno=ours.detach()))

    def put(self) -> DeadlineSocket:
        made = self.connection()
        self.idle.put(made)
        return made

    def check(self) -> None:
        """The clock makes the call that it was asked for."""
        self._checks.pop(0)()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    with ExitStack() as stack:
        yield Kept(monkeypatch, stack)


def test_the_newest_is_taken_and_only_so_many_are_kept(kept: Kept) -> None:
    connections = [kept.put() for _ in range(MAX_WAITING + 1)]
    assert connections[0].fileno() == -1
    taken = [kept.idle.take() for _ in range(MAX_WAITING)]
    assert taken == connections[:0:-1]
    assert kept.idle.take() is None


@pytest.mark.parametrize(("late", "usable"), [(0.0, True), (0.5, False)])
def test_one_that_waited_for_too_long_is_closed(kept: Kept, late: float, usable: bool) -> None:
    made = kept.put()
    kept.now += MAX_SECONDS + late
    assert kept.idle.take() is (made if usable else None)
    assert (made.fileno() >= 0) is usable


def test_one_whose_peer_has_said_something_is_closed(kept: Kept) -> None:
    older, newer = kept.put(), kept.put()
    newer.shutdown(socket.SHUT_RDWR)
    assert kept.idle.take() is older
    assert newer.fileno() == -1


def test_the_clock_is_asked_once_for_all_and_as_long_as_some_wait(kept: Kept) -> None:
    kept.put()
    kept.now += CHECK_SECONDS
    kept.put()  # the check is due now, and comes
    assert kept.asked == [CHECK_SECONDS]
    kept.check()
    assert kept.asked == [CHECK_SECONDS] * 2
    kept.now += MAX_SECONDS + 1.0
    kept.check()
    assert kept.idle.take() is None
    assert kept.asked == [CHECK_SECONDS] * 2
    kept.put()
    assert len(kept.asked) == 3


def test_after_closing_the_clock_is_asked_anew_as_it_may_be_another(kept: Kept) -> None:
    made = kept.put()
    kept.idle.close()
    assert made.fileno() == -1
    kept.put()
    assert len(kept.asked) == 2


def test_without_a_clock_nothing_is_kept(kept: Kept) -> None:
    made = kept.connection()
    IdleConnections(kept, None).put(made)
    assert made.fileno() == -1
