"""Connections that cannot be made, and answers that do not come in time or never end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Self

import pytest

from hyper_jupyter.client import Deadline, Endpoint, EngineClient, resolve_address
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.dial import EndpointAdapter, dial
from hyper_jupyter.exceptions import ConnectionFailed, ProtocolError
from tests.certificates import Certificates
from tests.client.conftest import Serve, client_of
from tests.client.servers import Peer, ScriptedServer, answer, dead_socket, descriptors
from tests.proxies import TunnelProxy

SHORT = 0.3
ROOT = Path(__file__).parents[3]


@contextmanager
def at_once() -> Iterator[None]:
    """Holds where the block takes about SHORT, by the patience of a slow machine."""
    before = time.monotonic()
    yield
    assert time.monotonic() - before < SHORT + 3


# -- no connection -------------------------------------------------------------------------


def test_a_socket_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(ConnectionFailed, match=f"no engine at unix://{folder}/x: the socket does"):
        client_of(f"unix://{folder}/x")


def test_a_socket_at_which_nobody_listens(folder: Path) -> None:
    url = f"unix://{dead_socket(folder / 's')}"
    with pytest.raises(ConnectionFailed, match="nothing listens there") as caught:
        client_of(url)
    assert "%hyper_connect local:" in caught.value.hint


def test_a_port_at_which_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with pytest.raises(ConnectionFailed, match=f"tcp://127.0.0.1:{port}: nothing listens there"):
        client_of(f"tcp://127.0.0.1:{port}")


def test_a_socket_in_a_folder_that_is_not_ours(folder: Path) -> None:
    """Root may enter every folder, so it is tried by a process that gave its rights up."""
    locked = folder / "locked"
    locked.mkdir()
    script = """
import os, sys
from hyper_jupyter.client import Discovery, Endpoint, EngineClient
from hyper_jupyter.exceptions import ConnectionFailed
if os.getuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    EngineClient(Discovery(Endpoint.parse(sys.argv[1]), ""))
except ConnectionFailed as error:
    print(error, "|", error.hint)
"""
    folder.chmod(0o755)
    with ScriptedServer(locked / "s") as server:
        locked.chmod(0)
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-c", script, server.url],
                capture_output=True, text=True, timeout=30, cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
        finally:
            locked.chmod(0o700)
    assert done.stderr == ""
    assert done.stdout.startswith(f"permission denied on {server.url} | ")
    assert "usermod -aG docker" in done.stdout


@pytest.mark.parametrize("host", ["engine.invalid", "a..b", "x" * 64, "*", ".", "a b"])
def test_a_host_name_that_is_not_known(host: str) -> None:
    with pytest.raises(ConnectionFailed, match=r"host name .* is not known|is not the address"):
        client_of(f"tcp://{host}:1")
    if host != "*":  # some resolvers take it for this machine
        with pytest.raises(ConnectionFailed, match="is not known"):
            dial(Endpoint("tcp", host=host, port=1), Deadline(10))


def test_a_path_that_no_socket_can_have() -> None:
    with pytest.raises(ConnectionFailed, match=r"no connection to unix:///xxx.*too long"):
        client_of("unix:///" + "x" * 200)


def test_a_server_that_takes_no_connection(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as waiting:
        listener.bind(str(folder / "s"))
        listener.listen(0)
        waiting.connect(str(folder / "s"))  # the queue is full: the next one blocks
        with at_once(), pytest.raises(ConnectionFailed, match=r"no answer from .* timed out"):
            client_of(f"unix://{folder}/s", timeout=SHORT)


@contextmanager
def full_port() -> Iterator[int]:
    """A port of 127.0.0.1 that answers no connection: its queue is full."""
    with socket.socket() as listener, socket.socket() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def resolve(monkeypatch: pytest.MonkeyPatch, *ports: int) -> None:
    """Have every host name resolve to these ports of 127.0.0.1, in this order."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port)) for port in ports]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_all_addresses_of_a_host_together_keep_to_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = descriptors()
    with full_port() as port:
        resolve(monkeypatch, *[port] * 20)
        with at_once(), pytest.raises(ConnectionFailed, match="no answer from tcp://many:1"):
            dial(Endpoint("tcp", host="many", port=1), Deadline(SHORT))
    assert descriptors() == before


def test_an_address_that_does_not_answer_leaves_time_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with full_port() as silent, socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        resolve(monkeypatch, silent, port)
        with dial(Endpoint("tcp", host="two", port=1), Deadline(2.0)) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_a_failed_connection_leaves_no_descriptor_open(folder: Path) -> None:
    before = descriptors()
    for _ in range(3):
        with pytest.raises(ConnectionFailed):
            client_of(f"unix://{folder}/x")
    assert descriptors() == before


