"""A server extension for the tests: what the server's side of a kernel websocket is like.

Also a connection class as another package may bring it, with a setting of its own.
"""

from __future__ import annotations

import socket
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from traitlets import Unicode

handlers: list[KernelWebsocketHandler] = []


class Elsewhere(ZMQChannelsWebsocketConnection):
    """A class that a user has configured."""

    word = Unicode("unset", config=True)


class SpyHandler(JupyterHandler):
    """Tells of each open kernel websocket; no secret is in it."""

    def get(self) -> None:
        self.finish({"websockets": [_described(handler) for handler in handlers]})


def _described(handler: KernelWebsocketHandler) -> dict[str, Any]:
    connection = handler.connection
    page = handler.ws_connection.stream.socket
    return {
        "classes": [base.__name__ for base in type(connection).__mro__[:2]],
        "nodelay": bool(page.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)),
        "word": getattr(connection, "word", None),
    }


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.server.spy"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    original_open, original_close = KernelWebsocketHandler.open, KernelWebsocketHandler.on_close

    async def opened(self: KernelWebsocketHandler, kernel_id: str) -> None:
        handlers.append(self)
        await original_open(self, kernel_id)

    def closed(self: KernelWebsocketHandler) -> None:
        handlers.remove(self)
        original_close(self)

    KernelWebsocketHandler.open, KernelWebsocketHandler.on_close = opened, closed
    serverapp.web_app.add_handlers(".*", [("/spy", SpyHandler)])
