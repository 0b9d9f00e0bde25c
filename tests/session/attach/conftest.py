"""What tests of attaching share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from hyper_jupyter.session.attach.kept_connections import close_kept
from tests.session.clients import PairedClient


@pytest.fixture
def client() -> Iterator[Any]:
    """A client whose connections a test answers; what it keeps open is closed with the test."""
    made = PairedClient()
    yield made
    close_kept()
    made.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only pauses move; what it was told to pause for."""
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0 + sum(slept))
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept
