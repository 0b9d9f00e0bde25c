"""The kernel's socket for links: on the loopback interface, and only while a session offers one.

Layer: widgets. :meth:`Listener.offer` and :meth:`Listener.discard` may be called from any
thread. Connections are accepted on the I/O thread.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import selectors
import socket
import threading
from typing import Any, Final

from hyper_jupyter.session import runtime
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.settings.current import link_policy
from hyper_jupyter.widgets.page.link import Link, LinkKey, Receiver
from hyper_jupyter.widgets.page.messages import LinkOffer

__all__ = ["Listener", "is_relayed", "listener", "offer_link"]

RELAY: Final = "HYPER_JUPYTER_RELAY"
"""Set by a Jupyter server that forwards links: ``hyper_jupyter/server.py``."""

PAUSE: Final = 1.0
"""Seconds until connections are accepted again after the system refused one."""

CONNECTIONS: Final = 256
"""Most links at a time, of all sessions and pages, proven or not.

Anybody on this machine can connect. So at the limit the oldest connection that has proved nothing
makes room for a new one. Where all are proven the new one is refused.
"""

logger = logging.getLogger(__name__)


class Listener:
    """Accepts links for the receivers that are offered.

    Args:
        loop: the I/O thread.
    """

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self._lock = threading.Lock()
        self._keys: dict[str, LinkKey] = {}
        self._sock: socket.socket | None = None
        self._links: dict[Link, None] = {}  # in the order of their connections; I/O thread

    def offer(self, name: str, receiver: Receiver) -> tuple[int, str]:
        """Let pages that know the secret reach ``receiver``, until the offer is discarded.

        Returns:
            The port on the loopback interface, and the secret.

        Raises:
            OSError: no port is available.
        """
        with self._lock:
            key = self._keys.get(name)
            if self._sock is None:
                sock = socket.create_server(("127.0.0.1", 0))
                sock.setblocking(False)
                self._sock = sock
                self.loop.call_soon(lambda: self._listen(sock))
            if key is None:
                key = self._keys[name] = LinkKey(name, receiver)
            return self._sock.getsockname()[1], key.secret

    def discard(self, name: str) -> None:
        """Discard an offer: accept no new link for it. Existing links stay open."""
        with self._lock:
            if self._keys.pop(name, None) is None or self._keys:
                return
            sock, self._sock = self._sock, None
        if sock is not None:
            self.loop.call_soon(lambda: self._stop(sock))

    def close(self) -> None:
        """Discard all offers and close all links. Pages go on by their comms."""
        with self._lock:
            self._keys.clear()
            sock, self._sock = self._sock, None
        if sock is not None:
            self.loop.call_soon(lambda: self._stop(sock))
        if sock is not None or self._links:
            self.loop.call_soon(self._end_links)

    def _find(self, name: str) -> LinkKey | None:
        with self._lock:
            return self._keys.get(name)

    # -- I/O thread ---------------------------------------------------------------------

    def _listen(self, sock: socket.socket) -> None:
        if sock.fileno() >= 0:
            self.loop.register(sock, selectors.EVENT_READ, lambda _: self._accept(sock))

    def _stop(self, sock: socket.socket) -> None:
        with contextlib.suppress(KeyError):
            self.loop.unregister(sock)  # missing during a pause
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)  # a forked process may have it open, too
        sock.close()

    def _end_links(self) -> None:
        for link in list(self._links):
            link.close()

    def _accept(self, sock: socket.socket) -> None:
        try:
            connected, _ = sock.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EINTR):
                # For example, no descriptor is left. The connection would stay in the queue and
                # wake us again immediately.
                logger.debug("! a page could not connect", exc_info=True)
                self.loop.unregister(sock)
                self.loop.call_later(PAUSE, lambda: self._listen(sock))
            return
        if len(self._links) >= CONNECTIONS:
            oldest = next((link for link in self._links if not link.proven), None)
            if oldest is None:
                connected.close()
                return
            oldest.drop()
        try:
            self._links[Link(self.loop, connected, self._find, self._links.pop)] = None
        except OSError:
            connected.close()  # the page has closed it already


_lock = threading.Lock()
_listener: Listener | None = None


def listener() -> Listener:
    """Return the listener that belongs to this process's I/O thread."""
    global _listener
    with _lock:
        if _listener is None or _listener.loop is not runtime().loop:
            _listener = Listener(runtime().loop)
            link_policy().observe(_close_links, "enabled")  # once, however often it is said
        return _listener


def _close_links(change: Any) -> None:
    """Close all links immediately when the user turns them off."""
    if not change["new"]:
        listener().close()


def is_relayed() -> bool:
    """Return whether the Jupyter server says that it forwards links.

    The server sets the variable to its process id, because a server that was started from a cell of
    another one inherits that one's variable. If the kernel does not know its server's process id,
    any value counts.
    """
    said = os.environ.get(RELAY, "")
    return bool(said) and os.environ.get("JPY_PARENT_PID", said) == said


def offer_link(where: str, name: str, receiver: Receiver) -> LinkOffer | None:
    """Return how a page may reach this process, if that is wanted and possible.

    Args:
        where: where the page says it is: ``"near"``, ``"far"``, or empty if it wants no link.
        name: the name of the offer, by which it can be discarded.
        receiver: gets the page's messages.
    """
    relay = is_relayed()
    if not link_policy().enabled or not (where == "near" or (where and relay)):
        return None
    try:
        port, secret = listener().offer(name, receiver)
    except OSError:
        logger.debug("! no port for links", exc_info=True)
        return None
    return {"port": port, "name": name, "secret": secret, "relay": relay}
