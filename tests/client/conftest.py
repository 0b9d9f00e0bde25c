"""Short folders for sockets, and scripted servers that end with their test."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hyper_jupyter.client import Discovery, Endpoint, EngineClient
from tests.client.servers import Script, ScriptedServer


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name (they take some 100 bytes)."""
    with tempfile.TemporaryDirectory(prefix="hj-") as path:
        yield Path(path)


Serve = Callable[..., ScriptedServer]


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Starts a server that answers by the given scripts."""
    with ExitStack() as stack:

        def start(answers: Mapping[str, Script] | None = None) -> ScriptedServer:
            return stack.enter_context(ScriptedServer(folder / "s", answers))

        yield start


def client_of(url: str, **options: Any) -> EngineClient:
    return EngineClient(Discovery(Endpoint.parse(url), "it was named"), **options)
