"""The engine's API without its socket: requests in, responses out."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.endpoints import add_all
from hyper_jupyter.engine.http.connection import Connection
from hyper_jupyter.engine.http.request import Message
from hyper_jupyter.engine.http.response import Response
from hyper_jupyter.engine.http.routes import Routes
from tests.engine.driver import TIMEOUT
from tests.engine.http.connections import UnusedConnection
from tests.engine.program.reapers import PidReaper

__all__ = ["Api", "run"]

STAYS = "echo up; read line; exit 4"


class Api:
    """A store and all routes.

    Attributes:
        store: what the routes work on.
    """

    def __init__(self) -> None:
        self.store = Store()
        self.store.reaper = PidReaper()  # type: ignore[assignment]
        self._routes = Routes(None)
        add_all(self._routes, self.store)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        connection: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Make a request; the answer has to be a response with a known body."""
        known = {"content-type": "application/json"} if body is not None else {}
        data = b"" if body is None else json.dumps(body).encode()
        message = Message(method, path.encode(), {**known, **(headers or {})}, data)
        answer = await self._routes.answer(message, connection or UnusedConnection())
        assert isinstance(answer, Response) or connection is not None
        return answer  # type: ignore[return-value]

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Make a request; return the status, and the value or the error's message."""
        response = await self.call(method, path, body)
        value = response.value
        failed = isinstance(value, Mapping) and set(value) == {"message"}
        return response.status, value["message"] if failed else value

    async def hijack(
        self,
        method: str,
        path: str,
        body: Any = None,
        typed: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        ends: bool = True,
    ) -> bytes:
        """Make a request that takes the connection over.

        Args:
            method: of the request.
            path: with its query.
            body: as JSON.
            typed: what the client sends.
            headers: of the request.
            ends: whether the client ends its half after that.

        Returns:
            All that the client gets.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            theirs.settimeout(TIMEOUT)
            theirs.sendall(typed)
            if ends:
                theirs.shutdown(socket.SHUT_WR)
            hung_up = asyncio.get_running_loop().create_future()
            connection = Connection(ours, hung_up, {})
            asking = asyncio.create_task(self.call(method, path, body, connection, headers))
            received = await asyncio.to_thread(_read_all, theirs)
            theirs.close()
            await asking
            return received

    async def create(self, script: str = STAYS, name: str = "web", **body: Any) -> Container:
        """Create a container that runs a script."""
        whole = {"Image": "host", "Cmd": ["sh", "-c", script], "OpenStdin": True, **body}
        status, value = await self.ask("POST", f"/containers/create?name={name}", whole)
        assert status == 201, value
        return self.store.find(value["Id"])

    async def start(self, script: str = STAYS, name: str = "web", **body: Any) -> Container:
        """The same, and start it; return when it has printed something."""
        container = await self.create(script, name, **body)
        assert await self.ask("POST", f"/containers/{name}/start") == (204, None)
        while container.log.end == 0:
            await container.log.changed()
        return container


def run(scenario: Callable[[Api], Awaitable[None]]) -> None:
    """Run a test's body; remove all containers after it."""

    async def main() -> None:
        api = Api()
        try:
            await scenario(api)
        finally:
            for container in api.store.containers():
                await api.store.remove(container, force=True)

    asyncio.run(asyncio.wait_for(main(), TIMEOUT))


def _read_all(sock: socket.socket) -> bytes:
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data
