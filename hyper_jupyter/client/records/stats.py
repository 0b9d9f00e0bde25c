"""What a container uses: processor, memory, network, disks.

Layer: client. Any thread; no I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hyper_jupyter.client.records.fields import (
    number,
    obj,
    objects,
    require_object,
    seconds,
    text,
)

__all__ = ["Stats"]


@dataclass(frozen=True, slots=True)
class Stats:
    """One reading of what a container uses.

    Attributes:
        id: the container's; empty where the engine does not say.
        name: the container's, without the leading slash.
        time: of the reading, in seconds since the epoch.
        cpu_percent: processor time since the reading before, in percent of one processor: a
            container that keeps two busy has 200. ``None`` where there is no reading before.
        memory: bytes in use, without the part of the page cache that is easily freed.
        memory_limit: bytes that it may use; 0 where the engine does not say.
        network_received: bytes, over all its networks.
        network_sent: bytes, over all its networks.
        block_read: bytes read from disks.
        block_written: bytes written to disks.
        pids: its processes and threads; 0 where the engine does not count them.
        raw: the engine's own object.
    """

    id: str
    name: str
    time: float
    cpu_percent: float | None
    memory: int
    memory_limit: int
    network_received: int
    network_sent: int
    block_read: int
    block_written: int
    pids: int
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def memory_percent(self) -> float | None:
        """Memory in percent of the limit; ``None`` where there is no limit."""
        return 100 * self.memory / self.memory_limit if self.memory_limit else None

    @classmethod
    def from_answer(cls, answer: Any, before: Stats | None = None) -> Stats | None:
        """Read one of the engine's readings.

        Args:
            answer: the engine's object.
            before: an earlier reading; ``None`` takes the one that the answer itself may have.

        Returns:
            ``None`` where the answer says that the container does not run: Docker's reading then
            has no time, Podman's is no reading.

        Raises:
            ProtocolError: it is malformed.
        """
        answer = require_object(answer, "a reading of statistics")
        time = seconds(answer.get("read"))
        if not time:
            return None
        earlier = (
            (seconds(answer.get("preread")), obj(answer, "precpu_stats"))
            if before is None
            else (before.time, obj(before.raw, "cpu_stats"))
        )
        networks = [each for each in obj(answer, "networks").values() if isinstance(each, dict)]
        disks = objects(obj(answer, "blkio_stats").get("io_service_bytes_recursive"))
        return cls(
            id=text(answer, "id"),
            name=text(answer, "name").lstrip("/"),
            time=time,
            cpu_percent=_percent(time, obj(answer, "cpu_stats"), *earlier),
            memory=_memory(obj(answer, "memory_stats")),
            memory_limit=number(obj(answer, "memory_stats"), "limit"),
            network_received=sum(number(each, "rx_bytes") for each in networks),
            network_sent=sum(number(each, "tx_bytes") for each in networks),
            block_read=_sum_of(disks, "read"),
            block_written=_sum_of(disks, "write"),
            pids=number(obj(answer, "pids_stats"), "current"),
            raw=answer,
        )


def _percent(
    time: float, cpu: Mapping[str, Any], earlier: float, before: Mapping[str, Any]
) -> float | None:
    """Return processor time per time.

    Not by ``system_cpu_usage``, as docker's command does it: Podman's has another meaning.
    """
    if not earlier or time <= earlier:
        return None
    used = number(obj(cpu, "cpu_usage"), "total_usage")
    used -= number(obj(before, "cpu_usage"), "total_usage")
    return max(0.0, used / (time - earlier) / 1e9 * 100)


def _memory(memory: Mapping[str, Any]) -> int:
    """Return the bytes in use, without cached files that nothing has used lately."""
    usage, details = number(memory, "usage"), obj(memory, "stats")
    cached = number(details, "total_inactive_file") or number(details, "inactive_file")
    return usage - cached if cached < usage else usage


def _sum_of(disks: list[Mapping[str, Any]], operation: str) -> int:
    return sum(number(row, "value") for row in disks if text(row, "op").lower() == operation)