# -- no answer in time ---------------------------------------------------------------------

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"
SLOW: dict[str, Callable[[Peer], None]] = {
    "nothing at all": Peer.wait_for_end,
    "a header one byte at a time": lambda peer: peer.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 900),
    "a body one byte at a time": lambda peer: peer.drip(HEAD + b"x" * 99),
    "endless 100 Continue, slowly": lambda peer: peer.repeat(
        b"HTTP/1.1 100 Continue\r\n\r\n", 0.05
    ),
    "half a body": lambda peer: (peer.send(HEAD + b"half"), peer.wait_for_end())[0],
    "chunks for ever": lambda peer: (
        peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        peer.repeat(b"1\r\nx\r\n", 0.05),
    )[0],
}


@pytest.mark.parametrize("name", SLOW)
def test_all_of_an_answer_must_come_within_the_timeout(name: str, serve: Serve) -> None:
    server = serve({"GET /slow": SLOW[name]})
    client = client_of(server.url)
    before = descriptors()
    with (
        at_once(),
        pytest.raises(ConnectionFailed, match=f"no answer from {server.url} within 0.3 s"),
    ):
        client.call("GET", "/slow", timeout=SHORT)
    assert descriptors() <= before + 1  # the server's end may still be there


def test_the_timeout_holds_over_tcp_too() -> None:
    with ScriptedServer(answers={"GET /slow": SLOW["a header one byte at a time"]}) as server:
        client = client_of(server.url)
        client.timeout = SHORT  # not for the negotiation
        with at_once(), pytest.raises(ConnectionFailed, match=r"within 0\.3 s"):
            client.call("GET", "/slow")


def test_the_negotiation_keeps_to_the_timeout_too(serve: Serve) -> None:
    server = serve({"GET /_ping": Peer.wait_for_end})
    with at_once(), pytest.raises(ConnectionFailed, match=r"within 0\.3 s") as caught:
        client_of(server.url, timeout=SHORT)
    assert "longer timeout" in caught.value.hint


def test_a_large_request_that_nobody_reads_keeps_to_the_timeout_too(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as held:
        listener.bind(str(folder / "s"))
        listener.listen()
        held.connect(str(folder / "s"))
        endpoint = Endpoint("unix", path=str(folder / "s"))
        with dial(endpoint, Deadline(SHORT)) as connection:
            with at_once(), pytest.raises(TimeoutError):
                connection.sendall(bytes(8 << 20))
            with at_once(), pytest.raises(TimeoutError):
                connection.send(b"more")


# -- answers that are none -----------------------------------------------------------------


def ended(data: bytes) -> Callable[[Peer], None]:
    return lambda peer: peer.send(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    ids=["nothing", "half a body", "half a chunk", "no last chunk"],
)  # fmt: skip
def test_an_answer_that_is_cut_short(data: bytes, serve: Serve) -> None:
    client = client_of(serve({"GET /x": ended(data)}).url)
    with pytest.raises(ConnectionFailed, match=r"the call to unix:.* failed: "):
        client.call("GET", "/x")


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x01\0\x02\x02\x46\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
    ],
    ids=["ssh", "tls", "status", "headers", "long header", "chunks", "gzip"],
)
def test_what_is_no_http_answer_is_a_protocol_error(data: bytes, serve: Serve) -> None:
    client = client_of(serve({"GET /x": ended(data)}).url)
    with pytest.raises(ProtocolError, match="not a valid HTTP answer from unix:"):
        client.call("GET", "/x")


