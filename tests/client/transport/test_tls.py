"""TLS: certificates, and a socket whose two directions end separately."""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from hyper_jupyter.client import Deadline, EngineClient, Tls, TlsSocket, resolve_address
from hyper_jupyter.client.transport.dial import dial
from hyper_jupyter.exceptions import ConnectionFailed
from tests.certificates import Certificates, openssl
from tests.client.servers import TIMEOUT, Peer, ScriptedServer, answer

SHORT = 0.3
BAD_CLIENT = "bad certificate|unknown ca"


@contextmanager
def engine(certificates: Certificates, **options: object) -> Iterator[ScriptedServer]:
    with ScriptedServer(tls=certificates.serving(**options)) as server:  # type: ignore[arg-type]
        yield server


def connect(url: str, tls: object = None, verify: bool = True, timeout: float = 10) -> EngineClient:
    discovery = resolve_address(url, tls=tls, verify=verify, environ={})  # type: ignore[arg-type]
    return EngineClient(discovery, timeout=timeout)


# -- what is trusted -----------------------------------------------------------------------


def test_both_sides_prove_who_they_are(certificates: Certificates) -> None:
    with engine(certificates, client=True) as server:
        client = connect(server.url, certificates.client)
        assert client.engine_version == "26.1.5"
        assert client.host == server.url
        assert client.warnings == ()
        assert server.requests[-1].headers["host"] == server.url.removeprefix("https://")


def test_files_may_be_named_one_by_one(certificates: Certificates) -> None:
    files = {name: str(certificates.client / f"{name}.pem") for name in ("ca", "cert", "key")}
    with engine(certificates, client=True) as server:
        assert connect(server.url, files).engine_version == "26.1.5"


def test_an_engine_that_wants_a_client_certificate_says_so(certificates: Certificates) -> None:
    with engine(certificates, client=True) as server:
        ca = {"ca": str(certificates.client / "ca.pem")}
        with pytest.raises(ConnectionFailed, match="requires a client certificate") as caught:
            connect(server.url, ca)
        assert "key.pem" in caught.value.hint


def test_a_client_certificate_that_the_engine_does_not_trust(certificates: Certificates) -> None:
    files = {
        "ca": str(certificates.client / "ca.pem"),
        "cert": str(certificates.stranger / "cert.pem"),
        "key": str(certificates.stranger / "key.pem"),
    }
    with (
        engine(certificates, client=True) as server,
        pytest.raises(ConnectionFailed, match=f"refuses the TLS connection: .*({BAD_CLIENT})"),
    ):
        connect(server.url, files)


