"""One engine: its containers.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

import contextlib
import difflib
import math
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

from traitlets import Unicode

from hyper_jupyter.client.channel import Channel
from hyper_jupyter.client.deprecation import renamed_parameter
from hyper_jupyter.client.responses import Container, Reply, check_inspect
from hyper_jupyter.client.secret import Secret, hide_each
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    HyperJupyterError,
    NotFound,
    ProtocolError,
)
from hyper_jupyter.protocol.printable import printable

__all__ = ["DEFAULT_SIZE", "EngineClient", "environment_lines", "suggest_names"]

DEFAULT_SIZE: Final = (24, 80)
"""Rows and columns of a terminal whose size nobody has named yet."""

_MAX_ROWS: Final = 50_000
"""Containers in a list. Reading so many rows takes a second."""

_KILL_GRACE: Final = 15.0

_NOT_RUNNING: Final = (
    *("created", "configured", "initialized"),
    *("exited", "stopped", "dead", "removing"),
)
"""States of containers that an engine leaves out of its list unless all are asked for."""

_T = TypeVar("_T")


class EngineClient(Channel):
    """Calls about one engine's containers. Constructor and attributes are those of `Channel`."""

    image = Unicode(
        "busybox", help="The image that 'default' stands for, where the engine can run any image."
    ).tag(config=True)

    default_host = Unicode(
        "", help="The engine's address, if neither a call nor HYPER_JUPYTER_HOST names one."
    ).tag(config=True)

    @property
    def default_image(self) -> str:
        """The image that ``"default"`` stands for."""
        return self.profile.default_image or str(self.image)

    def containers(self, all: bool = True) -> list[Container]:  # noqa: A002 - the API's word
        """List containers, newest first.

        Args:
            all: include containers that do not run; a paused one runs.

        Raises:
            ProtocolError: the engine's answer is not a list of containers, or lists over 50,000.
        """
        ask_all = all or self.profile.lists_paused_with_ended
        rows = self.call("GET", "/containers/json", {"all": int(ask_all)}).json()
        if not isinstance(rows, list):
            raise ProtocolError("the engine's answer is not a list of containers")
        if len(rows) > _MAX_ROWS:
            raise ProtocolError(f"the engine lists more than {_MAX_ROWS:,} containers")
        found = [Container.from_row(row) for row in rows]
        return found if all else [each for each in found if each.state not in _NOT_RUNNING]

    def create(
        self,
        image: str,
        command: str | Sequence[str] | None = None,
        *,
        name: str | None = None,
        tty: bool = False,
        stdin: bool = False,
        stdin_once: bool = False,
        env: Mapping[str, str | None] | Sequence[str] | None = None,
        auto_remove: bool = False,
        working_dir: str | None = None,
        labels: Mapping[str, str] | None = None,
        network: str | None = None,
        size: tuple[int, int] | None = None,
    ) -> str:
        """Create a container.

        Args:
            image: ``"default"`` stands for :attr:`default_image`.
            command: a list is used as it is, a string is split by :func:`shlex.split`; ``None`` is
                the image's own.
            name: ``None`` lets the engine choose.
            tty: give it a pseudo-terminal; then its stream is raw and all of it is stdout.
            stdin: keep its input open (``OpenStdin``).
            stdin_once: end its input when the first client that attached it leaves (``StdinOnce``).
            env: a mapping, or ``NAME=value`` lines. A name without a value (``None``, or a line
                without ``=``) passes on this process's own variable; where this process has none,
                the container has none either.
            auto_remove: remove it when it exits.
            working_dir: ``None`` is the image's own.
            labels: names and values.
            network: the network mode, such as ``"none"``.
            size: rows and columns of its terminal when its program starts; ``None`` is
                :data:`DEFAULT_SIZE`. Podman, and Docker before API 1.42, take none here: the call
                that starts it with a session gives it to them.

        Returns:
            The container's id.

        Raises:
            Conflict: the name is taken.
            NotFound: there is no such image.
            HyperJupyterError: ``command`` ends inside a quote.
        """
        env = hide_each(env)  # the values may be passwords, which tracebacks must not show
        try:
            argv = shlex.split(command) if isinstance(command, str) else list(command or [])
        except ValueError as error:
            raise HyperJupyterError(f"the command {command!r} ends inside a quote") from error
        sized = tty and self.profile.takes_console_size
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
                **({"ConsoleSize": list(size or DEFAULT_SIZE)} if sized else {}),
            },
        }
        if env:
            body["Env"] = environment_lines(env, unset=self.profile.bare_name_unsets_variable)
        if working_dir:
            body["WorkingDir"] = working_dir
        if labels:
            body["Labels"] = dict(labels)
        params = {"name": name} if name else {}
        try:
            reply = self.call("POST", "/containers/create", params, body=body)
        except NotFound as error:
            # The missing thing may also be a network or a volume.
            if not error.message or "image" in error.message.lower():
                only, pull = self.profile.default_image, self.profile.pull_command
                error.hint = (
                    f"The embedded engine has only one image: {only}, or default."
                    if only
                    else f"Images are not pulled: {pull} {body['Image']} fetches it."
                )
            raise
        return printable(_field(reply, "Id", str))

    @renamed_parameter("c", "container")
    def inspect(self, container: str) -> dict[str, Any]:
        """Return everything that the engine knows about a container.

        Raises:
            NotFound: there is no such container; the hint has similar names.
            ProtocolError: the answer is malformed.
        """
        reply = self.about_container(container, "GET", "/json")
        _field(reply, "Id", str)  # an answer without an id is malformed
        return check_inspect(reply.json_object())

    @renamed_parameter("c", "container")
    def start(self, container: str) -> None:
        """Start it; does nothing if it runs already."""
        self.about_container(container, "POST", "/start")

    @renamed_parameter("c", "container")
    def stop(self, container: str, *, grace: float = 10.0) -> None:
        """Ask it to end (SIGTERM or its own stop signal), and kill it after ``grace`` seconds."""
        self.about_container(
            container, "POST", "/stop", {"t": math.ceil(grace)}, timeout=grace + self.timeout
        )

    @renamed_parameter("c", "container")
    def kill(self, container: str, signal: str | int = "KILL") -> None:
        """Send a signal, by name with or without ``SIG``, or by number."""
        self.about_container(container, "POST", "/kill", {"signal": signal})

    @renamed_parameter("c", "container")
    def wait(self, container: str, timeout: float | None = None) -> int:
        """Wait for the container to stop.

        Args:
            container: its name or id.
            timeout: seconds; ``None`` waits as long as it takes, once the engine is reached.

        Returns:
            Its exit code; 0 for a container that has not started.

        Raises:
            TimeoutError: it did not stop in time.
            ConnectionFailed: the engine cannot be reached, so it is unknown whether it stopped.
        """
        try:
            reply = self.about_container(container, "POST", "/wait", timeout=timeout, wait=True)
            code = _field(reply, "StatusCode", int)
            if code < 0 and self.profile.unstarted_may_be_minus_one:
                code = 0
            return code
        except ConnectionFailed as error:
            if error.unanswered:
                raise TimeoutError(
                    f"container {container} did not stop within {timeout} s"
                ) from error
            raise

    @renamed_parameter("c", "container")
    def resize(self, container: str, height: int, width: int) -> None:
        """Set the size of its terminal, in character cells."""
        self.about_container(container, "POST", "/resize", {"h": height, "w": width})

    @renamed_parameter("c", "container")
    def pause(self, container: str) -> None:
        """Freeze its processes."""
        self.about_container(container, "POST", "/pause")

    @renamed_parameter("c", "container")
    def unpause(self, container: str) -> None:
        """Let its processes continue."""
        self.about_container(container, "POST", "/unpause")

    @renamed_parameter("c", "container")
    def remove(self, container: str, force: bool = False) -> None:
        """Remove it; with ``force`` even if it runs."""
        killed = False
        timeout = self.timeout
        if force and self.profile.force_remove_asks_first:
            # Podman 5 itself asks the process to end, and kills it only after ten seconds.
            timeout += _KILL_GRACE
            with contextlib.suppress(ApiError):  # it does not run or exist: see below
                self.kill(container)
                killed = True
        try:
            self.about_container(
                container, "DELETE", "", {"force": int(force), "v": 1}, timeout=timeout
            )
        except NotFound:
            if not killed:
                raise  # otherwise the kill made it remove itself

    def about_container(
        self,
        container: str,
        method: str,
        what: str,
        params: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        timeout: float | None = None,
        wait: bool = False,
    ) -> Reply:
        """Make a call about one container.

        Args:
            container: its name or id.
            method: ``"GET"``, …
            what: the path after its name.
            params: the query.
            body: as for :meth:`call`.
            timeout: as for :meth:`call`.
            wait: as for :meth:`call`.

        Raises:
            NotFound: there is no such container; the hint has similar names.
        """
        try:
            path = f"/containers/{_quote_name(container)}{what}"
            return self.call(method, path, params, body=body, timeout=timeout, wait=wait)
        except NotFound as error:
            # The missing thing may also be the network that it starts with.
            text = error.message.lower()
            if not text or "no such container" in text or "no container" in text:
                error.hint = error.hint or self._suggest_names(container)
            raise

    def _suggest_names(self, wanted: str) -> str:
        """Make a hint for a container that does not exist; empty where the list fails too."""
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
        Similar names; if there are none, a few of the existing names.
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


def environment_lines(entries: Sequence[str], *, unset: bool) -> list[str]:
    """Return what a create request says about the environment, as the docker command does.

    Args:
        entries: ``NAME=value``, or a name alone for the caller's own variable.
        unset: whether the engine takes a name alone for a variable that the container must not
            have. Without that, a name for which there is no value is left out.
    """
    lines: list[str] = []
    for entry in entries:
        if "=" in entry or not entry:  # the engine refuses an entry without a name
            lines.append(entry)
        elif entry in os.environ:
            lines.append(Secret(f"{entry}={os.environ[entry]}"))
        elif unset:
            lines.append(entry)
    return lines


def _field(reply: Reply, name: str, kind: type[_T]) -> _T:
    """Return a field of the answer that must be there.

    Raises:
        ProtocolError: it is missing, or of another type.
    """
    value = reply.json_object().get(name)
    if not isinstance(value, kind):
        raise ProtocolError(f"the engine's answer is not complete: {name} is missing")
    return value
