"""An engine on another machine, through the user's own ssh command.

Layer: client. No threads. The child process lives as long as its socket, and no longer.

``ssh HOST docker system dial-stdio`` is what the docker command runs, too, and podman has the same:
at the other end its standard input and output are the engine's socket. Here they are one end of a
socket pair, so the rest of the program sees a connection like any other; a half-close is the end of
ssh's input.
"""

from __future__ import annotations

import math
import shlex
import socket
import subprocess
import tempfile
from typing import Any, Final

from hyper_jupyter.client.deadline import Deadline, DeadlineSocket
from hyper_jupyter.client.endpoint import Endpoint
from hyper_jupyter.exceptions import ConnectionFailed

__all__ = ["SshFailure", "SshSocket"]

_CONNECT_SECONDS: Final = 30
_GRACE: Final = 0.5
"""Seconds that a child has to end: it ends at once but for a hung machine."""


class SshFailure(ConnectionError):
    """ssh ended before the engine said anything; ``strerror`` is what it had to say."""


class SshSocket(DeadlineSocket):
    """A connection through an ssh process.

    Args:
        endpoint: of scheme ``ssh``.
        deadline: of everything until it is replaced; ssh connects meanwhile.

    Raises:
        ConnectionFailed: there is no ssh command.
    """

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        ours, theirs = socket.socketpair()
        super().__init__(fileno=ours.detach())
        self.deadline = deadline
        self._heard = False
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the socket
        try:
            self._process = subprocess.Popen(
                command(endpoint, deadline.remaining()),
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=self._errors,
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

    def recv(self, *args: Any) -> bytes:
        """As the socket's.

        Raises:
            SshFailure: the end, where nothing came before it.
        """
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
        try:
            count = super().recv_into(*args)
        except ConnectionResetError:
            count = 0
        self._check(count)
        return count

    def _check(self, count: int) -> None:
        if count or self._heard:
            self._heard = True
            return
        assert self._process is not None
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            return
        self._errors.seek(0)
        said = self._errors.read(64 * 1024).decode("utf-8", "replace")
        lines = ["".join(c if c.isprintable() else " " for c in line) for line in said.splitlines()]
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        raise SshFailure(status, (last or f"ssh ended with status {status}")[:500])

    def _real_close(self, *args: Any) -> None:
        """Of ``socket.socket``: the last user, its files too, has closed it."""
        super()._real_close(*args)  # type: ignore[misc]
        self._errors.close()
        if self._process is None:
            return
        # It need not be asked kindly: it is no master of other connections (see command).
        self._process.terminate()
        try:
            self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


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
