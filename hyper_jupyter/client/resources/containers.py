"""Calls about containers: their list, their life, and what they are given.

Layer: client. Any thread; calls block the caller, at most for the client's timeout.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Unpack

from traitlets import Unicode

from hyper_jupyter.client.arguments import (
    NO_LIMIT,
    check_grace,
    check_size,
    check_text,
    command_words,
    environment_lines,
    renamed_parameter,
)
from hyper_jupyter.client.options.create import (
    ContainerOptions,
    CreateOptions,
    resource_limits,
)
from hyper_jupyter.client.options.notation import Size, parse_restart_policy
from hyper_jupyter.client.records import Container
from hyper_jupyter.client.records.fields import texts
from hyper_jupyter.client.resources.advice import advise
from hyper_jupyter.client.resources.requests import (
    ContainerRequests,
    Filters,
    encode_filters,
    list_containers,
    require_field,
    says_no_container,
)
from hyper_jupyter.client.responses import check_inspect
from hyper_jupyter.client.secret import hide_each
from hyper_jupyter.exceptions import (
    ApiError,
    ConnectionFailed,
    NotFound,
)
from hyper_jupyter.protocol.printable import printable

__all__ = ["DEFAULT_SIZE", "ContainerCalls"]

DEFAULT_SIZE: Final = (24, 80)
"""Rows and columns of a terminal whose size nobody has named yet."""

_KILL_GRACE: Final = 15.0

_NOT_RUNNING: Final = (
    *("created", "configured", "initialized"),
    *("exited", "stopped", "dead", "removing"),
)
"""States of containers that an engine leaves out of its list unless all are asked for."""


class ContainerCalls(ContainerRequests):
    """Calls about containers."""

    image = Unicode(
        "busybox", help="The image that 'default' stands for, where the engine can run any image."
    ).tag(config=True)

    @property
    def default_image(self) -> str:
        """The image that ``"default"`` stands for."""
        return self.profile.default_image or str(self.image)

    def containers(
        self,
        all: bool = True,  # noqa: A002 - the API's word
        *,
        filters: Filters | None = None,
        limit: int | None = None,
        latest: bool = False,
        size: bool = False,
    ) -> list[Container]:
        """List containers, newest first.

        Args:
            all: include containers that do not run; a paused one runs.
            filters: conditions, as the engine's API names them: ``{"label": "app=web"}``,
                ``{"status": ["exited", "created"]}``, ``{"name": "web"}``, …
            limit: at most so many, of all.
            latest: only the one that was created last, whatever its state.
            size: ask for the space that each takes, which may take the engine long.

        Raises:
            ApiError: the engine knows no such filter.
            ProtocolError: the engine's answer is not a list of containers, or lists over 50,000.
        """
        if latest:
            limit = 1
        wants_all = all or limit is not None or "status" in (filters or {})
        params: dict[str, Any] = {"all": int(wants_all or self.profile.lists_paused_with_ended)}
        if limit is not None:
            params["limit"] = limit
        if size:
            params["size"] = 1
        found = list_containers(self, {**params, **encode_filters(filters)})
        found.sort(key=lambda each: -each.created)
        if wants_all:
            return found
        return [each for each in found if each.state not in _NOT_RUNNING]

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
        on_warning: Callable[[str], object] | None = None,
        **options: Unpack[CreateOptions],
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
            on_warning: called with each sentence about what the engine does not do of all this.
            options: further options of docker's ``create`` by their names, each as text in the
                command line's own notation or as a Python value:

                * program: ``entrypoint``, ``user``, ``group_add``, ``init``, ``hostname``,
                  ``domainname``, ``stop_signal``, ``stop_timeout`` (seconds), ``restart``
                  (``"on-failure:3"``), ``healthcheck`` (``{"test": …, "interval": "30s", …}``),
                  ``log_driver``, ``log_options``, ``annotations``, ``platform``, ``runtime``
                * network: ``ports`` (``{"80/tcp": 8080}`` or ``["127.0.0.1:8080:80"]``),
                  ``publish_all``, ``expose``, ``network_aliases``, ``add_host``
                  (``{"db": "10.0.0.5"}``), ``dns``, ``dns_options``, ``dns_search``
                * files: ``volumes`` (``{"/host": "/in:ro"}`` or ``["name:/in"]``), ``mounts``
                  (``["type=bind,source=/host,target=/in"]``), ``tmpfs`` (``"/run:size=64m"``),
                  ``volumes_from``, ``volume_driver``, ``devices``, ``read_only``, ``shm_size``,
                  ``storage_options``
                * limits: ``memory`` (``"512m"``), ``memory_swap``, ``memory_reservation``,
                  ``cpus`` (``1.5``), ``cpu_shares``, ``cpuset_cpus``, ``pids_limit``, ``ulimits``
                  (``{"nofile": (1024, 2048)}``), ``oom_score_adj``, ``cgroup_parent``
                * rights: ``privileged``, ``cap_add``, ``cap_drop``, ``security_opt``, ``sysctls``,
                  ``ipc``, ``pid``, ``userns``, ``uts``, ``cgroupns``

        Returns:
            The container's id.

        Raises:
            Conflict: the name is taken.
            NotFound: there is no such image.
            HyperJupyterError: ``command`` ends inside a quote, an option is invalid, a text has a
                NUL character, a variable has no name, or no terminal can have that size.
            TypeError: there is no such option.
        """
        env = hide_each(env)  # the values may be passwords, which tracebacks must not show
        argv = command_words(command)
        check_text("the working directory", working_dir)
        check_size(size)
        sized = tty and self.profile.takes_console_size
        further = ContainerOptions.of(**options)
        added = further.body(network)
        body: dict[str, Any] = {
            **added,
            "Image": self.default_image if image == "default" else image,
            "Cmd": argv or None,
            "Tty": tty,
            "OpenStdin": stdin,
            "StdinOnce": stdin_once,
            "AttachStdin": stdin,
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": {
                **added["HostConfig"],
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
        if further.platform:
            params["platform"] = further.platform
        try:
            reply = self.call("POST", "/containers/create", params, body=body)
        except NotFound as error:
            # The missing thing may also be a network or a volume.
            if not error.message or "image" in error.message.lower():
                only, image = self.profile.default_image, body["Image"]
                error.hint = (
                    f"Write default, or {only}, in place of {image}."
                    if only
                    else f"%hyper pull {image}, or client.pull({image!r}), fetches it."
                )
            advise(error)
            raise
        except ApiError as error:
            advise(error)
            raise
        if on_warning is not None:
            for warning in texts(reply.json_object().get("Warnings")):
                on_warning(warning)
        return printable(require_field(reply, "Id", str))

    @renamed_parameter("c", "container")
    def inspect(self, container: str) -> dict[str, Any]:
        """Return everything that the engine knows about a container.

        Raises:
            NotFound: there is no such container; the hint has similar names.
            ApiError: the engine refuses; or something in front of it answers "not found" for it.
            ProtocolError: the answer is malformed.
        """
        try:
            reply = self.about_container(container, "GET", "/json")
        except NotFound as error:
            if error.status != 404 or says_no_container(error.message):
                raise
            # A session would take it for the end of a container that runs on.
            raise ApiError(
                error.status,
                error.message or "not found",
                hint="That is not how engines answer: a proxy may answer while its engine is away.",
            ) from None
        require_field(reply, "Id", str)  # an answer without an id is malformed
        return check_inspect(reply.json_object())

    @renamed_parameter("c", "container")
    def start(self, container: str) -> None:
        """Start it; does nothing if it runs already."""
        self.about_container(container, "POST", "/start")

    @renamed_parameter("c", "container")
    def stop(self, container: str, *, grace: float | None = 10.0) -> None:
        """Ask it to end (SIGTERM or its own stop signal), and kill it if it does not.

        Args:
            container: its name or id.
            grace: seconds until it is killed; ``None`` waits as long as it takes.

        Raises:
            HyperJupyterError: ``grace`` is negative, or no number.
        """
        self._stop(container, "/stop", grace)

    def restart(self, container: str, *, grace: float | None = 10.0) -> None:
        """Stop it as :meth:`stop` does, if it runs, and start it."""
        self._stop(container, "/restart", grace)

    def _stop(self, container: str, what: str, grace: float | None) -> None:
        seconds = check_grace(grace)
        unlimited = seconds == NO_LIMIT
        self.about_container(
            container,
            "POST",
            what,
            {"t": seconds},
            timeout=None if unlimited else seconds + self.timeout,
            wait=unlimited,
        )

    def rename(self, container: str, name: str) -> None:
        """Give it another name.

        Raises:
            Conflict: the name is taken.
        """
        self.about_container(container, "POST", "/rename", {"name": name})

    def update(
        self,
        container: str,
        *,
        restart: str | None = None,
        memory: Size | None = None,
        memory_swap: Size | None = None,
        memory_reservation: Size | None = None,
        cpus: float | str | None = None,
        cpu_shares: int | None = None,
        cpuset_cpus: str | None = None,
        pids_limit: int | None = None,
    ) -> tuple[str, ...]:
        """Change its limits and its restart policy while it exists; ``None`` changes nothing.

        Args:
            container: its name or id.
            restart: ``no``, ``always``, ``unless-stopped``, ``on-failure`` or ``on-failure:3``.
            memory: bytes, or a text such as ``"512m"``.
            memory_swap: memory and swap together; ``-1`` is no limit.
            memory_reservation: what it is held to while the machine has little.
            cpus: processors, such as ``1.5``.
            cpu_shares: its weight against other containers; 1024 is usual.
            cpuset_cpus: the processors that it may use, such as ``"0-2,5"``.
            pids_limit: processes; ``-1`` is no limit.

        Returns:
            What the engine warns of; often nothing.

        Raises:
            HyperJupyterError: one of them is no size or policy, or the engine refuses it.
        """
        body = resource_limits(
            memory=memory,
            memory_swap=memory_swap,
            memory_reservation=memory_reservation,
            cpus=cpus,
            cpu_shares=cpu_shares,
            cpuset_cpus=cpuset_cpus,
            pids_limit=pids_limit,
        )
        if restart is not None:
            body["RestartPolicy"] = parse_restart_policy(restart)
        reply = self.about_container(container, "POST", "/update", body=body)
        return texts(reply.json_object().get("Warnings"))

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
            code = require_field(reply, "StatusCode", int)
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
        """Set the size of its terminal, in character cells.

        Podman may lose a size that follows another one within some milliseconds; a session's
        ``resize`` sends the last one once more.

        Raises:
            HyperJupyterError: rows or columns are not a number from 1 to 65,535.
        """
        check_size((height, width))
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
