"""What all parts of the benchmarks share: options, tables, the command line."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real_engines import RealEngine, found_engine, real_engines

__all__ = [
    "Missing",
    "Options",
    "alone",
    "docker_engine",
    "median",
    "parser",
    "progress",
    "resident",
    "table",
]


class Missing(Exception):
    """Something that a part needs is missing on this machine; the text is one line."""


@dataclass(frozen=True)
class Options:
    """How a part is run.

    Attributes:
        quick: use less data and fewer rounds. The figures are rough; all parts together take less
            than 90 s.
        rounds: how often each comparison is repeated; with 0 the part decides.
        engine: address of the Docker Engine to measure with, ``unix:///…``; empty finds one.
    """

    quick: bool = False
    rounds: int = 0
    engine: str = ""

    def times(self, full: int, quick: int) -> int:
        """Return how many rounds to run; by default ``full``, or ``quick`` in a quick run."""
        return self.rounds or (quick if self.quick else full)


def docker_engine(options: Options) -> RealEngine:
    """Return the Docker Engine to measure with; the newest one if there are several.

    Raises:
        Missing: no Docker Engine is running, or it does not have the image busybox.
    """
    if options.engine:
        found = found_engine(Path(options.engine.removeprefix("unix://")))
        if found is None:
            raise Missing(f"no engine with the image busybox at {options.engine}")
        return found
    engines = [engine for engine in real_engines() if engine.kind == "docker"]
    if not engines:
        raise Missing("no running Docker Engine with the image busybox")
    return max(engines, key=lambda engine: [int(n) for n in engine.version.split(".")[:2]])


def median(values: Iterable[float]) -> float:
    """Return the median. Ratios are computed in each round, and this is taken over the rounds."""
    return statistics.median(values)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def resident(field: str) -> int:
    """Return bytes from this process's status: ``"VmRSS"``, or ``"VmHWM"`` for the peak."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def progress(text: str) -> None:
    """Print one line of progress on standard error: standard output has only the results."""
    print(f"  {text}", file=sys.stderr, flush=True)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that every part has."""
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--quick", action="store_true", help="rough figures in a short time")
    made.add_argument("--rounds", type=int, default=0, metavar="N")
    made.add_argument("--engine", default="", metavar="unix:///…", help="the Docker Engine")
    return made


def alone(section: Callable[[Options], str], doc: str | None) -> None:
    """Run one part and print its section: all that its ``if __name__ == "__main__"`` does."""
    arguments = parser(doc).parse_args()
    options = Options(arguments.quick, arguments.rounds, arguments.engine)
    try:
        print(section(options))
    except Missing as missing:
        sys.exit(f"not measured: {missing}")
