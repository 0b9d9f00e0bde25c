"""1 GiB from a real container: a session with its journal against ``docker attach > /dev/null``.

The container has the log driver ``none``. It waits for a line of input, then prints blocks of
pseudo-random bytes, each after its number. The two clients take turns. Each is attached before the
clock starts with that line. The clock stops when the client knows that the container has ended.
Each session runs in a fresh process, and its memory is measured before, and at its peak. Afterwards
the transcript is read back, and its sha256 compared with that of the expected output.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import random
import shutil
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from benchmarks.containers import SLACK, Containers, containers, docker_attach
from benchmarks.part import Options, alone, median, progress, resident, table

BLOCK = 16 * 1024 * 1024
SCRIPT = "read go; i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo block $i; cat /block; done"
SETTLE = 0.5
"""Seconds that a client has to attach before the clock starts."""


def session(url: str, identifier: str) -> tuple[float, int, int, str]:
    """Drain a container with a session, in its own process.

    Returns:
        Seconds; bytes received; growth of resident memory in bytes; sha256 of the transcript.
    """
    from hyper_jupyter.api import client_for
    from hyper_jupyter.protocol import StreamType

    attached = client_for(url).attach(identifier)
    time.sleep(SETTLE)
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
    before = resident("VmRSS")
    began = time.perf_counter()
    attached.send_line("go")
    attached.wait(SLACK)
    seconds = time.perf_counter() - began
    growth = resident("VmHWM") - before
    digest = hashlib.sha256()
    offset = attached.journal.start(StreamType.STDOUT)
    while piece := attached.journal.read(StreamType.STDOUT, offset, 1024 * 1024):
        digest.update(piece)
        offset += len(piece)
    attached.close(force=True)
    return seconds, offset, growth, digest.hexdigest()


def command_line(url: str, identifier: str) -> float:
    """Drain a container with the docker command line; return the seconds."""
    with docker_attach(url, identifier) as client:
        assert client.stdin is not None
        time.sleep(SETTLE)
        began = time.perf_counter()
        client.stdin.write(b"go\n")
        client.stdin.flush()
        client.wait(SLACK)
        return time.perf_counter() - began


def section(options: Options) -> str:
    """Return the figures, as Markdown."""
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
    ratios, sessions, clients, growths = [], [], [], []
    same = True
    with containers(options) as engine:
        for turn in range(options.times(3, 1)):
            theirs = command_line(engine.url, _start(engine, count, block))
            ours, size, growth, found = _apart(engine.url, _start(engine, count, block))
            progress(f"docker attach {theirs:.2f} s, session {ours:.2f} s, turn {turn + 1}")
            same = same and found == digest.hexdigest()
            clients.append(theirs)
            sessions.append(ours)
            growths.append(growth)
            ratios.append(ours / theirs)
            assert size >= count * BLOCK
    rows = [
        ("`docker attach > /dev/null`", f"{median(clients):.2f} s", "1", "", ""),
        (
            "a session",
            f"{median(sessions):.2f} s",
            f"{median(ratios):.2f}",
            f"{max(growths) / 1024**2:.0f} MiB",
            "the same" if same else "**different**",
        ),
    ]
    head = ("drained by", "time", "ratio", "growth of memory at its peak", "sha256")
    return title + table(head, rows)


def _start(engine: Containers, count: int, block: bytes) -> str:
    return engine.start(SCRIPT.format(count=count), {"block": block})


def _apart(url: str, identifier: str) -> tuple[float, int, int, str]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(session, url, identifier).result()


if __name__ == "__main__":
    alone(section, __doc__)
