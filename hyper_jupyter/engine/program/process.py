"""One program of this machine, over pipes or a pseudo-terminal.

Layer: engine. Main thread and event loop only.

Its output is read whenever there is some and passed to a callback, which must not wait. Its exit
is noticed by SIGCHLD, not by the end of its pipes: descendants may hold those open.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.engine.program.limit import EXHAUSTED, restore_limit
from hyper_jupyter.engine.program.reaper import Reaper, die_with_parent
from hyper_jupyter.engine.program.stdin import Stdin

__all__ = ["DEFAULT_SIZE", "Command", "CommandFailed", "Process"]

READ_SIZE: Final = 64 * 1024
"""Bytes per read of output; a Linux pipe holds as many."""

DEFAULT_SIZE: Final = (24, 80)
"""Height and width of a new terminal, which would be 0 by 0 otherwise."""

STDOUT: Final = 1
STDERR: Final = 2


class CommandFailed(Exception):
    """The program could not be started.

    Attributes:
        code: 127 if it was not found, otherwise 126, as with shells and docker.
        exhausted: whether it is no fault of the command: the system has nothing left to run it.
    """

    def __init__(self, message: str, code: int, *, exhausted: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.exhausted = exhausted


@dataclass(frozen=True, slots=True)
class Command:
    """What to run.

    Attributes:
        argv: at least one string; the first is looked up in ``env["PATH"]``.
        env: the whole environment.
        folder: where it runs.
        tty: whether it runs on a pseudo-terminal; otherwise on pipes.
        stdin: whether input stays open; otherwise it reads ``/dev/null``.
        size: height and width of the terminal.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: str
    tty: bool
    stdin: bool
    size: tuple[int, int] = DEFAULT_SIZE


class Process:
    """A running program.

    Attributes:
        pid: also its session and process group.
        code: the exit code; ``None`` while it runs.
        exited: set when it has ended.
        drained: set when its output has ended.
    """

    def __init__(
        self,
        command: Command,
        stdin: Stdin | None,
        on_output: Callable[[int, bytes], None],
        reaper: Reaper,
    ) -> None:
        """Start it.

        Args:
            command: what to run.
            stdin: is connected to it; ``None`` for ``/dev/null``.
            on_output: called with 1 or 2 and the bytes of one read.
            reaper: reports its exit.

        Raises:
            CommandFailed: it cannot be started.
        """
        self.code: int | None = None
        self.exited = asyncio.Event()
        self.drained = asyncio.Event()
        self._on_output = on_output
        self._stdin = stdin
        self._master: int | None = None
        self._streams: dict[int, int] = {}  # by descriptor, those that are open
        start = self._start_on_tty if command.tty else self._start_on_pipes
        try:
            self._popen = start(command)
        except OSError as error:  # no pipe or terminal for it
            raise _command_failed(error, command) from error
        self.pid = self._popen.pid
        reaper.expect(self.pid, self._set_exit)
        loop = asyncio.get_running_loop()
        for fd in self._streams:
            os.set_blocking(fd, False)
            loop.add_reader(fd, self._readable, fd)

    def signal(self, number: int) -> None:
        """Send a signal to the program alone, not to its children; does nothing after its end."""
        if self.code is None:
            os.kill(self.pid, number)

    def resize(self, height: int, width: int) -> None:
        """Set the terminal's size; the kernel sends SIGWINCH if it changes."""
        if self._master is not None:
            size = struct.pack("HHHH", height & 0xFFFF, width & 0xFFFF, 0, 0)
            fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    def close(self) -> None:
        """Close its pipes or terminal, even if other processes hold the other ends."""
        for fd in list(self._streams):
            self._close_stream(fd)
        if self._stdin is not None:
            self._stdin.close()
        if self._master is not None:
            os.close(self._master)
            self._master = None
        self.drained.set()

    def _start_on_pipes(self, command: Command) -> subprocess.Popen[bytes]:
        (out, out_child), (err, err_child), *more = _pipes(2 if self._stdin is None else 3)
        in_child, stdin = more[0] if more else (None, None)
        child_ends = [fd for fd in (out_child, err_child, in_child) if fd is not None]
        try:
            popen = _popen(command, in_child, out_child, err_child)
        except BaseException:
            for fd in (out, err, stdin):
                if fd is not None:
                    os.close(fd)
            raise
        finally:
            for fd in child_ends:
                os.close(fd)
        self._streams = {out: STDOUT, err: STDERR}
        if self._stdin is not None and stdin is not None:
            os.set_blocking(stdin, False)
            self._stdin.connect(stdin, owned=True)
        return popen

    def _start_on_tty(self, command: Command) -> subprocess.Popen[bytes]:
        master, slave = os.openpty()
        self._master = master
        try:
            self.resize(*command.size)
            popen = _popen(command, slave, slave, slave)
        except BaseException:
            os.close(master)
            self._master = None
            raise
        finally:
            os.close(slave)
        self._streams = {master: STDOUT}
        os.set_blocking(master, False)
        if self._stdin is not None:
            self._stdin.connect(master, owned=False)
        return popen

    def _readable(self, fd: int) -> None:
        try:
            data = os.read(fd, READ_SIZE)
        except BlockingIOError:
            return
        except OSError:  # EIO: no process has the terminal open any more
            data = b""
        if data:
            self._on_output(self._streams[fd], data)
        else:
            self._close_stream(fd)

    def _close_stream(self, fd: int) -> None:
        asyncio.get_running_loop().remove_reader(fd)
        del self._streams[fd]
        if fd != self._master:  # close() closes the terminal
            os.close(fd)
        if not self._streams:
            self.drained.set()

    def _set_exit(self, code: int) -> None:
        self._popen.returncode = code  # otherwise Popen would wait for a pid that was reaped
        self.code = code
        self.exited.set()