@contextmanager
def answering(data: bytes) -> Iterator[str]:
    """An address at which the first bytes of one connection are answered with ``data``."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(TIMEOUT)
                connection.recv(1)
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield "https://{}:{}".format(*listener.getsockname())
        thread.join()


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH\r\n"])
def test_an_engine_without_tls(data: bytes) -> None:
    with (
        answering(data) as url,
        pytest.raises(ConnectionFailed, match="does not use TLS") as caught,
    ):
        connect(url, True)
    assert "http://host:port" in caught.value.hint


def test_an_engine_with_tls_that_was_named_without() -> None:
    refusal = b"Client sent an HTTP request to an HTTPS server.\n"
    script = answer(refusal, "400 Bad Request")
    with ScriptedServer(answers={"GET /_ping": script, "GET /version": script}) as server:
        with pytest.raises(ConnectionFailed, match="answers, but not as an engine: 400") as caught:
            connect(server.url)
        assert "https://host:port" in caught.value.hint


def test_a_handshake_that_is_not_answered_ends_at_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        before = time.monotonic()
        with pytest.raises(ConnectionFailed, match="timed out"):
            connect("https://{}:{}".format(*silent.getsockname()), True, timeout=SHORT)
        assert time.monotonic() - before < SHORT + 3


def test_a_handshake_that_is_cut_off() -> None:
    with (
        answering(b"") as url,
        pytest.raises(ConnectionFailed, match="during the TLS handshake"),
    ):
        connect(url, True)


def test_a_header_one_byte_at_a_time_ends_at_the_timeout(certificates: Certificates) -> None:
    drip: Callable[[Peer], None] = lambda peer: peer.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99)  # noqa: E731
    with ScriptedServer(answers={"GET /slow": drip}, tls=certificates.serving()) as server:
        client = connect(server.url, certificates.client)
        before = time.monotonic()
        with pytest.raises(ConnectionFailed, match=r"no answer from .* within 0\.3 s"):
            client.call("GET", "/slow", timeout=SHORT)
        assert time.monotonic() - before < SHORT + 3


# -- its files -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ca", "cert", "key"])
@pytest.mark.parametrize("content", [b"", b"s3cret", b"\xff\0"])
def test_a_file_that_is_none_of_what_it_should_be(
    certificates: Certificates, tmp_path: Path, name: str, content: bytes
) -> None:
    files = {key: str(certificates.client / f"{key}.pem") for key in ("ca", "cert", "key")}
    (tmp_path / "x.pem").write_bytes(content)
    files[name] = str(tmp_path / "x.pem")
    with pytest.raises(ConnectionFailed, match="cannot be used") as caught:
        Tls(**files).context()  # type: ignore[arg-type]
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(ConnectionFailed, match=r"the CA certificate /nowhere/ca\.pem cannot"):
        Tls(ca="/nowhere/ca.pem").context()


def test_a_key_of_another_certificate_is_refused(certificates: Certificates) -> None:
    tls = Tls(cert=str(certificates.client / "cert.pem"), key=str(certificates.server / "key.pem"))
    with pytest.raises(ConnectionFailed, match="key values mismatch"):
        tls.context()


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(
    certificates: Certificates, tmp_path: Path
) -> None:
    key = certificates.client / "key.pem"
    openssl(tmp_path, "openssl", "ec", "-aes256", "-passout", "pass:s3cret", "-in", str(key),
            "-out", "key.pem")  # fmt: skip
    tls = Tls(cert=str(certificates.client / "cert.pem"), key=str(tmp_path / "key.pem"))
    with pytest.raises(ConnectionFailed, match="the key is encrypted"):
        tls.context()


def test_a_folder_without_our_own_certificate_is_the_ca_alone(
    certificates: Certificates, tmp_path: Path
) -> None:
    shutil.copy(certificates.client / "ca.pem", tmp_path)
    shutil.copy(certificates.client / "cert.pem", tmp_path)  # without its key it is of no use
    assert Tls.from_folder(tmp_path) == Tls(ca=str(tmp_path / "ca.pem"))


def test_a_folder_without_any_file_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere", Path("\0")):
        with pytest.raises(ConnectionFailed, match="there are no files for TLS in"):
            Tls.from_folder(folder)


def test_files_that_changed_are_read_again(certificates: Certificates, tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        shutil.copy(certificates.stranger / f"{name}.pem", tmp_path)
    with engine(certificates, client=True) as server:
        with pytest.raises(ConnectionFailed, match="is not trusted"):
            connect(server.url, tmp_path)
        for name in ("ca", "cert", "key"):
            shutil.copyfile(certificates.client / f"{name}.pem", tmp_path / f"{name}.pem")
        assert connect(server.url, tmp_path).engine_version == "26.1.5"


# -- the socket ----------------------------------------------------------------------------


class Pair:
    """A :class:`TlsSocket` and the server's end of its connection."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates

    def __enter__(self) -> Self:
        context = self._certificates.serving()
        with socket.create_server(("127.0.0.1", 0)) as listener:

            def accept() -> None:
                connection, _ = listener.accept()
                connection.settimeout(TIMEOUT)
                self.theirs = context.wrap_socket(connection, server_side=True)

            thread = threading.Thread(target=accept)
            thread.start()
            url = "https://{}:{}".format(*listener.getsockname())
            endpoint = resolve_address(url, tls=self._certificates.client, environ={}).endpoint
            ours = dial(endpoint, Deadline(TIMEOUT))
            thread.join()
        assert isinstance(ours, TlsSocket)
        self.ours = ours
        return self

    def __exit__(self, *_: object) -> None:
        self.ours.close()
        self.theirs.close()

    def wait_until_here(self) -> None:
        """Until the system has what the server sent last."""
        self.ours.settimeout(TIMEOUT)
        assert socket.socket.recv(self.ours, 1, socket.MSG_PEEK)


@pytest.fixture
def pair(certificates: Certificates) -> Iterator[Pair]:
    with Pair(certificates) as made:
        yield made


def read_all(connection: TlsSocket) -> bytes:
    received = bytearray()
    while piece := connection.recv(65536):
        received += piece
    return bytes(received)


