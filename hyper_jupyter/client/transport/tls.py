"""TLS to an engine: the certificates, and a socket.

Layer: client. Starts no threads; a :class:`TlsSocket` belongs to one thread at a time.

Python's own ``SSLSocket`` cannot half-close while the peer still sends: its ``unwrap`` goes on
reading, and fails at the first byte of output. Here OpenSSL works on buffers in memory. Everything
that has come is decrypted first, so the end of our own direction (``close_notify``) can be sent
alone. An end without ``close_notify`` is an error, because anyone who cuts the connection could
cause it.
"""

from __future__ import annotations

import functools
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hyper_jupyter.client.transport.deadline import DeadlineSocket
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["Tls", "TlsSocket"]

_READ: Final = 256 * 1024
_PIECE: Final = 64 * 1024
"""Bytes that are encrypted in one step: as many may wait until the system takes them."""


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificates of a connection.

    Attributes:
        ca: file with the CA certificates that are trusted; empty for the system's.
        cert: file with our own certificate; empty for none.
        key: file with its private key.
        verify: whether the server's certificate is checked.
    """

    ca: str = ""
    cert: str = ""
    key: str = ""
    verify: bool = True

    @classmethod
    def from_folder(cls, folder: Path, *, verify: bool = True) -> Tls:
        """Use ``ca.pem``, ``cert.pem`` and ``key.pem`` of a folder, like ``DOCKER_CERT_PATH``.

        Without ``ca.pem`` the system's CAs are trusted. Without ``cert.pem`` and ``key.pem`` no
        certificate of ours is sent.

        Raises:
            ConnectionFailed: the folder has none of these files.
        """
        try:
            here = {name for name in ("ca", "cert", "key") if (folder / f"{name}.pem").exists()}
            is_folder = folder.is_dir()
        except (OSError, ValueError):
            here, is_folder = set(), False
        if not is_folder or (verify and not here):
            raise ConnectionFailed(
                f"there are no files for TLS in {folder}",
                hint="It needs ca.pem, which verifies the engine, and may have cert.pem with "
                "key.pem, which identify you.",
            )
        own = {"cert", "key"} <= here
        return cls(
            ca=str(folder / "ca.pem") if "ca" in here else "",
            cert=str(folder / "cert.pem") if own else "",
            key=str(folder / "key.pem") if own else "",
            verify=verify,
        )

    def context(self) -> ssl.SSLContext:
        """Return OpenSSL's settings. A file that has changed is read again.

        Raises:
            ConnectionFailed: a file is missing or invalid.
        """
        return _context(self, tuple(_changed(path) for path in (self.ca, self.cert, self.key)))


@functools.lru_cache(maxsize=8)
def _context(tls: Tls, _changes: tuple[float, ...]) -> ssl.SSLContext:
    # Not create_default_context: from Python 3.13 that refuses CAs made as Docker's manual says.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif tls.ca:
        try:
            context.load_verify_locations(cafile=tls.ca)
        except (OSError, ValueError) as error:
            raise _unusable("CA certificate", tls.ca, error) from None
    else:
        context.load_default_certs()
    if tls.cert:
        try:
            context.load_cert_chain(tls.cert, tls.key or None, password=_no_password)
        except (OSError, ValueError) as error:
            raise _unusable("client certificate", f"{tls.cert} with its key", error) from None
    return context


def _changed(path: str) -> float:
    try:
        return Path(path).stat().st_mtime if path else 0.0
    except (OSError, ValueError):
        return -1.0


def _no_password() -> str:
    """Refuse to give a password. OpenSSL would ask for one at the terminal, which no user sees."""
    raise ValueError("the key is encrypted, which is not supported")


def _unusable(what: str, path: str, error: Exception) -> ConnectionFailed:
    # OpenSSL's reasons name lines and numbers only, so no text of a key is shown.
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    text = str(reason).replace("_", " ").lower()
    return ConnectionFailed(f"the {what} {path} cannot be used: {text}")


class TlsSocket(DeadlineSocket):
    """A connected socket that speaks TLS.

    It keeps to :attr:`deadline`, and may be non-blocking. Then ``send`` may keep some of the bytes
    that it took; :meth:`flush` sends them.

    Args:
        connection: the plain connection, which this socket replaces.
        context: from :meth:`Tls.context`.
        name: the server's name, which its certificate must have.

    Raises:
        OSError: the handshake failed; ``ssl.SSLError`` if TLS itself failed.
    """

    def __init__(self, connection: DeadlineSocket, context: ssl.SSLContext, name: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._plain = bytearray()  # decrypted before any read asked for it
        self._unsent = memoryview(b"")
        self._ending = False
        self._over = False  # the end or a fault follows what was read last
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        deadline = connection.deadline
        super().__init__(fileno=connection.detach())
        self.deadline = deadline
        try:
            self._shake_hands()
        except BaseException:
            self.close()
            raise

    @property
    def pending(self) -> bool:
        """Whether there is something to read that the system's socket does not show."""
        return bool(self._plain or self._over or self._incoming.pending or self._tls.pending())

    def recv(self, size: int = _READ, *_flags: int) -> bytes:
        """Receive at most ``size`` bytes; ``b""`` at the end."""
        buffer = bytearray(min(size, _READ))
        return bytes(buffer[: self.recv_into(buffer)])

    def recv_into(self, buffer: Any, size: int = 0, *_flags: int) -> int:
        """Decrypt everything that is here and fits into ``buffer``.

        Returns:
            How many bytes that were; 0 at the end.

        Raises:
            BlockingIOError: the socket is non-blocking, and nothing is here.
            ssl.SSLError: what came is not TLS, or the connection ended without ``close_notify``.
        """
        whole = memoryview(buffer).cast("B")
        room = whole[: size or len(whole)]
        count = min(len(self._plain), len(room))
        if count:
            room[:count] = self._plain[:count]
            del self._plain[:count]
        while count < len(room):
            try:
                got = self._tls.read(len(room) - count, room[count:])
            except ssl.SSLWantReadError:
                if count:
                    break
                self._fill()
                continue
            except ssl.SSLZeroReturnError:
                got = b""  # the form that an end has after our own direction has ended
            except ssl.SSLError:
                self._over = count > 0
                if count:
                    break  # return what came before the fault first
                raise
            if not got:
                self._over = count > 0
                break
            count += int(got)  # a number, as it reads into a buffer
        return count

    def send(self, data: Any, *_flags: int) -> int:
        """Encrypt some of ``data`` and send as much as the system takes.

        Raises:
            BlockingIOError: the socket is non-blocking, and earlier bytes are not sent yet.
        """
        self.flush()
        count = self._tls.write(memoryview(data).cast("B")[:_PIECE])
        try:
            self.flush()
        except BlockingIOError:
            pass
        return count

    def sendall(self, data: Any, *_flags: int) -> None:
        """Send all of ``data`` (blocking sockets only)."""
        rest = memoryview(data).cast("B")
        while rest:
            rest = rest[self.send(rest) :]

    def flush(self) -> None:
        """Send everything that ``send`` has taken.

        Raises:
            BlockingIOError: the socket is non-blocking, and the system does not take it now.
        """
        while self._unsent or self._outgoing.pending:
            if not self._unsent:
                self._unsent = memoryview(self._outgoing.read())
            self._unsent = self._unsent[super().send(self._unsent) :]

    def shutdown(self, how: int) -> None:
        """End our direction with ``close_notify`` and keep reading, or end the connection.

        Raises:
            BlockingIOError: the socket is non-blocking, and it is not sent yet; call this again.
        """
        if how != socket.SHUT_WR:
            super().shutdown(how)
            return
        if not self._ending:
            self._ending = True
            self._decrypt()
            try:
                self._tls.unwrap()
            except ssl.SSLError:
                pass  # it expects the peer's own end, which comes later
        self.flush()

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                self._fill()
            except ssl.SSLError:
                try:
                    self.flush()  # the alert, so that the server's log says why
                except OSError:
                    pass
                raise
        self.flush()

    def _fill(self) -> None:
        data = super().recv(_READ)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _decrypt(self) -> None:
        """Decrypt what has come: ``unwrap`` fails if there is anything before the end."""
        try:
            while piece := self._tls.read(_PIECE):
                self._plain += piece
        except ssl.SSLError:
            pass  # nothing more; or a fault, which the next read raises again
