"""The fault-injecting proxy does what its script says, where it says it, and counts it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import Do, Fault, FaultProxy, Script, Way, each_attach, healthy, in_turn
from tests.faults.faults import Connection, kind_of
from tests.proxies import Relay

ATTACH = b"POST /v1.41/containers/web/attach?stream=1 HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"
BODY = bytes(range(256)) * 1000


class Upstream(Relay):
    """Answers the first request with ``HEAD + BODY``, and then echoes what comes until its end.

    Attributes:
        received: what came, per connection.
    """

    def __init__(self, path: Path | None) -> None:
        self.received: list[bytearray] = []
        self.ended = threading.Semaphore(0)
        if path is None:
            listener = socket.create_server(("127.0.0.1", 0))
            self.url = "tcp://{}:{}".format(*listener.getsockname())
        else:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind(str(path))
            listener.listen()
            self.url = f"unix://{path}"
        super().__init__(listener)

    def serve(self, client: socket.socket) -> None:
        received = bytearray()
        self.received.append(received)
        try:
            while not received.endswith(b"\r\n\r\n"):
                piece = client.recv(1)
                if not piece:
                    return
                received += piece
            client.sendall(HEAD + BODY)
            while piece := client.recv(65536):
                received += piece
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        finally:
            self.ended.release()


@pytest.fixture(params=["unix", "tcp"])
def upstream(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Upstream]:
    with Upstream(tmp_path / "engine.sock" if request.param == "unix" else None) as made:
        yield made


Start = Callable[[Script], FaultProxy]


@pytest.fixture
def start(upstream: Upstream, tmp_path: Path) -> Iterator[Start]:
    """A function that starts a proxy of the same kind of address as the engine's."""
    with contextlib.ExitStack() as stack:
        path = tmp_path / "proxy.sock" if upstream.url.startswith("unix") else None
        yield lambda script: stack.enter_context(FaultProxy(upstream.url, path, script=script))


def dial(proxy: FaultProxy) -> socket.socket:
    scheme, _, address = proxy.url.partition("://")
    if scheme == "unix":
        made = socket.socket(socket.AF_UNIX)
        try:
            made.connect(address)
        except OSError:
            made.close()
            raise
    else:
        host, _, port = address.rpartition(":")
        made = socket.create_connection((host, int(port)))
    made.settimeout(30)
    return made


def ask(proxy: FaultProxy) -> tuple[bytes, socket.socket]:
    """Send the attach request; return what comes until the end or the whole body."""
    made = dial(proxy)
    made.sendall(ATTACH)
    data = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while len(data) < len(HEAD + BODY) and (piece := made.recv(65536)):
            data += piece
    return bytes(data), made


def drain(client: socket.socket) -> None:
    while client.recv(65536):
        pass


def test_without_faults_all_passes_both_ways_and_is_counted(start: Start) -> None:
    proxy = start(healthy)
    data, client = ask(proxy)
    with client:
        assert data == HEAD + BODY
        client.sendall(b"typed")
        assert client.recv(5) == b"typed"
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""  # the end of input has reached the engine, and its end us
    counts = proxy.wait_for(lambda counts: not counts.open["attach"])
    assert counts.connections == {"attach": 1}
    assert counts.bytes == {
        Way.REQUESTS: len(ATTACH) + 5,
        Way.ANSWERS: len(HEAD + BODY) + 5,
    }
    assert not counts.done


@pytest.mark.parametrize("do", [Do.CUT, Do.RESET])
@pytest.mark.parametrize("after", [1, len(HEAD) - 1, len(HEAD) + 70_000])
def test_an_answer_ends_after_exactly_so_many_bytes(
    start: Start, upstream: Upstream, do: Do, after: int
) -> None:
    proxy = start(each_attach(Fault(do, after)))
    data, client = ask(proxy)
    client.close()
    if do is Do.CUT or upstream.url.startswith("unix"):
        assert data == (HEAD + BODY)[:after]
    else:  # a reset overtakes what was not read yet
        assert (HEAD + BODY).startswith(data)
        assert len(data) <= after
    assert upstream.ended.acquire(timeout=30)  # the engine sees the end, too
    assert proxy.counts.done == {do: 1}


def test_bytes_are_counted_from_the_end_of_the_head_if_asked_for(start: Start) -> None:
    proxy = start(each_attach(Fault(Do.CUT, 3, past_head=True)))
    data, client = ask(proxy)
    client.close()
    assert data == HEAD + BODY[:3]


def test_a_tcp_connection_is_reset(tmp_path: Path) -> None:
    with Upstream(None) as upstream, FaultProxy(upstream.url) as proxy, dial(proxy) as client:
        client.sendall(ATTACH)
        proxy.wait_for(lambda counts: counts.bytes[Way.ANSWERS] == len(HEAD + BODY))
        assert proxy.cut(reset=True) == 1
        with pytest.raises(ConnectionResetError):
            drain(client)
    assert proxy.counts.done == {Do.RESET: 1}


def test_a_request_ends_after_exactly_so_many_bytes(start: Start, upstream: Upstream) -> None:
    proxy = start(each_attach(Fault(Do.CUT, 3, Way.REQUESTS, past_head=True)))
    _, client = ask(proxy)
    with client, contextlib.suppress(OSError):
        client.sendall(b"typed")
    assert upstream.ended.acquire(timeout=30)
    assert bytes(upstream.received[0]) == ATTACH + b"typ"


