"""An optional extension of the Jupyter server: what a kernel says reaches the page at once.

A layer of its own: runs in the server's process, imports nothing of ours and nothing else,
and nothing of ours imports it. Event loop's thread only.

The server writes a key's echo as several small frames. Without TCP_NODELAY the operating
system (Nagle's algorithm) holds the later ones back until the page's side has acknowledged
the first, which that side may put off for 40 ms.
"""

from __future__ import annotations

import types
from typing import Any, Final

__all__: list[str] = []

SETTING: Final = "kernel_websocket_connection_class"
"""The web application's setting that is made from the trait of this name of the server."""


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
