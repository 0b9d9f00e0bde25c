"""Proxies of the environment: which connections use one, and what one can answer."""

from __future__ import annotations

import contextlib
import socket
import time
import traceback
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client import Deadline, Endpoint, EngineClient, resolve_address
from hyper_jupyter.client.secret import Secret
from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.proxy import Proxy, open_tunnel, proxy_for
from hyper_jupyter.exceptions import ConnectionFailed
from tests.certificates import Certificates
from tests.client.servers import TIMEOUT, ScriptedServer
from tests.proxies import TunnelProxy

SHORT = 0.3


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server(certificates: Certificates) -> Iterator[ScriptedServer]:
    with ScriptedServer(tls=certificates.serving()) as made:
        yield made


def test_tls_goes_through_the_tunnel_with_the_user_s_name_and_password(
    server: ScriptedServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rpartition(":")[2])
    with TunnelProxy(("127.0.0.1", port)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:p%40ss@{proxy.address}")
        # The name is one that only the proxy could reach, so the certificate is not its own.
        found = resolve_address(
            "https://engine.example:2376", tls=certificates.client, verify=False
        )
        assert EngineClient(found).engine_version == "26.1.5"
        expected = ("CONNECT engine.example:2376 HTTP/1.1", "Basic bWU6cEBzcw==")
        assert proxy.asked == [expected] * 2
        assert "authorization" not in server.requests[-1].headers
        assert "proxy-authorization" not in server.requests[-1].headers


def test_plain_tcp_goes_through_the_tunnel_of_the_other_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ScriptedServer() as engine:
        port = int(engine.url.rpartition(":")[2])
        with TunnelProxy(("127.0.0.1", port)) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.address)
            found = resolve_address("tcp://engine.example", environ={})
            assert EngineClient(found).engine_version == "26.1.5"
            assert proxy.asked[0] == ("CONNECT engine.example:2375 HTTP/1.1", "")


@pytest.mark.parametrize(
    ("listed", "url", "direct"),
    [
        ("", "tcp://box", False), ("*", "tcp://box", True), ("box", "tcp://box", True),
        ("box", "tcp://a.box", True), ("box", "tcp://abox", False), (".box", "tcp://a.box", True),
        (".box", "tcp://box", False), ("*.box", "tcp://a.box", True),
        ("a, BOX ", "tcp://Box", True),
        ("box:2375", "tcp://box", True), ("box:1", "tcp://box", False),
        ("10.0.0.0/8", "tcp://10.1.2.3", True), ("10.0.0.0/8", "tcp://11.1.2.3", False),
        ("10.1.2.3", "tcp://10.1.2.3", True), ("fd00::/8", "tcp://[fd00::1]", True),
        ("1.2.3", "tcp://4.1.2.3", False), ("", "tcp://localhost", True),
        ("", "tcp://127.0.0.1", True), ("", "tcp://[::1]", True), ("", "unix:///x", True),
        ("", "ssh://box", True), (",,", "tcp://box", False),
    ],
)  # fmt: skip
def test_which_endpoints_are_reached_directly(listed: str, url: str, direct: bool) -> None:
    env = {"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": listed}
    found = proxy_for(Endpoint.parse(url), env)
    assert (found is None) == direct
    env = {"http_proxy": "http://proxy:3128", "no_proxy": listed}
    assert (proxy_for(Endpoint.parse(url), env) is None) == direct


@pytest.mark.parametrize(
    "value",
    ["socks5://me:s3cret@proxy", "https://me:s3cret@proxy", "http://me:s3cret@proxy:x",
     "http://me:s3cret@", "http://me:s3cret@[::1"],
)  # fmt: skip
def test_a_proxy_that_is_none_is_refused_without_its_password(value: str) -> None:
    with pytest.raises(ConnectionFailed, match="HTTP_PROXY") as caught:
        proxy_for(Endpoint.parse("tcp://box"), {"HTTP_PROXY": value})
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {caught.value.hint}"
    assert "NO_PROXY" in caught.value.hint


