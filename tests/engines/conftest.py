"""Every scenario runs against the embedded engine and each real engine that is there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import hyper_jupyter as hj
from hyper_jupyter.api import Client, Session
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.attach.connection import close_kept
from tests.real_engines import real_engines

ENGINES = [
    pytest.param({"host": "local:"}, id="local"),
    *(
        pytest.param({"host": engine.url}, id=engine.name, marks=pytest.mark.engines)
        for engine in real_engines()
    ),
]
"""Each engine, at its socket."""

SECURE = [
    pytest.param(
        {"host": engine.tls, "tls": engine.certificates},
        id=f"{engine.name}-tls",
        marks=pytest.mark.engines,
    )
    for engine in real_engines()
    if engine.tls
][-1:]
"""The newest of those that also speak TLS."""


@pytest.fixture(scope="module", params=[*ENGINES, *SECURE])
def client(request: pytest.FixtureRequest) -> Client:
    return hj.connect(**request.param, timeout=20)


@pytest.fixture
def container(client: Client) -> Iterator[Callable[..., str]]:
    """A function that makes a container of a shell script; all are removed at the end."""
    made: list[str] = []

    def make(script: str, *, start: bool = True, **options: Any) -> str:
        network = None if client.engine == "embedded" else "none"
        made.append(client.create("default", ["sh", "-c", script], network=network, **options))
        if start:
            client.start(made[-1])
        return made[-1]

    yield make
    close_kept()
    for identifier in made:
        with contextlib.suppress(HyperJupyterError):
            client.unpause(identifier)
        with contextlib.suppress(HyperJupyterError):
            client.kill(identifier)
        with contextlib.suppress(HyperJupyterError):
            client.remove(identifier, force=True)


@pytest.fixture
def attach(client: Client) -> Iterator[Callable[..., Session]]:
    """``client.attach``, with every session closed at the end."""
    opened: list[Session] = []

    def run(c: str, **options: Any) -> Session:
        opened.append(client.attach(c, **options))
        return opened[-1]

    yield run
    for session in opened:
        session.close(force=True)
