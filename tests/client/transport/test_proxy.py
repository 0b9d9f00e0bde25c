"""Proxies of the environment: who goes through one, and what one can answer."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyper_jupyter.client import Deadline, Endpoint, EngineClient, resolve_address
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.client.transport.proxy import proxy_for
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
def test_who_goes_directly(listed: str, url: str, direct: bool) -> None:
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
        (b"HTTP/1.1 407 Auth\r\n\r\n", "wants a user name and a password"),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://x\r\n\r\n", "does not connect to box:2375: 301"),
        (b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "sends something before the engine"),
        (b"HTTP/1.1 200 OK\r\n\r\nx", "sends something before the engine"),
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
