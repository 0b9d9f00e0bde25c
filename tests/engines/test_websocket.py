"""Attach by WebSocket, directly and through proxies that know no other upgrade."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, Session, client_for, diagnose
from hyper_jupyter.client import Deadline
from hyper_jupyter.client.attach_probe import can_try_websocket, try_attach
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session import State
from tests.certificates import Certificates
from tests.engines.conftest import ENGINES, REAL, SECURE
from tests.engines.scenarios import ECHO, PATIENCE, status, wait_for, wait_for_log
from tests.engines.test_ways import reverse_proxy
from tests.real_engines import skip_or_fail

NGINX = (
    "if ($http_upgrade = tcp) {{ return {status}; }} proxy_set_header Upgrade $http_upgrade; "
    "proxy_set_header Connection $connection_upgrade;"
)
HAPROXY = "http-request deny deny_status {status} if {{ req.hdr(Upgrade) -i tcp }}"


WITHOUT = {engine.url for engine in REAL if not engine.profile.has_websocket}
SOCKETS = [each for each in ENGINES if each.values[0]["host"] not in WITHOUT]
WITH_WEBSOCKET = [*SOCKETS, *SECURE]


@pytest.fixture(scope="module", params=WITH_WEBSOCKET)
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=PATIENCE)


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "transport")
@pytest.mark.parametrize("once", [False, True], ids=["open", "once"])
def test_typing_output_and_the_exit_code(
    container: Callable[..., str], attach: Callable[..., Session], once: bool
) -> None:
    script = ECHO.replace("read line", "read line && [ $line != end ]")
    made = container(script, stdin=True, stdin_once=once)
    session = attach(made, ws=True)
    session.send_line("hello")
    wait_for(session, b"got:hello")
    wait_for(session, b"err:hello")
    session.send_line("end")
    assert session.wait(PATIENCE) == 5
    assert session.stdout.getvalue().endswith(b"END\n")
    assert (session.state, session.error) == (State.EXITED, None)


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "transport")
@pytest.mark.parametrize("once", [False, True], ids=["open", "once"])
@pytest.mark.parametrize("stdin", [True, False], ids=["typing", "reading"])
def test_leaving_leaves_the_container_and_its_input(
    client: Client, container: Callable[..., str], once: bool, stdin: bool
) -> None:
    made = container(ECHO, stdin=True, stdin_once=once)
    session = client.attach(made, ws=True, stdin=stdin)
    if stdin:
        session.send_line("one")
        wait_for(session, b"err:one")
    session.detach()
    assert session.state is State.DETACHED
    again = client.attach(made, ws=True)
    again.send_line("two")
    wait_for(again, b"err:two")
    assert status(client, made) == "running"
    again.close(force=True)
    session.close(force=True)


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams")
def test_on_a_terminal_the_detach_keys_leave_and_byte_04_ends_the_input(
    client: Client, container: Callable[..., str], attach: Callable[..., Session]
) -> None:
    made = container(ECHO, stdin=True, tty=True)
    session = attach(made, ws=True, detach_keys="ctrl-p,ctrl-q")
    session.send_line("hello")
    wait_for(session, b"got:hello")
    session.send(b"\x10\x11")
    assert session.join(PATIENCE) is State.DETACHED
    assert status(client, made) == "running"
    again = session.attach_again()
    again.send_eof()
    assert again.wait(PATIENCE) == 5
    again.close()


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams")
def test_what_was_printed_before_comes_first(
    client: Client, container: Callable[..., str], attach: Callable[..., Session]
) -> None:
    made = container(f"echo before; {ECHO}", stdin=True)
    wait_for_log(client, made, b"before")
    session = attach(made, ws=True, logs=True)
    session.send_line("now")
    assert wait_for(session, b"got:now").startswith(b"before\n")


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "transport")
def test_much_output_and_much_input_are_whole(
    container: Callable[..., str], attach: Callable[..., Session]
) -> None:
    made = container("head -c 3000000 | md5sum; head -c 3000000 /dev/zero; exit 4", stdin=True)
    session = attach(made, ws=True)
    for _ in range(30):
        session.send(b"0123456789" * 10_000)
    assert session.wait(PATIENCE) == 4
    output = session.stdout.getvalue()
    assert output == b"55a95d24c5e52ee25a245028a1768961  -\n" + bytes(3_000_000)


@pytest.mark.depends_on("has_websocket", "websocket_needs_no_probe")
def test_a_container_that_is_not_there_is_named(client: Client) -> None:
    with pytest.raises(HyperJupyterError, match="No such container"):
        client.attach("hyper-jupyter-none", ws=True)


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "websocket_needs_no_probe")
@pytest.mark.parametrize("client", SOCKETS, indirect=True)  # what proxies stand before
@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_through_a_proxy_that_refuses_any_upgrade_but_this(
    kind: str,
    client: Client,
    container: Callable[..., str],
    tmp_path: Path,
    certificates: Certificates,
) -> None:
    made = container(ECHO, stdin=True)
    if shutil.which(kind) is None and shutil.which(kind, path="/usr/sbin") is None:
        skip_or_fail(f"no {kind} command")
    rule = (NGINX if kind == "nginx" else HAPROXY).format(status=403)
    with reverse_proxy(kind, rule, client._endpoint.path, tmp_path, certificates) as url:
        way = client_for(url, tls=certificates.client, timeout=PATIENCE)
        with pytest.raises(HyperJupyterError) as caught:
            way.attach(made)
        assert "%hyper_attach --ws" in caught.value.hint
        found = diagnose(url, tls=certificates.client, timeout=PATIENCE)
        words = "or attach by WebSocket, which works here: %hyper_attach --ws"
        if not can_try_websocket(client):
            words = "Attaching by WebSocket may work: %hyper_attach --ws"
        assert any(words in finding.next_step for finding in found)
        session = way.attach(made, ws=True)
        session.send_line("hello")
        wait_for(session, b"err:hello")
        way.kill(made)
        assert session.wait(PATIENCE) == 137
        session.close()


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "websocket_needs_no_probe")
@pytest.mark.parametrize("client", SOCKETS, indirect=True)
@pytest.mark.parametrize("once", [False, True], ids=["open", "once"])
def test_a_container_does_not_notice_that_the_doctor_tried_it(
    client: Client, container: Callable[..., str], attach: Callable[..., Session], once: bool
) -> None:
    made = container(ECHO, stdin=True, stdin_once=once)
    for websocket in (False, *[True] * 2 * can_try_websocket(client)):
        assert try_attach(client, made, Deadline(PATIENCE), websocket=websocket)[0] == 101
    session = attach(made)
    session.send_line("hello")
    wait_for(session, b"got:hello")
    assert status(client, made) == "running"


@pytest.mark.depends_on("has_websocket", "websocket_chooses_streams", "websocket_needs_no_probe")
@pytest.mark.parametrize("client", SOCKETS, indirect=True)
@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_a_proxy_that_removes_the_headers_stops_no_container(
    kind: str,
    client: Client,
    container: Callable[..., str],
    attach: Callable[..., Session],
    tmp_path: Path,
    certificates: Certificates,
) -> None:
    made = container("read go; head -c 3000000 /dev/zero; exit 4", stdin=True)
    with reverse_proxy(kind, False, client._endpoint.path, tmp_path, certificates) as url:
        found = diagnose(url, tls=certificates.client, timeout=PATIENCE)
        assert any("without the upgrade" in finding.text for finding in found)
        assert not any("works here" in finding.next_step for finding in found)
        way = client_for(url, tls=certificates.client, timeout=PATIENCE)
        with pytest.raises(HyperJupyterError, match=r"removes the headers|not websocket"):
            way.attach(made, ws=True)
    session = attach(made)
    session.send_line("go")
    assert session.wait(PATIENCE) == 4
    assert len(session.stdout) == 3_000_000
