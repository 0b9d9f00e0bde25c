"""An optional extension of the Jupyter server: kernels' messages reach pages without delay.

Layer: one of its own. It runs in the server's process, imports nothing of this package, and nothing
of this package imports it. Event loop's thread only.

It does two things. First, a page that is not on the kernel's machine can reach the kernel's process
through the server, on a WebSocket of its own (``hyper_jupyter/widgets/page/link.py`` is the other
end). The server relays its messages unchanged; the two ends authenticate each other.

Second, it sets TCP_NODELAY on kernel websockets. The server writes a key's echo as several small
frames. Without TCP_NODELAY the operating system (Nagle's algorithm) holds the later ones back until
the page's side has acknowledged the first, and that side may delay the acknowledgement for 40 ms.
"""

from __future__ import annotations

import os
import types
from typing import Any, Final

__all__: list[str] = []

SETTING: Final = "kernel_websocket_connection_class"
"""The web application's setting, made from the server's trait of this name."""

RELAY: Final = "HYPER_JUPYTER_RELAY"
"""The environment variable that shows kernels that this server relays links: its process id."""

CONNECT_WITHIN: Final = 5.0
"""Seconds that a kernel on this machine has to accept a connection."""

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes of one message at most, in either direction."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Return this module's name for the server: it is both package and extension."""
    return [{"module": "hyper_jupyter.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Send without delay on kernel websockets made from now on, and relay pages' links.

    The configured class stays as a base class, so gateways and classes of other packages work as
    before. Their configuration is found by the names of the base classes.

    Args:
        serverapp: the running ``jupyter_server.serverapp.ServerApp``.
    """
    try:
        settings = serverapp.web_app.settings
        settings[SETTING] = _without_delay(settings[SETTING])
    except Exception as error:  # noqa: BLE001 - the server has to start in any case
        serverapp.log.warning(
            "hyper_jupyter.server changes nothing, it does not know this server: %r", error
        )
    else:
        serverapp.log.info("hyper_jupyter.server: kernel websockets send without delay")
    if getattr(getattr(serverapp, "gateway_config", None), "gateway_enabled", False):
        return  # its kernels run on another machine: pages must not reach ports of this one
    try:
        path = serverapp.web_app.settings["base_url"].rstrip("/") + r"/hyper_jupyter/link/(\d{1,5})"
        serverapp.web_app.add_handlers(".*", [(path, _relay())])
    except Exception as error:  # noqa: BLE001
        serverapp.log.warning("hyper_jupyter.server relays no links: %r", error)
    else:
        os.environ[RELAY] = str(os.getpid())  # kernels inherit it


def _relay() -> Any:
    """Return the handler class for pages' links.

    Users who are allowed to execute code in kernels may use it.
    """
    from jupyter_core.utils import ensure_async
    from jupyter_server.auth.decorator import ws_authenticated
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.base.websocket import WebSocketMixin
    from tornado.httpclient import HTTPRequest
    from tornado.web import HTTPError
    from tornado.websocket import WebSocketClosedError, WebSocketHandler, websocket_connect

    class Relay(WebSocketMixin, WebSocketHandler, JupyterHandler):
        """Connects a page to the port of this machine where its kernel waits for it."""

        auth_resource = "kernels"
        kernel: Any = None

        def set_default_headers(self) -> None:
            """Set no headers: those of pages make no sense for websockets."""

        @ws_authenticated
        async def get(self, port: str) -> None:
            allowed = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
            if not await ensure_async(allowed):
                raise HTTPError(403)
            await super().get(port)

        async def open(self, port: str) -> None:
            super().open()
            self.set_nodelay(True)
            # The page's own origin has been checked here, and may be that of another machine.
            request = HTTPRequest(
                f"ws://127.0.0.1:{port}/",
                headers={"Origin": f"http://127.0.0.1:{port}"},
                connect_timeout=CONNECT_WITHIN,
            )
            try:
                self.kernel = await websocket_connect(
                    request, on_message_callback=self.pass_on, max_message_size=MAX_MESSAGE
                )
            except Exception as error:  # noqa: BLE001 - nothing listens, or not a WebSocket
                self.log.debug("hyper_jupyter.server: no kernel at port %s: %r", port, error)
                self.close(1011)
                return
            if self.ws_connection is None:
                self.kernel.close()  # the page has disconnected meanwhile
            else:
                self.kernel.protocol.set_nodelay(True)

        async def on_message(self, message: str | bytes) -> None:
            if self.kernel is not None:
                try:
                    await self.kernel.write_message(message, isinstance(message, bytes))
                except WebSocketClosedError:
                    self.close()

        def pass_on(self, message: str | bytes | None) -> None:
            """Pass a message from the kernel's process on; ``None`` is the connection's end."""
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
    """Return a subclass whose connections set TCP_NODELAY on the page's socket as they connect."""

    def connect(self: Any) -> Any:
        try:
            self.websocket_handler.set_nodelay(True)
        except Exception as error:  # noqa: BLE001 - a slower kernel is better than none
            self.log.warning(
                "hyper_jupyter.server: no TCP_NODELAY on a kernel websocket: %r", error
            )
        # The class decides whether this is a coroutine, a future or None.
        return configured.connect(self)

    def body(namespace: dict[str, Any]) -> None:
        namespace["connect"] = connect
        namespace["__module__"] = __name__

    # new_class, because the metaclass must be that of the configured class.
    return types.new_class(f"Undelayed{configured.__name__}", (configured,), exec_body=body)
