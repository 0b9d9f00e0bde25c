"""Engines behind ssh, and behind the reverse proxies that people put in front of them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, client_for, diagnose
from hyper_jupyter.client import EngineClient, find_engine
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from hyper_jupyter.session.store.marks import MarkKind
from tests.certificates import Certificates
from tests.conftest import children
from tests.engines.conftest import ENGINES
from tests.engines.scenarios import ECHO, PATIENCE, wait_for
from tests.real_engines import skip_or_fail
from tests.sshd import SshServer


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=20)


def echoes(way: Client, container: str, *, tty: bool = False) -> None:
    """A line there and back, the end of input, and the exit code, over one way to the engine."""
    session = way.attach(container)
    try:
        session.send_line("hello")
        wait_for(session, b"got:hello")
        wait_for(session, b"err:hello", StreamType.STDOUT if tty else StreamType.STDERR)
        session.send_eof()
        assert session.wait(PATIENCE) == 5
        assert session.error is None
    finally:
        session.close(force=True)


# -- ssh -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    if shutil.which("docker") is None:
        skip_or_fail("no docker command")
    server = SshServer(tmp_path_factory.mktemp("sshd"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{server.bin}:{os.environ['PATH']}")
        yield server
    server.close()


def test_an_engine_behind_ssh(
    ssh: SshServer, container: Callable[..., str], client: Client
) -> None:
    made = container(ECHO, stdin=True, stdin_once=True)
    way = client_for(f"{ssh.url}{client._endpoint.path}", timeout=PATIENCE)
    assert (way.engine, way.engine_version) == (client.engine, client.engine_version)
    echoes(way, made)


def test_calls_over_ssh_share_one_ssh(ssh: SshServer, client: Client) -> None:
    before = children()
    way = client_for(f"{ssh.url}{client._endpoint.path}", timeout=PATIENCE)
    (process,) = children() - before
    for _ in range(3):
        way.containers()
    assert children() - before == {process}


PODMAN = [each for each in ENGINES if str(each.id).startswith("podman")] or [
    pytest.param(None, marks=pytest.mark.skip("no Podman"), id="none")
]


@pytest.mark.parametrize("client", PODMAN, indirect=True)
def test_podman_behind_ssh_by_its_own_command(
    ssh: SshServer, container: Callable[..., str], client: Client, tmp_path: Path
) -> None:
    """Podman's sockets have this name; a path with it has ``podman system dial-stdio`` run."""
    if shutil.which("podman") is None:
        skip_or_fail("no podman command")
    (tmp_path / "podman.sock").symlink_to(client._endpoint.path)
    made = container(ECHO, stdin=True, stdin_once=True)
    way = client_for(f"{ssh.url}{tmp_path}/podman.sock", timeout=PATIENCE)
    assert (way.engine, way.engine_version) == (client.engine, client.engine_version)
    echoes(way, made)


