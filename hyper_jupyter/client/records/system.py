"""The engine itself: its events, versions, resources, and the space that it uses.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyper_jupyter.client.records.fields import (
    identifier,
    image_id,
    number,
    obj,
    objects,
    require_object,
    text,
    text_map,
    texts,
)
from hyper_jupyter.exceptions import ProtocolError

__all__ = ["DiskUsage", "EngineInfo", "EngineVersion", "Event", "Pruned", "Usage"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on an engine.

    Attributes:
        time: seconds since the epoch.
        type: ``container``, ``image``, ``volume``, ``network``, …
        action: in Docker's words: ``create``, ``start``, ``die``, ``exec_start: sh``, …
        id: of the container, image or network; a volume's name.
        name: of the container or what else it happened to; empty where the event has none.
        attributes: the container's labels, image and exit code, and the like.
        raw: the engine's own object.
    """

    time: float
    type: str
    action: str
    id: str
    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any, actions: Mapping[tuple[str, str], str] | None = None) -> Event:
        """Read one line of the engine's answer.

        Args:
            row: the engine's object.
            actions: Docker's words for this engine's own, by type and action.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "an event")
        actor = obj(row, "Actor")
        attributes = text_map(actor.get("Attributes"))
        kind = text(row, "Type") or "container"
        action = text(row, "Action") or identifier(row, "status", "an event")
        nanoseconds = number(row, "timeNano")
        return cls(
            time=nanoseconds / 1e9 if nanoseconds else float(number(row, "time")),
            type=kind,
            action=(actions or {}).get((kind, action), action),
            id=text(actor, "ID") or text(row, "id"),
            name=attributes.get("name", ""),
            attributes=attributes,
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """An engine and its machine.

    Attributes:
        id: the engine's.
        name: the machine's host name.
        version: the engine's own, such as ``26.1.5``.
        os: the machine's operating system in words.
        os_type: ``linux`` or ``windows``.
        architecture: such as ``x86_64``.
        kernel: the version of its kernel.
        cpus: processors.
        memory: bytes.
        containers: how many there are.
        running: how many of them run.
        paused: how many are paused.
        stopped: how many do not run.
        images: how many there are.
        storage_driver: what keeps images, such as ``overlay2``.
        logging_driver: the default for containers; empty where the engine does not say.
        cgroup_version: ``1`` or ``2``; empty where the engine does not say.
        root: the folder of its data.
        warnings: what the engine warns of.
        raw: the engine's own object.
    """

    id: str
    name: str
    version: str
    os: str
    os_type: str
    architecture: str
    kernel: str
    cpus: int
    memory: int
    containers: int
    running: int
    paused: int
    stopped: int
    images: int
    storage_driver: str
    logging_driver: str
    cgroup_version: str
    root: str
    warnings: tuple[str, ...]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_answer(cls, answer: Any) -> EngineInfo:
        """Read the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "an engine's description")
        return cls(
            id=text(answer, "ID"),
            name=text(answer, "Name"),
            version=text(answer, "ServerVersion"),
            os=text(answer, "OperatingSystem"),
            os_type=text(answer, "OSType"),
            architecture=text(answer, "Architecture"),
            kernel=text(answer, "KernelVersion"),
            cpus=number(answer, "NCPU"),
            memory=number(answer, "MemTotal"),
            containers=number(answer, "Containers"),
            running=number(answer, "ContainersRunning"),
            paused=number(answer, "ContainersPaused"),
            stopped=number(answer, "ContainersStopped"),
            images=number(answer, "Images"),
            storage_driver=text(answer, "Driver"),
            logging_driver=text(answer, "LoggingDriver"),
            cgroup_version=text(answer, "CgroupVersion"),
            root=text(answer, "DockerRootDir"),
            warnings=texts(answer.get("Warnings")),
            raw=answer,
        )


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """The versions of an engine and its parts.

    Attributes:
        version: the engine's own, such as ``26.1.5``.
        api_version: the newest version of the API that it takes.
        oldest_api_version: the oldest one; empty where it does not say.
        os: ``linux`` or ``windows``.
        architecture: such as ``amd64``.
        kernel: the version of its kernel.
        components: the versions of its parts, by name.
        raw: the engine's own object.
    """

    version: str
    api_version: str
    oldest_api_version: str = ""
    os: str = ""
    architecture: str = ""
    kernel: str = ""
    components: Mapping[str, str] = field(default_factory=dict, hash=False)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_answer(cls, answer: Any) -> EngineVersion:
        """Read the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "an engine's version")
        return cls(
            version=text(answer, "Version"),
            api_version=text(answer, "ApiVersion"),
            oldest_api_version=text(answer, "MinAPIVersion"),
            os=text(answer, "Os"),
            architecture=text(answer, "Arch"),
            kernel=text(answer, "KernelVersion"),
            components={
                text(part, "Name"): text(part, "Version")
                for part in objects(answer.get("Components"))
                if part.get("Name")
            },
            raw=answer,
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """The space that one kind of thing takes.

    Attributes:
        total: how many there are.
        active: how many are in use.
        size: bytes that they take.
        reclaimable: bytes that would be free without those that are not in use.
    """

    total: int = 0
    active: int = 0
    size: int = 0
    reclaimable: int = 0


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """The space that an engine's images, containers, volumes and build cache take.

    Attributes:
        images: of all images; what several share counts once.
        containers: what containers have written into their own files.
        volumes: of the engine's own volumes.
        build_cache: what builds have left.
        raw: the engine's own object.
    """

    images: Usage
    containers: Usage
    volumes: Usage
    build_cache: Usage
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_answer(cls, answer: Any) -> DiskUsage:
        """Read the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "a report of disk usage")
        return cls(
            images=_images(answer),
            containers=_containers(objects(answer.get("Containers"))),
            volumes=_volumes(objects(answer.get("Volumes"))),
            build_cache=_build_cache(objects(answer.get("BuildCache"))),
            raw=answer,
        )


