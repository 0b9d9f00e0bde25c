"""1 GiB from a real container, and a long log: sessions against the docker command line.

The container has the log driver ``none``. It waits for a line of input, then prints blocks of
pseudo-random bytes, each after its number. Three clients take turns: ``docker attach > /dev/null``,
a session with its journal, and a minimal loop that receives the bytes as they are and writes them
to a file. That loop shows what keeping them costs at least. Each is attached before the clock
starts with that line. The clock stops when the client knows that the container has ended. Sessions
and loops run in fresh processes. A session's memory is measured before, and at its peak; its
transcript is read back, and its sha256 compared with that of the expected output.

The log is that of a container that has ended, read by ``docker logs`` without and with times, and
by ``client.logs``, which asks for times.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.containers import SLACK, Containers, containers, docker_attach
from benchmarks.part import Options, alone, median, progress, resident, table

BLOCK: Final = 16 * 1024 * 1024
SCRIPT: Final = (
    "read go; i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo block $i; cat /block; done"
)
SETTLE: Final = 0.5
"""Seconds that a client has to attach before the clock starts."""

LINES: Final = (
    "seq 1 {} | sed 's/$/ a line of a log, with as many words as a line often has: 100 B/'"
)
ATTACH: Final = (
    "POST /containers/{}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
    "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
)


@dataclass(frozen=True)
class Drained:
    """What it took to drain a container: seconds, of the clock and of the processor.

    Attributes:
        size: bytes received.
        growth: of resident memory at its peak, in bytes.
        digest: sha256 of what was kept.
    """

    seconds: float
    processor: float
    size: int = 0
    growth: int = 0
    digest: str = ""


def session(url: str, identifier: str) -> Drained:
    """Drain a container with a session, in its own process."""
    from hyper_jupyter.api import client_for
    from hyper_jupyter.protocol import StreamType

    attached = client_for(url).attach(identifier)
    time.sleep(SETTLE)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    processor, began = time.process_time(), time.perf_counter()
    attached.send_line("go")
    attached.wait(SLACK)
    seconds = time.perf_counter() - began
    processor = time.process_time() - processor
    growth = resident("VmHWM") - before
    digest = hashlib.sha256()
    offset = attached.journal.start(StreamType.STDOUT)
    while piece := attached.journal.read(StreamType.STDOUT, offset, 1024 * 1024):
        digest.update(piece)
        offset += len(piece)
    attached.close(force=True)
    return Drained(seconds, processor, offset, growth, digest.hexdigest())


def minimal(url: str, identifier: str) -> Drained:
    """Receive what a container prints, and write it to a file as it is, in its own process."""
    buffer = memoryview(bytearray(1024 * 1024))
    read = 256 * 1024
    size = filled = 0
    with (
        socket.socket(socket.AF_UNIX) as sock,
        tempfile.TemporaryFile(buffering=0) as file,
    ):
        sock.connect(url.removeprefix("unix://"))
        sock.sendall(ATTACH.format(identifier).encode())
        sock.recv(4096)
        time.sleep(SETTLE)
        processor, began = time.process_time(), time.perf_counter()
        sock.sendall(b"go\n")
        while count := sock.recv_into(buffer[filled : filled + read]):
            filled += count
            if filled > len(buffer) - read:
                size += os.pwrite(file.fileno(), buffer[:filled], size)
                filled = 0
        size += os.pwrite(file.fileno(), buffer[:filled], size)
        return Drained(time.perf_counter() - began, time.process_time() - processor, size)


def command_line(url: str, identifier: str) -> Drained:
    """Drain a container with the docker command line."""
    before = _children()
    with docker_attach(url, identifier) as client:
        assert client.stdin is not None
        time.sleep(SETTLE)
        began = time.perf_counter()
        client.stdin.write(b"go\n")
        client.stdin.flush()
        client.wait(SLACK)
        seconds = time.perf_counter() - began
    return Drained(seconds, _children() - before)


def read_log(url: str, identifier: str) -> Drained:
    """Read a container's log with a session, in its own process."""
    from hyper_jupyter.api import client_for

    client = client_for(url)
    client.version()
    processor, began = time.process_time(), time.perf_counter()
    log = client.logs(identifier, follow=False)
    log.wait(SLACK)
    seconds = time.perf_counter() - began
    processor = time.process_time() - processor
    size = len(log.journal)
    log.close(force=True)
    return Drained(seconds, processor, size)


