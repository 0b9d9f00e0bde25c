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

import asyncio
import base64
import hashlib
import os
import re
import types
from typing import Any, Final

__all__: list[str] = []

SETTING: Final = "kernel_websocket_connection_class"
"""The web application's setting, made from the server's trait of this name."""

RELAY: Final = "HYPER_JUPYTER_RELAY"
"""The environment variable that shows kernels that this server relays links: its process id."""

CONNECT_WITHIN: Final = 5.0
"""Seconds that a kernel on this machine has, from the connection to the end of the handshake."""

CLOSE_WITHIN: Final = 2.0
"""Seconds that a kernel has to take what waits for it, after its page has gone."""

MAX_HEAD: Final = 16 * 1024
"""Bytes of an answer's head at most, and of what is read ahead."""

MAX_FRAGMENTS: Final = 4096
"""Frames of one message at most. Kernels send one."""

MAX_MESSAGE: Final = 16 * 1024 * 1024
"""Bytes of one message at most, in either direction."""

FAILURES: Final = (OSError, EOFError, ValueError)
"""What the connection to a kernel raises when it breaks, or when something else is there."""


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
        base = re.escape(serverapp.web_app.settings["base_url"].rstrip("/"))
        path = base + "/hyper_jupyter/link/([0-9]{1,5})"
        serverapp.web_app.add_handlers(".*", [(path, _relay())])
    except Exception as error:  # noqa: BLE001
        serverapp.log.warning("hyper_jupyter.server relays no links: %r", error)
    else:
        os.environ[RELAY] = str(os.getpid())  # kernels inherit it


def _relay() -> Any:  # noqa: C901 - it is a class of small methods
    """Return the handler class for pages' links.

    Users who are allowed to execute code in kernels may use it.
    """
    from jupyter_core.utils import ensure_async
    from jupyter_server.auth.decorator import ws_authenticated
    from jupyter_server.base.handlers import JupyterHandler
    from jupyter_server.base.websocket import WebSocketMixin
    from tornado.web import HTTPError
    from tornado.websocket import WebSocketClosedError, WebSocketHandler

    class Relay(WebSocketMixin, WebSocketHandler, JupyterHandler):
        """Connects a page to the port of this machine where its kernel waits for it."""

        auth_resource = "kernels"
        max_message_size = MAX_MESSAGE  # Tornado's own is smaller, and a setting of the server
        gone = False
        dialling: asyncio.Future[_KernelEnd] | None = None
        kernel: _KernelEnd | None = None
        passing: asyncio.Future[None] | None = None

        def set_default_headers(self) -> None:
            """Set no headers: those of pages make no sense for websockets."""

        @ws_authenticated
        async def get(self, port: str) -> None:
            allowed = self.authorizer.is_authorized(self, self.current_user, "execute", "kernels")
            if not await ensure_async(allowed):
                raise HTTPError(403)
            if not 0 < int(port) < 1 << 16:
                raise HTTPError(404)
            if not _has_local_kernel(self.kernel_manager):
                raise HTTPError(403)  # pages must not reach what their kernels cannot
            await super().get(port)

        async def open(self, port: str) -> None:
            super().open()
            self.set_nodelay(True)
            self.dialling = asyncio.ensure_future(_KernelEnd.dial(int(port)))
            try:
                self.kernel = await self.dialling
            except asyncio.CancelledError:
                if not self.gone:
                    raise
                return
            except FAILURES as error:
                # Nothing listens there, or no WebSocket.
                self.log.debug("hyper_jupyter.server: no kernel at port %s: %r", port, error)
                self.close(1011)
                return
            if self.gone:
                self.kernel.close()
            else:
                self.passing = asyncio.ensure_future(self.pass_on(self.kernel))

        async def on_message(self, message: str | bytes) -> None:
            # The page's next message is read when the kernel has room for it.
            if self.kernel is not None:
                try:
                    await self.kernel.send(message)
                except OSError:
                    self.close()

        async def pass_on(self, kernel: _KernelEnd) -> None:
            """Pass the kernel's messages on, each when the page has taken the one before."""
            try:
                while (message := await kernel.receive()) is not None:
                    await self.write_message(message, isinstance(message, bytes))
            except (*FAILURES, WebSocketClosedError) as error:
                self.log.debug("hyper_jupyter.server: a link ends: %r", error)
            finally:
                kernel.close()
                self.close(1000)

        def on_close(self) -> None:
            self.gone = True
            if self.dialling is not None:
                self.dialling.cancel()
            if self.kernel is not None:
                self.kernel.close()

    return Relay


def _has_local_kernel(kernels: Any) -> bool:
    """Return whether the server has started a kernel on this machine, which still runs.

    Kernels elsewhere have provisioners of their own, or managers without one. Subclasses of
    Jupyter's own provisioner do not count, because nothing that is seen from here says where their
    kernels are. Some start them here, in an environment or with a GPU of their own. Others inherit
    for the local process that they keep, which is an ssh or a cluster's command. A wrong no costs
    delay, as those pages go on by Jupyter's own connection; a wrong yes would open ports of this
    machine to users who have no other way to them.

    Args:
        kernels: the server's ``MappingKernelManager``.
    """
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    return any(
        type(getattr(kernels.get_kernel(one), "provisioner", None)) is LocalProvisioner
        for one in list(kernels.list_kernel_ids())
    )


