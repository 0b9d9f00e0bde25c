"""Further programs in running containers: as a session, by themselves, or for their output.

Layer: api. It is thin: it puts client and session together. Any thread; calls block it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hyper_jupyter.api.session import Session
from hyper_jupyter.client import (
    EngineClient,
    ExecOptions,
    create_exec,
    hide_each,
    start_detached,
)
from hyper_jupyter.exceptions import HyperJupyterError, SessionClosed

__all__ = ["CompletedExec", "ExecCalls"]


@dataclass(frozen=True, slots=True)
class CompletedExec:
    """What a program in a container has printed, and how it ended.

    Attributes:
        stdout: all that it printed there, as bytes.
        stderr: all that it printed there, as bytes.
        exit_code: ``None`` if it can no longer be learned.
    """

    stdout: bytes
    stderr: bytes
    exit_code: int | None


class ExecCalls(EngineClient):
    """Calls that run a further program in a container."""

    def exec(
        self,
        container: str,
        command: str | Sequence[str],
        *,
        tty: bool = False,
        stdin: bool = False,
        user: str | None = None,
        working_dir: str | None = None,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        privileged: bool = False,
        detach_keys: str | None = None,
        size: tuple[int, int] | None = None,
    ) -> Session:
        """Run a further program in a running container, as a session.

        Its exit code is the program's own. If there is no such program, the session ends as
        ``failed`` with the engine's reason. Detaching leaves the program running.

        Args:
            container: its name or id.
            command: a list, or a string for :func:`shlex.split`. No shell reads it: for pipes and
                the like write ``["sh", "-c", "…"]``.
            tty: give it a pseudo-terminal.
            stdin: type into it.
            user: name or number, with a group after a colon; ``None`` is the container's own.
            working_dir: ``None`` is the container's own.
            env: as for :meth:`create`: a mapping, or ``NAME=value`` lines.
            privileged: give it all privileges.
            detach_keys: keys that leave it on a TTY, such as ``"ctrl-p,ctrl-q"``; ``None`` is none.
            size: rows and columns of its terminal at the start; ``None`` is 24 by 80.

        Raises:
            NotFound: no such container; the hint has similar names.
            Conflict: it does not run, or is paused.
            InvalidDetachKeys: the key sequence is invalid or empty.
            ConnectionFailed: the engine did not answer within ``timeout`` seconds.
            HyperJupyterError: the command is empty or ends inside a quote; the engine refuses it.
        """
        env = hide_each(env)  # the values may be passwords, which tracebacks must not show
        options = ExecOptions.of(
            command,
            env=env,
            tty=tty,
            stdin=stdin,
            user=user,
            working_dir=working_dir,
            privileged=privileged,
            detach_keys=detach_keys,
        )
        return Session.exec(self, container, options, size=size)

    def exec_detached(
        self,
        container: str,
        command: str | Sequence[str],
        *,
        tty: bool = False,
        user: str | None = None,
        working_dir: str | None = None,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        privileged: bool = False,
    ) -> str:
        """Start a program in a running container, and attach nothing.

        The arguments are those of :meth:`exec`.

        Returns:
            The exec's id.

        Raises:
            HyperJupyterError: as for :meth:`exec`, or it could not be started.
        """
        env = hide_each(env)
        options = ExecOptions.of(
            command, env=env, tty=tty, user=user, working_dir=working_dir, privileged=privileged
        )
        identifier = create_exec(self, container, options)
        start_detached(self, identifier, tty=tty)
        return identifier

    def exec_output(
        self,
        container: str,
        command: str | Sequence[str],
        *,
        input: bytes | str | None = None,  # noqa: A002 - as subprocess.run calls it
        check: bool = False,
        timeout: float | None = None,
        user: str | None = None,
        working_dir: str | None = None,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        privileged: bool = False,
    ) -> CompletedExec:
        """Run a program in a running container to its end, and return what it printed.

        Args:
            container: its name or id.
            command: a list, or a string for :func:`shlex.split`; no shell reads it.
            input: what it reads from its stdin, which ends after that; text is sent as UTF-8.
                ``None``: it has no stdin.
            check: raise if it ends with another code than 0.
            timeout: seconds until it has to end; then it is left running. ``None`` is no limit.
            user: as for :meth:`exec`.
            working_dir: as for :meth:`exec`.
            env: as for :meth:`exec`.
            privileged: as for :meth:`exec`.

        Raises:
            ProcessFailed: there is no such program, whatever ``check`` says; or ``check`` is set
                and the code is not 0.
            TimeoutError: it did not end in time.
            HyperJupyterError: as for :meth:`exec`; or it printed more than a session keeps.
        """
        env = hide_each(env)
        with self.exec(
            container,
            command,
            stdin=input is not None,
            user=user,
            working_dir=working_dir,
            env=env,
            privileged=privileged,
        ) as session:
            if input is not None:
                with contextlib.suppress(SessionClosed):  # it has ended, and wants no more
                    session.send(input, timeout=timeout)
                    session.send_eof()
            code = session.wait(timeout, check=check)
            if session.error is not None:
                raise session.error
            if session.stdout.dropped or session.stderr.dropped or session.complete is False:
                raise HyperJupyterError(
                    "it printed more than is kept: the output is not complete",
                    hint="client.exec() gives a session, whose transcripts say what is missing.",
                )
            return CompletedExec(session.stdout.getvalue(), session.stderr.getvalue(), code)
