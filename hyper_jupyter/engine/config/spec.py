"""A container's configuration: the body of a create request, checked.

Layer: engine. No I/O here; it reads this process's environment and user.
"""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hyper_jupyter.engine.config.fields import (
    read_flag,
    read_number,
    read_object,
    read_strings,
    read_text,
    read_texts,
)
from hyper_jupyter.engine.config.health_check import HealthCheck
from hyper_jupyter.engine.config.host import NETWORKS, HostConfig
from hyper_jupyter.engine.config.image import DEFAULT_COMMAND, check_image
from hyper_jupyter.engine.program.launch import DEFAULT_SIZE, Command
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["Spec", "environment", "signal_number"]

_INHERITED: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR")
_FALLBACK_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Spec:
    """A container's configuration; names as in the API.

    Attributes:
        given: the whole request, checked.
        host: what is asked of the machine.
        health: the check to run; ``None`` for none.
        console_size: height and width of the terminal; ``None`` if the client gave none.
        warnings: for each setting that has no effect here, one line.
    """

    given: Mapping[str, Any] = field(compare=False, repr=False)
    host: HostConfig
    health: HealthCheck | None
    image: str
    entrypoint: tuple[str, ...]
    cmd: tuple[str, ...]
    env: tuple[str, ...]
    working_dir: str
    user: str
    hostname: str
    tty: bool
    open_stdin: bool
    stdin_once: bool
    attach_stdin: bool
    attach_stdout: bool
    attach_stderr: bool
    labels: dict[str, str]
    stop_signal: str
    stop_timeout: int | None
    console_size: tuple[int, int] | None
    warnings: tuple[str, ...]

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Spec:
        """Read and check a create request.

        Raises:
            ApiError: 400; 404 for an image other than ``host``.
        """
        image = read_text(body, "Image")
        check_image(image)
        given_host = read_object(body, "HostConfig")
        host = HostConfig.parse(given_host)
        _check_networks(body)
        _check_volumes(body, host)
        user = read_text(body, "User")
        check_user(user)
        stop_signal = read_text(body, "StopSignal")
        if stop_signal:
            signal_number(stop_signal)
        entrypoint = read_texts(body, "Entrypoint")
        cmd = read_texts(body, "Cmd")
        if entrypoint == ("",):  # "docker run --entrypoint ''" resets it
            entrypoint = ()
        if not entrypoint and not cmd:
            cmd = DEFAULT_COMMAND
        folder = read_text(body, "WorkingDir")
        check_folder(folder)
        return cls(
            given=dict(body),
            host=host,
            health=HealthCheck.parse(read_object(body, "Healthcheck")),
            image=image,
            entrypoint=entrypoint,
            cmd=cmd,
            env=check_env(read_texts(body, "Env")),
            working_dir=folder,
            user=user,
            hostname=read_text(body, "Hostname"),
            tty=read_flag(body, "Tty"),
            open_stdin=read_flag(body, "OpenStdin"),
            stdin_once=read_flag(body, "StdinOnce"),
            attach_stdin=read_flag(body, "AttachStdin"),
            attach_stdout=read_flag(body, "AttachStdout"),
            attach_stderr=read_flag(body, "AttachStderr"),
            labels=read_strings(body, "Labels"),
            stop_signal=stop_signal,
            stop_timeout=read_number(body, "StopTimeout"),
            console_size=parse_size(given_host.get("ConsoleSize")),
            warnings=(*host.warnings, *_warnings(body)),
        )

    @property
    def argv(self) -> tuple[str, ...]:
        """Entrypoint and command, joined."""
        return self.entrypoint + self.cmd

    @property
    def auto_remove(self) -> bool:
        """Whether it is removed when its program has ended."""
        return self.host.auto_remove

    def command(self, mark: Mapping[str, str]) -> Command:
        """Return the program to start.

        Args:
            mark: the engine's own environment variables.
        """
        return self.exec_command(
            mark,
            self.argv,
            tty=self.tty,
            stdin=self.open_stdin,
            size=self.console_size,
        )

    def exec_command(
        self,
        mark: Mapping[str, str],
        argv: Sequence[str],
        *,
        env: tuple[str, ...] = (),
        folder: str = "",
        tty: bool = False,
        stdin: bool = False,
        size: tuple[int, int] | None = None,
    ) -> Command:
        """Return a further program to start, as configured for the container.

        Args:
            mark: the engine's own environment variables.
            argv: what to run.
            env: changes to the container's environment.
            folder: where it runs; the container's folder if it is empty.
            tty: whether it runs on a terminal.
            stdin: whether its input stays open.
            size: of the terminal.
        """
        return Command(
            argv=argv,
            env=environment(self.env + env, tty=tty) | dict(mark),
            folder=folder or self.working_dir or os.getcwd(),  # noqa: PTH109
            tty=tty,
            stdin=stdin,
            size=size or DEFAULT_SIZE,
            ulimits=self.host.ulimits,
            oom_score_adj=self.host.oom_score_adj,
            no_new_privileges=self.host.no_new_privileges,
        )


