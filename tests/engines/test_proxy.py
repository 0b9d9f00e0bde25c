"""An engine behind a proxy that strips the upgrade: status 200, and the same stream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.protocol import StreamType
from hyper_jupyter.session import State
from tests.engines.conftest import ENGINES
from tests.engines.scenarios import CHATTY, ECHO, PATIENCE, status, wait_for
from tests.proxies import StrippingProxy


@pytest.fixture(scope="module", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Client:
    return client_for(**request.param, timeout=20)


@pytest.mark.depends_on("shares_stdio_connection")
@pytest.mark.parametrize("tty", [False, True], ids=["framed", "tty"])
def test_a_stream_without_upgrade_works_the_same(
    container: Callable[..., str], client: Client, tmp_path: Path, tty: bool
) -> None:
    made = container(ECHO, stdin=True, stdin_once=True, tty=tty)
    with StrippingProxy(tmp_path / "proxy.sock", client._endpoint.path) as proxy:
        session = client_for(proxy.url).attach(made)
        session.send_line("hello")
        wait_for(session, b"got:hello")
        wait_for(session, b"err:hello", StreamType.STDOUT if tty else StreamType.STDERR)
        assert b"HTTP/1.1 200 OK" in proxy.answers
        assert len(session.warnings) == 1
        assert "removed the upgrade" in session.warnings[0]
        assert not any(b" 101 " in answer for answer in proxy.answers)
        session.send_eof()
        assert session.wait(PATIENCE) == 5
        session.close(force=True)


@pytest.mark.depends_on("shares_stdio_connection")
def test_leaving_through_a_proxy_leaves_the_container_running(
    container: Callable[..., str], client: Client, tmp_path: Path
) -> None:
    made = container(CHATTY, stdin=True, tty=True)
    with StrippingProxy(tmp_path / "proxy.sock", client._endpoint.path) as proxy:
        session = client_for(proxy.url).attach(made)
        wait_for(session, b"tick")
        session.detach()
        assert session.state is State.DETACHED
        assert status(client, made) == "running"
        session.close()
