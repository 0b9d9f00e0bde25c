"""One program of this machine, over pipes or a pseudo-terminal.

Layer: engine. Main thread and event loop only.

Its output is read whenever there is some and passed to a callback, which must not wait. Its exit
is noticed by SIGCHLD, not by the end of its pipes: descendants may hold those open.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import struct
import termios
from collections.abc import Callable
from typing import Final

from hyper_jupyter.engine.program.launch import (
    Command,
    command_failed,
)
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.stdin import Stdin

__all__ = ["Process"]

READ_SIZE: Final = 64 * 1024
"""Bytes per read of output; a Linux pipe holds as many."""

STDOUT: Final = 1
STDERR: Final = 2


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
        self._launch = reaper.launch
        self._master: int | None = None
        self._streams: dict[int, int] = {}  # by descriptor, those that are open
        start = self._start_on_tty if command.tty else self._start_on_pipes
        try:
            self.pid = start(command)
        except OSError as error:  # no pipe or terminal for it
            raise command_failed(error, command) from error
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

    def _start_on_pipes(self, command: Command) -> int:
        (out, out_child), (err, err_child), *more = _pipes(2 if self._stdin is None else 3)
        in_child, stdin = more[0] if more else (None, None)
        child_ends = [fd for fd in (out_child, err_child, in_child) if fd is not None]
        try:
            pid = self._launch(command, in_child, out_child, err_child)
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
        return pid

    def _start_on_tty(self, command: Command) -> int:
        master, slave = os.openpty()
        self._master = master
        try:
            self.resize(*command.size)
            pid = self._launch(command, slave, slave, slave)
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
        return pid

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
