"""The embedded engine under a flood: a container with a session, beside a program and ``cat``.

``seq`` runs once in a container of ``local:``, to which a session is attached, and once on this
machine with its output piped to ``cat > /dev/null``. The ways take turns. The session's clock runs
from the start of the container until the session knows that it has ended; everything is in the
journal then. Both the engine and the session are Python, and the shell's pipe is not: this is a
guard against growing slower.

``python -m benchmarks.embedded`` prints a Markdown table.
"""

from __future__ import annotations

import subprocess
import time

from benchmarks.part import Options, alone, median, progress, table
from hyper_jupyter.api import Client, client_for

COUNTS = (1_000_000, 5_000_000)
PATIENCE = 300.0


def attached(client: Client, count: int) -> float:
    """Return the seconds of ``seq`` in a container with a session."""
    container = client.create("default", ["seq", "1", str(count)])
    session = client.attach(container)
    began = time.perf_counter()
    client.start(container)
    session.wait(PATIENCE)
    seconds = time.perf_counter() - began
    assert (session.exit_code, len(session.journal)) == (0, _size(count))
    session.close(force=True)
    client.remove(container, force=True)
    return seconds


def piped(count: int) -> float:
    """Return the seconds of ``seq`` and ``cat``."""
    began = time.perf_counter()
    subprocess.run(["sh", "-c", f"seq 1 {count} | cat > /dev/null"], check=True, timeout=PATIENCE)
    return time.perf_counter() - began


def _size(count: int) -> int:
    """Return the bytes that ``seq 1 count`` prints."""
    size, digits, first = 0, 1, 1
    while first <= count:
        last = min(count, 10 * first - 1)
        size += (last - first + 1) * (digits + 1)
        digits, first = digits + 1, 10 * first
    return size


def section(options: Options) -> str:
    """Return the table, as Markdown."""
    client = client_for("local:", timeout=60)
    attached(client, 1000)  # loads what is loaded late
    rows = []
    for count in [each // (10 if options.quick else 1) for each in COUNTS]:
        ours, theirs = [], []
        for turn in range(options.times(9, 2)):
            theirs.append(piped(count))
            ours.append(attached(client, count))
            progress(f"{count:,}: cat {theirs[-1]:.2f} s, a session {ours[-1]:.2f} s, {turn + 1}")
        ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
        rows.append(
            [f"{count:,}", f"{median(ours):.2f} s", f"{median(theirs):.2f} s", f"{ratio:.2f}"]
        )
    head = ["lines", "in a container, attached", "piped to `cat`", "ratio"]
    return f"## `seq` in the embedded engine\n\n{table(head, rows)}"


if __name__ == "__main__":
    alone(section, __doc__)
