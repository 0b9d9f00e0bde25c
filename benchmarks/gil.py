"""A CPU-bound cell beside a flood of about 30 MB/s: drained by a session, or by ``docker attach``.

A plain loop of fixed length runs on the main thread. It runs alone, beside a container whose output
a ``docker attach > /dev/null`` process drains, and beside the same container with a session in this
process, whose I/O thread takes the GIL from the loop. It also runs beside a thread that only calls
``recv_into`` on the same stream and discards the bytes: reading in the kernel's own process cannot
cost less. They take turns, each time in another order. On a shared machine the last one may be slow
for other reasons, and many short turns show more than a few long ones. On a machine with few
processors the engine itself slows the loop down, so compare with ``docker attach``. The bytes that
each drain took show whether it kept up.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.containers import SLACK, Containers, containers, docker_attach
from benchmarks.part import Options, alone, median, progress, table
from hyper_jupyter.api import client_for

RATE = 30_000_000
TICK = 0.01
LINE = b"2026-11-23T12:34:56Z INFO a line of a log, as long as such lines are, no %06d\n"
SCRIPT = "read go; while :; do cat /lines; usleep {pause}; done"
UPGRADE = (
    b"POST /containers/%s/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
    b"Host: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
)
READ_SIZE = 256 * 1024
SETTLE = 0.5
"""Seconds of flood before the loop begins."""


def cell(count: int) -> float:
    """Run the loop; return its seconds."""
    began = time.perf_counter()
    total = 0
    for number in range(count):
        total += number % 7
    assert total
    return time.perf_counter() - began


@contextlib.contextmanager
def by_command_line(engine: Containers, lines: bytes, pause: int) -> Iterator[Callable[[], int]]:
    """Drain a flood with the docker command line; give a function that returns the bytes so far."""
    identifier = _start(engine, lines, pause)
    with docker_attach(engine.url, identifier) as client:
        assert client.stdin is not None
        client.stdin.write(b"go\n")
        client.stdin.flush()

        def taken() -> int:
            fields = Path(f"/proc/{client.pid}/io").read_text().split()
            return int(fields[fields.index("wchar:") + 1])

        yield taken
        engine.remove(identifier)


@contextlib.contextmanager
def by_session(engine: Containers, lines: bytes, pause: int) -> Iterator[Callable[[], int]]:
    """Drain a flood with a session of this process."""
    identifier = _start(engine, lines, pause)
    session = client_for(engine.url).attach(identifier)
    session.send_line("go")
    yield lambda: len(session.journal)
    engine.remove(identifier)
    session.join(SLACK)
    session.close(force=True)


@contextlib.contextmanager
def by_bare_loop(engine: Containers, lines: bytes, pause: int) -> Iterator[Callable[[], int]]:
    """Drain a flood with a thread of this process that only reads."""
    identifier = _start(engine, lines, pause)
    size = 0

    def drain() -> None:
        nonlocal size
        buffer = bytearray(READ_SIZE)
        while count := stream.recv_into(buffer):
            size += count

    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(engine.url.removeprefix("unix://"))
        stream.sendall(UPGRADE % identifier.encode())
        while not stream.recv(4096).endswith(b"\r\n\r\n"):
            pass  # the container is silent until it reads a line
        stream.sendall(b"go\n")
        reader = threading.Thread(target=drain)
        reader.start()
        yield lambda: size
        engine.remove(identifier)
        reader.join(SLACK)


def _start(engine: Containers, lines: bytes, pause: int) -> str:
    return engine.start(SCRIPT.format(pause=pause), {"lines": lines})


DRAINS = {
    "`docker attach > /dev/null`": by_command_line,
    "a session": by_session,
    "a bare `recv_into` loop on a thread": by_bare_loop,
}


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
    seconds = 1.0 if options.quick else 1.5
    count = int(2_000_000 * seconds / min(cell(2_000_000) for _ in range(3)))
    times: dict[str, list[float]] = {name: [] for name in ("no flood", *DRAINS)}
    rates: dict[str, list[float]] = {name: [] for name in DRAINS}
    with containers(options) as engine:
        lines, pause = calibrate(engine)
        names = list(times)
        for turn in range(options.times(14, 2)):
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                if name not in DRAINS:
                    times[name].append(cell(count))
                    continue
                with DRAINS[name](engine, lines, pause) as taken:
                    time.sleep(SETTLE)
                    before, began = taken(), time.perf_counter()
                    times[name].append(cell(count))
                    rates[name].append((taken() - before) / (time.perf_counter() - began) / 1e6)
            figures = ", ".join(f"{name} {values[-1]:.2f} s" for name, values in times.items())
            progress(f"{figures}, turn {turn + 1}")

    def row(name: str) -> list[str]:
        def over(other: str) -> str:
            pairs = zip(times[name], times[other], strict=True)
            return f"{median(ours / theirs for ours, theirs in pairs):.2f}"

        rate = f"{median(rates[name]):.0f} MB/s" if name in rates else ""
        cells = [f"{median(times[name]):.2f} s", over("no flood"), over(next(iter(DRAINS))), rate]
        return [name, *cells]

    head = ["beside", "the loop took", ": no flood", ": docker attach", "drained meanwhile"]
    return f"## A CPU-bound cell beside a flood\n\n{table(head, map(row, times))}"


def calibrate(engine: Containers) -> tuple[bytes, int]:
    """Return the lines to print in one step, and the microseconds between two steps.

    With these an undisturbed container reaches the rate. Starting ``cat`` and ``usleep`` also takes
    time, so the size is found by trying.
    """
    size = int(RATE * TICK)
    pause = int(TICK * 1e6)
    for _ in range(2):
        lines = b"".join(LINE % number for number in range(size // len(LINE % 0)))
        with by_command_line(engine, lines, pause) as taken:
            time.sleep(SETTLE)
            before, began = taken(), time.perf_counter()
            time.sleep(1.5)
            rate = (taken() - before) / (time.perf_counter() - began)
        progress(f"{rate / 1e6:.0f} MB/s with {size} bytes per step")
        size = int(size * min(4.0, RATE / max(rate, 1e6)))
    return b"".join(LINE % number for number in range(size // len(LINE % 0))), pause


if __name__ == "__main__":
    alone(section, __doc__)
