"""A container's log as a table, from the engine on: ours against docker-py and pandas.

Each way asks the engine for the whole log of a container that has ended, and makes a table of its
lines. The clock is the processor time of the process that does it; the engine's own is not counted.
docker-py without times gives one column of text, so it is asked for times, too: those are what our
table has besides. Each runs in a fresh process.

``python -m benchmarks.log_table`` prints a Markdown table.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.containers import Containers
from benchmarks.frames import with_read_csv
from benchmarks.part import Missing, Options, alone, median, progress, table
from tests.real_engines import real_engines

PRINTS = "seq 1 {} | sed 's/$/ a line of a log, of some fifty bytes, as they are/'"


def with_times(data: bytes) -> Any:
    import pandas as pd

    rows = [line.split(" ", 1) for line in data.decode().splitlines()]
    made = pd.DataFrame(rows, columns=["time", "text"])
    made["time"] = pd.to_datetime(made["time"])
    return made


def by_docker_py(url: str, container: str, times: bool) -> Any:
    import docker

    client = docker.DockerClient(base_url=url)
    data = client.containers.get(container).logs(timestamps=times)
    return with_times(data) if times else with_read_csv(data)


def by_us(url: str, container: str) -> Any:
    import hyper_jupyter as hj

    with hj.connect(url).logs(container, follow=False) as session:
        session.wait(60)
        return session.to_pandas()


WAYS: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "plain": (
        "docker-py: `logs()`, then `pandas.read_csv`",
        lambda url, c: by_docker_py(url, c, False),
    ),
    "timed": (
        "docker-py: `logs(timestamps=True)`, then `split` and `pandas.DataFrame`",
        lambda url, c: by_docker_py(url, c, True),
    ),
    "ours": ("`client.logs(c)`, then `s.to_pandas()`", by_us),
}


def measure(way: str, url: str, container: str, short: str, count: int) -> float:
    """Make one table, in its own process; return the seconds of processor time."""
    make = WAYS[way][1]
    make(url, short)  # loads the libraries
    began = time.process_time()
    made = make(url, container)
    seconds = time.process_time() - began
    assert len(made) == count
    return seconds


def section(options: Options) -> str:
    """Return a table for each engine, as Markdown."""
    count = 50_000 if options.quick else 300_000
    engines = real_engines()
    newest = {engine.kind: engine for engine in engines}  # they are in the order of their age
    if not newest:
        raise Missing("no running engine with the image busybox")
    parts = []
    for engine in newest.values():
        made = Containers(engine.url)
        try:
            long = made.start_logged(PRINTS.format(count))
            short = made.start_logged(PRINTS.format(10))
            figures: dict[str, list[float]] = {way: [] for way in WAYS}
            for turn in range(options.times(7, 1)):
                progress(f"a log of {engine.kind} {engine.version} as a table, turn {turn + 1}")
                for way in WAYS:
                    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                        run = process.submit(measure, way, engine.url, long, short, count)
                        figures[way].append(run.result())
        finally:
            made.close()
        rows = []
        for way, found in figures.items():
            ratios = {
                other: median(a / b for a, b in zip(found, figures[other], strict=True))
                for other in ("plain", "timed")
            }
            rows.append(
                [
                    WAYS[way][0],
                    f"{median(found):.2f} s",
                    f"{ratios['plain']:.2f}",
                    f"{ratios['timed']:.2f}",
                ]
            )
        head = ["by", "processor time", "ratio to without times", "ratio to with times"]
        title = f"### {engine.kind.capitalize()} {engine.version}"
        parts.append(f"{title}\n\n{table(head, rows)}")
    return f"## A log of {count:,} lines as a table, from the engine on\n\n" + "\n\n".join(parts)


if __name__ == "__main__":
    alone(section, __doc__)