def _pipes(number: int) -> list[tuple[int, int]]:
    """Make pipes: all of them, or none that stays open.

    Raises:
        OSError: the system has no more.
    """
    made: list[tuple[int, int]] = []
    try:
        for _ in range(number):
            made.append(os.pipe())  # noqa: PERF401 - those made before an error are needed
    except OSError:
        for ends in made:
            for fd in ends:
                os.close(fd)
        raise
    return made


def _popen(
    command: Command, stdin: int | None, stdout: int, stderr: int
) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    ignored = [number for number in signal.valid_signals() if _is_ignored(number)]

    def prepare() -> None:
        die_with_parent(parent)
        restore_limit()
        for number in ignored:  # otherwise nohup, or a shell's "&", would affect containers
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if command.tty:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    try:
        return subprocess.Popen(
            list(command.argv),
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=command.folder,
            env=dict(command.env),
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - this process has one thread
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise _command_failed(error, command) from error


def _is_ignored(number: int) -> bool:
    if number in (signal.SIGKILL, signal.SIGSTOP):
        return False
    return signal.getsignal(number) is signal.SIG_IGN


def _command_failed(error: Exception, command: Command) -> CommandFailed:
    program = command.argv[0]
    if not isinstance(error, OSError):
        return CommandFailed(f'exec: "{program}": {error}', 126)
    if error.filename == command.folder and not os.path.isdir(command.folder):  # noqa: PTH112
        return CommandFailed(
            f'chdir to cwd ("{command.folder}") set in config failed: {error.strerror}', 126
        )
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if "/" in program:
            return CommandFailed(
                f'exec: "{program}": stat {program}: no such file or directory', 127
            )
        return CommandFailed(f'exec: "{program}": executable file not found in $PATH', 127)
    reason = (error.strerror or str(error)).lower()
    exhausted = error.errno in EXHAUSTED
    return CommandFailed(f'exec: "{program}": {reason}', 126, exhausted=exhausted)