def test_interim_answers_without_end_are_no_answer(serve: Serve) -> None:
    server = serve({"GET /x": lambda peer: peer.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")})
    with at_once(), pytest.raises(ProtocolError, match="not a valid HTTP answer from unix:"):
        client_of(server.url).call("GET", "/x")


@pytest.mark.parametrize("status", [b"200 OK", b"500 Broken", b"301 Moved\r\nLocation: /elsewhere"])
def test_an_endless_body_is_cut_at_32_mib(status: bytes, serve: Serve) -> None:
    def flood(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 " + status + b"\r\n\r\n")
        peer.repeat(b"x" * (1 << 20))

    client = client_of(serve({"GET /flood": flood}).url)
    with pytest.raises(ProtocolError, match="the answer to /flood is larger than 33554432 bytes"):
        client.call("GET", "/flood")


def test_a_body_of_32_mib_will_do(serve: Serve) -> None:
    client = client_of(serve({"GET /large": answer(b"x" * (32 << 20))}).url)
    assert len(client.call("GET", "/large").body) == 32 << 20


# -- connections for streams ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_a_stream_s_connection_has_nothing_sent_and_no_deadline(kind: str, folder: Path) -> None:
    def attach(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhi")
        peer.wait_for_end()

    path = folder / "s" if kind == "unix" else None
    with ScriptedServer(path, {"POST /containers/x/attach": attach}) as server:
        client = client_of(server.url, timeout=5)
        connection, exchange = client.open(
            "POST",
            "/containers/x/attach",
            {"stream": 1, "detachKeys": "ctrl-p,ctrl-q"},
            headers={"Connection": "Upgrade", "Upgrade": "tcp"},
        )
        with connection:
            assert connection.gettimeout() is None
            assert connection.getblocking()
            assert os.get_blocking(connection.fileno())
            assert server.lines == []
            connection.sendall(exchange.data_to_send())
            received = b""
            while b"hi" not in received:
                received += exchange.receive_data(connection.recv(100))
        assert server.lines == [
            "POST /v1.45/containers/x/attach?stream=1&detachKeys=ctrl-p%2Cctrl-q HTTP/1.1"
        ]
        request = server.requests[-1]
        host = "localhost" if path else server.url.removeprefix("tcp://")
        assert request.headers["host"] == host
        assert request.headers["upgrade"] == "tcp"
        assert request.headers["connection"] == "Upgrade"


def test_a_stream_s_body_is_json_with_its_length(serve: Serve) -> None:
    client = client_of(serve().url)
    connection, exchange = client.open("POST", "/exec/x/start", body={"Tty": False})
    connection.close()
    head, _, body = exchange.data_to_send().partition(b"\r\n\r\n")
    assert b"Content-Length: 14" in head
    assert b"Content-Type: application/json" in head
    assert body == b'{"Tty": false}'


def test_a_stream_s_connection_keeps_to_its_deadline(serve: Serve) -> None:
    client: EngineClient = client_of(serve().url)
    with pytest.raises(ConnectionFailed, match="timed out"):
        client.open("GET", "/events", deadline=Deadline(0))


def test_a_deadline_without_seconds_is_never() -> None:
    deadline = Deadline(None)
    assert deadline.remaining() is None
    assert deadline.check() is None


@pytest.mark.skipif(not hasattr(socket, "TCP_KEEPIDLE"), reason="this system has no such options")
@pytest.mark.parametrize("tunnel", [False, True], ids=["direct", "tunnel"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_an_idle_connection_is_probed_every_half_minute(
    tls: bool, tunnel: bool, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with ExitStack() as stack:
        server = stack.enter_context(ScriptedServer(tls=certificates.serving() if tls else None))
        url = server.url
        if tunnel:
            port = int(url.rpartition(":")[2])
            proxy = stack.enter_context(TunnelProxy(("127.0.0.1", port)))
            monkeypatch.setenv("HTTPS_PROXY" if tls else "HTTP_PROXY", proxy.address)
            url = "https://engine.example" if tls else "tcp://engine.example"
        found = resolve_address(
            url, tls=certificates.client if tls else None, verify=not tls, environ={}
        )
        made = stack.enter_context(dial(found.endpoint, Deadline(10.0)))
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        options = ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT")
        values = [made.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in options]
        assert values == [30, 10, 3]


# -- a connection that carries another call --------------------------------------------------


class Carried:
    """An adapter whose call is over, and what its connection has become."""

    def __init__(self, *, reusable: bool = True, there: bool = True) -> None:
        ours, self.theirs = socket.socketpair()
        self.sock = DeadlineSocket(fileno=ours.detach())
        self.closes = 0
        self.connection = SimpleNamespace(
            reusable=reusable, sock=self.sock if there else None, close=self._close
        )
        self.adapter = EndpointAdapter(Endpoint.parse("unix:///s"), Deadline(10))
        self.adapter._pool.connection = self.connection  # type: ignore[assignment]
        self.adapter._kept = self.sock  # an earlier call has made it

    def _close(self) -> None:
        self.closes += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()
        self.theirs.close()


def test_a_connection_is_taken_once_and_not_closed_with_its_call() -> None:
    with Carried() as carried:
        assert carried.adapter.take_connection() is carried.sock
        assert carried.adapter.take_connection() is None
        carried.adapter.close()
        assert carried.sock.fileno() >= 0


@pytest.mark.parametrize("options", [{"reusable": False}, {"there": False}], ids=str)
def test_a_connection_that_can_carry_no_other_call_is_closed_with_its_call(
    options: dict[str, bool],
) -> None:
    with Carried(**options) as carried:
        assert carried.adapter.take_connection() is None
        carried.adapter.close()
        assert carried.closes == 1


def test_a_call_that_made_no_connection_has_none_to_give() -> None:
    adapter = EndpointAdapter(Endpoint.parse("unix:///s"), Deadline(10))
    assert adapter.take_connection() is None
    adapter.close()


def test_a_kept_connection_that_was_not_used_is_closed_with_the_call() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        kept = DeadlineSocket(fileno=ours.detach())
        EndpointAdapter(Endpoint.parse("unix:///s"), Deadline(10), None, kept).close()
        assert kept.fileno() == -1
