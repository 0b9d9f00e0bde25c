"""An engine on another machine, through the user's own ssh command.

Layer: client. Any thread; starts no thread. The child process lives exactly as long as its socket.

The docker command also runs ``ssh HOST docker system dial-stdio``, and podman has the same command:
on the other machine its standard input and output are the engine's socket. Here they are one end of
a socket pair, so the rest of the program sees a connection like any other. A half-close is the end
of ssh's input.

The stderr of ssh comes through a pipe, and only its last bytes are kept: the other machine could
fill a file without end. The pipe must be emptied, or ssh would wait for room. Blocking reads do
that; code that reads without blocking must watch :attr:`SshSocket.errors`.
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
from hyper_jupyter.protocol.printable import printable

__all__ = ["SshFailure", "SshSocket"]

_CONNECT_SECONDS: Final = 30
_ALIVE_SECONDS: Final = 15
_ALIVE_TIMES: Final = 3
"""Seconds of silence until ssh asks whether the other machine is there, and how often it asks."""

_MAX_STDERR: Final = 4096
"""Bytes of stderr that are kept."""

_READ: Final = 64 * 1024
_READS: Final = 16
"""Reads that empty a pipe (a mebibyte at most). There is a limit because ssh may go on writing."""


class SshFailure(ConnectionError):
    """ssh ended before the engine sent anything; ``strerror`` is the last line of its stderr."""


class SshSocket(DeadlineSocket):
    """A connection through an ssh process.

    Attributes:
        errors: the pipe of ssh's stderr. Call :meth:`read_stderr` when it is readable.

    Args:
        endpoint: of scheme ``ssh``.
        deadline: for all reads and writes until it is replaced; ssh connects in that time.
        schedule: the clock that waits for the end of the process; without one ``close`` waits.

    Raises:
        ConnectionFailed: there is no ssh command.
    """

    def __init__(
        self, endpoint: Endpoint, deadline: Deadline, schedule: Schedule | None = None
    ) -> None:
        ours, theirs = socket.socketpair()
        try:
            reading, writing = os.pipe()
        except OSError:
            ours.close()
            theirs.close()
            raise
        super().__init__(fileno=ours.detach())
        self.deadline = deadline
        self._schedule = schedule
        self._pid = os.getpid()
        self._received = False
        self._stderr_tail = b""
        self._over_since: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        os.set_blocking(reading, False)
        self.errors = io.FileIO(reading)
        try:
            self._process = subprocess.Popen(
                command(endpoint, deadline.remaining()),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=writing,
                # So it cannot ask at the terminal, and a Ctrl-C there does not end it.
                start_new_session=True,
            )
        except OSError as error:
            self.close()
            if error.errno in (errno.EMFILE, errno.ENFILE):
                raise  # that is no fault of ssh
            raise ConnectionFailed(
                f"the ssh command could not be started: {error.strerror}",
                hint="Install OpenSSH's client.",
            ) from error
        finally:
            theirs.close()
            os.close(writing)

    def recv(self, *args: Any) -> bytes:
        """Receive as a socket does.

        Raises:
            SshFailure: ssh ended before the engine sent anything.
        """
        self._await()
        try:
            data = super().recv(*args)
        except ConnectionResetError:
            data = b""  # ssh ended without reading the request; _check finds out why
        self._check(len(data))
        return data

    def recv_into(self, *args: Any) -> int:
        """Receive as a socket does.

        Raises:
            SshFailure: ssh ended before the engine sent anything.
        """
        self._await()
        try:
            count = super().recv_into(*args)
        except ConnectionResetError:
            count = 0
        self._check(count)
        return count

    def read_stderr(self, reads: int = 1) -> bool:
        """Read the stderr of ssh, and keep the last bytes. Never blocks.

        Returns:
            Whether more may follow.
        """
        for _ in range(reads):
            try:
                data = self.errors.read(_READ)
            except (OSError, ValueError):  # the latter if it is closed
                return False
            if data is None:
                return True
            if not data:
                return False
            self._stderr_tail = (self._stderr_tail + data)[-_MAX_STDERR:]
        return True

    def is_quiet(self) -> bool:
        """Whether ssh runs, and there is nothing to read."""
        self.read_stderr()
        return not self.has_ended() and super().is_quiet()

    def has_ended(self) -> bool:
        """Whether ssh has ended."""
        return self._process is None or self._process.poll() is not None

    def _await(self) -> None:
        """Wait until there is something to read, and empty the stderr of ssh meanwhile.

        Raises:
            TimeoutError: nothing came in time.
        """
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
        """Check whether the connection ended before anything came, and find out why.

        Raises:
            SshFailure: it did.
        """
        if count or self._received:
            self._received = True
            return
        status = self._status()
        self.read_stderr(_READS)
        text = self._stderr_tail.decode("utf-8", "replace")
        last = next(filter(None, map(printable, reversed(text.splitlines()))), "")
        if not (last or status):
            return  # a normal end of a connection
        raise SshFailure(status, (last or f"ssh ended with status {status}")[:500])

    def _status(self) -> int | None:
        """Return its exit status; ``None`` if it runs on for half a second after the connection.

        Raises:
            BlockingIOError: the socket is non-blocking, and the half second is not over.
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
        """Called by ``socket.socket`` when its last user has closed it (its files count too)."""
        super()._real_close(*args)  # type: ignore[misc]
        self.errors.close()
        if self._process is not None and self._pid == os.getpid():
            terminate_child(self._process, self._schedule)


def command(endpoint: Endpoint, seconds: float | None) -> list[str]:
    """Make the command line for one connection.

    Args:
        endpoint: the engine's.
        seconds: the time that connecting may take; ``None`` is 30.
    """
    wait = _CONNECT_SECONDS if seconds is None else max(1, math.ceil(seconds))
    words = ["ssh", "-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={wait}"]
    # The user's own master is used if one runs. Ours would end with its first connection.
    words += ["-o", "ControlMaster=no"]
    # It asks the other machine when nothing comes. Else it would not notice for two hours that the
    # network is gone, and devices in between forget a connection on which nothing moves.
    words += ["-o", f"ServerAliveInterval={_ALIVE_SECONDS}"]
    words += ["-o", f"ServerAliveCountMax={_ALIVE_TIMES}"]
    if endpoint.port:
        words += ["-p", str(endpoint.port)]
    if endpoint.user:
        words += ["-l", endpoint.user]
    if endpoint.identity:
        words += ["-i", endpoint.identity]
    return [*words, "--", endpoint.host, f"{remote_command(endpoint)} system dial-stdio"]


def remote_command(endpoint: Endpoint) -> str:
    """Return what runs on the other machine: docker, or podman for a socket of Podman."""
    socket_of = shlex.quote(f"unix://{endpoint.path}")
    if endpoint.path.endswith("/podman.sock"):
        return f"podman --url {socket_of}"
    return f"docker --host {socket_of}" if endpoint.path else "docker"
