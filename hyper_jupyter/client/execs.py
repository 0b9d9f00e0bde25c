"""Execs: further programs in a container that runs.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hyper_jupyter.client.arguments import (
    check_size,
    check_text,
    command_words,
    environment_lines,
)
from hyper_jupyter.client.engine import DEFAULT_SIZE, EngineClient
from hyper_jupyter.client.secret import hide_each
from hyper_jupyter.exceptions import HyperJupyterError, ProtocolError

__all__ = ["ExecOptions", "create_exec", "exec_path", "inspect_exec", "start_detached"]


@dataclass(frozen=True, slots=True)
class ExecOptions:
    """How to run a program in a container.

    Attributes:
        command: the program and its arguments.
        tty: give it a pseudo-terminal.
        stdin: type into it.
        user: name or number, with a group after a colon; ``None`` is the container's own.
        working_dir: ``None`` is the container's own.
        env: ``NAME=value`` lines; hidden from tracebacks.
        privileged: give it all privileges.
        detach_keys: the keys that leave it on a TTY; ``None`` if the user named none.
    """

    command: tuple[str, ...]
    tty: bool = False
    stdin: bool = False
    user: str | None = None
    working_dir: str | None = None
    env: Sequence[str] = ()
    privileged: bool = False
    detach_keys: str | None = None

    @classmethod
    def of(
        cls,
        command: str | Sequence[str],
        *,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        **options: Any,
    ) -> ExecOptions:
        """Make options as users name them.

        Args:
            command: a list is used as it is, a string is split by :func:`shlex.split`.
            env: a mapping, or ``NAME=value`` lines.
            options: the other attributes.

        Raises:
            HyperJupyterError: the command is empty, or ends inside a quote; a text has a NUL
                character.
        """
        words = command_words(command)
        if not words:
            raise HyperJupyterError("the command is empty")
        found = cls(tuple(words), env=hide_each(env), **options)
        check_text("the user", found.user)
        check_text("the working directory", found.working_dir)
        return found


def create_exec(
    client: EngineClient,
    container: str,
    options: ExecOptions,
    *,
    detach_spec: str = "",
    size: tuple[int, int] | None = None,
) -> str:
    """Create an exec; it is started later.

    Args:
        client: the engine.
        container: the container's name or id.
        options: what to run.
        detach_spec: the keys that the engine looks for on a TTY.
        size: rows and columns of its terminal, where the engine takes them now.

    Returns:
        The exec's id.

    Raises:
        NotFound: no such container; the hint has similar names.
        Conflict: it does not run, or is paused.
        HyperJupyterError: the engine refuses it, a variable has no name, or no terminal can have
            that size.
    """
    check_size(size)
    profile = client.profile
    body: dict[str, Any] = {
        "AttachStdin": options.stdin,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": options.tty,
        "Cmd": list(options.command),
        "Privileged": options.privileged,
    }
    if detach_spec:
        body["DetachKeys"] = detach_spec
    if options.env:
        body["Env"] = environment_lines(options.env, unset=profile.bare_name_unsets_variable)
    if options.user:
        body["User"] = options.user
    if options.working_dir:
        body["WorkingDir"] = options.working_dir
    if options.tty and profile.takes_console_size:
        body["ConsoleSize"] = list(size or DEFAULT_SIZE)
    reply = client.about_container(container, "POST", "/exec", body=body)
    identifier = reply.json_object().get("Id")
    if not isinstance(identifier, str) or not identifier:
        raise ProtocolError("the engine's answer has no id of the exec")
    return identifier


def exec_path(identifier: str) -> str:
    """Return the path of an exec in the engine's API."""
    return f"/exec/{quote(identifier, safe='')}"


def inspect_exec(client: EngineClient, identifier: str) -> dict[str, Any]:
    """Return what the engine knows about an exec.

    Raises:
        NotFound: the engine does not know it any more.
    """
    return client.call("GET", f"{exec_path(identifier)}/json").json_object()


def start_detached(client: EngineClient, identifier: str, *, tty: bool) -> None:
    """Start an exec whose output nobody reads.

    Raises:
        ApiError: it could not be started.
    """
    client.call("POST", f"{exec_path(identifier)}/start", body={"Detach": True, "Tty": tty})
