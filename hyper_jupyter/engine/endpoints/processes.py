"""The processes of a container: their table, and what they use.

Layer: engine. Event loop only.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any, Final

from hyper_jupyter.engine.containers.container import Container
from hyper_jupyter.engine.containers.store import Store
from hyper_jupyter.engine.http.request import Request
from hyper_jupyter.engine.http.response import Response, Send, Streamed
from hyper_jupyter.engine.http.routes import Answer, Routes
from hyper_jupyter.engine.machine.facts import total_memory
from hyper_jupyter.engine.machine.process_table import USUAL, process_table
from hyper_jupyter.engine.machine.usage import Usage, is_available, measure
from hyper_jupyter.engine.program.lines import rfc3339
from hyper_jupyter.exceptions import ApiError

__all__ = ["add_processes"]

PERIOD: Final = 1.0
"""Seconds between two measurements, as in Docker."""

_NO_CPU: Final = {
    "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
    "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
}
_IO_KINDS: Final = (
    "io_serviced_recursive", "io_queue_recursive", "io_service_time_recursive",
    "io_wait_time_recursive", "io_merged_recursive", "io_time_recursive", "sectors_recursive",
)  # fmt: skip


def add_processes(routes: Routes, store: Store) -> None:
    """Add the routes."""
    processes = _Processes(store)
    routes.add("GET", "/containers/{}/top", processes.top)
    routes.add("GET", "/containers/{}/stats", processes.stats)


class _Processes:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def top(self, request: Request, reference: str) -> Response:
        container = self._store.find(reference)
        container.check_running(f"container {container.id} is not running")
        _check_available()
        arguments = request.text("ps_args") or USUAL
        titles, rows = await process_table(container.members.pids(), arguments, self._store.reaper)
        return Response(200, {"Titles": titles, "Processes": rows})

    async def stats(self, request: Request, reference: str) -> Answer:
        container = self._store.find(reference)
        _check_available()
        meter = _Meter(container)
        if "stream" in request.form and not request.flag("stream"):
            if container.running and not request.flag("one-shot"):
                meter.measure()
                await request.connection.while_connected(asyncio.sleep(PERIOD))
            return Response(200, meter.measure())

        async def produce(send: Send) -> None:
            while not container.removed.is_set():
                await send(json.dumps(meter.measure()).encode() + b"\n")
                await asyncio.sleep(PERIOD)

        return Streamed(produce)


class _Meter:
    """Measures one container again and again; each answer has the measurement before it too."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._last: tuple[int, dict[str, Any]] | None = None
        self._most = [0, 0]  # processor time in user mode and in the kernel

    def measure(self) -> dict[str, Any]:
        """Return the statistics of now."""
        container = self._container
        named = {"name": f"/{container.name}", "id": container.id}
        if not container.pid:
            self._last = None
            return {**_idle(), **named}
        usage = measure(container.members.pids())
        now = time.time_ns()
        # The time of an orphan that has ended is not told: what is told must not go back.
        self._most = [max(self._most[0], usage.user), max(self._most[1], usage.system)]
        cpu = self._cpu(usage)
        before, self._last = self._last, (now, cpu)
        return {
            "read": rfc3339(now),
            "preread": rfc3339(before[0] if before else 0),
            "pids_stats": {"current": usage.threads},
            "blkio_stats": {
                "io_service_bytes_recursive": [
                    {"major": 0, "minor": 0, "op": "read", "value": usage.read},
                    {"major": 0, "minor": 0, "op": "write", "value": usage.written},
                ],
                **dict.fromkeys(_IO_KINDS),
            },
            "num_procs": 0,
            "storage_stats": {},
            "cpu_stats": cpu,
            "precpu_stats": before[1] if before else _NO_CPU,
            "memory_stats": {
                "usage": usage.memory,
                "stats": {},
                "limit": total_memory(),
            },
            **named,
        }

    def _cpu(self, usage: Usage) -> dict[str, Any]:
        user, system = self._most
        return {
            **_NO_CPU,
            "cpu_usage": {
                "total_usage": user + system,
                "usage_in_kernelmode": system,
                "usage_in_usermode": user,
            },
            "system_cpu_usage": usage.machine,
            "online_cpus": os.cpu_count() or 1,
        }


def _idle() -> dict[str, Any]:
    """Return what Docker has for a container that does not run."""
    return {
        "read": rfc3339(0),
        "preread": rfc3339(0),
        "pids_stats": {},
        "blkio_stats": dict.fromkeys(("io_service_bytes_recursive", *_IO_KINDS)),
        "num_procs": 0,
        "storage_stats": {},
        "cpu_stats": _NO_CPU,
        "precpu_stats": _NO_CPU,
        "memory_stats": {},
    }


def _check_available() -> None:
    if not is_available():
        raise ApiError(
            501, "the embedded engine has no figures of processes on this system: there is no /proc"
        )
