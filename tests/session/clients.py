"""Clients that do as a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client import EngineProfile
from tests.session.servers import ScriptedEngine

PODMAN = EngineProfile.of("podman", "5.4.2", api="1.41")  # sessions share a connection


PATIENCE = 10.0


class PatientClient(Client):
    """A client whose attach requests are dialled when a test says so."""

    gate: threading.Event | None = None
    interrupted = False
    before_attaching: Callable[[], None] | None = None

    def open(self, method: str, path: str, *arguments: Any, **options: Any) -> Any:
        if path.endswith("/attach"):
            if self.before_attaching is not None:  # the wait request has been answered
                hook, self.before_attaching = self.before_attaching, None
                hook()
            if self.interrupted:
                raise KeyboardInterrupt
            if self.gate is not None:
                assert self.gate.wait(PATIENCE)
        return super().open(method, path, *arguments, **options)


def patient(engine: ScriptedEngine) -> PatientClient:
    return PatientClient(client_for(engine.url).discovery)
