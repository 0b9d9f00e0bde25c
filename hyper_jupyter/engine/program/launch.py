"""Starts one program of this machine as a child of the calling process.

Layer: engine. Main thread only: the program dies with the thread that started it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hyper_jupyter.engine.program.descendants import die_with_parent, renounce_privileges
from hyper_jupyter.engine.program.limit import EXHAUSTED, limit_this_process, restore_limit

__all__ = ["DEFAULT_SIZE", "Command", "CommandFailed", "command_failed", "launch"]

DEFAULT_SIZE: Final = (24, 80)
"""Height and width of a new terminal, which would be 0 by 0 otherwise."""


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
        ulimits: number, soft and hard limit of each resource.
        oom_score_adj: the score for the OOM killer; ``None`` to inherit it.
        no_new_privileges: whether set-user-ID programs give no other rights; Linux only.
    """

    argv: Sequence[str]
    env: Mapping[str, str]
    folder: str
    tty: bool
    stdin: bool
    size: tuple[int, int] = DEFAULT_SIZE
    ulimits: Sequence[tuple[int, int, int]] = ()
    oom_score_adj: int | None = None
    no_new_privileges: bool = False


def launch(command: Command, stdin: int | None, stdout: int, stderr: int) -> int:
    """Start a program as a child of this process. Blocks until its ``exec`` is done.

    Args:
        command: what to run.
        stdin: its descriptor 0; ``None`` is ``/dev/null``.
        stdout: its descriptor 1.
        stderr: its descriptor 2.

    Returns:
        Its pid; the caller has to wait for it.

    Raises:
        CommandFailed: it cannot be started.
    """
    parent = os.getpid()
    ignored = [number for number in signal.valid_signals() if _is_ignored(number)]

    def prepare() -> None:
        die_with_parent(parent)
        restore_limit()
        limit_this_process(command.ulimits, command.oom_score_adj)
        if command.no_new_privileges:
            renounce_privileges()
        for number in ignored:  # otherwise nohup, or a shell's "&", would affect containers
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if command.tty:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    try:
        started = subprocess.Popen(
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
        raise command_failed(error, command) from error
    started.returncode = 0  # otherwise it would be waited for by the next Popen
    return started.pid


def _is_ignored(number: int) -> bool:
    if number in (signal.SIGKILL, signal.SIGSTOP):
        return False
    return signal.getsignal(number) is signal.SIG_IGN


def command_failed(error: Exception, command: Command) -> CommandFailed:
    """Make the error for a program that cannot be started."""
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
