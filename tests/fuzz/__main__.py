"""Feeds every parser with inputs that are nearly right: ``python -m tests.fuzz [options]``.

The target ``screen`` compares saved output with xterm.js. With ``--guided`` atheris keeps those
that reach new code, and goes on from there. Prints a line per target, and each finding, with what
repeats it; ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Final

from hyper_jupyter.exceptions import HyperJupyterError
from tests.fuzz.differential import can_compare, differences
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

SCREEN = "screen"
COMPARED = 200_000
"""Inputs that are compared in a run of all targets."""

ROOT: Final = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", help=f"of {', '.join(TARGETS)}, {SCREEN}; none is all"
    )
    parser.add_argument("--inputs", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--guided", action="store_true", help="by coverage, with atheris")
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    arguments = parser.parse_args()
    chosen = arguments.targets or [*TARGETS, *([] if arguments.guided else [SCREEN])]
    if unknown := [name for name in chosen if name not in (*TARGETS, SCREEN)]:
        parser.error(f"there is no target {unknown[0]!r}")
    if SCREEN in chosen and not can_compare():
        parser.error("screen needs Node and the front end's modules: run make first")
    each = -(-arguments.inputs // len(chosen))
    findings = 0
    for name in chosen:
        began = time.monotonic()
        if name == SCREEN:
            each = arguments.inputs if chosen == [SCREEN] else min(arguments.inputs, COMPARED)
            found = compare(arguments.first, each)
        elif arguments.guided:
            found = guided(name, each)
        else:
            found = run(name, arguments.first, each)
        findings += found
        seconds = time.monotonic() - began
        print(f"{name}: {each} inputs in {seconds:.1f} s, {found} findings", flush=True)
    return 1 if findings else 0


def compare(first: int, count: int) -> int:
    """How many inputs leave other cells than xterm.js shows. The first ones are printed."""
    found = 0
    for number, case, shown, expected in differences(first, count):
        found += 1
        if found <= 5:
            print(f"--first {number} --inputs 1 {SCREEN!r}: {case}\n{shown}\n{expected}")
    return found


def run(name: str, first: int, count: int) -> int:
    """How many different places of the code raised what is not ours."""
    target = TARGETS[name]
    places: set[str] = set()
    for number in range(first, first + count):
        pieces = mutated(target.seeds, number, name)
        try:
            target.read(pieces)
        except HyperJupyterError:
            pass
        except Exception as error:  # noqa: BLE001 - the very thing that is looked for
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} {frame.filename}:{frame.lineno}"
            if place not in places:
                places.add(place)
                print(f"--first {number} --inputs 1 {name!r}: {b''.join(pieces)[:300]!r}")
                traceback.print_exception(error, file=sys.stdout)
    return len(places)


def guided(name: str, count: int) -> int:
    """Have atheris look, up to the first finding; 1 where there is one."""
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tests.fuzz.guided", name, str(count), folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    if done.returncode:
        print(done.stdout[-8000:])
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
