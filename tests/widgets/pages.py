"""Both sides of a link: a page and a session that notes what arrives.

In the browser the page's side is ``js/src/model/direct-link.ts``.
"""

from __future__ import annotations

import json
import queue
import struct
from typing import Any

from websockets.sync.client import ClientConnection, connect

from hyper_jupyter.widgets.page.link import Link, LinkKey
from hyper_jupyter.widgets.page.messages import LinkOffer

TIMEOUT = 5.0


class LinkedPage:
    """Connects to the kernel and proves that it may.

    Args:
        offer: what the kernel's welcome has.
        page: its id.
        origin: where the browser says that it comes from.
        url: where to connect; directly to the kernel if it is not given.
    """

    def __init__(
        self,
        offer: LinkOffer,
        page: str = "p",
        origin: str | None = "http://localhost:8888",
        url: str | None = None,
    ) -> None:
        self.key = LinkKey(offer["name"], None)  # type: ignore[arg-type]
        self.key.secret = offer["secret"]
        self.page = page
        # Entered here; the test that closes the socket leaves it.
        self._connected = connect(
            url or f"ws://127.0.0.1:{offer['port']}/",
            origin=origin,  # type: ignore[arg-type]
            compression=None,
            proxy=None,
            open_timeout=TIMEOUT,
            close_timeout=TIMEOUT,
            max_size=None,
        )
        self.socket: ClientConnection = self._connected.__enter__()

    def challenge(self) -> tuple[tuple[str, str], str]:
        """Ask the kernel for its proof; the two nonces and the proof."""
        self.send(name=self.key.name, page=self.page, nonce="00ff")
        answer = json.loads(self.socket.recv(TIMEOUT))
        return ("00ff", answer["nonce"]), answer["proof"]

    def prove(self) -> LinkedPage:
        """Go through the whole of it."""
        nonces, proof = self.challenge()
        assert proof == self.key.proof("kernel", self.page, nonces)
        self.send(proof=self.key.proof("page", self.page, nonces))
        return self

    def send(self, **message: Any) -> None:
        """A message of the page."""
        self.socket.send(json.dumps(message))

    def receive(self) -> tuple[dict[str, Any], list[bytes]]:
        """The kernel's next message and its buffers."""
        data = self.socket.recv(TIMEOUT)
        assert isinstance(data, bytes)
        parts = []
        while data:
            [length] = struct.unpack_from("<I", data)
            parts.append(data[4 : 4 + length])
            data = data[4 + length :]
        return json.loads(parts[0]), parts[1:]


class RecordingReceiver:
    """Notes every call, in order. Tests wait for them."""

    def __init__(self) -> None:
        self.calls: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.links: list[Link] = []

    def link_opened(self, link: Link, page: str) -> None:
        self.links.append(link)
        self.calls.put(("opened", page))

    def receive_message(self, message: Any) -> None:
        self.calls.put(("received", message))

    def link_closed(self, link: Link) -> None:
        self.calls.put(("closed", link))

    def next(self) -> tuple[str, Any]:
        return self.calls.get(timeout=TIMEOUT)
