"""Scenarios run against the embedded engine and real ones; ``selection`` says which on which."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import hyper_jupyter as hj
from hyper_jupyter.api import Client, Session
from hyper_jupyter.exceptions import HyperJupyterError
from hyper_jupyter.session.attach.kept_connections import close_kept
from tests.engines.selection import differences, is_chosen
from tests.real_engines import newest, real_engines

REAL = real_engines()
ENGINES = [
    pytest.param({"host": "local:"}, id="local"),
    *(
        pytest.param({"host": engine.url}, id=engine.name, marks=pytest.mark.engines)
        for engine in REAL
    ),
]
"""Each engine, at its socket."""

SECURE = [
    pytest.param(
        {"host": engine.tls, "tls": engine.certificates},
        id=f"{engine.name}-tls",
        marks=pytest.mark.engines,
    )
    for engine in newest([each for each in REAL if each.tls], "docker")
]
"""The newest of those that also speak TLS."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the scenarios that an engine need not run."""
    here = Path(__file__).parent
    left_out = [
        item for item in items if item.path.is_relative_to(here) and not is_chosen_item(item)
    ]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def is_chosen_item(item: pytest.Item) -> bool:
    """Whether a scenario runs on the engine that it was parametrized with."""
    way = item.callspec.params.get("client") if hasattr(item, "callspec") else None
    different = differences(way["host"], REAL) if isinstance(way, dict) else None
    return is_chosen(item.iter_markers(), different)


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
