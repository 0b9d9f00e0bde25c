"""Connections that tests open, and the request for one."""

from __future__ import annotations

import socket
import threading

from hyper_jupyter.client import Deadline
from hyper_jupyter.session.attach.connection import Connection
from hyper_jupyter.session.attach.target import Framing, StreamRequest
from tests.session.clients import PairedClient
from tests.session.servers import HEAD_101

PATIENCE = 10.0
UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}
FRAMED = StreamRequest("POST", "/attach", {}, UPGRADE, framing=Framing.FRAMES, upgrade=True)


def opened(
    client: PairedClient, connection: Connection, head: bytes = HEAD_101
) -> tuple[socket.socket, BaseException | None]:
    """Open it; the engine's end, and what was raised."""
    raised: list[BaseException] = []

    def open_it() -> None:
        try:
            connection.open(Deadline(PATIENCE))
        except BaseException as error:  # noqa: BLE001 - it is what the test asks for
            raised.append(error)

    thread = threading.Thread(target=open_it)
    thread.start()
    peer = client.peer()
    peer.sendall(head)
    thread.join(PATIENCE)
    return peer, raised[0] if raised else None
