"""All containers and execs of this engine.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio

from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.events import Events
from hyper_jupyter.engine.containers.exec import Execution
from hyper_jupyter.engine.containers.names import check_name, new_name
from hyper_jupyter.engine.containers.spec import Spec
from hyper_jupyter.engine.program.reaper import Reaper
from hyper_jupyter.exceptions import ApiError, Conflict, NotFound

__all__ = ["Store"]


class Store:
    """Creates, finds, renames and removes.

    Attributes:
        events: what happens to the containers.
        reaper: waits for their processes.
    """

    def __init__(self) -> None:
        self.events = Events()
        self.reaper = Reaper()
        self._containers: dict[str, Container] = {}
        self._executions: dict[str, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def containers(self) -> list[Container]:
        """All of them, the newest first."""
        return list(reversed(self._containers.values()))

    def create(self, spec: Spec, name: str) -> Container:
        """Make a container.

        Args:
            spec: what it runs.
            name: with or without a slash; empty for one that we choose.

        Raises:
            ApiError: 400 at a name that is not allowed.
            Conflict: at one that is taken.
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
        """By id, by name, by the beginning of an id.

        Raises:
            NotFound: where there is none.
            ApiError: 400 where several begin so.
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
            ApiError: 400.
            Conflict: where it is taken.
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
            Conflict: where it runs and this is not forced.
        """
        await container.remove(force=force)
        self._containers.pop(container.id, None)
        for execution in container.executions:
            self._executions.pop(execution, None)

    def add_execution(self, execution: Execution) -> None:
        """Remember an exec."""
        self._executions[execution.id] = execution
        execution.container.executions[execution.id] = execution
        execution.publish(f"exec_create: {' '.join(execution.command.argv)}")

    def find_execution(self, reference: str) -> Execution:
        """By its id.

        Raises:
            NotFound: where there is none.
        """
        execution = self._executions.get(reference)
        if execution is None:
            raise NotFound(404, f"No such exec instance: {reference[:300]}")
        return execution

    def process_groups(self) -> list[int]:
        """Of everything that runs."""
        groups = [container.pid for container in self._containers.values()]
        groups += [
            execution.run.process.pid
            for execution in self._executions.values()
            if execution.running and execution.run.process is not None
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
