"""One engine: its containers.

Layer: client. Any thread; calls block the caller, bounded by the client's timeout.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

from traitlets import Unicode

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.deprecation import renamed_parameter
from hyper_jupyter.client.responses import Container, Reply, check_inspect
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)

__all__ = ["EngineClient", "suggest_names"]

_KILL_GRACE: Final = 15.0

_T = TypeVar("_T")


class EngineClient(Channel):
    """Speaks to one engine; made, and with the attributes, as :class:`Channel`."""

    image = Unicode(
        "busybox", help="What the image 'default' stands for, where the engine takes any."
    ).tag(config=True)

    default_host = Unicode(
        "", help="The engine's address, where neither a call nor HYPER_JUPYTER_HOST names one."
    ).tag(config=True)

    @property
    def default_image(self) -> str:
        """The image that ``"default"`` stands for."""
        return self.profile.default_image or str(self.image)

    def containers(self, all: bool = True) -> list[Container]:  # noqa: A002 - the API's word
        """List containers, newest first.

        Args:
            all: stopped ones too.
        """
        rows = self.call("GET", "/containers/json", {"all": int(all)}).json()
        if not isinstance(rows, list):
            raise ProtocolError("the engine's answer is not a list of containers")
        return [Container.from_row(row) for row in rows]

    def create(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        tty: bool = False,
        stdin: bool = False,
        stdin_once: bool = False,
        env: Mapping[str, str] | Sequence[str] | None = None,
        auto_remove: bool = False,
        working_dir: str | None = None,
        labels: Mapping[str, str] | None = None,
        network: str | None = None,
    ) -> str:
        """Create a container.

        Args:
            image: ``"default"`` stands for :attr:`default_image`.
            command: a list goes as it is, a string through :func:`shlex.split`; ``None`` is the
                image's own.
            name: ``None`` lets the engine choose.
            tty: with a pseudo-terminal, so its stream is raw and all of it is stdout.
            stdin: open (``OpenStdin``).
            stdin_once: end the container's input when the first client that had it goes
                (``StdinOnce``).
            env: a mapping, or ``NAME=value`` lines.
            auto_remove: remove it when it exits.
            working_dir: ``None`` is the image's own.
            labels: names and values.
            network: the network mode, such as ``"none"``.

        Returns:
            The container's id.

        Raises:
            Conflict: where the name is taken.
            NotFound: where there is no such image.
        """
        try:
            argv = shlex.split(command) if isinstance(command, str) else list(command or [])
        except ValueError as error:
            raise HyperJupyterError(f"the command {command!r} ends inside a quote") from error
        body: dict[str, Any] = {
            "Image": self.default_image if image == "default" else image,
            "Cmd": argv or None,
            "Tty": tty,
            "OpenStdin": stdin,
            "StdinOnce": stdin_once,
            "AttachStdin": stdin,
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": {
                "AutoRemove": auto_remove,
                **({"NetworkMode": network} if network else {}),
            },
        }
        if env:
            lines = (
                [f"{key}={value}" for key, value in env.items()]
                if isinstance(env, Mapping)
                else env
            )
            body["Env"] = list(lines)
        if working_dir:
            body["WorkingDir"] = working_dir
        if labels:
            body["Labels"] = dict(labels)
        params = {"name": name} if name else {}
        try:
            reply = self.call("POST", "/containers/create", params, body=body)
        except NotFound as error:
            # A network or a volume may be missing as well.
            if not error.message or "image" in error.message.lower():
                only, pull = self.profile.default_image, self.profile.pull_command
                error.hint = (
                    f"The embedded engine has only one image: {only}, or default."
                    if only
                    else f"Images are not pulled: {pull} {body['Image']} fetches it."
                )
            raise
        return _field(reply, "Id", str)

    @renamed_parameter("c", "container")
    def inspect(self, container: str) -> dict[str, Any]:
        """Everything the engine says of a container.

        Raises:
            NotFound: with the nearest names.
            ProtocolError: the answer is none.
        """
        reply = self._about(container, "GET", "/json")
        _field(reply, "Id", str)  # an answer without one is none
        return check_inspect(reply.json_object())

    @renamed_parameter("c", "container")
    def start(self, container: str) -> None:
        """Start it; nothing happens where it runs."""
        self._about(container, "POST", "/start")

    @renamed_parameter("c", "container")
    def stop(self, container: str, *, grace: float = 10.0) -> None:
        """Ask it to end (SIGTERM or its own stop signal), and after ``grace`` seconds kill it."""
        self._about(
            container, "POST", "/stop", {"t": math.ceil(grace)}, timeout=grace + self.timeout
        )

    @renamed_parameter("c", "container")
    def kill(self, container: str, signal: str | int = "KILL") -> None:
        """Send a signal, by name with or without ``SIG``, or by number."""
        self._about(container, "POST", "/kill", {"signal": signal})

    @renamed_parameter("c", "container")
    def wait(self, container: str, timeout: float | None = None) -> int:
        """Wait for the container to stop.

        Args:
            container: its name or id.
            timeout: seconds; ``None`` waits as long as it takes, once the engine is reached.

        Returns:
            Its exit code.

        Raises:
            TimeoutError: where it did not stop in time.
            ConnectionFailed: the engine is not there, so nobody knows.
        """
        try:
            reply = self._about(container, "POST", "/wait", timeout=timeout, wait=True)
            return _field(reply, "StatusCode", int)
        except ConnectionFailed as error:
            if error.unanswered:
                raise TimeoutError(
                    f"container {container} did not stop within {timeout} s"
                ) from error
            raise

    @renamed_parameter("c", "container")
    def resize(self, container: str, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells."""
        self._about(container, "POST", "/resize", {"h": height, "w": width})

    @renamed_parameter("c", "container")
    def pause(self, container: str) -> None:
        """Freeze its processes."""
        self._about(container, "POST", "/pause")

    @renamed_parameter("c", "container")
    def unpause(self, container: str) -> None:
        """Let its processes go on."""
        self._about(container, "POST", "/unpause")

    @renamed_parameter("c", "container")
    def remove(self, container: str, force: bool = False) -> None:
        """Remove it; with ``force`` kill it first."""
        killed = False
        timeout = self.timeout
        if force and self.profile.force_remove_asks_first:
            # Podman 5 itself asks the process to end, and kills it only after ten seconds.
            timeout += _KILL_GRACE
            with contextlib.suppress(ApiError):  # it does not run, or is not there: see below
                self.kill(container)
                killed = True
        try:
            self._about(container, "DELETE", "", {"force": int(force), "v": 1}, timeout=timeout)
        except NotFound:
            if not killed:
                raise  # else it has removed itself

    def _about(
        self,
        container: str,
        method: str,
        what: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        wait: bool = False,
    ) -> Reply:
        """A call about one container, ``what`` being the path behind its name.

        Raises:
            NotFound: with the nearest names.
        """
        try:
            path = f"/containers/{_quote_name(container)}{what}"
            return self.call(method, path, params, timeout=timeout, wait=wait)
        except NotFound as error:
            # The network that it starts with may be missing as well.
            text = error.message.lower()
            if not text or "no such container" in text or "no container" in text:
                error.hint = error.hint or self._suggest_names(container)
            raise

    def _suggest_names(self, wanted: str) -> str:
        """A hint for a name that does not exist."""
        try:
            names = [container.name for container in self.containers()]
        except (ApiError, ConnectionFailed, ProtocolError):
            return ""
        return suggest_names(wanted, names)


def suggest_names(wanted: str, names: Sequence[str]) -> str:
    """Suggest names for a container that does not exist, in one sentence.

    Args:
        wanted: the name that was asked for.
        names: of all containers.

    Returns:
        The names that come near; without one of these, some of those that there are.
    """
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5) or [
        name for name in names if wanted and wanted.lower() in name.lower()
    ]
    if near:
        return f"Did you mean {_join_with_or(near[:3])}?"
    if names:
        more = ", …" if len(names) > 5 else ""
        return f"There are: {', '.join(names[:5])}{more}."
    return "This engine has no containers; %hyper create or %hyper run makes one."


def _join_with_or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _quote_name(container: str) -> str:
    """Quote a name for a path."""
    if not container:
        raise NotFound(404, "no container was named")
    if container in (".", ".."):
        # In a path these two mean something else; no container can be called so.
        raise NotFound(404, f"No such container: {container}")
    return quote(container, safe="")


def _field(reply: Reply, name: str, kind: type[_T]) -> _T:
    """A field that the engine must give."""
    value = reply.json_object().get(name)
    if not isinstance(value, kind):
        raise ProtocolError(f"the engine's answer is not complete: {name} is missing")
    return value
