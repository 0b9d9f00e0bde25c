"""Short folders for sockets, scripted servers that end with their test, and ways to them."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
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
from tests.certificates import Certificates
from tests.client.servers import KEEP, VERSION, Script, ScriptedServer, answer
from tests.client.ways import FINE, Clock, Open, Way
from tests.ssh import RELAY, install_ssh


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name (they take some 100 bytes)."""
    with tempfile.TemporaryDirectory(prefix="hj-") as path:
        yield Path(path)


@pytest.fixture(autouse=True)
def nothing_custom(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Requests without the variables and the configuration of the user who runs the tests."""
    for variable in ("DOCKER_API_VERSION", "HYPER_API_VERSION", "DOCKER_CUSTOM_HEADERS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path_factory.getbasetemp() / "no-docker"))


Serve = Callable[..., ScriptedServer]
Ssh = Callable[[str], None]


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ssh:
    """Makes a script the ssh command."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return partial(install_ssh, tmp_path)


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Starts a server that answers by the given scripts."""
    with ExitStack() as stack:

        def start(answers: Mapping[str, Script] | None = None) -> ScriptedServer:
            return stack.enter_context(ScriptedServer(folder / "s", answers))

        yield start


def client_of(url: str, **options: Any) -> EngineClient:
    return EngineClient(Discovery(Endpoint.parse(url), "you named it"), **options)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    yield Clock(monkeypatch)
    close_idle_connections()
    await_children()


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
