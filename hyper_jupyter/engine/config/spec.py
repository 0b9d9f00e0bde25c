"""A container's configuration: the body of a create request, checked.

Layer: engine. No I/O here; it reads this process's environment and user.
"""

from __future__ import annotations

import os
import pwd
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hyper_jupyter.engine.program.launch import DEFAULT_SIZE, Command
from hyper_jupyter.exceptions import ApiError, NotFound

__all__ = ["IMAGE", "IMAGE_ID", "Spec", "check_image", "environment", "signal_number"]

IMAGE: Final = "host"
"""The only image; it is this machine, used as this user."""

IMAGE_ID: Final = "sha256:" + "686f7374".rjust(64, "0")
"""A constant; clients split it at the colon, and ask for the image by it."""

DEFAULT_COMMAND: Final = ("sh",)
"""The program to run if neither command nor entrypoint is given."""

_INHERITED: Final = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR")
_FALLBACK_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_IGNORED: Final = (
    ("Binds", "it sees the files of this machine as they are"),
    ("Mounts", "it sees the files of this machine as they are"),
    ("PortBindings", "it uses the network of this machine"),
    ("Memory", "no limits are set"),
    ("NanoCpus", "no limits are set"),
    ("Privileged", "it runs as this user"),
)


@dataclass(frozen=True, slots=True)
class Spec:
    """A container's configuration; names as in the API.

    Attributes:
        console_size: height and width of the terminal; ``None`` if the client gave none.
        warnings: for each setting that has no effect here.
    """

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
    auto_remove: bool
    console_size: tuple[int, int] | None
    warnings: tuple[str, ...]

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Spec:
        """Read and check a create request.

        Raises:
            ApiError: 400; 404 for an image other than ``host``.
        """
        image = _text(body, "Image")
        check_image(image)
        host = _object(body, "HostConfig")
        _check_restart(_object(host, "RestartPolicy"))
        user = _text(body, "User")
        check_user(user)
        stop_signal = _text(body, "StopSignal")
        if stop_signal:
            signal_number(stop_signal)
        entrypoint = _texts(body, "Entrypoint")
        cmd = _texts(body, "Cmd")
        if entrypoint == ("",):  # "docker run --entrypoint ''" resets it
            entrypoint = ()
        if not entrypoint and not cmd:
            cmd = DEFAULT_COMMAND
        folder = _text(body, "WorkingDir")
        check_folder(folder)
        return cls(
            image=image,
            entrypoint=entrypoint,
            cmd=cmd,
            env=check_env(_texts(body, "Env")),
            working_dir=folder,
            user=user,
            hostname=_text(body, "Hostname"),
            tty=_flag(body, "Tty"),
            open_stdin=_flag(body, "OpenStdin"),
            stdin_once=_flag(body, "StdinOnce"),
            attach_stdin=_flag(body, "AttachStdin"),
            attach_stdout=_flag(body, "AttachStdout"),
            attach_stderr=_flag(body, "AttachStderr"),
            labels=_labels(body),
            stop_signal=stop_signal,
            stop_timeout=_number(body, "StopTimeout"),
            auto_remove=_flag(host, "AutoRemove"),
            console_size=parse_size(host.get("ConsoleSize")),
            warnings=tuple(
                f"{key} is ignored: this container is a process of this machine, {why}"
                for key, why in _IGNORED
                if host.get(key)
            ),
        )

    @property
    def argv(self) -> tuple[str, ...]:
        """Entrypoint and command, joined."""
        return self.entrypoint + self.cmd

    def command(self, mark: Mapping[str, str]) -> Command:
        """Return the program to start.

        Args:
            mark: the engine's own environment variables.
        """
        return Command(
            argv=self.argv,
            env=environment(self.env, tty=self.tty) | dict(mark),
            folder=self.working_dir or os.getcwd(),  # noqa: PTH109
            tty=self.tty,
            stdin=self.open_stdin,
            size=self.console_size or DEFAULT_SIZE,
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


def check_image(image: str) -> None:
    """Accept ``host``, ``host:latest`` and the image's id.

    Raises:
        ApiError: 400 if no image is named.
        NotFound: it is another image.
    """
    if not image:
        raise ApiError(400, "no image specified; the only one is host")
    if image not in (IMAGE, f"{IMAGE}:latest", IMAGE_ID):
        raise NotFound(
            404,
            f"No such image: {image[:300]} (this engine runs commands of this machine: "
            f'its only image is "{IMAGE}")',
        )


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


def _check_restart(policy: Mapping[str, Any]) -> None:
    name = _text(policy, "Name")
    if name not in ("", "no"):
        raise ApiError(400, f"restart policy {name[:100]!r} is not supported, only 'no'")


def _invalid(key: str, wanted: str) -> ApiError:
    return ApiError(400, f"invalid request body: {key} must be {wanted}")


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value:
        raise _invalid(key, "a string")
    return value


def _texts(body: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = body.get(key)
    if value is None:
        return ()
    if isinstance(value, str):  # moby takes it as one argument, and does not split it
        value = [value]
    if not isinstance(value, list) or not all(
        isinstance(each, str) and "\0" not in each for each in value
    ):
        raise _invalid(key, "a list of strings")
    return tuple(value)


def _flag(body: Mapping[str, Any], key: str) -> bool:
    value = body.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise _invalid(key, "true or false")
    return value


def _number(body: Mapping[str, Any], key: str) -> int | None:
    value = body.get(key)
    if value is not None and type(value) is not int:
        raise _invalid(key, "a number")
    return value


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _invalid(key, "an object")
    return value


def _labels(body: Mapping[str, Any]) -> dict[str, str]:
    labels = _object(body, "Labels")
    if not all(isinstance(value, str) for value in labels.values()):
        raise _invalid("Labels", "strings by name")
    return dict(labels)
