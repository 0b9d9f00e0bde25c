"""The command line of the mutants: choose, run, report.

The main thread waits; each of ``--jobs`` threads has a copy of the tree of its own. Mutants go
through their steps together: first all of them against the nearest tests, then those that are left
against the wider ones. Before a step's first mutant its tests run on the unbroken copy: they must
pass, and their time gives the limit.
"""

from __future__ import annotations

import argparse
import contextlib
import queue
import random
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from scripts.mutation.copies import Copies, Copy, Result
from scripts.mutation.equivalents import BadEntry, Equivalent, is_listed, read_equivalents
from scripts.mutation.points import Mutant, Point, find_points
from scripts.mutation.project import Project, UnknownPath

__all__ = ["Unusable", "choose", "main"]

ROOT: Final = Path(__file__).resolve().parents[2]
OURS: Final = Project(
    ROOT,
    "hyper_jupyter",
    others={
        "api": ["tests/api"],
        "client": ["tests/security"],
        "engine": ["tests/security"],
        "exceptions": ["tests/protocol"],
        "ownership": ["tests/security"],
        "server": ["tests/security"],
        "session": ["tests/security"],
        "widgets": ["tests/security"],
        "__init__": ["tests/api", "tests/test_exceptions.py"],
    },
)
EQUIVALENTS: Final = "scripts/mutants-equivalent.toml"

_DESCRIPTION: Final = """\
Break the code at random in a throw-away copy and list what the tests do not notice.

Points are chosen uniformly over all points of the chosen files: a file with more code is chosen
more often. The same seed, number and source choose the same mutants, whatever the number of jobs,
and a larger number begins with the mutants of a smaller one.

Each mutant runs against the tests that mirror its file: tests/LAYER/…/test_FILE.py, then the
folder, then tests/LAYER, then tests/security. A failure or the time limit counts as noticed. Real
engines are not used.
"""
_EPILOGUE: Final = f"""\
A mutant that lives is a missing test, or does the same as the code: then give the reason in
{EQUIVALENTS}, and it no longer counts. Exit status: 0 if at most --allow mutants live, 1 if
more do, 2 if the run means nothing (an option is wrong, or the tests fail without a change).
"""


class Unusable(Exception):
    """The run would mean nothing."""


def choose(points: Sequence[Point], number: int, seed: int) -> list[tuple[Point, int]]:
    """Choose points and, for each, the index of one of its changes.

    Args:
        points: all there are, in a fixed order.
        number: how many are wanted; all, if there are fewer.
        seed: of the random numbers.
    """
    numbers = random.Random(seed)
    order = list(points)
    numbers.shuffle(order)
    return [(point, numbers.randrange(len(point.changes))) for point in order[:number]]


@dataclass
class Fate:
    """What becomes of a mutant.

    Attributes:
        mutant: the mutant.
        steps: the tests that it has to pass, the nearest first.
        equivalent: whether the list has it; then it is not run.
        result: of the run that noticed it; ``None`` as long as it lives.
    """

    mutant: Mutant
    steps: list[str]
    equivalent: bool = False
    result: Result | None = field(default=None)

    @property
    def lives(self) -> bool:
        """Whether no test has noticed it, though one could."""
        return self.result is None and not self.equivalent


def main(arguments: Sequence[str] | None = None, project: Project = OURS) -> int:
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        fates, total, stale = _prepare(options, project)
        if options.list:
            for fate in sorted(fates, key=_place):
                print(_described(fate.mutant))
            return 0
        _run(fates, options, project)
    except (Unusable, UnknownPath, BadEntry) as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mutants: stopped", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, previous)
    _report(fates, total, stale, options)
    return 0 if sum(fate.lives for fate in fates) <= options.allow else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mutants",
        description=_DESCRIPTION,
        epilog=_EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files or folders of the package")
    parser.add_argument(
        "--layer",
        action="append",
        default=[],
        metavar="NAME,…",
        help="folders or modules right below the package",
    )
    parser.add_argument("--seed", type=int, default=1, help="of the choice (1)")
    parser.add_argument("--number", type=int, default=20, help="how many mutants (20)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at the same time (2)")
    parser.add_argument("--allow", type=int, default=0, help="how many may live (0)")
    parser.add_argument(
        "--timeout",
        type=float,
        metavar="SECONDS",
        help="of a run of tests (10, and 4 times what they take without a change)",
    )
    parser.add_argument("--list", action="store_true", help="print the mutants, run nothing")
    parser.add_argument("--verbose", action="store_true", help="say which test noticed a mutant")
    parser.add_argument("--equivalents", metavar="FILE", help=f"instead of {EQUIVALENTS}")
    return parser


def _interrupt(_number: int, _frame: Any) -> NoReturn:
    raise KeyboardInterrupt


