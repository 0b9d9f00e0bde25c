"""Connections that wait for the next call: when they are used again, and when they end."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import (
    Discovery,
    Endpoint,
    EngineClient,
    await_children,
    close_idle_connections,
    resolve_address,
)
from hyper_jupyter.client.transport import idle as idle_module
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.idle import (
    CHECK_SECONDS,
    MAX_SECONDS,
    MAX_WAITING,
    IdleConnections,
)
from hyper_jupyter.exceptions import (
    ConnectionFailed,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from tests.certificates import Certificates
from tests.client.conftest import Ssh
from tests.client.servers import KEEP, VERSION, Peer, Script, ScriptedServer, answer
from tests.conftest import children
from tests.ssh import RELAY

ROOT = Path(__file__).parents[3]
SHORT = 0.3
FINE = answer(b"{}", headers=KEEP)


class Clock:
    """What the layer above lends; its time passes when a test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 1000.0
        self._due: list[tuple[float, Callable[[], object]]] = []
        monkeypatch.setattr(idle_module, "now", lambda: self._now)

    def call_later(self, delay: float, callback: Callable[[], object]) -> None:
        self._due.append((self._now + delay, callback))

    @property
    def asked(self) -> int:
        return len(self._due)

    def sleep(self, seconds: float) -> None:
        """Time passes, and nobody looks: the machine sleeps."""
        self._now += seconds

    def advance(self, seconds: float) -> None:
        end = self._now + seconds
        while due := [each for each in self._due if each[0] <= end]:
            first = min(due, key=lambda each: each[0])
            self._due.remove(first)
            self._now = first[0]
            first[1]()
        self._now = end


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    yield Clock(monkeypatch)
    close_idle_connections()
    await_children()


class Way:
    """A scripted server that keeps connections, and the clients that go there one way."""

    def __init__(self, server: ScriptedServer, make: Callable[..., EngineClient]) -> None:
        self.server = server
        self.client = make

    @property
    def used(self) -> int:
        """Connections that were made, for calls and the negotiation."""
        return self.server.dialled


Open = Callable[..., Way]


@pytest.fixture(params=["tcp", "tls", "ssh"])
def way(
    request: pytest.FixtureRequest,
    folder: Path,
    ssh: Ssh,
    clock: Clock,
    certificates: Certificates,
) -> Iterator[Open]:
    with contextlib.ExitStack() as stack:

        def start(answers: dict[str, Script] | None = None) -> Way:
            kept: dict[str, Script] = {
                "GET /_ping": answer(b"OK", headers={"Api-Version": "1.45", **KEEP}),
                "GET /version": answer(VERSION, headers=KEEP),
                "GET /fine": FINE,
                "POST /fine": FINE,
                **(answers or {}),
            }
            over_ssh, tls = request.param == "ssh", request.param == "tls"
            server = stack.enter_context(
                ScriptedServer(
                    folder / "s" if over_ssh else None,
                    kept,
                    certificates.serving() if tls else None,
                )
            )
            ssh(RELAY)
            url = f"ssh://box{folder}/s" if over_ssh else server.url

            def client(**options: Any) -> EngineClient:
                found = resolve_address(url, tls=certificates.client if tls else None, environ={})
                return EngineClient(found, **{"schedule": clock.call_later, **options})

            return Way(server, client)

        yield start
        close_idle_connections()


# -- used again ----------------------------------------------------------------------------


def test_calls_one_after_another_share_a_connection(way: Open) -> None:
    there = way()
    client = there.client()
    for _ in range(5):
        assert client.call("GET", "/fine").body == b"{}"
        assert client.call("POST", "/fine").body == b"{}"
    assert there.used == 1
    assert there.server.requests[-1].headers["connection"] == "keep-alive"


def test_errors_and_answers_without_a_body_and_in_chunks_keep_it_too(way: Open) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
    there = way({
        "GET /no": answer(b"", "404 Not Found", KEEP),
        "POST /nothing": b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n",
        "POST /already": b"HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n",
        "GET /chunks": chunked + b"2\r\nhi\r\n0\r\n\r\n",
    })  # fmt: skip
    client = there.client()
    with pytest.raises(NotFound):
        client.call("GET", "/no")
    assert client.call("POST", "/nothing").status == 204
    assert client.call("POST", "/already").status == 304
    assert client.call("GET", "/chunks").body == b"hi"
    client.call("GET", "/fine")
    assert there.used == 1


def test_without_a_clock_each_call_has_its_own(way: Open) -> None:
    there = way()
    client = there.client(schedule=None)
    client.call("GET", "/fine")
    assert there.used == 3
    assert there.server.requests[-1].headers["connection"] == "close"


def test_a_unix_socket_s_connections_are_not_kept(folder: Path, clock: Clock) -> None:
    with ScriptedServer(folder / "s", {"GET /fine": FINE}) as server:
        found = Discovery(Endpoint.parse(server.url), "")
        EngineClient(found, schedule=clock.call_later).call("GET", "/fine")
        assert server.requests[-1].headers["connection"] == "close"
        assert (server.dialled, clock.asked) == (3, 0)


def test_each_call_has_its_own_deadline(way: Open) -> None:
    there = way({"GET /slow": Peer.wait_for_end})
    client = there.client()
    client.call("GET", "/fine", timeout=5)
    before = time.monotonic()
    with pytest.raises(ConnectionFailed, match=r"no answer from .* within 0\.3 s"):
        client.call("GET", "/slow", timeout=SHORT)
    assert time.monotonic() - before < SHORT + 3
    assert there.used == 1
    client.call("GET", "/fine")
    assert there.used == 2


