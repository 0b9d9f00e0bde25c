"""An engine on another machine, through the user's own ssh command.

Layer: client. No threads. The child process lives as long as its socket, and no longer.

``ssh HOST docker system dial-stdio`` is what the docker command runs, too, and podman has the same:
at the other end its standard input and output are the engine's socket. Here they are one end of a
socket pair, so the rest of the program sees a connection like any other; a half-close is the end of
ssh's input.

What ssh says on its stderr comes through a pipe, and the end of it is remembered: a file could be
filled without end by whoever is at the other end. The pipe has to be emptied, or ssh would wait for
room; reads that block see to that, and who reads without blocking watches :attr:`SshSocket.errors`.
"""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import select
import shlex
import socket
import subprocess
import time
from typing import Any, Final

from hyper_jupyter.client.transport.child import GRACE, Schedule, terminate_child
from hyper_jupyter.client.transport.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.transport.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["SshFailure", "SshSocket"]

_CONNECT_SECONDS: Final = 30
_KEPT: Final = 4096
"""Bytes of its words that are remembered."""

_READ: Final = 64 * 1024
_READS: Final = 16
"""Reads that empty a pipe (a mebibyte at most), and no more: somebody may go on filling it."""


class SshFailure(ConnectionError):
    """ssh ended before the engine said anything; ``strerror`` is what it had to say."""


class SshSocket(DeadlineSocket):
    """A connection through an ssh process.

    Attributes:
        errors: what ssh says on its stderr; readable means :meth:`read_stderr`.

    Args:
        endpoint: of scheme ``ssh``.
        deadline: of everything until it is replaced; ssh connects meanwhile.
        schedule: has the end of the process waited for; ``None`` has whoever closes wait.

    Raises:
        ConnectionFailed: there is no ssh command.
    """

    def __init__(
        self, endpoint: Endpoint, deadline: Deadline, schedule: Schedule | None = None
    ) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(fileno=ours.detach())
        self.deadline = deadline
        self._schedule = schedule
        self._pid = os.getpid()
        self._received = False
        self._stderr_tail = b""
        self._over_since: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self.errors = io.FileIO(reading)
        try:
            self._process = subprocess.Popen(
                command(endpoint, deadline.remaining()),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=writing,
                # No terminal to ask at, and a Ctrl-C at one is not for it.
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            raise ConnectionFailed(
                f"the ssh command could not be started: {error.strerror}",
                hint="Install OpenSSH's client.",
            ) from error
        finally:
            theirs.close()
            os.close(writing)

    def recv(self, *args: Any) -> bytes:
        """As the socket's.

        Raises:
            SshFailure: the end, where nothing came before it.
        """
        self._await()
        try:
            data = super().recv(*args)
        except ConnectionResetError:
            data = b""  # it ended without reading the request: why, says _check
        self._check(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        """As the socket's.

        Raises:
            SshFailure: the end, where nothing came before it.
        """
        self._await()
        try:
            count = super().recv_into(*args)
        except ConnectionResetError:
            count = 0
        self._check(count)
        return count

    def read_stderr(self, reads: int = 1) -> bool:
        """Take what ssh has said on its stderr, and remember the end of it. Never blocks.

        Returns:
            Whether it may say more.
        """
        for _ in range(reads):
            try:
                said = self.errors.read(_READ)
            except (OSError, ValueError):  # the latter where it is closed
                return False
            if said is None:
                return True
            if not said:
                return False
            self._stderr_tail = (self._stderr_tail + said)[-_KEPT:]
        return True

    def is_quiet(self) -> bool:
        """Whether ssh runs, and nothing has come that was not read."""
        self.read_stderr()
        return not self.has_ended() and super().is_quiet()

    def has_ended(self) -> bool:
        """Whether ssh runs no more."""
        return self._process is None or self._process.poll() is not None

    def _await(self) -> None:
        """Wait until there is something to read, as long as reading may; listen meanwhile."""
        self._bound()
        limit = self.gettimeout()
        if limit == 0:
            return
        deadline = Deadline(limit)
        waiting = select.poll()
        waiting.register(self.fileno(), select.POLLIN)
        waiting.register(self.errors.fileno(), select.POLLIN)
        while True:
            left = deadline.check()
            ready = {
                each for each, _ in waiting.poll(None if left is None else math.ceil(left * 1000))
            }
            if self.errors.fileno() in ready and not self.read_stderr():
                waiting.unregister(self.errors.fileno())
            if self.fileno() in ready:
                return

    def _check(self, count: int) -> None:
        """Whether this is an end before anything came, and then why."""
        if count or self._received:
            self._received = True
            return
        status = self._status()
        self.read_stderr(_READS)
        text = self._stderr_tail.decode("utf-8", "replace")
        lines = ["".join(c if c.isprintable() else " " for c in line) for line in text.splitlines()]
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        if not (last or status):
            return  # an end like any other connection's
        raise SshFailure(status, (last or f"ssh ended with status {status}")[:500])

    def _status(self) -> int | None:
        """Its exit status, a moment after its end of the connection; ``None`` where it goes on.

        Raises:
            BlockingIOError: non-blocking, and the moment is not over.
        """
        assert self._process is not None
        status = self._process.poll()
        if status is None and self.gettimeout() != 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self._process.wait(GRACE)
        elif status is None:
            now = time.monotonic()
            self._over_since = self._over_since or now
            if now - self._over_since < GRACE:
                raise BlockingIOError(errno.EAGAIN, "ssh is ending")
        return status

    def _real_close(self, *args: Any) -> None:
        """Of ``socket.socket``: the last user, its files too, has closed it."""
        super()._real_close(*args)  # type: ignore[misc]
        self.errors.close()
        if self._process is not None and self._pid == os.getpid():
            terminate_child(self._process, self._schedule)


def command(endpoint: Endpoint, seconds: float | None) -> list[str]:
    """The command line for one connection.

    Args:
        endpoint: where to.
        seconds: that connecting may take.
    """
    wait = _CONNECT_SECONDS if seconds is None else max(1, math.ceil(seconds))
    words = ["ssh", "-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={wait}"]
    # A master of the user's is used where one runs; ours would end with its first connection.
    words += ["-o", "ControlMaster=no"]
    if endpoint.port:
        words += ["-p", str(endpoint.port)]
    if endpoint.user:
        words += ["-l", endpoint.user]
    if endpoint.identity:
        words += ["-i", endpoint.identity]
    return [*words, "--", endpoint.host, f"{remote_command(endpoint)} system dial-stdio"]


def remote_command(endpoint: Endpoint) -> str:
    """What runs over there: docker, or podman where the path is that of a socket of Podman's."""
    socket_of = shlex.quote(f"unix://{endpoint.path}")
    if endpoint.path.endswith("/podman.sock"):
        return f"podman --url {socket_of}"
    return f"docker --host {socket_of}" if endpoint.path else "docker"
