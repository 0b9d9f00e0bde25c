"""Sessions in which nothing happens: what they take, and how long attaching takes.

So many sessions are attached to ten containers of ``local:`` that print nothing. Each row is
measured in a fresh process. The processor time of attaching is that of our process.

``python -m benchmarks.idle`` prints a Markdown table.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.part import Options, alone, median, progress, table
from hyper_jupyter.api import Client, client_for
from tests.soak.scale import idle_shares, raise_file_limit
from tests.soak.usage import Usage

NUMBERS = (100, 500)
SECONDS = 20.0
"""For which nothing happens."""


@dataclass(frozen=True)
class Idle:
    """Seconds of attaching, by the clock and of the processor; KiB and objects of each session; and
    the shares of a processor that our process and the engine take."""

    clock: float
    processor: float
    memory: float
    objects: float
    ours: float
    engine: float


def measure(number: int, seconds: float) -> Idle:
    """Attach so many sessions and leave them alone, in its own process."""
    client = client_for("local:", timeout=60)
    containers = quiet_containers(client, number)
    before, objects = Usage.settled(), len(gc.get_objects())
    clock, processor = time.perf_counter(), time.process_time()
    sessions = [client.attach(containers[at % 10]) for at in range(number)]
    processor, clock = time.process_time() - processor, time.perf_counter() - clock
    after = Usage.settled()
    made = len(gc.get_objects()) - objects
    ours, theirs = idle_shares(seconds)
    for session in sessions:
        session.close(force=True)
    for each in containers:
        client.remove(each, force=True)
    memory = (after.memory - before.memory) * 1024 / number
    return Idle(clock, processor, memory, made / number, ours, theirs)


def quiet_containers(client: Client, sessions: int) -> list[str]:
    """Start ten containers that print nothing, for so many sessions; return their ids."""
    raise_file_limit(8 * sessions + 1000)
    containers = [client.create("default", ["cat"], stdin=True) for _ in range(10)]
    for each in containers:
        client.start(each)
    client.attach(containers[0]).detach()  # loads what is loaded late
    return containers


def section(options: Options) -> str:
    """Return the table, as Markdown."""
    seconds = SECONDS / (4 if options.quick else 1)
    rows = []
    for number in NUMBERS[: 1 if options.quick else None]:
        found = []
        for turn in range(options.times(5, 1)):
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                found.append(process.submit(measure, number, seconds).result())
            progress(f"{number} idle sessions, turn {turn + 1}: {found[-1]}")
        rows.append(
            [
                f"{number:,}",
                f"{median(each.clock for each in found):.2f} s",
                f"{median(each.processor for each in found):.2f} s",
                f"{median(each.memory for each in found):.1f} KiB",
                f"{median(each.objects for each in found):.0f}",
                f"{median(each.ours for each in found):.2%}",
                f"{median(each.engine for each in found):.2%}",
            ]
        )
    head = ["sessions", "attached in", "processor time of that", "memory of each"]
    head += ["objects of each that the collector knows", "a processor while idle", "the engine's"]
    return f"## Idle sessions\n\n{table(head, rows)}"


if __name__ == "__main__":
    alone(section, __doc__)
