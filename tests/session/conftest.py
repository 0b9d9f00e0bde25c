"""What the session layer's tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.session.servers import Peer, ScriptedEngine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Callable[..., ScriptedEngine]]:
    """A function that starts a scripted engine; its keywords are of the container's config."""
    started: list[ScriptedEngine] = []

    def start(attach: Callable[[Peer], None], **config: Any) -> ScriptedEngine:
        started.append(ScriptedEngine(tmp_path / f"{len(started)}.sock", attach, config))
        return started[-1]

    yield start
    for each in started:
        each.close()