def test_a_call_without_a_limit_waits_though_the_one_before_had_one(way: Open) -> None:
    def late(peer: Peer) -> None:
        assert not peer.hung_up(0.5)
        peer.send(answer({"StatusCode": 3}))

    there = way({"POST /containers/x/wait": late})
    client = there.client(timeout=SHORT + 5)
    client.call("GET", "/fine", timeout=SHORT + 5)
    assert client.wait("x") == 3
    assert there.used == 1


def test_a_stream_dials_its_own(way: Open) -> None:
    there = way()
    client = there.client()
    connection, exchange = client.open("GET", "/fine")
    with connection:
        connection.sendall(exchange.data_to_send())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert there.used == 2


def test_threads_never_share_one_and_few_are_kept(way: Open) -> None:
    together = threading.Barrier(6, timeout=10)

    def wait_for_all(peer: Peer) -> bool:
        together.wait()
        peer.send(FINE)
        return True

    there = way({"GET /together": wait_for_all})
    client = there.client()
    faults: list[HyperJupyterError] = []

    def call() -> None:
        try:
            client.call("GET", "/together")
        except HyperJupyterError as error:
            faults.append(error)

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, there.used) == ([], 6)
    assert len(client._calls._idle._waiting) == MAX_WAITING


# -- not used again ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "script",
    [
        answer(b"{}"),
        FINE + b"more",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["close", "something behind it", "no length", "1.0"],
)
def test_an_answer_that_ends_its_connection_is_the_last_one(way: Open, script: bytes) -> None:
    there = way({"GET /last": script})
    client = there.client()
    assert client.call("GET", "/last").body == b"{}"
    client.call("POST", "/fine")
    assert there.used == 2


def test_an_answer_larger_than_we_take_ends_its_connection(way: Open) -> None:
    def flood(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.repeat(b"x" * (1 << 20))

    there = way({"GET /flood": flood})
    client = there.client()
    with pytest.raises(ProtocolError, match="the answer to /flood is larger than"):
        client.call("GET", "/flood")
    client.call("POST", "/fine")
    assert there.used == 2


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("behind", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["end", "garbage"])
def test_one_that_died_or_babbled_while_it_waited_is_replaced_without_a_word(
    way: Open, method: str, behind: bytes
) -> None:
    done = threading.Event()

    def leave(peer: Peer) -> None:
        peer.send(FINE)
        done.wait(10)  # the client has kept it
        peer.send(behind)

    there = way({"GET /leave": leave})
    client = there.client()
    client.call("GET", "/leave")
    kept = client._calls._idle._waiting[-1][1]
    assert kept.is_quiet()
    done.set()
    assert select.select([kept], [], [], 10)[0]
    assert client.call(method, "/fine").status == 200
    assert there.used == 2


def hangs_up_on_the_second(server_answer: bytes) -> dict[str, Script]:
    """Answers the first request of a route, takes the second, and ends without a word."""
    seen: list[int] = []

    def script(peer: Peer) -> bool:
        seen.append(1)
        if len(seen) == 2:
            return False
        peer.send(server_answer)
        return True

    return {"GET /x": script, "POST /x": script, "DELETE /x": script}


def test_a_get_whose_connection_ends_under_it_is_asked_again_once(way: Open) -> None:
    there = way(hangs_up_on_the_second(FINE))
    client = there.client()
    client.call("GET", "/x")
    assert client.call("GET", "/x").body == b"{}"
    assert there.used == 2
    assert [line.split()[1] for line in there.server.lines] == ["/v1.45/x"] * 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_what_may_have_been_acted_on_is_never_sent_twice(way: Open, method: str) -> None:
    there = way(hangs_up_on_the_second(FINE))
    client = there.client()
    client.call(method, "/x")
    with pytest.raises(ConnectionFailed, match=r"the call to .* failed: ") as caught:
        client.call(method, "/x")
    assert caught.value.hint == "The engine may have carried it out: check before you repeat it."
    assert len(there.server.lines) == 2
    client.call("POST", "/fine")


def test_a_get_that_is_cut_off_again_and_again_is_asked_twice_at_most(
    way: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = way({"GET /cut": lambda _: False})
    client = there.client()
    idle = client._calls._idle
    other = idle.take()
    assert other is not None
    client.call("GET", "/fine")
    close = idle.close

    def meanwhile() -> None:
        close()
        idle.put(other)  # as another thread might

    monkeypatch.setattr(idle, "close", meanwhile)
    with pytest.raises(ConnectionFailed):
        client.call("GET", "/cut")
    assert [line for line in there.server.lines if "/cut" in line] == there.server.lines[-2:]
    close()


def test_one_that_ended_under_a_call_takes_the_others_with_it(way: Open) -> None:
    there = way({"GET /cut": lambda _: False})
    client = there.client()
    first = client._calls._idle.take()
    client.call("GET", "/fine")
    assert first is not None
    client._calls._idle.put(first)
    assert len(client._calls._idle._waiting) == 2
    with pytest.raises(ConnectionFailed):
        client.call("GET", "/cut")
    assert not client._calls._idle._waiting


# -- their end -----------------------------------------------------------------------------


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
            [sys.executable, "-c", script, f"ssh://box{folder}/s"],
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