@pytest.mark.parametrize("client", PODMAN, indirect=True)
def test_a_connection_that_podman_s_own_command_wrote_is_found(
    client: Client, tmp_path: Path
) -> None:
    """Podman 4 writes it to ``containers.conf``, 5 to ``podman-connections.json``."""
    if shutil.which("podman") is None:
        skip_or_fail("no podman command")
    (tmp_path / "containers.conf").touch()
    files = {
        "HOME": str(tmp_path),
        "CONTAINERS_CONF": str(tmp_path / "containers.conf"),
        "PODMAN_CONNECTIONS_CONF": str(tmp_path / "podman-connections.json"),
    }
    for name, url in (("other", "unix:///nowhere"), ("mine", client.host)):
        subprocess.run(
            ["podman", "--remote", "system", "connection", "add", name, url],
            env={"PATH": os.environ["PATH"], **files},
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
    found = find_engine({**files, "CONTAINER_CONNECTION": "mine"})
    assert (str(found.endpoint), found.is_podman) == (client.host, True)
    assert EngineClient(found).engine_version == client.engine_version
    assert "unix:///nowhere" in (
        (tmp_path / "containers.conf").read_text()
        + "".join(path.read_text() for path in tmp_path.glob("podman-connections.json"))
    )


# -- reverse proxies -----------------------------------------------------------------------

NGINX = """
daemon off; error_log stderr; pid {folder}/pid; user root;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {server}/cert.pem; ssl_certificate_key {server}/key.pem;
    ssl_client_certificate {server}/ca.pem; ssl_verify_client on;
    location / {{
      proxy_pass http://unix:{socket}:; proxy_http_version 1.1; proxy_buffering off;
      proxy_request_buffering off; {upgrade}
    }}
  }}
}}
"""
NGINX_UPGRADE = (
    "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;"
)
HAPROXY = """
global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 60s
frontend front
  bind fd@{fd} ssl crt {folder}/server.pem ca-file {server}/ca.pem verify required
  {upgrade}
  default_backend engine
backend engine
  server engine unix@{socket}
"""
HAPROXY_STRIP = "http-request del-header Upgrade"


@contextlib.contextmanager
def reverse_proxy(
    kind: str, upgrade: bool | str, socket_path: str, folder: Path, certificates: Certificates
) -> Iterator[str]:
    """Runs nginx or HAProxy in front of an engine's socket, for clients with a certificate.

    Args:
        kind: "nginx" or "haproxy".
        upgrade: whether it passes the upgrade on; or its rules for that, in its own words.
        socket_path: the engine's.
        folder: for the proxy's files.
        certificates: the server's among them is the proxy's.
    """
    program = shutil.which(kind) or shutil.which(kind, path="/usr/sbin")
    if program is None:
        skip_or_fail(f"no {kind} command")
    # The proxy takes over a socket that listens: whoever connects early waits until it accepts.
    listener = socket.create_server(("127.0.0.1", 0))
    port, number = listener.getsockname()[1], listener.fileno()
    pem = "".join((certificates.server / f"{name}.pem").read_text() for name in ("cert", "key"))
    (folder / "server.pem").write_text(pem)
    options = {
        "folder": folder,
        "port": port,
        "fd": number,
        "server": certificates.server,
        "socket": socket_path,
    }
    configuration = folder / "configuration"
    if kind == "nginx":
        rules = upgrade if isinstance(upgrade, str) else NGINX_UPGRADE if upgrade else ""
        text = NGINX.format(**options, upgrade=rules)
        command = [program, "-p", str(folder), "-c", str(configuration)]
    else:
        rules = upgrade if isinstance(upgrade, str) else "" if upgrade else HAPROXY_STRIP
        text = HAPROXY.format(**options, upgrade=rules)
        command = [program, "-db", "-f", str(configuration)]
    configuration.write_text(text)
    with listener, (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            pass_fds=[number], env={**os.environ, "NGINX": f"{number};"},
        )  # fmt: skip
    try:
        yield f"https://127.0.0.1:{port}"
        assert process.poll() is None, (folder / "log").read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_an_engine_behind_a_proxy_that_passes_the_upgrade(
    kind: str,
    tty: bool,
    container: Callable[..., str],
    client: Client,
    tmp_path: Path,
    certificates: Certificates,
) -> None:
    made = container(ECHO, stdin=True, stdin_once=True, tty=tty)
    with reverse_proxy(kind, True, client._endpoint.path, tmp_path, certificates) as url:
        with pytest.raises(HyperJupyterError):
            client_for(url, tls={"ca": str(certificates.client / "ca.pem")})
        way = client_for(url, tls=certificates.client, timeout=PATIENCE)
        if kind == "nginx" and client.profile.shares_stdio_connection and not tty:
            # A half-close makes nginx cut the other direction too; only these sessions have both in
            # one connection. The end of the session is lost, and that is said: by an error, or,
            # where the session goes on with the log, by a gap if a stream's place in it cannot be
            # proven (nothing of stderr may have come yet). The engine reports the exit code all the
            # same, perhaps a moment later.
            session = way.attach(made)
            session.send_line("hello")
            wait_for(session, b"got:hello")
            session.send_eof()
            assert session.join(PATIENCE) in (State.LOST, State.EXITED)
            known = session._lifecycle.wait_for_end(lambda: session.exit_code == 5, PATIENCE)
            assert known
            assert session.wait(PATIENCE) == 5
            marked = any(mark.kind is MarkKind.GAP for mark in session.marks)
            unfilled = any(not gap.filled for gap in session.gaps)
            assert marked is unfilled
            assert session.complete or session.error is not None or marked
            session.close(force=True)
        else:
            echoes(way, made, tty=tty)


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_proxy_that_removes_the_upgrade_is_told_of_while_output_still_comes(
    kind: str,
    container: Callable[..., str],
    client: Client,
    tmp_path: Path,
    certificates: Certificates,
) -> None:
    made = container(ECHO, stdin=True, tty=True)
    with reverse_proxy(kind, False, client._endpoint.path, tmp_path, certificates) as url:
        found = diagnose(url, tls=certificates.client, timeout=PATIENCE)
        assert any("a proxy in between removes it" in finding.text for finding in found)
        session = client_for(url, tls=certificates.client, timeout=PATIENCE).attach(made)
        assert "what you type may not arrive" in session.warnings[-1]
        there = client.attach(made)
        there.send_line("hello")
        wait_for(session, b"got:hello")
        there.close(force=True)
        session.close(force=True)