def test_one_way_ends_and_the_other_goes_on(start: Start, upstream: Upstream) -> None:
    proxy = start(each_attach(Fault(Do.HALF_CLOSE, 2, Way.REQUESTS, past_head=True)))
    data, client = ask(proxy)
    with client:
        assert data == HEAD + BODY
        client.sendall(b"typed")
        assert client.recv(9) == b"ty"
        assert client.recv(9) == b""
    assert proxy.counts.done == {Do.HALF_CLOSE: 1}


def test_a_stall_ends_when_it_is_told_to(start: Start) -> None:
    proxy = start(each_attach(Fault(Do.STALL, 10)))
    with dial(proxy) as client:
        client.sendall(ATTACH)
        counts = proxy.wait_for(lambda counts: counts.done[Do.STALL])
        assert counts.bytes[Way.ANSWERS] == 10
        assert client.recv(65536) == HEAD[:10]
        proxy.go_on()
        rest = b""
        while len(rest) < len(HEAD + BODY) - 10:
            rest += client.recv(65536)
    assert rest == (HEAD + BODY)[10:]


def test_a_byte_is_corrupted(start: Start) -> None:
    proxy = start(each_attach(Fault(Do.CORRUPT, 5), Fault(Do.CORRUPT, 65, past_head=True)))
    data, client = ask(proxy)
    client.close()
    good = HEAD + BODY
    assert [at for at in range(len(good)) if data[at] != good[at]] == [5, len(HEAD) + 65]
    assert data[5] == good[5] ^ 0xFF


def test_pieces_are_small_and_late_from_a_place_on(start: Start) -> None:
    proxy = start(
        each_attach(
            Fault(Do.SPLIT, len(HEAD + BODY) - 20, size=7),
            Fault(Do.DELAY, len(HEAD + BODY) - 20, seconds=0.001),
        )
    )
    data, client = ask(proxy)
    client.close()
    assert data == HEAD + BODY
    assert proxy.counts.done == {Do.SPLIT: 1, Do.DELAY: 1}


def test_an_idle_connection_is_cut(start: Start, upstream: Upstream) -> None:
    proxy = start(each_attach(Fault(Do.CUT, idle=0.05)))
    data, client = ask(proxy)
    with client:
        assert (HEAD + BODY).startswith(data)  # on a busy machine the answer may be idle, too
        assert client.recv(1) == b""
    assert upstream.ended.acquire(timeout=30)
    assert proxy.counts.done == {Do.CUT: 1}


def test_each_connection_of_a_kind_has_its_turn(start: Start) -> None:
    proxy = start(in_turn([Fault(Do.CUT, 5)], [], [Fault(Do.CUT, 7)]))
    sizes = []
    for _ in range(4):
        data, client = ask(proxy)
        client.close()
        sizes.append(len(data))
    assert sizes == [5, len(HEAD + BODY), 7, len(HEAD + BODY)]


def test_a_plug_that_is_pulled_is_put_back_at_the_same_address(
    start: Start, upstream: Upstream
) -> None:
    proxy = start(healthy)
    address = proxy.url
    _, client = ask(proxy)
    proxy.unplug()
    with client:
        assert client.recv(1) == b""
    assert upstream.ended.acquire(timeout=30)
    with pytest.raises((ConnectionRefusedError, FileNotFoundError)):
        dial(proxy)
    proxy.plug_in()
    assert proxy.url == address
    data, client = ask(proxy)
    client.close()
    assert data == HEAD + BODY


def test_an_engine_that_is_not_there_is_counted(tmp_path: Path) -> None:
    with FaultProxy(f"unix://{tmp_path}/none.sock", tmp_path / "proxy.sock") as proxy:
        with dial(proxy) as client:
            client.sendall(ATTACH)
            assert client.recv(1) == b""
        assert proxy.wait_for(lambda counts: counts.unreachable).unreachable == 1


def test_only_connections_of_the_kind_are_cut(start: Start) -> None:
    proxy = start(healthy)
    _, attached = ask(proxy)
    with attached, dial(proxy) as other:
        other.sendall(ATTACH.replace(b"attach?stream=1", b"wait"))
        proxy.wait_for(lambda counts: counts.open["wait"] and counts.open["attach"])
        assert proxy.cut("wait") == 1
        attached.sendall(b"!")
        assert attached.recv(1) == b"!"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("POST /v1.41/containers/web/attach?logs=0 HTTP/1.1", "attach"),
        ("GET /containers/web/attach/ws?logs=0 HTTP/1.1", "attach"),
        ("GET /v1.41/containers/attach/logs?stdout=1 HTTP/1.1", "logs"),
        ("POST /v1.41/containers/web/wait HTTP/1.1", "wait"),
        ("POST /exec/0123/start HTTP/1.1", "start"),
        ("GET /events?since=1 HTTP/1.1", "events"),
        ("GET /containers/attach/json HTTP/1.1", "call"),
        ("", "call"),
    ],
)
def test_the_first_request_line_says_the_kind(line: str, kind: str) -> None:
    assert kind_of(line) == kind


def test_turns_of_one_kind_leave_other_kinds_alone() -> None:
    script = in_turn([Fault(Do.CUT)], kind="logs")
    assert not script(Connection(1, "attach", ""))
    assert script(Connection(1, "logs", ""))
