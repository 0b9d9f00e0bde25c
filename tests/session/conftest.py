"""What the session layer's tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from hyper_jupyter.session.attach.kept_connections import close_kept
from tests.session.servers import MoodyEngine, Peer
from tests.ssh import RELAY, install_ssh

WAYS: Final = ("unix", "tcp", "tls", "ssh")
everywhere = pytest.mark.parametrize("engine", WAYS, indirect=True)
"""Runs a test with an engine at a unix socket, over tcp, over TLS and behind ssh."""


@pytest.fixture
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., MoodyEngine]]:
    """A function that starts a scripted engine; its keywords are of the container's config."""
    started: list[MoodyEngine] = []
    way = getattr(request, "param", "unix")
    certificates = request.getfixturevalue("certificates") if way == "tls" else None
    if way == "ssh":
        install_ssh(tmp_path, RELAY)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def start(attach: Callable[[Peer], None], **config: Any) -> MoodyEngine:
        path: Path | socket.socket = tmp_path / f"{len(started)}.sock"
        if way in ("tcp", "tls"):
            path = socket.socket()
            path.bind(("127.0.0.1", 0))
        tls = None if certificates is None else certificates.serving()
        made = MoodyEngine(path, attach, config, tls)
        if certificates is not None:
            made.options["tls"] = certificates.client
        if way == "ssh":
            made.url = f"ssh://box{path}"
        started.append(made)
        return made

    yield start
    close_kept()
    for each in started:
        each.close()
