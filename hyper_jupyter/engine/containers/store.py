"""All containers and execs of this engine, and which container an exec belongs to.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import time

from hyper_jupyter.engine.config.spec import Spec
from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.exec import Exec
from hyper_jupyter.engine.containers.names import check_name, new_name
from hyper_jupyter.engine.program.launch import Command
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.engine.program.spawner import Spawner
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

__all__ = ["Store"]


class Store:
    """Creates, finds, renames and removes containers and execs.

    Args:
        spawner: starts their programs; ``None`` if this process does.

    Attributes:
        events: of all containers.
        reaper: reports the exits of their processes.
        begun: when this engine was started, in nanoseconds since 1970.
    """

    def __init__(self, spawner: Spawner | None = None) -> None:
        self.begun = time.time_ns()
        self.events = Events()
        self.reaper = Reaper(spawner)
        self._containers: dict[str, Container] = {}
        self._execs: dict[str, Exec] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def containers(self) -> list[Container]:
        """Return all containers, the newest first."""
        return list(reversed(self._containers.values()))

    def create(self, spec: Spec, name: str) -> Container:
        """Create a container.

        Args:
            spec: what it runs.
            name: with or without a slash; a random one if it is empty.

        Raises:
            ApiError: 400 if the name is not allowed.
            Conflict: the name is taken.
        """
        names = {each.name for each in self._containers.values()}
        name = self._free_name(name) if name else new_name(names)
        container = Container(
            spec,
            name,
            events=self.events,
            reaper=self.reaper,
            on_auto_remove=self._remove_soon,
        )
        self._containers[container.id] = container
        container.publish("create")
        return container

    def find(self, reference: str) -> Container:
        """Return a container by its id, its name or the beginning of its id.

        Raises:
            NotFound: there is none.
            ApiError: 400 if several ids begin with `reference`.
        """
        found = self._containers.get(reference)
        if found is not None:
            return found
        name = reference.removeprefix("/")
        for container in self._containers.values():
            if container.name == name:
                return container
        matching = [each for each in self._containers.values() if each.id.startswith(reference)]
        if not reference or not matching:
            raise NotFound(404, f"No such container: {reference[:300]}")
        if len(matching) > 1:
            raise ApiError(400, f"multiple IDs found with provided prefix: {reference}")
        return matching[0]

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name.

        Raises:
            ApiError: 400 if the name is empty, not allowed or its present one.
            Conflict: the name is taken.
        """
        if not name:
            raise ApiError(400, "Neither old nor new names may be empty")
        if name.removeprefix("/") == container.name:
            raise ApiError(400, "Renaming a container with the same name as its current name")
        old, container.name = container.name, self._free_name(name)
        container.publish("rename", oldName=f"/{old}")

    async def remove(self, container: Container, *, force: bool) -> None:
        """Remove a container and its execs.

        Raises:
            Conflict: it runs, and `force` is not set.
        """
        await container.remove(force=force)
        self._containers.pop(container.id, None)
        for exec_id in container.execs:
            self._execs.pop(exec_id, None)

    def create_exec(
        self,
        container: Container,
        command: Command,
        *,
        stdin: bool,
        stdout: bool,
        stderr: bool,
        keys: bytes,
        asked_keys: bytes = b"",
    ) -> Exec:
        """Create an exec of a container; see :class:`Exec` for the arguments."""
        created = Exec(
            container.id,
            command,
            publish=container.publish,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            keys=keys,
            asked_keys=asked_keys,
        )
        self._execs[created.id] = container.execs[created.id] = created
        created.publish(f"exec_create: {' '.join(command.argv)}")
        return created

    def find_exec(self, reference: str) -> Exec:
        """Return an exec by its id.

        Raises:
            NotFound: there is none.
        """
        found = self._execs.get(reference)
        if found is None:
            raise NotFound(404, f"No such exec instance: {reference[:300]}")
        return found

    def container_of(self, execution: Exec) -> Container:
        """Return the container that an exec of this store belongs to."""
        return self._containers[execution.container_id]

    def process_groups(self) -> list[int]:
        """Return the process groups of all programs that run."""
        groups = [container.pid for container in self._containers.values()]
        groups += [
            each.run.process.pid
            for each in self._execs.values()
            if each.running and each.run.process is not None
        ]
        return [group for group in groups if group]

    def _free_name(self, name: str) -> str:
        name = check_name(name)
        for container in self._containers.values():
            if container.name == name:
                raise Conflict(
                    409,
                    f'Conflict. The container name "/{name}" is already in use by container '
                    f'"{container.id}". You have to remove (or rename) that container to be able '
                    "to reuse that name.",
                )
        return name

    def _remove_soon(self, container: Container) -> None:
        task = asyncio.create_task(self.remove(container, force=False))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