def _prepare(
    options: argparse.Namespace, project: Project
) -> tuple[list[Fate], int, list[Equivalent]]:
    """Return the chosen mutants, the number of points, and the list's entries that match none."""
    if options.number < 1 or options.jobs < 1:
        raise Unusable("--number and --jobs must be 1 or more")
    layers = [name for names in options.layer for name in names.split(",")]
    given = options.equivalents
    entries = read_equivalents(Path(given) if given else project.root / EQUIVALENTS)
    sources = {path: (project.root / path).read_bytes() for path in project.files()}
    points = {path: find_points(source, path) for path, source in sources.items()}
    unmatched = set(entries)
    for path, found in points.items() if entries else ():
        mutants = (
            point.mutant(change, sources[path]) for point in found for change in point.changes
        )
        unmatched -= {entry for each in mutants for entry in unmatched if entry.matches(each)}
    chosen_from = [point for path in project.files(options.paths, layers) for point in points[path]]
    fates = []
    for point, index in choose(chosen_from, options.number, options.seed):
        mutant = point.mutant(point.changes[index], sources[point.path])
        steps = project.steps(point.path)
        fates.append(Fate(mutant, steps, is_listed(mutant, entries)))
    return fates, len(chosen_from), [entry for entry in entries if entry in unmatched]


def _run(fates: Sequence[Fate], options: argparse.Namespace, project: Project) -> None:
    """Run the mutants through their steps.

    Raises:
        Unusable: tests fail without a change, or import another package than the copy.
    """
    with Copies(project) as copies, ThreadPoolExecutor(options.jobs) as pool:
        free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        try:
            for _ in range(min(options.jobs, len(fates))):
                free.put(copies.make())
            for depth in range(max((len(fate.steps) for fate in fates), default=0)):
                left = [fate for fate in fates if fate.lives and depth < len(fate.steps)]
                limits = _limits(sorted({fate.steps[depth] for fate in left}), free, pool, options)
                _run_step(left, depth, limits, free, pool)
        except BaseException:
            # The pool waits for its threads, and those wait for their processes.
            pool.shutdown(wait=False, cancel_futures=True)
            copies.stop()
            raise


def _limits(
    steps: Sequence[str],
    free: queue.SimpleQueue[Copy],
    pool: ThreadPoolExecutor,
    options: argparse.Namespace,
) -> dict[str, float]:
    """Run tests without a change; return the time limit for each."""

    def measure(tests: str) -> float:
        with _borrowed(free) as copy:
            result = copy.run(tests, [], options.timeout or 1800.0)
        if not result.passed:
            said = result.output.strip()[-3000:]
            reason = "import the wrong package" if result.foreign else "fail without a change"
            raise Unusable(f"{tests}: these tests {reason}:\n{said}")
        _tell(f"{tests}: {result.seconds:.1f} s without a change")
        return float(options.timeout or 10 + 4 * result.seconds)

    return dict(zip(steps, pool.map(measure, steps), strict=True))


def _run_step(
    fates: Sequence[Fate],
    depth: int,
    limits: dict[str, float],
    free: queue.SimpleQueue[Copy],
    pool: ThreadPoolExecutor,
) -> None:
    """Run the tests of one step for every mutant that still lives."""

    def run(fate: Fate) -> Result:
        tests = fate.steps[depth]
        with _borrowed(free) as copy:
            return copy.run_mutant(fate.mutant, tests, fate.steps[:depth], limits[tests])

    for fate, result in zip(fates, pool.map(run, fates), strict=True):
        if result.foreign:
            raise Unusable(result.output.strip()[-3000:])
        if not result.passed:
            fate.result = result
        said = "lives" if result.passed else "time limit" if result.late else "noticed"
        _tell(f"{said:10} {_described(fate.mutant)} ({fate.steps[depth]})")


@contextlib.contextmanager
def _borrowed(free: queue.SimpleQueue[Copy]) -> Iterator[Copy]:
    copy = free.get()
    try:
        yield copy
    finally:
        free.put(copy)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _described(mutant: Mutant) -> str:
    return f"{mutant.path}:{mutant.line}: {mutant.description}"


def _place(fate: Fate) -> tuple[str, int, int]:
    return fate.mutant.path, fate.mutant.line, fate.mutant.start


def _report(
    fates: Sequence[Fate], total: int, stale: Sequence[Equivalent], options: argparse.Namespace
) -> None:
    """Print what lives, and the count."""
    ordered = sorted(fates, key=_place)
    if options.verbose:
        for fate in ordered:
            if fate.result is not None:
                by = "the time limit" if fate.result.late else fate.result.first_failure()
                print(f"{_described(fate.mutant)}: noticed by {by or fate.result.status}")
    for fate in filter(lambda fate: fate.lives, ordered):
        where = fate.mutant.function or "the module"
        none = "" if fate.steps else "; no tests mirror this file"
        print(f"{_described(fate.mutant)}, in {where}{none}")
        print(f"    - {fate.mutant.before}\n    + {fate.mutant.after}")
    for entry in stale:
        print(f"no longer in the code, remove it from the list: {entry.module}: {entry.before}")
    results = [fate.result for fate in fates if fate.result is not None]
    late = sum(result.late for result in results)
    equivalent = sum(fate.equivalent for fate in fates)
    lives = sum(fate.lives for fate in fates)
    print(
        f"{len(fates)} mutants of {total} points, seed {options.seed}: {len(results)} noticed "
        f"({late} by the time limit), {equivalent} known as equivalent, {lives} not noticed"
    )
