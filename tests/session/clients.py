"""Clients that do as a test says."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from hyper_jupyter.api import Client, client_for
from hyper_jupyter.client import EngineProfile
from hyper_jupyter.exceptions import ConnectionFailed
from hyper_jupyter.protocol import Exchange
from tests.session.rules.plans import DOCKER
from tests.session.servers import ScriptedEngine

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


class PairedClient:
    """An engine's client without an engine: a test has the other end of each connection.

    Attributes:
        profile: of the engine that it pretends to be.
        calls: each call and each request, as a tuple that starts with the method's name.
        inspected: answers to inspect, one after another; the last one stays. Errors are raised.
        reachable: whether it can be dialled.
    """

    host = "unix:///paired"
    instance = None
    over_network = False
    timeout = PATIENCE

    def __init__(self, profile: EngineProfile = DOCKER) -> None:
        self.profile = profile
        self.calls: list[tuple[Any, ...]] = []
        self.inspected: list[dict[str, Any] | Exception] = [{}]
        self.reachable = True
        self._peers: queue.Queue[socket.socket] = queue.Queue()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._closed = False

    def open(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        *,
        headers: Mapping[str, str],
        body: Any,
        deadline: object,
        websocket: bool,
    ) -> tuple[socket.socket, Exchange]:
        self.calls.append(("open", method, path, dict(params)))
        if not self.reachable:
            raise ConnectionFailed("nobody is there")
        with self._lock:
            if self._closed:  # a worker dials for a test that has ended
                raise ConnectionFailed("the test has ended")
            ours, theirs = socket.socketpair()
            theirs.settimeout(PATIENCE)
            self._sockets.append(theirs)
        self._peers.put(theirs)
        return ours, Exchange(method, path, {"Host": "engine", **headers})

    def peer(self) -> socket.socket:
        """The engine's end of the next connection that is dialled; its request is read."""
        peer = self._peers.get(timeout=PATIENCE)
        request = b""
        while b"\r\n\r\n" not in request:
            piece = peer.recv(65536)
            assert piece, request
            request += piece
        return peer

    def inspect(self, container: str) -> dict[str, Any]:
        self.calls.append(("inspect", container))
        answer = self.inspected.pop(0) if len(self.inspected) > 1 else self.inspected[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def call(self, method: str, path: str) -> Any:
        """Answer a request; the only ones are those to inspect an exec."""
        assert (method, path.split("/")[1]) == ("GET", "exec")
        found = self.inspect(path.split("/")[2])
        return SimpleNamespace(json_object=lambda: found)

    def start(self, container: str) -> None:
        self.calls.append(("start", container))

    def resize(self, container: str, height: int, width: int) -> None:
        self.calls.append(("resize", container, height, width))

    def kill(self, container: str, signal: str | int) -> None:
        self.calls.append(("kill", container, signal))

    def close(self) -> None:
        """Close the engine's ends, and refuse to be dialled from now on."""
        with self._lock:
            self._closed = True
            for each in self._sockets:
                each.close()
