"""What every part of the benchmarks is made with: its options, its tables, its command line."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real_engines import RealEngine, found_engine, real_engines

__all__ = ["Missing", "Options", "alone", "docker_engine", "median", "parser", "table", "tell"]


class Missing(Exception):
    """Something that a part needs is not on this machine; the text is one line."""


@dataclass(frozen=True)
class Options:
    """How a part is run.

    Attributes:
        quick: take a part of the data and fewer rounds: the figures are rough. All parts
            together stay below 90 s then.
        rounds: how often each comparison is repeated; 0 leaves that to the part.
        engine: address of the Docker Engine to measure with, ``unix:///…``; empty finds one.
    """

    quick: bool = False
    rounds: int = 0
    engine: str = ""

    def times(self, full: int, quick: int) -> int:
        """How many rounds a part takes whose own choice is ``full``, or ``quick``."""
        return self.rounds or (quick if self.quick else full)


def docker_engine(options: Options) -> RealEngine:
    """The Docker Engine to measure with; the newest one where there are several.

    Raises:
        Missing: none is running, or it does not have the image busybox.
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
    """The middle one; of ratios it is taken over rounds, each with its own two measurements."""
    return statistics.median(values)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tell(text: str) -> None:
    """One line of progress, on standard error: standard output has the results alone."""
    print(f"  {text}", file=sys.stderr, flush=True)


def parser(doc: str | None) -> argparse.ArgumentParser:
    """The options that every part has."""
    made = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--quick", action="store_true", help="rough figures in a short time")
    made.add_argument("--rounds", type=int, default=0, metavar="N")
    made.add_argument("--engine", default="", metavar="unix:///…", help="the Docker Engine")
    return made


def alone(section: Callable[[Options], str], doc: str | None) -> None:
    """Run one part and print what it found: the whole of its ``if __name__ == "__main__"``."""
    arguments = parser(doc).parse_args()
    options = Options(arguments.quick, arguments.rounds, arguments.engine)
    try:
        print(section(options))
    except Missing as missing:
        sys.exit(f"not measured: {missing}")