def end(server: ssl.SSLSocket) -> None:
    """Say ``close_notify``; the other side has said it before, or need not."""
    server.setblocking(False)
    try:
        server.unwrap()
    except ssl.SSLError:
        pass


def test_a_half_close_reaches_the_server_and_all_that_it_sends_behind_is_read(pair: Pair) -> None:
    pair.ours.sendall(b"last words")
    pair.ours.shutdown(socket.SHUT_WR)
    assert pair.theirs.recv(100) == b"last words"
    assert pair.theirs.recv(100) == b""
    pair.theirs.sendall(b"x" * 100_000)
    end(pair.theirs)
    assert read_all(pair.ours) == b"x" * 100_000


def test_a_half_close_loses_nothing_of_what_is_here_already(pair: Pair) -> None:
    pair.theirs.sendall(b"before")
    pair.wait_until_here()
    pair.ours.shutdown(socket.SHUT_WR)
    assert pair.theirs.recv(100) == b""
    pair.theirs.sendall(b" and behind")
    end(pair.theirs)
    assert read_all(pair.ours) == b"before and behind"


def test_a_half_close_in_the_middle_of_a_flood_loses_nothing(pair: Pair) -> None:
    def flood() -> None:
        for _ in range(100):
            pair.theirs.sendall(b"x" * 20_000)
        assert pair.theirs.recv(100) == b""
        pair.theirs.sendall(b"!")
        end(pair.theirs)

    thread = threading.Thread(target=flood)
    thread.start()
    first = pair.ours.recv(1000)
    pair.wait_until_here()
    pair.ours.shutdown(socket.SHUT_WR)
    assert first + read_all(pair.ours) == b"x" * 2_000_000 + b"!"
    thread.join()


def test_an_end_that_is_not_said_is_an_error(pair: Pair) -> None:
    pair.theirs.sendall(b"half of it")
    pair.wait_until_here()
    socket.socket.shutdown(pair.theirs, socket.SHUT_RDWR)
    received: list[bytes] = []
    with pytest.raises(ssl.SSLEOFError):
        received.extend(iter(lambda: pair.ours.recv(3), b""))
    assert b"".join(received) == b"half of it"


def test_what_is_decrypted_and_not_read_is_pending(pair: Pair) -> None:
    pair.theirs.sendall(b"x" * 10)
    assert pair.ours.recv(3) == b"xxx"
    assert pair.ours.pending
    assert pair.ours.recv(100) == b"x" * 7
    assert not pair.ours.pending


@pytest.mark.parametrize("last", [b"last words", b"."])
def test_an_end_that_came_along_with_the_last_bytes_is_pending(pair: Pair, last: bytes) -> None:
    pair.theirs.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)  # both in one segment
    pair.theirs.sendall(last)
    end(pair.theirs)  # and the connection stays open, as dockerd's does
    pair.theirs.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
    assert pair.ours.recv(100) == last
    assert pair.ours.pending
    assert pair.ours.recv(100) == b""


def test_a_server_that_does_not_read_blocks_without_losing_a_byte(pair: Pair) -> None:
    ours = pair.ours
    ours.deadline = None
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    data = bytes(range(256)) * 4096
    sent = 0

    def fill() -> None:
        nonlocal sent
        while True:
            sent += ours.send(data[sent % len(data) :])

    with pytest.raises(BlockingIOError):
        fill()
    with pytest.raises(BlockingIOError):
        ours.flush()
    with pytest.raises(BlockingIOError):
        ours.shutdown(socket.SHUT_WR)
    received = bytearray()

    def read() -> None:
        while piece := pair.theirs.recv(65536):
            received.extend(piece)

    thread = threading.Thread(target=read)
    thread.start()
    ours.settimeout(TIMEOUT)
    ours.shutdown(socket.SHUT_WR)
    thread.join()
    assert len(received) == sent
    assert bytes(received[: len(data)]) == data[: len(received)]


def test_writes_keep_to_the_deadline(pair: Pair) -> None:
    pair.ours.deadline = Deadline(SHORT)
    with pytest.raises(TimeoutError):
        pair.ours.sendall(bytes(32 << 20))


def test_what_is_no_tls_behind_the_handshake_is_an_error(pair: Pair) -> None:
    socket.socket.send(pair.theirs, b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        pair.ours.recv(100)
