"""Attach requests for no stream, which only test whether an upgrade gets through.

Layer: client. Any thread. Blocks its caller, until the deadline at most.

A WebSocket request that Docker refuses may harm the container: some were seen to make it stand
still later (20.10 and 26.1). So find out first whether an upgrade gets through. From API 1.42 on
Docker attaches only the streams that are requested, so a request for none is harmless. With an
older API it is not; there the result of another upgrade has to do.
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
    """Whether a WebSocket request is harmless, whatever its result."""
    profile = client.profile
    return profile.websocket_needs_no_probe or profile.websocket_chooses_streams


def try_attach(
    client: EngineClient, container: str, deadline: Deadline, *, websocket: bool = False
) -> tuple[int | None, bytes]:
    """Make an attach request for no stream.

    Args:
        client: of the engine.
        container: its name or id.
        deadline: for the whole exchange.
        websocket: request a WebSocket; only where :func:`can_try_websocket`.

    Returns:
        The response's status (``None`` without a response), and the beginning of its body.

    Raises:
        HyperJupyterError: there is no connection, or the response is malformed.
        OSError: the connection broke.
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
    """Make sure that requesting a WebSocket does not harm the container.

    Args:
        client: of the engine.
        container: its name or id.
        deadline: for the whole check.

    Raises:
        ConnectionFailed: a WebSocket does not get through, or trying it could stop the container.
        ApiError: the engine or a proxy refuses it.
        ProtocolError: the response is not that of a WebSocket.
    """
    if client.profile.websocket_needs_no_probe:
        return
    if can_try_websocket(client):
        try:
            status, body = try_attach(client, container, deadline, websocket=True)
        except OSError as error:
            raise ConnectionFailed(f"the connection for a WebSocket broke: {error}") from error
        if status is None:
            raise ConnectionFailed(
                "the connection was closed without an answer to the request for a WebSocket"
            )
        if status >= 300:
            raise api_error(status, body)
        return
    status = None
    with contextlib.suppress(HyperJupyterError, OSError):
        # A proxy that refuses or cuts off this upgrade may still let a WebSocket through.
        status, _ = try_attach(client, container, deadline)
    if status == 200:
        raise ConnectionFailed(
            "a proxy in between removes the headers of upgrades, and on this engine a WebSocket "
            "request without them stops the container",
            hint="Configure the proxy to pass on Upgrade and Connection, or connect to the engine "
            "without it.",
        )