def test_a_password_is_in_no_repr() -> None:
    proxy = proxy_for(Endpoint.parse("tcp://box"), {"HTTP_PROXY": "http://me:s3cret@proxy:1"})
    assert proxy is not None
    assert proxy.authorization not in f"{proxy} {proxy!r}"
    assert "s3cret" not in f"{proxy} {proxy!r}"


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_the_variables_hold_is_a_proxy_or_our_own_error(value: str, listed: str) -> None:
    for url in ("tcp://box.example", "tcp://10.1.2.3", "https://[fd00::1]"):
        env = {"HTTP_PROXY": value, "HTTPS_PROXY": f"http://{value}", "NO_PROXY": listed}
        with contextlib.suppress(ConnectionFailed):
            proxy_for(Endpoint.parse(url), env)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            b"HTTP/1.1 403 For\x1b[31mbidden\r\n\r\n",
            r"does not connect to box:2375: 403 For \[31mb",
        ),
        (b"HTTP/1.1 407 Auth\r\n\r\n", "requires a user name and a password"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://x\r\n\r\n", "does not connect to box:2375: 301"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "sent data before the engine could"),
        (b"HTTP/1.1 200 OK\r\n\r\nx", "sent data before the engine could"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not answer as a proxy does"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "does not answer as a proxy does"),
    ],
    ids=["403", "407", "301", "two heads", "a byte", "ssh", "endless"],
)
def test_what_a_proxy_can_answer(answer: bytes, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with TunnelProxy(answer=answer) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://me:s3cret@{proxy.address}")
        with pytest.raises(ConnectionFailed, match=text) as caught:
            dial(Endpoint.parse("tcp://box"), Deadline(TIMEOUT))
        assert "s3cret" not in str(caught.value)


# -- odd heads -----------------------------------------------------------------------------

PROXY = Proxy("HTTP_PROXY", "proxy", 3128, Secret("Basic eDp5"))
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def pair(*pieces: bytes, seconds: float | None = TIMEOUT) -> tuple[DeadlineSocket, socket.socket]:
    """A connection to a proxy that has sent the pieces already."""
    ours, theirs = socket.socketpair()
    connection = DeadlineSocket(fileno=ours.detach())
    connection.deadline = Deadline(seconds)
    for piece in pieces:
        theirs.sendall(piece)
    return connection, theirs


@pytest.mark.parametrize(
    "head",
    [
        ESTABLISHED,
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + ESTABLISHED,
        b"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n" * 3 + ESTABLISHED,
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\n\tc\r\nX: y\r\n\r\n",
    ],
    ids=["usual", "1.0", "no reason", "204", "100 first", "102 first", "length", "chunked",
         "close", "folded"],
)  # fmt: skip
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "byte by byte"])
def test_a_head_that_opens_the_tunnel(
    head: bytes, cut: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if cut:  # at every byte
        receive = DeadlineSocket.recv
        monkeypatch.setattr(DeadlineSocket, "recv", lambda self, _: receive(self, 1))
    ours, theirs = pair(head)
    with ours, theirs:
        open_tunnel(ours, PROXY, "box:2375")
        assert theirs.recv(4096) == (
            b"CONNECT box:2375 HTTP/1.1\r\nHost: box:2375\r\n"
            b"Proxy-Authorization: Basic eDp5\r\n\r\n"
        )
        theirs.sendall(b"the engine")
        monkeypatch.undo()
        assert ours.recv(100) == b"the engine"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n folded without a header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
        b"\x16\x03\x01\x02\x00\x01" * 100,
        b"HTTP/1.1 200 " + b"x" * 20_000,
    ],
    ids=["2.0", "no space", "two digits", "no colon", "folded first", "nul", "length", "101",
         "garbage after 100", "endless 100s", "tls", "endless reason"],
)  # fmt: skip
def test_a_head_that_no_proxy_sends(head: bytes) -> None:
    ours, theirs = pair(head)
    with ours, theirs:
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionFailed, match="does not answer as a proxy does"):
            open_tunnel(ours, PROXY, "box:2375")


@pytest.mark.parametrize("count", [0, 1, 30, len(ESTABLISHED) - 1])
def test_a_head_that_is_cut_off(count: int) -> None:
    ours, theirs = pair(ESTABLISHED[:count])
    with ours, theirs:
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ConnectionFailed, match="does not answer as a proxy does"):
            open_tunnel(ours, PROXY, "box:2375")


def test_a_head_of_nearly_16_kib_will_do() -> None:
    room = 16 * 1024 - len(b"HTTP/1.1 200 OK\r\nX: \r\n\r\n")
    for size, fits in ((room, True), (room + 1, False)):
        ours, theirs = pair(b"HTTP/1.1 200 OK\r\nX: " + b"y" * size + b"\r\n\r\n")
        with ours, theirs, contextlib.ExitStack() as stack:
            if not fits:
                stack.enter_context(pytest.raises(ConnectionFailed, match="does not answer"))
            open_tunnel(ours, PROXY, "box:2375")


def test_an_endless_head_ends_at_the_deadline() -> None:
    ours, theirs = pair(b"HTTP/1.1 100 Continue\r\n\r\n", seconds=0)
    with ours, theirs, pytest.raises(TimeoutError):
        open_tunnel(ours, PROXY, "box:2375")


@pytest.mark.parametrize(
    ("authority", "kind"), [("box..example:2375", UnicodeError), ("a b:2375", ConnectionFailed)]
)
def test_a_host_that_no_request_can_name_is_not_asked_for(
    authority: str, kind: type[Exception]
) -> None:
    ours, theirs = pair()
    with ours, theirs:
        with pytest.raises(kind):
            open_tunnel(ours, PROXY, authority)
        ours.close()
        assert theirs.recv(100) == b""


def test_a_host_with_umlauts_is_asked_for_as_the_resolver_would() -> None:
    ours, theirs = pair(ESTABLISHED)
    with ours, theirs:
        open_tunnel(ours, PROXY, "bücher.example:2375")
        assert theirs.recv(100).startswith(b"CONNECT xn--bcher-kva.example:2375 HTTP/1.1\r\n")


def test_a_traceback_with_variables_does_not_show_the_password() -> None:
    for authority in ("box:2375", "a b:2375", "box..example:2375"):
        ours, theirs = pair()
        theirs.close()
        with ours, pytest.raises((OSError, UnicodeError, ConnectionFailed)) as caught:
            open_tunnel(ours, PROXY, authority)
        error = caught.value
        shown = "".join(
            traceback.TracebackException(
                type(error), error, error.__traceback__, capture_locals=True
            ).format()
        )
        assert "authority = " in shown
        assert "eDp5" not in shown


def test_a_proxy_that_says_nothing_ends_at_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    with TunnelProxy(answer=b"HTTP/1.1 200") as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        before = time.monotonic()
        with pytest.raises(ConnectionFailed, match="timed out"):
            dial(Endpoint.parse("tcp://box"), Deadline(SHORT))
        assert time.monotonic() - before < SHORT + 3


def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        address = "{}:{}".format(*reserved.getsockname())
    monkeypatch.setenv("HTTP_PROXY", f"http://{address}")
    with pytest.raises(
        ConnectionFailed, match=rf"no connection to the proxy {address} \(HTTP_PROXY"
    ):
        dial(Endpoint.parse("tcp://box"), Deadline(TIMEOUT))
