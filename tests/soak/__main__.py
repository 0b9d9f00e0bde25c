"""Cuts sessions again and again, and compares: ``python -m tests.soak [options]``.

Prints figures per engine, and what is wrong, with the seed that repeats it. Ends with 1 where
something is wrong. ``--scale`` prints what many sessions cost instead, and ``--rounds`` what many
sessions, one after the other, leave behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Iterable

from hyper_jupyter.api import client_for
from tests.real_engines import newest, real_engines
from tests.soak import leaks, scale
from tests.soak.rounds import Length, runs
from tests.soak.usage import Usage

KINDS = ("local", "docker", "podman")


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="per engine, at least")
    parser.add_argument("--cuts", type=int, default=300, help="per engine, at least")
    parser.add_argument("--seed", type=int, default=1, help="chooses the faults")
    parser.add_argument("--engine", choices=[*KINDS, "all"], default="local")
    parser.add_argument("--scale", action="store_true", help="what many sessions cost")
    parser.add_argument("--sessions", type=int, default=500, help="for --scale")
    parser.add_argument("--rounds", type=int, default=0, help="what so many sessions leave behind")
    parser.add_argument("--kind", choices=leaks.KINDS, action="append", help="only such rounds")
    arguments = parser.parse_args()
    if arguments.scale:
        for line in scale.measure(arguments.sessions):
            print(line, flush=True)
        return 0
    if arguments.rounds:
        return leaving(arguments.rounds, arguments.kind or ())
    wrong = 0
    for kind in KINDS if arguments.engine == "all" else [arguments.engine]:
        url = url_of(kind)
        if not url:
            print(f"no running {kind} with the image busybox", flush=True)
            wrong += arguments.engine != "all"
            continue
        before = Usage.now()
        length = Length(seconds=arguments.seconds, cuts=arguments.cuts)
        figures = runs(client_for(url, timeout=20), arguments.seed, length, progress)
        for line in figures.lines():
            print(line, flush=True)
        after = Usage.settled()
        print(f"  before: {before}\n  after: {after}", flush=True)
        wrong += len(figures.wrong)
    print(f"load of this machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    return 1 if wrong else 0


def leaving(number: int, kinds: Iterable[str]) -> int:
    """Print what so many rounds of each kind leave behind; return 1 if anything does."""
    leaked = 0
    for growth in leaks.report(number, kinds):
        for line in growth.lines():
            print(line, flush=True)
        leaked += len(growth.leaks)
    return 1 if leaked else 0


def url_of(kind: str) -> str:
    """Return the address of the newest engine of a kind; empty if there is none."""
    if kind == "local":
        return "local:"
    found = newest(real_engines(), kind)
    return found[0].url if found else ""


def progress(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    code = main()
    left = [each.name for each in threading.enumerate() if each.name.startswith("fault proxy")]
    sys.exit(code or bool(left))
