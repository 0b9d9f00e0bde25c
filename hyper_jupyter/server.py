"""An optional extension of the Jupyter server: what a kernel says reaches the page at once.

A layer of its own: runs in the server's process, imports nothing of ours, and nothing of ours
imports it. Event loop's thread only.

Pages that are not on the kernel's machine reach the kernel's process through the server, on a
WebSocket of their own (``hyper_jupyter/widgets/page/link.py`` is the other end). The server passes
its messages on as they are, and both ends prove to each other who they are.

For whatever goes the usual way: the server writes a key's echo as several small frames. Without
TCP_NODELAY the operating system (Nagle's algorithm) holds the later ones back until the page's
side has acknowledged the first, which that side may put off for 40 ms.
"""

from __future__ import annotations

import os
import types
from typing import Any, Final

__all__: list[str] = []

SETTING: Final = "kernel_websocket_connection_class"
"""The web application's setting that is made from the trait of this name of the server."""


RELAY: Final = "HYPER_JUPYTER_RELAY"
"""The environment variable by which kernels know that this server passes links on: its process."""

CONNECT_WITHIN: Final = 5.0
"""Seconds that a kernel on this machine has to take a connection."""

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes of a message, either way."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Name this module to the server: it is both package and extension."""
    return [{"module": "hyper_jupyter.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Send without delay on kernel websockets made from now on.

    Whatever class is configured is kept as a base, so gateways and classes of other packages
    work as before; their configuration is found by the names of the bases.

    Args:
        serverapp: the running ``jupyter_server.serverapp.ServerApp``.
    """
    try:
        settings = serverapp.web_app.settings
        settings[SETTING] = _without_delay(settings[SETTING])
    except Exception as error:  # noqa: BLE001 - whatever it is, the server has to start
        serverapp.log.warning(
            "hyper_jupyter.server changes nothing, this server is new to it: %r", error
        )
    else:
        serverapp.log.info("hyper_jupyter.server: kernel websockets send without delay")
    if getattr(getattr(serverapp, "gateway_config", None), "gateway_enabled", False):
        return  # its kernels are elsewhere; here would be ports that are nobody's business
    try:
        path = serverapp.web_app.settings["base_url"].rstrip("/") + r"/hyper_jupyter/link/(\d{1,5})"
        serverapp.web_app.add_handlers(".*", [(path, _relay())])
    except Exception as error:  # noqa: BLE001
        serverapp.log.warning("hyper_jupyter.server passes no links on: %r", error)
    else:
        os.environ[RELAY] = str(os.getpid())  # kernels inherit it


def _relay() -> Any:
    """The handler of a page's link; whoever may run code in kernels may use it."""
    from jupyter_core.utils import ensure_async
    from jupyter_server.auth.decorator import ws_authenticated
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.base.websocket import WebSocketMixin
    from tornado.httpclient import HTTPRequest
    from tornado.web import HTTPError
    from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect

    class Relay(WebSocketMixin, WebSocketHandler, JupyterHandler):
        """Connects a page to a port of this machine where a kernel waits for it."""

        auth_resource = "kernels"
        kernel: Any = None

        def set_default_headers(self) -> None:
            """Leave out what makes no sense for websockets."""

        @ws_authenticated
        async def get(self, port: str) -> None:
            allowed = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
            if not await ensure_async(allowed):
                raise HTTPError(403)
            await super().get(port)

        async def open(self, port: str) -> None:
            super().open()
            self.set_nodelay(True)
            request = HTTPRequest(f"ws://127.0.0.1:{port}/", connect_timeout=CONNECT_WITHIN)
            try:
                self.kernel = await websocket_connect(
                    request, on_message_callback=self.pass_on, max_message_size=MAX_MESSAGE
                )
            except Exception as error:  # noqa: BLE001 - nobody there, or no WebSocket
                self.log.debug("hyper_jupyter.server: no kernel at port %s: %r", port, error)
                self.close(1011)
                return
            if self.ws_connection is None:
                self.kernel.close()  # the page has gone meanwhile
            else:
                self.kernel.protocol.set_nodelay(True)

        async def on_message(self, message: str | bytes) -> None:
            if self.kernel is not None:
                try:
                    await self.kernel.write_message(message, isinstance(message, bytes))
                except WebSocketClosedError:
                    self.close()

        def pass_on(self, message: str | bytes | None) -> None:
            """Take a message of the kernel's process; ``None`` is its end."""
            if message is None:
                self.close(1000)
                return
            try:
                self.write_message(message, isinstance(message, bytes))
            except WebSocketClosedError:
                self.kernel.close()

        def on_close(self) -> None:
            if self.kernel is not None:
                self.kernel.close()

    return Relay


def _without_delay(configured: Any) -> Any:
    """A subclass whose connections set TCP_NODELAY on the page's socket as they connect."""

    def connect(self: Any) -> Any:
        try:
            self.websocket_handler.set_nodelay(True)
        except Exception as error:  # noqa: BLE001 - slower is better than no kernel
            self.log.warning(
                "hyper_jupyter.server: no TCP_NODELAY on a kernel websocket: %r", error
            )
        # A coroutine, a future or None, as the class has it.
        return configured.connect(self)

    def body(namespace: dict[str, Any]) -> None:
        namespace["connect"] = connect
        namespace["__module__"] = __name__

    # The metaclass is whatever the configured class has.
    return types.new_class(f"Undelayed{configured.__name__}", (configured,), exec_body=body)