class _KernelEnd:
    """The relay's end of a WebSocket to a port of this machine. Anything may listen there.

    Tornado's own client trusts servers more: it keeps 100 MB of a refusal's body, waits without
    limit after some malformed answers, and logs others with a traceback.

    Args:
        reader: what the kernel sends after the handshake.
        writer: takes what is sent to it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def dial(cls, port: int) -> _KernelEnd:
        """Connect to a port of this machine, within ``CONNECT_WITHIN``.

        Raises:
            OSError: nothing listens, or it took too long (``TimeoutError``).
            ValueError: the answer is malformed, too long, or does not accept our handshake.
            EOFError: it ends before its head does.
        """
        async with asyncio.timeout(CONNECT_WITHIN):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=MAX_HEAD)
            try:
                key = base64.b64encode(os.urandom(16)).decode()
                # The page's own origin was checked here, and may be that of another machine.
                writer.write(
                    f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                    f"Origin: http://127.0.0.1:{port}\r\n"
                    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                    f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
                )
                _check_answer(await reader.readuntil(b"\r\n\r\n"), key)
            except asyncio.LimitOverrunError as error:
                writer.transport.abort()
                raise ValueError("the head of the answer is too long") from error
            except BaseException:
                writer.transport.abort()
                raise
        return cls(reader, writer)

    async def receive(self) -> str | bytes | None:
        """Return the next message; ``None`` after the kernel has said that it closes.

        Raises:
            OSError, EOFError: the connection has ended.
            ValueError: this is no WebSocket, or the message is too large.
        """
        kind, size, pieces = 0, 0, list[bytes]()
        while True:
            # What has arrived already would be handled in one go, whatever else there is to do.
            await asyncio.sleep(0)
            first, second = await self._reader.readexactly(2)
            final, opcode = first & 0x80, first & 0x0F
            if first & 0x70 or second & 0x80:
                raise ValueError("an extension, or a mask, that nobody agreed on")
            length = second
            if length > 125:
                length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8))
            if opcode >= 8:
                if not final or second > 125:
                    raise ValueError("a control frame that is too long or a fragment")
                data = await self._reader.readexactly(length)
                if opcode == 8:
                    return None
                if opcode == 9:
                    await self._write(10, data)
                continue
            if opcode > 2 or (opcode == 0) is (kind == 0):
                raise ValueError("a frame that is not expected here")
            size += length
            if size > MAX_MESSAGE or len(pieces) == MAX_FRAGMENTS:
                raise ValueError("the message is too large")
            kind = kind or opcode
            pieces.append(await self._reader.readexactly(length))
            if final:
                whole = b"".join(pieces)
                return whole.decode() if kind == 1 else whole

    async def send(self, message: str | bytes) -> None:
        """Send a message, and return once the kernel has room for the next one.

        Raises:
            OSError: the connection has ended.
        """
        if isinstance(message, str):
            await self._write(1, message.encode())
        else:
            await self._write(2, message)

    def close(self) -> None:
        """Close the connection, after what waits to be sent if the kernel takes it in time."""
        if not self._writer.is_closing():
            self._writer.close()
            asyncio.get_running_loop().call_later(CLOSE_WITHIN, self._writer.transport.abort)

    async def _write(self, opcode: int, data: bytes) -> None:
        if self._writer.is_closing():
            raise ConnectionResetError("the link has ended")
        size = len(data)
        if size < 126:
            head = bytes((0x80 | opcode, 0x80 | size))
        elif size < 1 << 16:
            head = bytes((0x80 | opcode, 0x80 | 126)) + size.to_bytes(2)
        else:
            head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8)
        mask = os.urandom(4)
        masks = int.from_bytes((mask * (size // 4 + 1))[:size])
        self._writer.write(head + mask + (int.from_bytes(data) ^ masks).to_bytes(size))
        await self._writer.drain()


def _check_answer(head: bytes, key: str) -> None:
    """Raise ``ValueError`` unless a server has accepted the handshake with this key."""
    line, *lines = head.decode("latin-1").split("\r\n")
    fields = [(name.lower(), value.strip()) for name, _, value in (f.partition(":") for f in lines)]
    # The text is that of RFC 6455, section 1.3.
    text = f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()
    accept = base64.b64encode(hashlib.sha1(text, usedforsecurity=False).digest()).decode()
    given = [value for name, value in fields if name == "sec-websocket-accept"]
    agreed = any(name.startswith("sec-websocket-extensions") for name, _ in fields)
    if not line.startswith("HTTP/1.1 101 ") or given != [accept] or agreed:
        raise ValueError("this is not a WebSocket")


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
