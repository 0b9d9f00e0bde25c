"""docker-py as a client; it removes all containers at the end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.driver import TIMEOUT, Engine


@pytest.fixture
def client(engine: Engine) -> Iterator[Any]:
    docker_py = pytest.importorskip("docker")
    client = docker_py.DockerClient(base_url=f"unix://{engine.path}", timeout=TIMEOUT)
    yield client
    container = None
    for container in client.containers.list(all=True):
        container.remove(force=True)
    client.close()
    del container, client
    gc.collect()
