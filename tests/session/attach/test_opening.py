"""Whether a connection was opened after its container's end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hyper_jupyter.session.attach import opening as module
from hyper_jupyter.session.attach.opening import Opening
from tests.session.rules.plans import DOCKER

TWELVE = 1_796_126_400.0
"""2026-12-01, 12:00:00 UTC: when it was answered. It was sent two seconds before."""


def at(second: str, status: str = "exited") -> dict[str, Any]:
    return {"Status": status, "Running": False, "FinishedAt": f"2026-12-01T{second}Z"}


def client(*, over_network: bool, now: str = "2026-12-01T12:00:03Z") -> Any:
    info = SimpleNamespace(raw={"SystemTime": now})
    return SimpleNamespace(over_network=over_network, profile=DOCKER, info=lambda: info)


@pytest.mark.parametrize(
    ("state", "near", "far"),
    [
        (at("11:59:57.9"), True, True),
        (at("11:59:59"), True, False),  # the answer may have taken long to come
        (at("12:00:00.1"), False, False),
        (at("11:59:57.9", "created"), True, True),
        (at("12:00:00.1", "created"), True, True),
        ({**at("11:59:57.9", "running"), "Running": True}, False, False),
        ({"Status": "exited", "Running": False}, False, False),
        ({}, False, False),
    ],
)
def test_an_opening_after_the_container_s_end_is_late(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], near: bool, far: bool
) -> None:
    monkeypatch.setattr(module, "steady", lambda: 103.0)
    opened = Opening(TWELVE - 2.0, TWELVE, 100.0)
    assert opened.is_late(client(over_network=False), state) == near
    assert opened.is_late(client(over_network=True), state) == far
    assert not opened.is_late(client(over_network=True, now="no time"), at("11:59:57.9"))
    with_log = Opening(TWELVE - 2.0, TWELVE, 100.0, live=False)
    assert not with_log.is_late(client(over_network=False), state)