def docker_logs(*flags: str) -> Callable[[str, str], Drained]:
    """Return a function that reads a log with the docker command line."""

    def run(url: str, identifier: str) -> Drained:
        before, began = _children(), time.perf_counter()
        command = ["docker", "--host", url, "logs", *flags, identifier]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, timeout=SLACK)
        return Drained(time.perf_counter() - began, _children() - before)

    return run


def _children() -> float:
    """Return the processor time of the processes that we have started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
    with containers(options) as engine:
        return f"{_volume(options, engine)}\n\n{_log(options, engine)}"


def _volume(options: Options, engine: Containers) -> str:
    count = (128 if options.quick else 1024) * 1024 * 1024 // BLOCK
    folder = tempfile.gettempdir()
    usage = shutil.disk_usage(folder)
    title = f"## {count * BLOCK // 1024**2} MiB from a container\n\n"
    if usage.free - usage.total // 10 < 2 * count * BLOCK:
        return f"{title}Not measured: {folder} has too little room for a transcript of that size."
    block = random.Random(1).randbytes(BLOCK)
    digest = hashlib.sha256()
    for number in range(1, count + 1):
        digest.update(b"block %d\n" % number + block)
    ways: dict[str, Callable[[str, str], Drained]] = {
        "`docker attach > /dev/null`": command_line,
        "a session": _apart(session),
        "a minimal loop that writes to a file": _apart(minimal),
    }
    found: dict[str, list[Drained]] = {way: [] for way in ways}
    for turn in range(options.times(7, 1)):
        for way, drain in ways.items():
            identifier = engine.start(SCRIPT.format(count=count), {"block": block})
            found[way].append(drain(engine.url, identifier))
            engine.remove(identifier)
        seconds = ", ".join(f"{each[-1].seconds:.2f} s" for each in found.values())
        progress(f"drained in {seconds}, turn {turn + 1}")
    sessions = found["a session"]
    assert all(each.size >= count * BLOCK for each in sessions)
    same = all(each.digest == digest.hexdigest() for each in sessions)
    growth = max(each.growth for each in sessions) / 1024**2
    kept = (
        f"A session's memory grew by {growth:.0f} MiB at its peak; the sha256 of what it kept is "
    )
    return f"{title}{_table(found)}\n\n{kept}{'that of the output' if same else '**another one**'}."


def _log(options: Options, engine: Containers) -> str:
    count = 100_000 if options.quick else 1_000_000
    identifier = engine.start_logged(LINES.format(count))
    ways: dict[str, Callable[[str, str], Drained]] = {
        "`docker logs > /dev/null`": docker_logs(),
        "`docker logs -t > /dev/null`": docker_logs("-t"),
        "`client.logs`": _apart(read_log),
    }
    found: dict[str, list[Drained]] = {way: [] for way in ways}
    for turn in range(options.times(7, 1)):
        for way, read in ways.items():
            found[way].append(read(engine.url, identifier))
        seconds = ", ".join(f"{each[-1].seconds:.2f} s" for each in found.values())
        progress(f"a log was read in {seconds}, turn {turn + 1}")
    return f"### A log of {count:,} lines\n\n{_table(found)}"


def _table(found: dict[str, list[Drained]]) -> str:
    first = next(iter(found.values()))

    def row(way: str, drained: Sequence[Drained]) -> list[str]:
        pairs = list(zip(drained, first, strict=True))
        return [
            way,
            f"{median(each.seconds for each in drained):.2f} s",
            f"{median(one.seconds / other.seconds for one, other in pairs):.2f}",
            f"{median(each.processor for each in drained):.2f} s",
            f"{median(one.processor / other.processor for one, other in pairs):.2f}",
        ]

    head = ("by", "time", "ratio", "its processor time", "ratio")
    return table(head, [row(way, drained) for way, drained in found.items()])


def _apart(measure: Callable[[str, str], Drained]) -> Callable[[str, str], Drained]:
    def run(*given: Any) -> Drained:
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            return process.submit(measure, *given).result()

    return run


if __name__ == "__main__":
    alone(section, __doc__)
