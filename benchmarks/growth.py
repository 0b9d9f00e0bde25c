"""How the cost of a session grows: with its output, with the length of lines, with their number.

Nothing here is compared with another program. A cost per unit that grows from row to row is a
fault; that the first rows have a higher one is not: each has fixed costs. The clock is processor
time of this process, without the engine's. Each row is measured in a fresh process.

``python -m benchmarks.growth`` prints Markdown tables.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from benchmarks.demultiplex import dial, serve, whole_session
from benchmarks.idle import quiet_containers
from benchmarks.part import Options, alone, median, progress, resident, table
from hyper_jupyter.api import client_for
from hyper_jupyter.protocol import StreamType, encode_frame
from tests.session.servers import IDENTIFIER
from tests.soak.usage import Usage

MB = 1_000_000
SIZES = (1, 10, 100, 1000, 4000)
LENGTHS = (10, 100, 10_000, 1 * MB, 10 * MB)
FOLLOWED = 100
"""Megabytes that are followed line by line."""
SESSIONS = (1, 10, 100, 500)
QUICK = 100
"""In a quick run, rows with more megabytes or sessions than this are left out."""

LINE = b"2026-11-28T12:00:00Z level=info msg='a line of a hundred bytes' " + b"." * 36
FRAME = 32 * 1024


def frames(text: bytes) -> bytes:
    """Return a text in frames as Docker cuts them."""
    pieces = (text[at : at + FRAME] for at in range(0, len(text), FRAME))
    return b"".join(encode_frame(StreamType.STDOUT, piece) for piece in pieces)


def receive(megabytes: int) -> tuple[float, float]:
    """Return a session's seconds for that much output, and the MiB that it takes at its peak."""
    text = (LINE[:99] + b"\n") * (MB // 100)

    def work(path: str, go: Semaphore) -> None:
        whole_session(path, megabytes * MB, go)

    return _cost(frames(text), megabytes, work)


def follow(length: int, megabytes: int) -> tuple[float, float]:
    """Return the seconds of a loop over lines of that length while they come, and its MiB."""
    size = max(MB, length)
    text = (b"x" * (length - 1) + b"\n") * (size // length)

    def work(path: str, go: Semaphore) -> None:
        session = client_for(f"unix://{path}").attach(IDENTIFIER)
        go.release()
        left = megabytes * MB // size * (size // length) * (length - 1)
        for line in session.stdout.lines(follow=True):  # very long ones come in pieces
            left -= len(line)
            if not left:
                break
        session.close(force=True)

    return _cost(frames(text), megabytes * MB // size, work)


def attach(number: int) -> tuple[float, float]:
    """Return the seconds of attaching so many sessions to ten containers, and their MiB."""
    client = client_for("local:", timeout=60)
    containers = quiet_containers(client, number)
    before, began = Usage.settled(), time.process_time()
    sessions = [client.attach(containers[at % 10]) for at in range(number)]
    seconds = time.process_time() - began
    memory = Usage.settled().memory - before.memory
    for session in sessions:
        session.close(force=True)
    for each in containers:
        client.remove(each, force=True)
    return seconds, memory


def _cost(block: bytes, times: int, work: Callable[[str, Semaphore], None]) -> tuple[float, float]:
    """Return the seconds that work on a container's output takes, and the MiB at its peak."""
    context = multiprocessing.get_context("fork")
    go = context.Semaphore(0)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "engine"))
        engine = context.Process(target=serve, args=(path, block, times, go), daemon=True)
        engine.start()
        try:
            dial(path).close()
            client_for(f"unix://{path}").version()
            Path("/proc/self/clear_refs").write_text("5")  # resets the peak
            before, began = resident("VmRSS"), time.process_time()
            work(path, go)
            return time.process_time() - began, (resident("VmHWM") - before) / 2**20
        finally:
            engine.kill()
            engine.join()


def section(options: Options) -> str:
    """Return the tables, as Markdown."""
    rounds = options.times(3, 1)
    sizes = [size for size in SIZES if not options.quick or size <= QUICK]
    numbers = [number for number in SESSIONS if not options.quick or number <= QUICK]
    followed = FOLLOWED // (5 if options.quick else 1)
    parts = [
        ("output", sizes, "{:,} MB", receive, (), None),
        (
            f"lines, {followed} MB of them followed",
            LENGTHS,
            "{:,} B",
            follow,
            (followed,),
            followed,
        ),
        ("sessions attached", numbers, "{:,}", attach, (), None),
    ]
    tables = []
    for title, units, name, measure, more, fixed in parts:
        rows = []
        for unit in units:
            progress(f"{title}: {unit}")
            found = [_apart(measure, unit, *more) for _ in range(rounds)]
            seconds = median(seconds for seconds, _ in found)
            rows.append(
                [
                    name.format(unit),
                    f"{seconds:.3f} s",
                    f"{seconds / (fixed or unit) * 1000:.2f} ms",
                    f"{median(memory for _, memory in found):.1f} MiB",
                ]
            )
        tables.append(
            table([title, "processor time", "for each MB or session", "memory, at most"], rows)
        )
    return "## How the cost grows\n\n" + "\n\n".join(tables)


def _apart(measure: Callable[..., tuple[float, float]], *given: int) -> tuple[float, float]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(measure, *given).result()


if __name__ == "__main__":
    alone(section, __doc__)
