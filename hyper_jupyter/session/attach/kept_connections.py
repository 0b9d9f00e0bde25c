"""Connections that stay open when their sessions leave, by engine, container and purpose.

Layer: session, attach. Any thread; nothing here blocks.

The end of a *kept* connection would end the container's input. So when its last session has
detached it stays open and is drained (it is *parked*), and the next session of the same container
finds it again.
"""

from __future__ import annotations

import threading
from functools import partial

from hyper_jupyter.client import EngineClient
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.target import Framing, StreamRequest

__all__ = ["close_kept", "kept_connection"]

_kept: dict[tuple[str, str, str], Connection] = {}
_kept_lock = threading.Lock()


def kept_connection(
    client: EngineClient, container_id: str, purpose: str, request: StreamRequest
) -> tuple[Connection, bool]:
    """Return the kept connection of a container, or a new one.

    Args:
        client: the engine.
        container_id: the container.
        purpose: ``"stdin"`` or ``"stdio"``.
        request: opens a new one. A kept connection of another kind (a WebSocket, say) does not
            count.

    Returns:
        The connection, and whether it is new. The caller must open a new one.
    """
    websocket = request.framing is Framing.MESSAGES
    key = (client.host, container_id, f"{purpose} by WebSocket" if websocket else purpose)
    with _kept_lock:
        connection = _kept.get(key)
        if connection is not None and not connection.ended:
            return connection, False
        connection = Connection(client, request, discard=partial(_discard, key))
        _kept[key] = connection
        return connection, True


def close_kept(container_id: str | None = None) -> None:
    """Close kept connections; this ends their containers' input.

    Args:
        container_id: close only those of this container; ``None`` closes all.
    """
    with _kept_lock:
        connections = [c for key, c in _kept.items() if container_id in (None, key[1])]
    for connection in connections:
        connection.close()


def _discard(key: tuple[str, str, str], connection: Connection) -> None:
    with _kept_lock:
        if _kept.get(key) is connection:  # it may be a newer one by now
            del _kept[key]
