"""A WebSocket between a page and the kernel's process, beside the comm.

Input and output on it do not pass the Jupyter server and do not wait for a running cell.

Layer: widgets. :meth:`Link.send` and :meth:`Link.close` may be called from any thread and return
immediately. Everything else runs on the I/O thread.

Strategy: the core of ``websockets`` reads and makes the frames. The I/O thread reads and writes the
socket, as it does for the streams of containers. Before either end sends anything else, both prove
that they know a key that the page was given on the comm: by now another program may have the port,
or the browser may run on another machine, where that port may belong to anybody. The key itself
does not travel on the link.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
import selectors
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from hyper_jupyter.protocol.messages import SILENT
from hyper_jupyter.session.io.loop import Loop
from hyper_jupyter.widgets.page.messages import KernelMessage, PageMessage

__all__ = ["Link", "LinkKey", "Receiver"]

PROVE_WITHIN: Final = 10.0
"""Seconds from the connection to the page's proof, at most."""

CLOSE_WITHIN: Final = 2.0
"""Seconds that the page has to receive what waits, before the socket is closed."""

UNPROVEN: Final = 16 * 1024
"""Most bytes accepted from a peer that has not proved anything yet."""

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Most bytes in a page's message. The page sends larger ones on the comm."""

UNSENT: Final = 16 * 1024 * 1024
"""Most bytes that may wait for the page to read. Delivery stays far below while a page is there."""

ENTRY: Final = 256
"""Bytes that a piece of data takes beside its content while it waits: its objects, rounded up."""

READ: Final = 64 * 1024
"""Most bytes taken in one turn. That many pings are answered before the others have theirs."""

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
"""Hosts of pages on this machine. Browsers also resolve every name below ``localhost`` to it."""


class Receiver(Protocol):
    """Gets a page's messages. All methods run on the I/O thread and must return immediately."""

    def link_opened(self, link: Link, page: str) -> None:
        """Take a new link. Its page has proved that it was given the key; messages follow."""

    def receive_message(self, message: PageMessage) -> None:
        """Take a message of a page."""

    def link_closed(self, link: Link) -> None:
        """Note that a link has ended: nothing arrives on it any more, in either direction."""


class LinkKey:
    """What a page must know to reach one receiver.

    Attributes:
        name: identifies the receiver; not secret.
        secret: 64 hexadecimal digits.
        receiver: whom the key leads to.
    """

    def __init__(self, name: str, receiver: Receiver) -> None:
        self.name = name
        self.secret = secrets.token_hex(32)
        self.receiver = receiver

    def proof(self, role: str, page: str, nonces: tuple[str, str]) -> str:
        """Return what an end sends to prove that it has the secret: HMAC-SHA256, in hexadecimal.

        Args:
            role: ``"kernel"`` or ``"page"``, so that one end's proof is not valid for the other.
            page: the page's id.
            nonces: the page's nonce and the kernel's.
        """
        text = "\n".join((role, self.name, page, *nonces))
        return hmac.new(bytes.fromhex(self.secret), text.encode(), hashlib.sha256).hexdigest()


