"""The machine of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from hyper_jupyter.client.discovery import podman
from tests.client.discovery.machines import Machine


@pytest.fixture
def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    with ExitStack() as stack:
        made = Machine(folder, stack)
        monkeypatch.setattr("hyper_jupyter.client.discovery.search.DOCKER_SOCKET", str(made.docker))
        monkeypatch.setattr(
            "hyper_jupyter.client.discovery.search._PODMAN_SOCKET", str(made.podman)
        )
        monkeypatch.setattr(podman, "_SYSTEM", (str(folder / "etc"),))
        yield made