def environment(env: tuple[str, ...], *, tty: bool) -> dict[str, str]:
    """Return a program's environment: some of this process's variables, changed by `env`.

    Args:
        env: ``NAME=value`` sets a variable, ``NAME`` removes it.
        tty: whether ``TERM`` is added.
    """
    result = {
        name: value
        for name, value in os.environ.items()
        if name in _INHERITED or name.startswith("LC_")
    }
    result.setdefault("PATH", _FALLBACK_PATH)
    if tty:
        result["TERM"] = "xterm"
    for entry in env:
        name, equals, value = entry.partition("=")
        if equals:
            result[name] = value
        else:
            result.pop(name, None)
    return result


def signal_number(text: str) -> int:
    """Return a signal's number.

    Args:
        text: its name, with or without ``SIG``, in upper or lower case; or its number.

    Raises:
        ApiError: 400 if there is no such signal.
    """
    name = text.strip().upper()
    try:
        if name.lstrip("-").isascii() and name.lstrip("-").isdigit():
            return signal.Signals(int(name))
        if name.startswith(("RTMIN+", "SIGRTMIN+")):
            number = signal.SIGRTMIN + int(name.partition("+")[2])
            if number <= signal.SIGRTMAX:
                return number
            raise ValueError(text)
        return signal.Signals["SIG" + name.removeprefix("SIG")]
    except (ValueError, KeyError) as error:
        raise ApiError(400, f"Invalid signal: {text[:100]}") from error


def check_user(user: str) -> None:
    """Accept only the user that runs the engine, by name or number, or none.

    Raises:
        ApiError: 400 for another user or group.
    """
    if not user:
        return
    name, _, group = user.partition(":")
    uid = os.getuid()
    names = {str(uid)}
    try:
        names.add(pwd.getpwuid(uid).pw_name)
    except KeyError:
        pass
    if name not in names or (group and group not in {str(os.getgid()), *names}):
        raise ApiError(
            400, f"User must be empty or this user ({'/'.join(sorted(names))}), not {user[:100]!r}"
        )


def check_folder(folder: str) -> None:
    """Accept an absolute path, or none.

    Raises:
        ApiError: 400 for a relative path.
    """
    if folder and not folder.startswith("/"):
        raise ApiError(
            400,
            f"the working directory '{folder[:300]}' is invalid, it needs to be an absolute path",
        )


def check_env(env: tuple[str, ...]) -> tuple[str, ...]:
    """Accept entries that have a name.

    Raises:
        ApiError: 400 for an entry without a name, or with a zero byte.
    """
    for entry in env:
        if not entry or entry.startswith("=") or "\0" in entry:
            raise ApiError(400, f"invalid environment variable: {entry[:100]!r}")
    return env


def parse_size(value: Any) -> tuple[int, int] | None:
    """Read ``[height, width]``; return ``None`` if it is missing, or one of them is 0.

    Raises:
        ApiError: 400 for any other value.
    """
    if not value:
        return None
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(type(each) is int and 0 <= each <= 0xFFFF for each in value)
    ):
        raise ApiError(400, "ConsoleSize is [height, width]")
    height, width = value
    return (height, width) if height and width else None


def _check_networks(body: Mapping[str, Any]) -> None:
    for name in read_object(read_object(body, "NetworkingConfig"), "EndpointsConfig"):
        if name not in NETWORKS:
            raise NotFound(404, f"network {name[:300]} not found")


def _check_volumes(body: Mapping[str, Any], host: HostConfig) -> None:
    mounted = {os.path.normpath(path) for path in host.binds}
    for path in read_object(body, "Volumes"):
        if os.path.normpath(path) not in mounted:
            raise ApiError(
                400,
                f"the embedded engine has no volumes: a program would use what is at {path[:300]}",
            )


def _warnings(body: Mapping[str, Any]) -> Iterator[str]:
    for key in ("Hostname", "Domainname", "MacAddress"):
        if read_text(body, key):
            yield (
                f"{key} is ignored: this container is a process of this machine, it uses this "
                "machine's network as it is"
            )
