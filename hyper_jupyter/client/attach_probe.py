"""Attach requests without any stream: whether they get through, and nothing more.

Layer: client. Blocks its caller, until the deadline at most.

Docker attaches a container's streams before it looks whether a request for a WebSocket is one.
Where a proxy has taken the headers of the upgrade away, it refuses, and what is attached stays,
with nobody to read it: one such request, and the container stands still a megabyte later (seen on
20.10 and 26.1). From API 1.42 on it attaches only the streams that are asked for, so a request for
none can be tried. Below it can not, and what becomes of another upgrade has to tell.
"""

from __future__ import annotations

import contextlib
from typing import Final

from hyper_jupyter.client.engine import EngineClient
from hyper_jupyter.client.transport.deadline import Deadline
from hyper_jupyter.client.transport.failure import api_error
from hyper_jupyter.exceptions import ConnectionFailed, HyperJupyterError

__all__ = ["can_try_websocket", "check_websocket", "try_attach"]

_MAX_BODY: Final = 4096


def can_try_websocket(client: EngineClient) -> bool:
    """Whether a request for a WebSocket does no harm, whatever comes of it."""
    profile = client.profile
    return profile.websocket_needs_no_probe or profile.websocket_chooses_streams


def try_attach(
    client: EngineClient, container: str, deadline: Deadline, *, websocket: bool = False
) -> tuple[int | None, bytes]:
    """Make an attach request for no stream.

    Args:
        client: of the engine.
        container: its name or id.
        deadline: of all of it.
        websocket: as a WebSocket; only where :func:`can_try_websocket`.

    Returns:
        The answer's status, ``None`` where there was none; and the begin of what came.

    Raises:
        HyperJupyterError: no connection, or an answer that is none.
        OSError: a connection that broke.
    """
    params = dict.fromkeys(("logs", "stream", "stdin", "stdout", "stderr"), "0")
    if client.profile.refuses_empty_attach:
        params |= {"logs": "1", "stdout": "1", "stderr": "1"}
    headers = {"Content-Type": "text/plain", "Connection": "Upgrade", "Upgrade": "tcp"}
    connection, exchange = client.open(
        "GET" if websocket else "POST",
        f"/containers/{container}/attach" + ("/ws" if websocket else ""),
        params,
        headers=None if websocket else headers,
        deadline=deadline,
        websocket=websocket,
    )
    body = b""
    with contextlib.closing(connection):
        connection.deadline = deadline
        connection.sendall(exchange.data_to_send())
        while exchange.head is None or (
            exchange.head.status >= 300 and len(body) < _MAX_BODY and not exchange.ended
        ):
            data = connection.recv(_MAX_BODY)
            if not data:
                break
            body += exchange.receive_data(data)
    return (None if exchange.head is None else exchange.head.status), body


def check_websocket(client: EngineClient, container: str, deadline: Deadline) -> None:
    """Make sure that asking for a WebSocket does the container no harm.

    Args:
        client: of the engine.
        container: its name or id.
        deadline: of all of it.

    Raises:
        ConnectionFailed: a WebSocket does not get through, or nobody knows before it is too late.
        ApiError: the engine, or a proxy, refuses it.
        ProtocolError: the answer is no WebSocket.
    """
    if client.profile.websocket_needs_no_probe:
        return
    if can_try_websocket(client):
        try:
            status, body = try_attach(client, container, deadline, websocket=True)
        except OSError as error:
            raise ConnectionFailed(f"the connection for a WebSocket broke: {error}") from error
        if status is None:
            raise ConnectionFailed("a request for a WebSocket was cut off without an answer")
        if status >= 300:
            raise api_error(status, body)
        return
    status = None
    with contextlib.suppress(HyperJupyterError, OSError):
        # Who refuses this upgrade, or cuts it off, may let the other one through.
        status, _ = try_attach(client, container, deadline)
    if status == 200:
        raise ConnectionFailed(
            "a proxy in between removes the headers of upgrades, and this engine stops a container "
            "for which a WebSocket is asked without them",
            hint="Have the proxy pass Upgrade and Connection on, or reach the engine without it.",
        )
