"""Short folders for sockets, and scripted servers that end with their test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import Discovery, Endpoint, EngineClient
from tests.client.servers import Script, ScriptedServer
from tests.ssh import install_ssh


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name (they take some 100 bytes)."""
    with tempfile.TemporaryDirectory(prefix="hj-") as path:
        yield Path(path)


@pytest.fixture(autouse=True)
def nothing_custom(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Requests as they are without the variables and the configuration of who runs the tests."""
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
    return EngineClient(Discovery(Endpoint.parse(url), "it was named"), **options)