def _images(answer: Mapping[str, Any]) -> Usage:
    # Podman has a row for each name of an image.
    rows = {image_id(text(row, "Id")): row for row in objects(answer.get("Images"))}.values()
    size = number(answer, "LayersSize") or sum(max(0, number(row, "Size")) for row in rows)
    used = [row for row in rows if number(row, "Containers") > 0]
    own = sum(max(0, number(row, "Size") - max(0, number(row, "SharedSize"))) for row in used)
    return Usage(len(rows), len(used), size, max(0, size - own))


def _containers(rows: list[Mapping[str, Any]]) -> Usage:
    running = [row for row in rows if text(row, "State") in ("running", "paused", "restarting")]
    size = sum(number(row, "SizeRw") for row in rows)
    return Usage(
        len(rows), len(running), size, size - sum(number(row, "SizeRw") for row in running)
    )


def _volumes(rows: list[Mapping[str, Any]]) -> Usage:
    sizes = [
        (max(0, number(usage, "Size")), number(usage, "RefCount") > 0)
        for usage in (obj(row, "UsageData") for row in rows)
    ]
    size = sum(each for each, _ in sizes)
    used = [each for each, in_use in sizes if in_use]
    return Usage(len(rows), len(used), size, size - sum(used))


def _build_cache(rows: list[Mapping[str, Any]]) -> Usage:
    own = [row for row in rows if row.get("Shared") is not True]
    used = [row for row in rows if row.get("InUse") is True]
    size = sum(number(row, "Size") for row in own)
    kept = sum(number(row, "Size") for row in own if row.get("InUse") is True)
    return Usage(len(rows), len(used), size, size - kept)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What an engine has removed because nothing used it.

    Attributes:
        deleted: ids or names.
        untagged: names that images have lost; an image may stay under another one.
        space_reclaimed: bytes; 0 where the engine does not say.
    """

    deleted: tuple[str, ...] = ()
    space_reclaimed: int = 0
    untagged: tuple[str, ...] = ()

    @classmethod
    def from_answer(cls, answer: Any, name: str) -> Pruned:
        """Read the engine's answer.

        Args:
            answer: the engine's object.
            name: the field that lists what was deleted.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "a report of what was removed")
        listed = answer.get(name)
        if not isinstance(listed or [], list):
            raise ProtocolError("the engine's answer is not a report of what was removed")
        rows = objects(listed)  # images: what was untagged or deleted
        deleted = (image_id(text(row, "Deleted")) for row in rows if row.get("Deleted"))
        return cls(
            (*texts(listed), *deleted),
            number(answer, "SpaceReclaimed"),
            tuple(text(row, "Untagged") for row in rows if row.get("Untagged")),
        )
