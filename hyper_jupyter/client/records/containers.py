"""Containers, and what an engine says about one: ports, processes, changed files.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hyper_jupyter.client.records.fields import (
    MAX_TEXT,
    identifier,
    number,
    obj,
    objects,
    require_object,
    text,
    text_map,
    texts,
)
from hyper_jupyter.exceptions import ProtocolError
from hyper_jupyter.protocol.printable import printable

__all__ = ["Change", "Container", "Port", "ProcessTable"]


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container, published or not.

    As text it is what ``docker ps`` shows: ``0.0.0.0:8080->80/tcp``, or ``80/tcp``.

    Attributes:
        container_port: where the program in the container listens.
        protocol: ``tcp``, ``udp`` or ``sctp``.
        host_ip: the address of the engine's machine that it is published at; empty if it is not.
        host_port: the port there; ``None`` if it is not published.
    """

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    host_port: int | None = None

    def __str__(self) -> str:
        inside = f"{self.container_port}/{self.protocol}"
        if self.host_port is None:
            return inside
        address = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        return f"{address}:{self.host_port}->{inside}"

    @classmethod
    def from_rows(cls, rows: Any) -> tuple[Port, ...]:
        """Read the ports of a row of the engine's list, in the order of the container's ports."""
        ports = {
            cls(
                number(row, "PrivatePort"),
                text(row, "Type") or "tcp",
                text(row, "IP") if row.get("PublicPort") else "",
                number(row, "PublicPort") or None,
            )
            for row in objects(rows)
        }
        return tuple(sorted(ports, key=_order))

    @classmethod
    def from_bindings(cls, bindings: Any) -> tuple[Port, ...]:
        """Read the ports of an answer to inspect: hosts by names such as ``80/tcp``."""
        ports: set[Port] = set()
        for name, hosts in bindings.items() if isinstance(bindings, dict) else ():
            inside, _, protocol = name.partition("/")
            if not (inside.isascii() and inside.isdigit()):
                continue
            published = [
                cls(int(inside), printable(protocol, 20) or "tcp", text(host, "HostIp"), port)
                for host in objects(hosts)
                if (port := _port(host.get("HostPort"))) is not None
            ]
            ports.update(published or [cls(int(inside), printable(protocol, 20) or "tcp")])
        return tuple(sorted(ports, key=_order))


def _port(value: Any) -> int | None:
    digits = str(value)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 5 else None


def _order(port: Port) -> tuple[int, str, str, int]:
    return port.container_port, port.protocol, port.host_ip, port.host_port or 0