class Link:
    """One page's connection, from its first byte on. Made on the I/O thread.

    Args:
        loop: the I/O thread.
        sock: a connected socket.
        find: returns the key of a name, ``None`` if there is none.
        ended: called once, after everything else.
    """

    def __init__(
        self,
        loop: Loop,
        sock: socket.socket,
        find: Callable[[str], LinkKey | None],
        ended: Callable[[Link], object],
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._find = find
        self._ended = ended
        self._frames = ServerProtocol(max_size=MAX_MESSAGE, logger=SILENT)
        self._lock = threading.Lock()  # guards the frames, and what waits to be written
        self._unsent: deque[memoryview] = deque()
        self._unsent_size = 0
        self._closing = False
        self._closed = False
        self._taken = 0
        self._key: LinkKey | None = None
        self._page = ""
        self._nonces: tuple[str, str] | None = None
        self._open = False
        self._refused = False
        self._message = bytearray()  # its fragments so far: any number of them, each of any size
        self._host = "{}:{}".format(*sock.getsockname()[:2])
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop.register(sock, selectors.EVENT_READ, self._ready)
        self._timer = loop.call_later(PROVE_WITHIN, self.drop)

    @property
    def proven(self) -> bool:
        """Whether the page has proved that it was given the key. I/O thread."""
        return self._open

    # -- any thread ---------------------------------------------------------------------

    def send(self, message: KernelMessage, buffers: Sequence[bytes]) -> bool:
        """Send a message in binary: its JSON and its buffers, each preceded by its length.

        Returns:
            Whether it is on its way. ``False`` means that the link has ended.
        """
        parts = [json.dumps(message, separators=(",", ":")).encode(), *buffers]
        data = b"".join(piece for part in parts for piece in (struct.pack("<I", len(part)), part))
        with self._lock:
            if self._closing or self._frames.state is not State.OPEN:
                return False
            if self._unsent_size > UNSENT:  # the page does not read
                self._closing = True
                self._loop.call_soon(self.drop)
                return False
            self._frames.send_binary(data)
            self._write()
        return True

    def close(self) -> None:
        """Send what waits, then close the link."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            orderly = self._open and self._frames.state is State.OPEN
            if orderly:
                self._frames.send_close(1000)
                self._write()
        self._timer.cancel()
        # The page answers with a close frame. After that the socket is closed.
        self._timer = self._loop.call_later(CLOSE_WITHIN if orderly else 0.0, self.drop)

    def _write(self) -> None:
        """Write what the socket accepts now, and let the loop write the rest. Requires the lock."""
        waited = bool(self._unsent)
        # In one piece: it may be the answers to thousands of pings. Empty data in it would mean the
        # end, which the page must send first.
        data = b"".join(self._frames.data_to_send())
        if data:
            self._unsent.append(memoryview(data))
            self._unsent_size += len(data) + ENTRY
        if not waited and not self._drain() and not self._closed:
            self._loop.call_soon(self._wait_for_room)

    def _drain(self) -> bool:
        """Write to the socket; return whether nothing waits any more. Requires the lock."""
        while self._unsent:
            data = self._unsent[0]
            try:
                count = self._sock.send(data)
            except BlockingIOError:
                return False
            except OSError:
                self._loop.call_soon(self.drop)
                self._unsent.clear()
                self._unsent_size = 0
                return True  # the link closes: nothing is written any more
            self._unsent_size -= count
            if count < len(data):
                self._unsent[0] = data[count:]
            else:
                self._unsent.popleft()
                self._unsent_size -= ENTRY
        return True

    # -- I/O thread ---------------------------------------------------------------------

    def _wait_for_room(self) -> None:
        if not self._closed:
            self._loop.modify(self._sock, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _ready(self, events: int) -> None:
        if self._closed:
            return  # dropped for another one's sake, in this turn of the loop
        if events & selectors.EVENT_WRITE:
            with self._lock:
                empty = self._drain()
            if empty:
                self._loop.modify(self._sock, selectors.EVENT_READ)
        if events & selectors.EVENT_READ:
            self._read()

    def _read(self) -> None:
        try:
            # A peer that has not proved anything may send only so much. What a page sends together
            # with its proof is left for the next turn.
            size = READ if self._open else UNPROVEN - self._taken
            count = self._sock.recv_into(self._loop.buffer, size)
        except BlockingIOError:
            return
        except OSError:
            self.drop()
            return
        if not count:
            self.drop()
            return
        try:
            self._receive(count)
        except (ValueError, KeyError, TypeError, RecursionError, WebSocketException):
            self.drop()  # this is not one of our pages
        except Exception:
            if self._open:
                raise
            self.drop()  # errors that an unknown peer causes are not reported

    def _receive(self, count: int) -> None:
        if not self._open:
            self._taken += count
        with self._lock:
            self._frames.receive_data(bytes(self._loop.buffer[:count]))
            events = self._frames.events_received()
            for event in events:
                if isinstance(event, Request):
                    self._answer(event)
            self._write()
            broken = (
                self._refused
                or self._frames.handshake_exc is not None
                or self._frames.parser_exc is not None
                or self._frames.close_expected()
                # The page does not read, but sends pings, and each of them is answered.
                or self._unsent_size > UNSENT
            )
        for event in events:
            if isinstance(event, Frame):
                self._take(event)
        if broken or (not self._open and self._taken >= UNPROVEN):
            self.drop()

    def _answer(self, request: Request) -> None:
        """Answer the handshake. Requires the lock."""
        # A page of another site could not prove anything either. It is refused even earlier. So is
        # one whose site gave its own name this machine's address, and a program that is no browser.
        origins = request.headers.get_all("Origin")
        if (
            request.headers.get_all("Host") != [self._host]
            or len(origins) != 1
            or not _is_near(origins[0])
        ):
            response = self._frames.reject(403, "not a page of this machine\n")
            self._refused = True
        else:
            response = self._frames.accept(request)
        self._frames.send_response(response)

    def _take(self, frame: Frame) -> None:
        """Take a message or a fragment of one."""
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT):
            return
        self._message += frame.data
        if not frame.fin:
            return
        message = json.loads(self._message)
        self._message = bytearray()
        if self._open:
            assert self._key is not None
            if message["page"] != self._page:
                raise ValueError("a link belongs to one page")
            self._key.receiver.receive_message(cast("PageMessage", message))
        else:
            self._prove(message)

    def _prove(self, message: Mapping[str, Any]) -> None:
        """Answer the page's challenge, which comes first; then check its proof."""
        if self._nonces is None:
            self._page, nonce = str(message["page"]), str(message["nonce"])
            key = self._find(str(message["name"]))
            if key is None or not self._page:
                raise ValueError("no session offers this page a link")
            self._key = key
            self._nonces = nonce, secrets.token_hex(16)
            proof = key.proof("kernel", self._page, self._nonces)
            answer = json.dumps({"nonce": self._nonces[1], "proof": proof})
            with self._lock:
                self._frames.send_text(answer.encode())
                self._write()
            return
        assert self._key is not None
        expected = self._key.proof("page", self._page, self._nonces)
        if not hmac.compare_digest(expected.encode(), str(message["proof"]).encode()):
            raise ValueError("this page was not given the key")
        self._timer.cancel()
        with self._lock:
            if self._closing:
                return
            self._open = True
        self._key.receiver.link_opened(self, self._page)

    def drop(self) -> None:
        """Close the socket immediately. I/O thread."""
        with self._lock:
            if self._closed:
                return
            self._closed = self._closing = True
            self._unsent.clear()
        self._timer.cancel()
        self._loop.unregister(self._sock)
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)  # a forked process may have it open, too
        self._sock.close()
        if self._open and self._key is not None:
            self._key.receiver.link_closed(self)
        self._ended(self)


def _is_near(origin: str) -> bool:
    """Return whether a page is on this machine, according to the browser."""
    host = urlsplit(origin).hostname or ""
    return host in LOOPBACK or host.endswith(".localhost")