@dataclass(frozen=True, slots=True)
class Container:
    """A container, as the engine's list or inspect describes it.

    All texts are printable, in one line and at most 4,096 characters: other people name containers.

    Attributes:
        id: 64 hexadecimal digits.
        name: without the leading slash.
        image: the name that was given at creation.
        command: what it runs, in one line.
        state: ``created``, ``running``, ``paused``, ``restarting``, ``exited``, …; only the list
            has this and the next two.
        status: the engine's words, such as ``Up 3 minutes``.
        created: seconds since the epoch.
        ports: its ports, published or not.
        labels: names and values.
        networks: the names of its networks.
        size: bytes that it has written into its own files; ``None`` if the list was not asked.
        raw: the engine's own object.
    """

    id: str
    name: str
    image: str
    command: str = ""
    state: str = ""
    status: str = ""
    created: int = 0
    ports: tuple[Port, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    networks: tuple[str, ...] = ()
    size: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_row(cls, row: Any) -> Container:
        """Read one row of the engine's list.

        Raises:
            ProtocolError: it is malformed.
        """
        what = "a list of containers"
        row = require_object(row, what)
        name = identifier(row, "Id", what)
        sized = "SizeRw" in row or "SizeRootFs" in row  # 0 is left out
        return cls(
            id=name,
            name=_own_name(row.get("Names")) or name[:12],
            image=text(row, "Image"),
            command=text(row, "Command"),
            state=text(row, "State"),
            status=text(row, "Status"),
            created=number(row, "Created"),
            ports=Port.from_rows(row.get("Ports")),
            labels=text_map(row.get("Labels")),
            networks=_networks(row),
            size=number(row, "SizeRw") if sized else None,
            raw=row,
        )

    @classmethod
    def from_inspect(cls, inspected: Mapping[str, Any]) -> Container:
        """Read the answer to inspect, which has an ``Id``."""
        name = printable(str(inspected["Id"]), MAX_TEXT)
        arguments = inspected.get("Args")
        words = [inspected.get("Path") or "", *(arguments if isinstance(arguments, list) else [])]
        config = obj(inspected, "Config")
        image = config.get("Image") or inspected.get("ImageName")
        return cls(
            id=name,
            name=printable(str(inspected.get("Name") or "").lstrip("/"), MAX_TEXT) or name[:12],
            image=printable(str(image or ""), MAX_TEXT),
            command=printable(" ".join(map(str, words)), MAX_TEXT),
            ports=Port.from_bindings(obj(inspected, "NetworkSettings").get("Ports")),
            labels=text_map(config.get("Labels")),
            networks=_networks(inspected),
            raw=inspected,
        )


def _networks(row: Mapping[str, Any]) -> tuple[str, ...]:
    names = obj(obj(row, "NetworkSettings"), "Networks")
    return tuple(sorted(printable(name, MAX_TEXT) for name in names))


def _own_name(names: Any) -> str:
    """Choose a container's own name among all: links from other containers have two slashes."""
    own = [name.lstrip("/") for name in texts(names) if name.count("/") <= 1]
    return own[0] if own else ""


@dataclass(frozen=True, slots=True)
class ProcessTable:
    """The processes of a container, as ``ps`` lists them.

    Attributes:
        titles: of the columns, such as ``PID``.
        processes: a row for each process, as long as ``titles``.
    """

    titles: tuple[str, ...]
    processes: tuple[tuple[str, ...], ...]

    @classmethod
    def from_answer(cls, answer: Any) -> ProcessTable:
        """Read the engine's answer. Podman 4 has each row in one text.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "a table of processes")
        titles, rows = texts(answer.get("Titles")), answer.get("Processes")
        if not titles or not isinstance(rows or [], list):
            raise ProtocolError("the engine's answer is not a table of processes")
        cells = [texts(row) for row in rows or []]
        if len(titles) == 1:
            titles = tuple(titles[0].split())
            cells = [tuple(" ".join(row).split(maxsplit=len(titles) - 1)) for row in cells]
        width = len(titles)
        return cls(titles, tuple((*row[:width], *[""] * (width - len(row))) for row in cells))

    def to_dicts(self) -> list[dict[str, str]]:
        """Return a mapping from titles to values for each process."""
        return [dict(zip(self.titles, row, strict=True)) for row in self.processes]


_KINDS: Final[dict[Any, Literal["modified", "added", "deleted"]]] = {
    0: "modified",
    1: "added",
    2: "deleted",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A file or folder of a container that is not as in its image.

    Attributes:
        path: its absolute path.
        kind: what happened to it.
    """

    path: str
    kind: Literal["modified", "added", "deleted"]

    def __str__(self) -> str:
        """What ``docker diff`` prints: ``A /tmp/file``; C stands for changed."""
        return f"{'C' if self.kind == 'modified' else self.kind[0].upper()} {self.path}"

    @classmethod
    def from_row(cls, row: Any) -> Change:
        """Read one row of the engine's answer.

        Raises:
            ProtocolError: it is malformed.
        """
        row = require_object(row, "a list of changes")
        kind = _KINDS.get(row.get("Kind")) if isinstance(row.get("Kind"), int) else None
        if kind is None:
            raise ProtocolError("the engine's answer is not a list of changes")
        return cls(identifier(row, "Path", "a list of changes"), kind)
